package sandbox_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"borel/sandbox"
)

// TestAgain: a program that comes again with other input gives the result of a run that compiled it itself.
func TestAgain(t *testing.T) {
	tpl := python(t)
	plain := tpl.Forgetful()
	programs := []string{
		`print(sum(int(x) for x in open(0)))`,
		`import sys, time, random, os
print(sys.stdin.read(), time.time_ns(), random.random(), os.urandom(3), os.listdir("."), open("given").read(), sys.argv)
open("out", "w").write(__file__)`,
		`class A:
    def __init__(self): self.x = [input() for _ in range(3)]
    def f(self): return 1 // (self.x[0] == "1")
A().f()
print("never, where the first line is not 1")`,
		`while input() != "2": pass
while True: pass`,
		`import traceback
try: 1/0
except ZeroDivisionError: traceback.print_exc()
raise SystemExit(int(input()))`,
		`x = [0] * int(input() + "0000000"); print(len(x))`,
		`def f(:`,
		`print("\ud800")`,
		`x = """` + strings.Repeat("long ", 200_000) + `"""` + "\nprint(len(x), input())",
		"x = 0\n" + strings.Repeat("x = x * 3 + 1\nif x > 100:\n    x -= 97\n", 3000) + "print(x, input())",
	}
	for i, source := range programs {
		for _, stdin := range []string{"1\n2\n3\n", "2\n2\n2\n", "", "9\n8\n7\n", "1\n2\n3\n"} {
			s := spec(source)
			s.Stdin = []byte(stdin)
			s.Limits.Fuel = 1e8
			want, err := plain.Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			got, err := tpl.Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("program %d, input %q:\ngot  %.2000v\nwant %.2000v", i, stdin, got, want)
			}
		}
	}
	if n := tpl.Checkpoints(); n != 7 { // one does not compile, two leave too much behind
		t.Errorf("%d programs have a checkpoint, want 7", n)
	}

	// Whatever else is changed, a program that has a checkpoint does not start from it.
	source := `import sys, os, random, time
print(sys.argv, sorted(os.listdir()), open("given").read(), random.random(), time.time())
try: x = bytearray(40 << 20); print("enough")
except MemoryError: print("not enough")
for i in range(60): open(str(i), "w").write("x" * 1000)
while True: pass`
	for range 2 {
		for _, change := range []func(*sandbox.Spec){
			func(*sandbox.Spec) {},
			func(*sandbox.Spec) {},
			func(*sandbox.Spec) {},
			func(s *sandbox.Spec) { s.Args = []string{"main.py", "y"} },
			func(s *sandbox.Spec) { s.Files = map[string][]byte{"given": []byte("other")} },
			func(s *sandbox.Spec) { s.Seed = 8 },
			func(s *sandbox.Spec) { s.Start = sandbox.DefaultStart.Add(time.Hour) },
			func(s *sandbox.Spec) { s.Limits.Memory = 64 << 20 },
			func(s *sandbox.Spec) { s.Limits.Fuel /= 2 },
			func(s *sandbox.Spec) { s.Limits.Fuel = 1000 },
			func(s *sandbox.Spec) { s.Limits.Files = 30 },
			func(s *sandbox.Spec) { s.Limits.FileBytes = 20_000 },
			func(s *sandbox.Spec) { s.Limits.Output = 10 },
			func(s *sandbox.Spec) {
				s.Steps = append(s.Steps, sandbox.Step{Name: "step1.py", Source: []byte("print(2)")})
			},
			func(s *sandbox.Spec) { s.Steps[0].Name = "other.py" },
		} {
			s := spec(source)
			s.Limits.Fuel = 3e7
			change(&s)
			want, err := plain.Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			got, err := tpl.Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%+v:\ngot  %+v\nwant %+v", s, got, want)
			}
		}
	}
}

// TestAgainTogether: many runs of few programs at once, each with its own input.
func TestAgainTogether(t *testing.T) {
	tpl := python(t)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 60 {
				s := spec(fmt.Sprintf("x = int(input()) * 1000 + %d\nprint(x)", i%7))
				n := g*100 + i
				s.Stdin = fmt.Appendln(nil, n)
				res, err := tpl.Run(t.Context(), s)
				if err != nil || string(res.Stdout) != fmt.Sprintln(n*1000+i%7) {
					t.Errorf("got %q, %v, want %d", res.Stdout, err, n*1000+i%7)
					return
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkAgain is one more case of a trivial program.
func BenchmarkAgain(b *testing.B) {
	for name, tpl := range map[string]*sandbox.Template{"compiled": python(b), "fresh": python(b).Forgetful()} {
		b.Run(name, func(b *testing.B) {
			s := spec("a, b, c = map(int, open(0))\nfor i in range(a):\n    b += c\nprint(b)")
			for b.Loop() {
				if _, err := tpl.Run(b.Context(), s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
