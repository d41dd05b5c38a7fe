package verify

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
)

// echo is a Runner whose programs print themselves. Its image has a name.
type echo struct {
	image string
	*runner
}

func newEcho(image string) echo { return echo{image, &runner{}} }

func (e echo) Identity(context.Context, languages.Guest) (string, error) { return e.image, nil }

func (e echo) Run(_ context.Context, _ languages.Guest, s sandbox.Spec) (sandbox.Result, error) {
	e.calls.Add(1)
	return sandbox.Result{Reason: sandbox.Finished, Returned: []uint32{0}, Stdout: s.Steps[0].Source}, nil
}

func regradeAll(t *testing.T, v *Verifier, r problem.Regrade) (problem.RegradeReport, []string) {
	t.Helper()
	var changes []string
	report, err := v.Regrade(t.Context(), r, func(d problem.Regraded) {
		changes = append(changes, fmt.Sprintf("%s %s → %s", d.Kind, d.Was, d.Is))
	})
	if err != nil {
		t.Fatal(err)
	}
	report.Seconds = 0
	return report, changes
}

// TestRegrade: another comparator decides kept verdicts from kept runs, of an image that is no longer there as well.
func TestRegrade(t *testing.T) {
	run := newEcho("image 1")
	runs, verdicts := NewMemory(0), NewMemory(0)
	old := New(Config{Runner: run, Runs: runs, Verdicts: verdicts})
	stdio := problem.Problem{Check: problem.Check{Kind: problem.KindStdio, Cases: []problem.Case{{Stdout: "0.5"}}}}
	answer := problem.Problem{Check: problem.Check{Kind: problem.KindAnswer, Answer: "7"}}
	samples := []problem.Sample{problem.Program("0.5"), problem.Program("0.50"), problem.Program("0.6")}
	if _, err := old.VerifyAll(t.Context(), &stdio, samples, false, func(problem.Verdict) {}); err != nil {
		t.Fatal(err)
	}
	if _, err := old.Verify(t.Context(), &answer, problem.Text("7.0"), false); err != nil {
		t.Fatal(err)
	}
	executed := run.calls.Load()

	now := newEcho("image 2")
	v := New(Config{Runner: now, Runs: runs, Verdicts: verdicts})
	float, number, unordered := "float", "number", "unordered"
	count := func(a, w int) map[problem.Status]int {
		m := map[problem.Status]int{}
		if a > 0 {
			m[problem.Accepted] = a
		}
		if w > 0 {
			m[problem.WrongAnswer] = w
		}
		return m
	}
	for _, c := range []struct {
		name    string
		r       problem.Regrade
		report  problem.RegradeReport
		changes []string
	}{
		{"as it was", problem.Regrade{}, problem.RegradeReport{Verdicts: 4, Was: count(1, 3), Is: count(1, 3)}, nil},
		{"a kind", problem.Regrade{Kind: problem.KindAnswer}, problem.RegradeReport{Verdicts: 1, Skipped: 3, Was: count(0, 1), Is: count(0, 1)}, nil},
		{"a comparator of other checks", problem.Regrade{Change: problem.Change{Compare: &unordered}}, problem.RegradeReport{Skipped: 4, Was: count(0, 0), Is: count(0, 0)}, nil},
		{"numbers", problem.Regrade{Change: problem.Change{Equal: &number}}, problem.RegradeReport{Verdicts: 1, Skipped: 3, Changed: 1, Was: count(0, 1), Is: count(1, 0)}, []string{"answer wrong_answer → accepted"}},
		{"a comparator", problem.Regrade{Kind: problem.KindStdio, Change: problem.Change{Compare: &float}},
			problem.RegradeReport{Verdicts: 3, Skipped: 2, Changed: 1, Was: count(1, 2), Is: count(2, 1)}, []string{"stdio wrong_answer → accepted"}}, // the verdict under number is one more
	} {
		t.Run(c.name, func(t *testing.T) {
			report, changes := regradeAll(t, v, c.r)
			if !reflect.DeepEqual(report, c.report) || !reflect.DeepEqual(changes, c.changes) {
				t.Errorf("got %+v %q\nwant %+v %q", report, changes, c.report, c.changes)
			}
		})
	}
	if run.calls.Load() != executed || now.calls.Load() != 0 || v.Stats().Executed != 0 {
		t.Errorf("programs were run: %d and %d, want none", run.calls.Load()-executed, now.calls.Load())
	}

	// What came out otherwise is there for who asks under the changed check, on the image that ran it.
	stdio.Check.Compare = float
	hits := old.Stats().VerdictHits
	if _, err := old.VerifyAll(t.Context(), &stdio, samples, false, func(problem.Verdict) {}); err != nil {
		t.Fatal(err)
	}
	if got := old.Stats().VerdictHits - hits; got != 1 || run.calls.Load() != executed {
		t.Errorf("%d verdicts were found, want 1, and %d programs run", got, run.calls.Load()-executed)
	}

	// Runs that were forgotten are not made again, and not taken for wrong.
	forgetful := New(Config{Runner: now, Runs: NewMemory(1), Verdicts: verdicts})
	report, changes := regradeAll(t, forgetful, problem.Regrade{Kind: problem.KindStdio})
	if report.Verdicts != 0 || report.Missing != 6 || changes != nil || now.calls.Load() != 0 {
		t.Errorf("got %+v %q after %d runs, want 6 missing", report, changes, now.calls.Load())
	}
}

// Verdicts that were there are counted, whichever of those that turn into them come first.
func TestRegradeCounts(t *testing.T) {
	v := New(Config{Runner: newEcho("image"), Runs: NewMemory(0), Verdicts: NewMemory(0)})
	var samples []problem.Sample
	for i := range 20 {
		samples = append(samples, problem.Program(fmt.Sprint(i)))
	}
	float := "float"
	for _, compare := range []string{"tokens", float} {
		p := problem.Problem{Check: problem.Check{Kind: problem.KindStdio, Compare: compare, Cases: []problem.Case{{Stdout: "0.5"}}}}
		if _, err := v.VerifyAll(t.Context(), &p, samples, false, func(problem.Verdict) {}); err != nil {
			t.Fatal(err)
		}
	}
	if report, _ := regradeAll(t, v, problem.Regrade{Change: problem.Change{Compare: &float}}); report.Verdicts != 40 {
		t.Errorf("%d of 40 verdicts were decided again", report.Verdicts)
	}
}

func TestRegradeKeys(t *testing.T) {
	v := New(Config{Runner: newEcho("image"), Runs: NewMemory(0), Verdicts: NewMemory(0)})
	p := problem.Problem{Check: problem.Check{Kind: problem.KindAnswer, Answer: "7"}}
	var keys []string
	for _, text := range []string{"7.0", "7.00", "8"} {
		d, err := v.Verify(t.Context(), &p, problem.Text(text), false)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, d.Key)
	}
	number := "number"
	report, changes := regradeAll(t, v, problem.Regrade{Keys: []string{keys[1], strings.Repeat("0", 64)}, Change: problem.Change{Equal: &number}})
	if report.Verdicts != 1 || report.Missing != 1 || len(changes) != 1 {
		t.Errorf("got %+v %q, want one verdict that changed and one missing", report, changes)
	}
	_, err := v.Regrade(t.Context(), problem.Regrade{Keys: []string{keys[0], "x"}}, func(problem.Regraded) {})
	if e, ok := errors.AsType[*problem.Invalid](err); !ok || e.Field != "keys[1]" {
		t.Errorf("got %v, want a fault of keys[1]", err)
	}
	_, err = v.Regrade(t.Context(), problem.Regrade{Kind: "votes"}, func(problem.Regraded) {})
	if e, ok := errors.AsType[*problem.Invalid](err); !ok || e.Field != "kind" {
		t.Errorf("got %v, want a fault of kind", err)
	}
	for _, tolerance := range []string{"float:", "float:x", "float:-1"} {
		_, err = v.Regrade(t.Context(), problem.Regrade{Change: problem.Change{Compare: &tolerance}}, func(problem.Regraded) {})
		if e, ok := errors.AsType[*problem.Invalid](err); !ok || e.Field != "change.compare" {
			t.Errorf("%s: got %v, want a fault of change.compare", tolerance, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Regrade(ctx, problem.Regrade{}, func(problem.Regraded) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v of a context that has ended", err)
	}
}
