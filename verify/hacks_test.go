package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"borel/problem"
)

// hack is a wrong program, or answer, that fools a judge: fools names one of the weak judges below, or shared, which is the
// unit check with program and tests in one interpreter.
type hack struct{ name, suite, fools, text string }

func readHacks(t *testing.T) (all []hack) {
	t.Helper()
	b, err := os.ReadFile("testdata/hacks.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "\n== ")
	for part := range strings.SplitSeq(rest, "\n== ") {
		head, text, _ := strings.Cut(part, "\n")
		fields := strings.Split(head, " / ")
		if len(fields) != 3 {
			t.Fatalf("%q has %d fields, want 3", head, len(fields))
		}
		all = append(all, hack{fields[0], fields[1], fields[2], text + "\n"})
	}
	return all
}

// suites are tests of f, which must sort a list.
var suites = map[string]string{
	"values":  "assert f([3, 1, 2]) == [1, 2, 3]\nassert f([]) == []\nassert f([2, 2, 1]) == [1, 2, 2]\n",
	"oneline": "assert f([3, 1, 2]) == [1, 2, 3]; assert f([]) == []; assert f([2, 2, 1]) == [1, 2, 2]\n",
	"check": `def check(candidate):
    assert candidate([3, 1, 2]) == [1, 2, 3]
    assert candidate([]) == []
    assert candidate([2, 2, 1]) == [1, 2, 2]
check(f)
`,
	"helper": `def same(a, b):
    assert a == b
same(f([3, 1, 2]), [1, 2, 3])
same(f([]), [])
`,
	"properties": `import math
r = f([3, 1, 2])
assert len(r) == 3 and all(a <= b for a, b in zip(r, r[1:]))
assert r == sorted([3, 1, 2]) and isinstance(r, list)
assert math.isclose(sum(r), 6) and abs(sum(f([0.5, 0.25])) - 0.75) < 1e-9
`,
	"unittest": `import unittest
class Tests(unittest.TestCase):
    def test_values(self):
        self.assertEqual(f([3, 1, 2]), [1, 2, 3])
        self.assertEqual(f([]), [])
assert unittest.TextTestRunner().run(unittest.defaultTestLoader.loadTestsFromTestCase(Tests)).wasSuccessful()
`,
	"speed": `import time
t = time.perf_counter()
assert f(list(range(400, 0, -1))) == list(range(1, 401))
assert time.perf_counter() - t < 0.002
`,
}

// sortCases are what a calls check asks of f. The speed of a program is not its matter.
var sortCases = []problem.Case{
	{Args: []byte(`[[3, 1, 2]]`), Want: []byte(`[1, 2, 3]`)}, {Args: []byte(`[[]]`), Want: []byte(`[]`)}, {Args: []byte(`[[2, 2, 1]]`), Want: []byte(`[1, 2, 2]`)},
}

var sumCases = []problem.Case{{Stdin: "1 2\n", Stdout: "3\n"}, {Stdin: "5 6\n", Stdout: "11\n"}}

// weak is a judge as they are found: what it lacks is in its name, and is what the hacks go for.
type weak func(t *testing.T, v *Verifier, h hack) bool

func execute(t *testing.T, v *Verifier, r problem.RunRequest) problem.Run {
	t.Helper()
	r.Limits.Seconds = 1
	run, err := v.Run(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func lastWord(stdout string) string {
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// files are those of judges that keep program and tests in a folder.
func files(h hack) map[string][]byte {
	return map[string][]byte{"solution.py": []byte(h.text), "tests.py": []byte(suites[h.suite])}
}

const weakCases = "cases = [(([3, 1, 2],), [1, 2, 3]), (([],), []), (([2, 2, 1],), [1, 2, 2])]\n"

// stdout judges a program of the suite sum case by case.
func stdout(accepts func(run problem.Run, want string) bool) weak {
	return func(t *testing.T, v *Verifier, h hack) bool {
		for _, c := range sumCases {
			if !accepts(execute(t, v, problem.RunRequest{Source: h.text, Stdin: c.Stdin}), c.Stdout) {
				return false
			}
		}
		return true
	}
}

// tokensEqual compares as the comparator tokens does.
func tokensEqual(got, want string) bool {
	return strings.Join(strings.Fields(got), " ") == strings.Join(strings.Fields(want), " ")
}

// boxes are all answers in boxes, without their braces.
func boxes(text string) (all []string) {
	for _, m := range regexp.MustCompile(`\\boxed\{(.*?)\}(?:$|[.,<\s])`).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

// distance is how far the last answer is from 42, NaN where it is no number.
func distance(text string) float64 {
	all := boxes(text)
	n, err := strconv.ParseFloat(all[len(all)-1], 64)
	if err != nil {
		return math.NaN()
	}
	return math.Abs(n - 42)
}

var weakJudges = map[string]weak{
	// Program and tests are one script; its exit code decides.
	"merged": func(t *testing.T, v *Verifier, h hack) bool {
		return execute(t, v, problem.RunRequest{Source: h.text + suites[h.suite]}).ExitCode == 0
	},
	// One script, which says PASS at its end.
	"printed": func(t *testing.T, v *Verifier, h hack) bool {
		run := execute(t, v, problem.RunRequest{Source: h.text + suites[h.suite] + "print('PASS')\n"})
		return lastWord(run.Stdout) == "PASS"
	},
	// A harness imports the program, executes the tests, and prints what came of it.
	"exec": func(t *testing.T, v *Verifier, h hack) bool {
		run := execute(t, v, problem.RunRequest{Files: files(h), Source: `import builtins, solution
try:
    builtins.exec(builtins.compile(builtins.open("tests.py").read(), "tests.py", "exec"), {"f": solution.f})
    print("PASS")
except BaseException as e:
    print("FAIL")
`})
		return lastWord(run.Stdout) == "PASS"
	},
	// A harness calls the program and compares with what is wanted, in one interpreter.
	"equal": func(t *testing.T, v *Verifier, h hack) bool {
		run := execute(t, v, problem.RunRequest{Files: files(h), Source: "import json, solution\n" + weakCases + `
passed = True
for args, want in cases:
    got = solution.f(*args)
    passed = passed and got == want
print(json.dumps({"passed": passed}))
`})
		return lastWord(run.Stdout) == `{"passed": true}`
	},
	"dumped": func(t *testing.T, v *Verifier, h hack) bool {
		run := execute(t, v, problem.RunRequest{Files: files(h), Source: "import json, solution\n" + weakCases + `
passed = all(json.dumps(solution.f(*args)) == json.dumps(want) for args, want in cases)
print(json.dumps({"passed": passed}))
`})
		return lastWord(run.Stdout) == `{"passed": true}`
	},
	// Values leave the program's process as pickles, or as text that is evaluated.
	"pickled": func(t *testing.T, v *Verifier, h hack) bool {
		run := execute(t, v, problem.RunRequest{Files: files(h), Source: "import pickle, solution\n" + weakCases + "print([pickle.dumps(solution.f(*args)).hex() for args, want in cases])\n"})
		run = execute(t, v, problem.RunRequest{Source: "import pickle\n" + weakCases + "got = " + run.Stdout + "assert all(pickle.loads(bytes.fromhex(g)) == want for g, (args, want) in zip(got, cases))\n"})
		return run.ExitCode == 0
	},
	"repr": func(t *testing.T, v *Verifier, h hack) bool {
		run := execute(t, v, problem.RunRequest{Files: files(h), Source: "import solution\n" + weakCases + "for args, want in cases: print(repr(solution.f(*args)))\n"})
		run = execute(t, v, problem.RunRequest{Files: map[string][]byte{"out": []byte(run.Stdout)}, Source: weakCases + "for line, (args, want) in zip(open('out'), cases): assert eval(line) == want\n"})
		return run.ExitCode == 0
	},

	"contains": func(t *testing.T, v *Verifier, h hack) bool {
		if h.suite == "42" {
			return strings.Contains(h.text, "42")
		}
		return stdout(func(run problem.Run, want string) bool { return strings.Contains(run.Stdout, strings.TrimSpace(want)) })(t, v, h)
	},
	// Lines are compared as long as both have some.
	"zip": stdout(func(run problem.Run, want string) bool {
		got, wants := strings.Split(strings.TrimSpace(run.Stdout), "\n"), strings.Split(strings.TrimSpace(want), "\n")
		for i := range min(len(got), len(wants)) {
			if got[i] != "" && got[i] != wants[i] {
				return false
			}
		}
		return true
	}),
	"ignores the exit": stdout(func(run problem.Run, want string) bool { return tokensEqual(run.Stdout, want) }),
	"both streams": stdout(func(run problem.Run, want string) bool {
		return run.ExitCode == 0 && tokensEqual(run.Stdout+run.Stderr, want)
	}),
	"verdict word": stdout(func(run problem.Run, _ string) bool { return strings.Contains(run.Stdout, "Accepted") }),
	"C string": stdout(func(run problem.Run, want string) bool {
		text, _, _ := strings.Cut(run.Stdout, "\x00")
		return tokensEqual(text, want)
	}),
	"answer file": func(t *testing.T, v *Verifier, h hack) bool {
		for _, c := range sumCases {
			run := execute(t, v, problem.RunRequest{Source: h.text, Stdin: c.Stdin, Files: map[string][]byte{"answer.txt": []byte(c.Stdout)}})
			if !tokensEqual(run.Stdout, c.Stdout) {
				return false
			}
		}
		return true
	},
	"first case": func(t *testing.T, v *Verifier, h hack) bool {
		c := sumCases[0]
		return tokensEqual(execute(t, v, problem.RunRequest{Source: h.text, Stdin: c.Stdin}).Stdout, c.Stdout)
	},
	// Whatever is not further off than the tolerance is near enough, and so is what is no number.
	"not further": func(t *testing.T, v *Verifier, h hack) bool {
		if h.suite == "42" {
			return !(distance(h.text) > 1e-6)
		}
		return stdout(func(run problem.Run, want string) bool {
			got, err := strconv.ParseFloat(strings.TrimSpace(run.Stdout), 64)
			number, _ := strconv.ParseFloat(strings.TrimSpace(want), 64)
			return err == nil && !(math.Abs(got-number) > 1e-6)
		})(t, v, h)
	},

	"any box": func(_ *testing.T, _ *Verifier, h hack) bool {
		for _, b := range boxes(h.text) {
			if b == "42" {
				return true
			}
		}
		return false
	},
	"eval": func(t *testing.T, v *Verifier, h hack) bool {
		return lastWord(execute(t, v, problem.RunRequest{Source: "print((" + boxes(h.text)[0] + ") == 42)\n"}).Stdout) == "True"
	},
	"part of it": func(_ *testing.T, _ *Verifier, h hack) bool {
		return strings.Contains("42", boxes(h.text)[0])
	},
	"rounded": func(_ *testing.T, _ *Verifier, h hack) bool { return math.Round(distance(h.text)) == 0 },
	// An equation is right where its sides are equal.
	"balanced": func(t *testing.T, v *Verifier, h hack) bool {
		source := fmt.Sprintf("import sympy\na, b = (sympy.sympify(s) for s in %q.split('='))\nprint(sympy.simplify(a - b) == 0)\n", boxes(h.text)[0])
		return lastWord(execute(t, v, problem.RunRequest{Source: source}).Stdout) == "True"
	},
	// What sympy cannot decide is let pass.
	"nothing against it": func(t *testing.T, v *Verifier, h hack) bool {
		source := fmt.Sprintf("import sympy\nprint(sympy.Eq(sympy.Symbol(%q), 42) is not sympy.false)\n", boxes(h.text)[0])
		return lastWord(execute(t, v, problem.RunRequest{Source: source}).Stdout) == "True"
	},
}

// judged judges one sample, with little time.
func judged(ctx context.Context, t *testing.T, v *Verifier, c problem.Check, s problem.Sample) problem.Verdict {
	t.Helper()
	d, err := v.Verify(ctx, &problem.Problem{Check: c, Limits: problem.Limits{Seconds: 1}}, s, false)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestHacks: each attack fools the judge that it names, which shows that it works, and none of those that keep what decides
// outside of the sample's sandbox. A right sample passes all of them.
func TestHacks(t *testing.T) {
	v := realVerifier(t)
	right := map[string]string{"sum": "print(sum(map(int, input().split())))\n", "42": `\boxed{42}`}
	hacks := readHacks(t)
	fooled := map[string]int{}
	for _, h := range hacks {
		t.Run(h.name, func(t *testing.T) {
			checks := map[string]problem.Check{}
			sample := problem.Program(h.text)
			good := problem.Program("def f(x): return sorted(x)\n")
			switch h.suite {
			case "42":
				sample, good = problem.Text(h.text), problem.Text(right["42"])
				for _, equal := range problem.Equals[:3] {
					checks["answer "+equal] = problem.Check{Kind: problem.KindAnswer, Answer: "42", Equal: equal}
				}
			case "sum":
				good = problem.Program(right["sum"])
				for _, compare := range []string{"tokens", "exact", "float", "deepmind", "codeforces"} {
					checks["stdio "+compare] = problem.Check{Kind: problem.KindStdio, Compare: compare, Cases: sumCases}
				}
			default:
				tests, ok := suites[h.suite]
				if !ok {
					t.Fatalf("suite %q is not known", h.suite)
				}
				checks["split"] = problem.Check{Kind: problem.KindUnit, Isolation: problem.Split, EntryPoint: "f", Tests: tests}
				if h.suite != "speed" { // a slow one returns what it should
					checks["calls"] = problem.Check{Kind: problem.KindCalls, EntryPoint: "f", Cases: sortCases}
				}
				shared := judged(t.Context(), t, v, problem.Check{Kind: problem.KindUnit, EntryPoint: "f", Tests: tests}, sample)
				if got, want := shared.Status == problem.Accepted, h.fools == problem.Shared; got != want {
					t.Errorf("shared: got %s (%s)", shared.Status, shared.Message)
				}
			}
			if h.fools != problem.Shared {
				judge := weakJudges[h.fools]
				if judge == nil {
					t.Fatalf("no judge is called %q", h.fools)
				}
				if !judge(t, v, h) {
					t.Errorf("%s is not fooled", h.fools)
				}
			}
			fooled[h.fools]++
			for name, c := range checks {
				if d := judged(t.Context(), t, v, c, sample); d.Status == problem.Accepted || d.Status == problem.Unknown {
					b, _ := json.Marshal(d)
					t.Errorf("%s: %s", name, b)
				}
				if d := judged(t.Context(), t, v, c, good); d.Status != problem.Accepted {
					t.Errorf("%s: a right sample: %s (%s%s)", name, d.Status, d.Message, d.Error)
				}
			}
		})
	}
	if len(hacks) < 60 {
		t.Errorf("there are %d attacks, want 60", len(hacks))
	}
	t.Logf("%d attacks by the judge that they fool: %v", len(hacks), fooled)
}
