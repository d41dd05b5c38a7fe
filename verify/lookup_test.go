package verify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
)

// prints is what a program does that prints text.
func prints(text string) sandbox.Result {
	return sandbox.Result{Reason: sandbox.Finished, Returned: []uint32{0, 0}, Stdout: []byte(text), Fuel: 7, Virtual: time.Second, Memory: 9}
}

var stdioProblem = problem.Problem{ID: "p", Check: problem.Check{
	Kind: problem.KindStdio, AllCases: true, Cases: []problem.Case{{Stdin: "a", Stdout: "1"}, {Stdin: "b", Stdout: "1"}},
}}

// TestLookup: a verdict is found under its key as it was answered, but for what was its sample's.
func TestLookup(t *testing.T) {
	v := fakeVerifier(&runner{do: func(context.Context, int64) (sandbox.Result, error) { return prints("1"), nil }})
	number := problem.Problem{Check: problem.Check{Kind: problem.KindAnswer, Answer: "18", Equal: "number"}}
	for _, c := range []struct {
		name    string
		p       *problem.Problem
		s       problem.Sample
		program string
		status  problem.Status
	}{
		{"unit", &unitProblem, problem.Program("f = 1"), "f = 1", problem.Accepted},
		{"unit, of a text", &unitProblem, problem.Text("So:\n```python\nf = 2\n```\n"), "f = 2\n", problem.Accepted},
		{"stdio", &stdioProblem, problem.Program("print(1)"), "print(1)", problem.Accepted},
		{"not UTF-8", &stdioProblem, problem.Program("\xff\n\x00"), "\xff\n\x00", problem.Accepted},
		{"answer", &number, problem.Text("It is 18.0"), "18", problem.Accepted},
		{"wrong answer", &number, problem.Text("It is 19"), "19", problem.WrongAnswer},
		{"no answer", &number, problem.Text("It is"), "", problem.NoProgram},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := v.Verify(t.Context(), c.p, c.s, false)
			check(t, d, err, c.status)
			got, err := v.Lookup(t.Context(), d.Key)
			check(t, got, err, c.status)
			want := d
			want.Program, want.Cached = c.program, true
			if c.p != &number {
				want.Extraction = ""
			}
			if fmt.Sprint(got.Cases) != fmt.Sprint(want.Cases) {
				t.Errorf("got cases %v, want %v", got.Cases, want.Cases)
			}
			if (got.Points == nil) != (want.Points == nil) || got.Points != nil && *got.Points != *want.Points {
				t.Errorf("got points %v, want %v", got.Points, want.Points)
			}
			got.Reward, want.Reward, got.Cases, want.Cases, got.Points, want.Points = nil, nil, nil, nil, nil, nil
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			if got, err := v.Lookup(t.Context(), strings.ToUpper(d.Key)); err != nil || got.Key != d.Key {
				t.Errorf("in capitals: got %s, %v", got.Key, err)
			}
			r, err := v.Replay(t.Context(), d.Key)
			check(t, r.Verdict, err, c.status)
			if !r.Same || len(r.Differs) > 0 || r.Key != d.Key || r.Program != c.program || r.Cached || r.Fuel != d.Fuel || len(r.Cases) != len(d.Cases) {
				t.Errorf("replay: %+v", r)
			}
		})
	}
}

// TestReplayDiffers: what comes out otherwise is named, and stays so however often it is replayed.
func TestReplayDiffers(t *testing.T) {
	for _, c := range []struct {
		name string
		p    *problem.Problem
		now  func(*sandbox.Result)
		want string // What of each difference
	}{
		{"nothing", &stdioProblem, func(*sandbox.Result) {}, ""},
		{"output", &stdioProblem, func(r *sandbox.Result) { r.Stdout = []byte("2") }, "status message behaviour runs[0].stdout runs[1].stdout"},
		{"output that means the same", &stdioProblem, func(r *sandbox.Result) { r.Stdout = []byte("1\n") }, "behaviour runs[0].stdout runs[1].stdout"},
		{"stderr", &unitProblem, func(r *sandbox.Result) { r.Stderr = []byte("2") }, "runs[0].stderr"},
		{"fuel", &unitProblem, func(r *sandbox.Result) { r.Fuel++ }, "runs[0].fuel"},
		{"virtual time", &unitProblem, func(r *sandbox.Result) { r.Virtual++ }, "runs[0].virtual_seconds"},
		{"memory", &unitProblem, func(r *sandbox.Result) { r.Memory++ }, "runs[0].memory_bytes"},
		{"end", &unitProblem, func(r *sandbox.Result) { r.Reason, r.ExitCode = sandbox.Exited, 3 }, "runs[0].reason runs[0].exit_code"},
		{"an exit before the tests", &unitProblem, func(r *sandbox.Result) { r.Reason, r.Returned = sandbox.Exited, []uint32{0} }, "status message behaviour runs[0].reason"},
	} {
		t.Run(c.name, func(t *testing.T) {
			later := false
			var puts int
			verdicts := cache{Memory: NewMemory(0)}
			verdicts.put = func(k Key, b []byte) error { puts++; return verdicts.Memory.Put(k, b) }
			v := New(Config{Runs: NewMemory(0), Verdicts: verdicts, Runner: &runner{do: func(context.Context, int64) (sandbox.Result, error) {
				r := prints("1")
				if later {
					c.now(&r)
				}
				return r, nil
			}}})
			d, err := v.Verify(t.Context(), c.p, problem.Program("x"), false)
			check(t, d, err, problem.Accepted)
			later = true
			before, runs := puts, v.Stats().Executed
			for range 2 {
				r, err := v.Replay(t.Context(), d.Key)
				if err != nil {
					t.Fatal(err)
				}
				var what []string
				for _, d := range r.Differs {
					what = append(what, d.What)
					if d.Was == d.Is {
						t.Errorf("%s was %s and is %s", d.What, d.Was, d.Is)
					}
				}
				if got := strings.Join(what, " "); got != c.want || r.Same != (got == "") {
					t.Errorf("got same %v, %s, want %s", r.Same, got, c.want)
				}
			}
			if puts != before {
				t.Errorf("replay stored %d values", puts-before)
			}
			if got := v.Stats().Executed; got == runs {
				t.Error("replay ran nothing, or did not count it")
			}
			got, err := v.Lookup(t.Context(), d.Key)
			check(t, got, err, problem.Accepted)
		})
	}
}

// A check can have ten thousand runs, and the answer is bounded.
func TestReplayOfManyCases(t *testing.T) {
	p := problem.Problem{Check: problem.Check{Kind: problem.KindStdio, AllCases: true}}
	for i := range 300 {
		p.Check.Cases = append(p.Check.Cases, problem.Case{Stdin: fmt.Sprint(i)})
	}
	v := fakeVerifier(&runner{do: func(_ context.Context, call int64) (sandbox.Result, error) {
		return sandbox.Result{Reason: sandbox.Finished, Fuel: call}, nil
	}})
	d, err := v.Verify(t.Context(), &p, problem.Program("x"), false)
	check(t, d, err, problem.Accepted)
	r, err := v.Replay(t.Context(), d.Key)
	if err != nil || r.Same || len(r.Differs) != maxDifferences || r.Differs[99].What != "runs[99].fuel" {
		t.Errorf("got same %v, %d differences: %v", r.Same, len(r.Differs), err)
	}
}

// TestLookupErrors: what is not a verdict's key, and what is not all there.
func TestLookupErrors(t *testing.T) {
	broken := false
	v := fakeVerifier(&runner{do: func(context.Context, int64) (sandbox.Result, error) {
		if broken {
			return sandbox.Result{}, errBroken
		}
		return passes, nil
	}})
	store := cache{Memory: NewMemory(0)}
	v.cfg.Verdicts = store
	verdict := func(program string) Key {
		t.Helper()
		d, err := v.Verify(t.Context(), &unitProblem, problem.Program(program), false)
		check(t, d, err, problem.Accepted)
		var k Key
		if err := k.UnmarshalText([]byte(d.Key)); err != nil {
			t.Fatal(err)
		}
		return k
	}
	forget := func(k Key) { store.forget(store.entries[k]) }
	run, err := v.Run(t.Context(), problem.RunRequest{Source: "x"})
	if err != nil {
		t.Fatal(err)
	}
	question, err := asked(&unitProblem, "fake")
	if err != nil {
		t.Fatal(err)
	}
	whole, half := verdict("whole"), verdict("half")
	if err := store.Put(half, []byte(`{"status":"accepted"}`)); err != nil {
		t.Fatal(err)
	}

	for _, c := range []struct {
		name, key      string
		lookup, replay error // nil: none; an Invalid stands for any
	}{
		{"whole", whole.String(), nil, nil},
		{"without its origin", half.String(), nil, ErrNoOrigin},
		{"never stored", strings.Repeat("00", 32), ErrNoVerdict, ErrNoVerdict},
		{"a run's", run.Key, ErrNoVerdict, ErrNoVerdict},
		{"a problem's", question.key.String(), ErrNoVerdict, ErrNoVerdict},
		{"empty", "", &problem.Invalid{}, &problem.Invalid{}},
		{"short", strings.Repeat("0", 63), &problem.Invalid{}, &problem.Invalid{}},
		{"long", strings.Repeat("0", 66), &problem.Invalid{}, &problem.Invalid{}},
		{"not hexadecimal", strings.Repeat("g", 64), &problem.Invalid{}, &problem.Invalid{}},
	} {
		is := func(what string, got, want error) {
			i, invalid := errors.AsType[*problem.Invalid](got)
			if _, ok := want.(*problem.Invalid); ok && invalid && i.Field == "key" {
				return
			}
			if !errors.Is(got, want) {
				t.Errorf("%s of a key that is %s: got %v, want %v", what, c.name, got, want)
			}
		}
		_, err := v.Lookup(t.Context(), c.key)
		is("lookup", err, c.lookup)
		_, err = v.Replay(t.Context(), c.key)
		is("replay", err, c.replay)
	}

	broken = true
	if r, err := v.Replay(t.Context(), whole.String()); !errors.Is(err, errBroken) || r.Status != "" {
		t.Errorf("replay in a broken sandbox: got %+v, %v", r, err)
	}
	broken = false
	forget(question.key)
	if _, err := v.Replay(t.Context(), whole.String()); !errors.Is(err, ErrNoOrigin) {
		t.Errorf("replay without the problem: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Lookup(ctx, whole.String()); !errors.Is(err, context.Canceled) {
		t.Errorf("lookup after the caller left: got %v", err)
	}
	store.get = func(Key) ([]byte, bool, error) { return nil, false, errBroken }
	v.cfg.Verdicts = store
	if _, err := v.Lookup(t.Context(), whole.String()); !errors.Is(err, errBroken) {
		t.Errorf("lookup in a broken store: got %v", err)
	}
}

// TestProblemIsKeptOnce: verdicts share their problem, which is put again before it can be forgotten.
func TestProblemIsKeptOnce(t *testing.T) {
	question, err := asked(&unitProblem, "fake")
	if err != nil {
		t.Fatal(err)
	}
	puts, problems := 0, 0
	verdicts := cache{Memory: NewMemory(1)}
	verdicts.put = func(k Key, b []byte) error {
		puts++
		if k == question.key {
			problems++
		}
		return nil
	}
	v := New(Config{Runner: &runner{do: passing}, Runs: NewMemory(0), Verdicts: verdicts})
	const n = 2*keptVerdicts + 10
	for i := range n {
		d, err := v.Verify(t.Context(), &problem.Problem{ID: fmt.Sprint(i), Check: unitProblem.Check}, problem.Program(fmt.Sprint(i)), false)
		check(t, d, err, problem.Accepted)
	}
	if problems != 3 || puts != n+problems {
		t.Errorf("%d verdicts: %d values were put, and %d times the problem, want %d and 3", n, puts, problems, n+3)
	}
	if len(v.kept.problems) != 1 {
		t.Errorf("%d problems are remembered", len(v.kept.problems))
	}
}

// TestVariants: hash seed and start reach the program, are in the keys, and a replay uses them.
func TestVariants(t *testing.T) {
	if testing.Short() {
		t.Skip("one thing after another: nothing for the race detector")
	}
	v := realVerifier(t)
	const source = "import time\nprint(list({'a', 'b', 'c', 'd', 'e', 'f'}), int(time.time()), hash('a'))"
	at := func(s string) (v problem.Start) {
		if err := v.UnmarshalText([]byte(s)); err != nil {
			t.Fatal(err)
		}
		return v
	}
	variants := []problem.Variant{{}, {HashSeed: 7}, {HashSeed: 4294967295}, {Start: at("0")}, {Start: at("2261-12-31T23:59:59+02:00")}, {HashSeed: 7, Start: at("0")}}
	outputs, keys := map[string]int{}, map[string]int{}
	for i, variant := range variants {
		r, err := v.Run(t.Context(), problem.RunRequest{Source: source, Variant: variant})
		if err != nil || r.Stderr != "" {
			t.Fatal(err, r.Stderr)
		}
		if j, ok := outputs[r.Stdout]; ok {
			t.Errorf("variants %d and %d print the same: %s", i, j, r.Stdout)
		}
		outputs[r.Stdout] = i
		if want := variant.Start.Unix(); !variant.Start.IsZero() && !strings.Contains(r.Stdout, fmt.Sprintf("] %d ", want)) {
			t.Errorf("started at %d: %s", want, r.Stdout)
		}
		again, err := v.Run(t.Context(), problem.RunRequest{Source: source, Variant: variant, Fresh: true})
		if err != nil || again.Stdout != r.Stdout || again.Fuel != r.Fuel || again.Key != r.Key {
			t.Errorf("variant %d again: got %s, %d of fuel, want %s, %d: %v", i, again.Stdout, again.Fuel, r.Stdout, r.Fuel, err)
		}

		// What this variant prints is right under this variant only.
		p := problem.Problem{Check: problem.Check{Kind: problem.KindStdio, Cases: []problem.Case{{Stdout: r.Stdout}}}, Variant: variant}
		d, err := v.Verify(t.Context(), &p, problem.Program(source), false)
		check(t, d, err, problem.Accepted)
		if j, ok := keys[d.Key]; ok {
			t.Errorf("variants %d and %d have one key", i, j)
		}
		keys[d.Key] = i
		replay, err := v.Replay(t.Context(), d.Key)
		check(t, replay.Verdict, err, problem.Accepted)
		if !replay.Same {
			t.Errorf("variant %d replayed: %+v", i, replay.Differs)
		}
		p.Variant = problem.Variant{HashSeed: 8, Start: at("8")}
		d, err = v.Verify(t.Context(), &p, problem.Program(source), false)
		check(t, d, err, problem.WrongAnswer)
	}
	lang, _ := languages.Find("python")
	usual, err := v.cfg.Runner.Identity(t.Context(), lang.Guest())
	if err != nil {
		t.Fatal(err)
	}
	other, err := v.cfg.Runner.Identity(t.Context(), languages.Guest{Language: "python", HashSeed: 1})
	if err != nil || other == usual {
		t.Errorf("the identity is %s with and without a hash seed: %v", other, err)
	}
}
