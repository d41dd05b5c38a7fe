package verify

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
)

// doubles asks for a function that doubles. Of its generated tests one is wrong, one is not Python, two say the same, one
// holds without any program, and one is beyond the first five.
func doubles(by string) *problem.Problem {
	return &problem.Problem{ID: "double", Prompt: "def f(x):\n", Check: problem.Check{Kind: problem.KindAgreement, EntryPoint: "f", Select: by, GeneratedTests: []string{
		"f(1) == 2\nassert f(2) == 4\nassert f(0) == 0\n",
		"f(1) == 2\nassert f(3) == = 6\nassert f(4) == 7\n",
		"f(5) == 10\nassert f(-1) == -2\nassert f('a') == 'aa'\nassert f(\nassert f(6) == 12 or not 'f'\nassert True or f\nassert 0 != 1, f\nassert f(7) == 14\nassert f(8) == 0",
		"",
		"I cannot think of tests for f.",
	}}}
}

var doublers = []problem.Sample{
	problem.Program("def f(x): return 2"),                        // passes f(1) twice
	problem.Completion("    return x + x\n"),                     // all but the wrong one
	problem.Program("def f(x): return 2 * x"),                    // the same
	problem.Program("def f(x): return x ** 2 if x != 1 else 2"),  // f(1), f(2), f(0)
	problem.Program("def f(x): return 2"),                        // once more
	problem.Text("I do not know."),                               // no program
	problem.Program("import sys; sys.exit(0)\ndef f(x): return"), // leaves
	problem.Program("import time\ndef f(x): time.sleep(9)"),      // sleeps
	problem.Program("def f(x): return x + x"),                    // the same again
	problem.Program("def f(x:"),                                  // does not compile
}

func selection(t *testing.T, v *Verifier, p *problem.Problem, samples []problem.Sample) (*problem.Selection, []problem.Verdict) {
	t.Helper()
	verdicts := make([]problem.Verdict, len(samples))
	s, err := v.VerifyAll(t.Context(), p, samples, false, func(d problem.Verdict) { verdicts[d.Index] = d })
	if err != nil {
		t.Fatal(err)
	}
	return s, verdicts
}

func TestAgreementCodeT(t *testing.T) {
	v := realVerifier(t)
	s, verdicts := selection(t, v, doubles(""), doublers)
	want := &problem.Selection{
		Index: 1, Tests: 10,
		Groups: []problem.Group{
			{Samples: []int{1, 2, 8}, Tests: 9, Score: 15.588457268119894}, // √3 × 9
			{Samples: []int{3}, Tests: 4, Score: 4},
			{Samples: []int{0, 4}, Tests: 2, Score: 2.8284271247461903},
			{Samples: []int{6, 7, 9}},
		},
		Scores: []float64{2.8284271247461903, 15.588457268119894, 15.588457268119894, 4, 2.8284271247461903, 0, 0, 0, 15.588457268119894, 0},
		Differs: []problem.Differing{
			{Input: "f(5)", Outputs: []string{"10", "25"}}, {Input: "f(-1)", Outputs: []string{"-2", "1"}},
			{Input: "f('a')", Outputs: []string{"'aa'", "TypeError: unsupported operand type(s) for ** or pow(): 'str' and 'int'"}},
		},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
	for i, message := range []string{"passes 2 of 10 generated tests", "passes 9 of 10", "passes 9 of 10", "passes 4 of 10", "passes 2 of 10", "no program", "exited with code 0", "passes 0 of 10", "passes 9 of 10", "SyntaxError"} {
		status := problem.NotJudged
		if i == 5 {
			status = problem.NoProgram
		}
		if d := verdicts[i]; d.Status != status || !strings.Contains(d.Message, message) || status == problem.NotJudged && d.Reward != nil {
			t.Errorf("sample %d: got %s, %q, reward %v, want %s, %q", i, d.Status, d.Message, d.Reward, status, message)
		}
	}
	if verdicts[1].Behaviour != verdicts[2].Behaviour || verdicts[1].Behaviour == verdicts[3].Behaviour {
		t.Errorf("behaviours %s, %s and %s", verdicts[1].Behaviour, verdicts[2].Behaviour, verdicts[3].Behaviour)
	}

	// Once: 8 programs, of which 2 do not come to their end, and the empty one; 15 candidates without a program, of which
	// 9 are tests, on 6 programs; 5 inputs on one sample each of the first 2 groups, which are run with a channel.
	if got, want := v.Stats().Executed, int64(8+1+15+9*6+2*(1+5)); got != want {
		t.Errorf("executed %d, want %d", got, want)
	}

	// Again: from the verdicts, and from the runs alone.
	for _, c := range []struct {
		name     string
		verdicts Cache
	}{{"verdicts", v.cfg.Verdicts}, {"runs", NewMemory(0)}} {
		identity, err := v.cfg.Runner.Identity(t.Context(), languages.Guest{})
		if err != nil {
			t.Fatal(err)
		}
		again := New(Config{Runner: stored{identity}, Runs: v.cfg.Runs, Verdicts: c.verdicts})
		s, verdicts := selection(t, again, doubles(""), doublers)
		if !reflect.DeepEqual(s, want) || again.Stats().Executed != 0 || !verdicts[1].Cached {
			t.Errorf("from %s: executed %d, cached %v, got %+v", c.name, again.Stats().Executed, verdicts[1].Cached, s)
		}
	}

	// A verdict is made again by one run of each kind.
	r, err := v.Replay(t.Context(), verdicts[1].Key)
	if err != nil || !r.Same || r.Status != problem.NotJudged {
		t.Errorf("replay: %+v, %v", r, err)
	}
}

func TestAgreementByOutputs(t *testing.T) {
	v := realVerifier(t)
	samples := []problem.Sample{
		problem.Program("def f(x): return 2"),
		problem.Program("def f(x): return float(x + x) if x != 'a' else 'aa'"), // equal values
		problem.Program("def f(x): return 2 * x"),
		problem.Program("def f(x): return x * 2 if x != 5 else 11"),
		problem.Program("def f(x): return x * 2 if x != 4 else 9"),
		problem.Program("def f(x): 1/0"),
		problem.Program("def f(x): 1/0 #"),
		problem.Program("def f(x): 1/0 ##"),
	}
	// The inputs are 0, 1 (twice), 2, 4, 5, -1, 'a', 6 and 7.
	for _, c := range []struct {
		by     string
		groups []problem.Group
	}{
		{problem.SelectMBR, []problem.Group{
			{Samples: []int{1, 2}, Tests: 10, Score: (9. + 8 + 8 + 1) / 63.},
			{Samples: []int{3}, Tests: 10, Score: (2.*8 + 7 + 1) / 63.},
			{Samples: []int{4}, Tests: 10, Score: (2.*8 + 7 + 1) / 63.},
			{Samples: []int{0}, Tests: 10, Score: 4 / 63.}, // f(1)
			{Samples: []int{5, 6, 7}},
		}},
		{problem.SelectCluster, []problem.Group{
			{Samples: []int{1, 2}, Tests: 10, Score: 2}, {Samples: []int{0}, Tests: 10, Score: 1}, {Samples: []int{3}, Tests: 10, Score: 1}, {Samples: []int{4}, Tests: 10, Score: 1},
			{Samples: []int{5, 6, 7}}, // a crash is no answer
		}},
	} {
		s, verdicts := selection(t, v, doubles(c.by), samples)
		if !reflect.DeepEqual(s.Groups, c.groups) || s.Index != 1 || len(s.Differs) == 0 {
			t.Errorf("%s: got %+v", c.by, s)
		}
		if verdicts[0].Message != "answers 10 of 10 inputs" || verdicts[5].Message != "answers 0 of 10 inputs" {
			t.Errorf("%s: got %q and %q", c.by, verdicts[0].Message, verdicts[5].Message)
		}
	}
}

// A sample that passes every test by its own means has outputs like no other.
func TestAgreementGamed(t *testing.T) {
	v := realVerifier(t)
	samples := []problem.Sample{problem.Program("class A:\n  def __eq__(self, other): return True\ndef f(x): return A()"), problem.Program("def f(x): return 2 * x"), problem.Program("def f(x): return x + x")}
	for by, score := range map[string]float64{problem.SelectCodeT: 10, problem.SelectMBR: 0} {
		s, _ := selection(t, v, doubles(by), samples)
		if s.Scores[0] != score || s.Index != 1 {
			t.Errorf("%s: got %+v", by, s)
		}
	}
}

// Values that Python calls equal are one answer, others are not.
func TestAgreementValues(t *testing.T) {
	v := realVerifier(t)
	p := &problem.Problem{Check: problem.Check{Kind: problem.KindAgreement, EntryPoint: "f", Select: problem.SelectCluster, GeneratedTests: []string{"f() == 1"}}}
	values := [][]string{
		{"1", "1.0", "True", "sum([1])"}, {"2", "2.0"}, {"1.5"}, {"'1'"}, {"b'1'"}, {"None"}, {"[1, 2.0]", "[True, 2]"}, {"(1, 2)"},
		{"{1, 2, 3}", "frozenset([3, 2, 1])"}, {"{1: 'a', 'b': 2}", "{'b': 2.0, 1.0: 'a'}"}, {"[]"}, {"()"}, {"{}"}, {"set()"}, {"10 ** 500"}, {"float('nan')"},
		{"'x' * 5000", "'x' * 4999 + 'x'"}, {"'x' * 5001"}, {"'é\\ud800'"}, {"[[1], [2]]", "[[1.0]] + [[2]]"}, {"[[1, 2]]"}, {"'1,2'"}, {"['1', '2']"}, {"[\"1', '2\"]"},
	}
	var samples []problem.Sample
	var want [][]int
	for _, equal := range values {
		var g []int
		for _, value := range equal {
			g = append(g, len(samples))
			samples = append(samples, problem.Program("sorted = repr = str = type = int = None\ndef f(): return "+value))
		}
		want = append(want, g)
	}
	for i := range samples { // the names that are needed are the program's own again where it uses them
		samples[i] = problem.Program(strings.Replace(*samples[i].Program, " = int = None", " = None", 1))
	}
	s, _ := selection(t, v, p, samples)
	var got [][]int
	for _, g := range s.Groups {
		got = append(got, g.Samples)
	}
	slices.SortFunc(got, func(a, b []int) int { return a[0] - b[0] })
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// Whatever samples and tests do, there is a selection, and it is among the samples that do what they should.
func TestAgreementHostile(t *testing.T) {
	v := realVerifier(t)
	right := problem.Program("def f(x): return 2 * x")
	for _, c := range []struct {
		name, program string
		tests         int // that it passes, of 10
	}{
		{"exits in a test", "import os\ndef f(x): os._exit(0)", 0},
		{"exits on one", "import os\ndef f(x): return 2 * x if x else os._exit(0)", 8},
		{"breaks the interpreter", "import os\ndef f(x): os.abort()", 0},
		{"breaks it on one", "import os\ndef f(x): return 2 * x if x else os.abort()", 8},
		{"prints", "def f(x): print('y' * 100000); return 2 * x", 9},
		{"floods", "def f(x):\n  while True: print('y' * 1000)", 0},
		{"prints at import", "print('y' * 1000000)\ndef f(x): return 2 * x", 9},
		{"takes memory", "def f(x): return bytes(10**9)", 0},
		{"recurses", "def f(x): return f(x)", 0},
		{"sleeps", "import time\ndef f(x): time.sleep(1); return 2 * x", 0},
		{"sleeps a little", "import time\ndef f(x): time.sleep(0.05); return 2 * x", 9},
		{"counts its calls", "n = 0\ndef f(x):\n  global n\n  n += 1\n  return 2 * x if n == 1 else None", 9}, // each test is a run of its own
		{"leaves a file", "import os\ndef f(x):\n  if os.path.exists('a'): return None\n  open('a', 'w').close()\n  return 2 * x", 9},
		{"looks for a channel", "import os\ntry: os.write(4, b'x')\nexcept OSError: ok = True\ndef f(x): return 2 * x if ok else None", 9},
		{"equals everything", "class A:\n  def __eq__(self, other): return True\ndef f(x): return A()", 10}, // nothing stops it here, see docs/agreement.md
		{"loops when it ends", "import atexit\n@atexit.register\ndef f(x=0):\n  while True: pass", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := doubles("")
			p.Limits.Seconds = 1
			s, verdicts := selection(t, v, p, []problem.Sample{problem.Program(c.program), right, right})
			want := fmt.Sprintf("passes %d of 10 generated tests", c.tests)
			if d := verdicts[0]; d.Status != problem.NotJudged || d.Message != want && c.tests > 0 || d.Error != "" {
				t.Errorf("got %s, %q (%s), want %q", d.Status, d.Message, d.Error, want)
			}
			if i := slices.IndexFunc(s.Groups, func(g problem.Group) bool { return g.Samples[0] == 0 }); s.Groups[i].Tests != c.tests {
				t.Errorf("it passes %d tests, want %d", s.Groups[i].Tests, c.tests)
			}
			if c.tests < 9 && s.Index != 1 {
				t.Errorf("selected %d", s.Index)
			}
		})
	}
	t.Run("takes long in some, or in all", func(t *testing.T) {
		p := doubles("")
		p.Check.GeneratedTests = nil
		for i := range 16 {
			p.Check.GeneratedTests = append(p.Check.GeneratedTests, fmt.Sprintf("f(%d) == %d\nassert f(-%d) == -%d", i, 2*i, i+1, 2*i+2))
		}
		_, verdicts := selection(t, v, p, []problem.Sample{problem.Program("import time\ndef f(x):\n  time.sleep(x < 0)\n  return 2 * x")})
		if got := verdicts[0].Message; got != "passes 16 of 32 generated tests" {
			t.Errorf("got %q", got)
		}
		_, verdicts = selection(t, v, p, []problem.Sample{problem.Program("def f(x):\n  while x < 50: pass\n  return 2 * x")})
		if got := verdicts[0].Message; got != "used up the time of all 32 tests in 21 of them" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("tests", func(t *testing.T) {
		p := doubles("")
		p.Check.GeneratedTests = append(p.Check.GeneratedTests, "f"+strings.Repeat("(", 10_000), "f(1) == "+strings.Repeat("1", 100_000), "f(exit())", "f(__import__('os').abort())", "f([0 for _ in iter(int, 1)])", "f(1) == 2 or '\x00'", "f('\xff')")
		s, _ := selection(t, v, p, []problem.Sample{right})
		if g := s.Groups[0]; g.Tests != 9 || s.Tests != 13 {
			t.Errorf("got %+v of %d tests", g, s.Tests)
		}
	})
}

// Without a test that any sample passes, the first sample is as good as any.
func TestAgreementFallsBack(t *testing.T) {
	v := realVerifier(t)
	none := []problem.Sample{problem.Text("I do not know."), problem.Program("def f(x): return 0"), problem.Program("def f(x): return 1")}
	for _, tests := range [][]string{{""}, {"f(1) == 5"}, {"no test of f"}} {
		p := doubles("")
		p.Check.GeneratedTests = tests
		s, _ := selection(t, v, p, none)
		if s.Index != 1 || len(s.Groups) != 1 || s.Groups[0].Score != 0 || len(s.Groups[0].Samples) != 2 {
			t.Errorf("%q: got %+v", tests, s)
		}
	}
	if s, verdicts := selection(t, v, doubles(""), none[:1]); s != nil || verdicts[0].Status != problem.NoProgram {
		t.Errorf("of no program: got %+v, %+v", s, verdicts)
	}
}

// The status is the held-out check's, which the selection does not look at.
func TestAgreementHeldOut(t *testing.T) {
	v := realVerifier(t)
	p := doubles("")
	p.Check.HeldOut = &problem.Check{Kind: problem.KindUnit, Tests: "assert f(3) == 9"}
	s, verdicts := selection(t, v, p, doublers[:4])
	for i, want := range []problem.Status{problem.WrongAnswer, problem.WrongAnswer, problem.WrongAnswer, problem.Accepted} {
		if verdicts[i].Status != want {
			t.Errorf("sample %d: got %s, want %s", i, verdicts[i].Status, want)
		}
	}
	if s.Index != 1 {
		t.Errorf("selected %d", s.Index)
	}
}

func TestAgreementRefuses(t *testing.T) {
	v := fakeVerifier(&runner{do: passing})
	p := doubles("")
	for i := range 1000 {
		p.Check.GeneratedTests = append(p.Check.GeneratedTests, fmt.Sprintf("f(%d) == 1", i+10))
	}
	_, err := v.VerifyAll(t.Context(), p, make([]problem.Sample, 5000), false, func(problem.Verdict) { t.Error("a verdict") })
	if e, ok := errors.AsType[*problem.Invalid](err); !ok || e.Field != "samples[0]" {
		t.Errorf("empty samples: %v", err)
	}
	_, err = v.VerifyAll(t.Context(), p, slices.Repeat(doublers[:1], 5000), false, func(problem.Verdict) { t.Error("a verdict") })
	if e, ok := errors.AsType[*problem.Invalid](err); !ok || e.Field != "problem.check.generated_tests" || !strings.Contains(e.Message, "5000000") {
		t.Errorf("too many pairs: %v", err)
	}
}

// A fault of the service is unknown, and no sample is selected for it.
func TestAgreementFaults(t *testing.T) {
	fail := func(context.Context, int64) (sandbox.Result, error) { return sandbox.Result{}, errBroken }
	v := fakeVerifier(&runner{do: fail})
	s, verdicts := selection(t, v, doubles(""), doublers[:2])
	if s != nil {
		t.Errorf("selected %+v", s)
	}
	for _, d := range verdicts {
		check(t, d, nil, problem.Unknown)
	}
	// A runner that forgets the tails.
	v = fakeVerifier(&runner{do: func(context.Context, int64) (sandbox.Result, error) {
		return sandbox.Result{Reason: sandbox.Finished, Returned: []uint32{0, 0}}, nil
	}})
	_, verdicts = selection(t, v, doubles(""), doublers[:1])
	check(t, verdicts[0], nil, problem.Unknown)
}
