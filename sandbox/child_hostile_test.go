package sandbox_test

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"borel/sandbox"
)

// TestChildrenBounds: a program cannot do more with children than without.
func TestChildrenBounds(t *testing.T) {
	tpl := python(t)
	before := runtime.NumGoroutine()
	for _, c := range []struct {
		name, source string
		reason       sandbox.Reason
		want         string // contained
	}{
		{"endless work", `subprocess.run(["python3", "-c", "while True: pass"])`, sandbox.Fuel, ""},
		{"endless sleep", `subprocess.run(["python3", "-c", "import time\nwhile True: time.sleep(100)"])`, sandbox.Sleep, ""},
		{"an endless orphan", `subprocess.Popen(["python3", "-c", "while True: pass"])`, sandbox.Fuel, ""},
		{"endless output", `subprocess.run(["python3", "-c", "while True: print('x' * 10000)"])`, sandbox.Output, "xxxx"},
		{"endless output below", `subprocess.run(["python3", "-c", "import subprocess\nsubprocess.run(['python3', '-c', 'while True: print(1)'])"])`, sandbox.Output, "1\n1\n"},
		{"endless captured output", `subprocess.run(["python3", "-c", "while True: print('x' * 10000)"], capture_output=True)`, sandbox.Memory, ""},
		{"endless children", `while True: subprocess.run(["python3", "-c", "pass"])`, sandbox.Fuel, ""},
		{"a bomb", `open("b.py", "w").write("import subprocess\nps = []\nwhile True:\n    try: ps.append(subprocess.Popen(['python3', 'b.py']))\n    except OSError: ps.pop().wait() if ps else exit()")
subprocess.run(["python3", "b.py"])`, sandbox.Fuel, ""},
		{"each waits for the other", `p = subprocess.Popen(["python3", "-c", "input()"], stdin=subprocess.PIPE)
p.wait()`, sandbox.Sleep, ""},
		{"files", `subprocess.run(["python3", "-c", "for i in range(1000): open(str(i), 'w')"], check=True)`, sandbox.Files, ""},
		{"leaving", `p = subprocess.Popen(["python3", "-c", "while True: pass"])
p.poll()
print("left", flush=True)
os._exit(0)`, sandbox.Exited, "left"},
		{"stdin of a child that is not read", `p = subprocess.Popen(["python3", "-c", "import time; time.sleep(1000)"], stdin=subprocess.PIPE)
while True: p.stdin.write(bytes(65536))`, sandbox.Sleep, ""},
		{"rubbish for the host", `import random, struct
rnd, n = random.Random(5), 0
for i in range(20000):
    b = bytes([rnd.randrange(10)]) + struct.pack("<I", rnd.choice([0, 1, 2, 3, 1 << 31, 0xffffffff])) + rnd.randbytes(rnd.randrange(40))
    if i % 3 == 0: b = b"\1" + struct.pack("<III", *(rnd.choice([0, 1, 2, 3, 4, 99, 0xfffffffd, 0xfffffffe, 0xffffffff]) for _ in range(3))) + struct.pack("<I", rnd.choice([0, 1, 5, 0xffffffff])) + rnd.randbytes(rnd.randrange(40))
    if i % 1001 == 0: b = bytes(3 << 20)
    try: os.write(1000, b)
    except OSError as e: n += 1
    os.read(1000, rnd.randrange(99999))
print(n > 10000)`, sandbox.Finished, "True\n"},
		{"a setup of its own", `import struct
def start(setup, source=b"print(1)"):
    os.write(1000, struct.pack("<BIII", 1, 0, 1, 2) + b"".join(struct.pack("<I", len(b)) + b for b in (b"x", source, setup)))
    n, = struct.unpack("<I", os.read(1000, 4))
    os.write(1000, struct.pack("<BIBQ", 2, n, 0, 1 << 40))
    return os.read(1000, 99)
print(start(b"\0"), start(b"\1"), start(b"\xff"), start(b"\0rubbish"), start(b"\0", b"\0"), start(b"\0", b"\xff\xfe"))`, sandbox.Finished,
			`b'\x01\x00\x00\x00\x00\x00' b'\x01\x00\x00\x00\x00\x00' b'\x01\x00\x00\x00\x00\x00' b'\x01\x00\x01\x05\x00\x00' b'\x01\x00\x01\x03\x00\x00' b'\x01\x00\x01\x03\x00\x00'` + "\n"},
		{"closing the host's descriptor", `os.close(1000)`, sandbox.Finished, ""},
		{"a child's own descriptors", `print(subprocess.run(["python3", "-c", "import os\nfor fd in (1, 2, 0): os.close(fd)\nos.write(1000, b'x')"], capture_output=True, stdin=None).returncode)`, sandbox.Finished, "1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := childSpec(c.source)
			s.Limits.Fuel, s.Limits.Virtual = 320_000_000, 5*time.Second
			began := time.Now()
			res := run(t, tpl, s)
			if res.Reason != c.reason || !strings.Contains(string(res.Stdout), c.want) {
				t.Errorf("%s, want %s: %.500q %.2000s", res.Reason, c.reason, res.Stdout, res.Stderr)
			}
			if l := s.Limits; res.Fuel > l.Fuel || res.Virtual > l.Virtual || res.Memory > l.Memory || int64(len(res.Stdout)) > l.Output {
				t.Errorf("%d fuel, %s, %d bytes of memory, %d of output", res.Fuel, res.Virtual, res.Memory, len(res.Stdout))
			}
			t.Logf("%s of real time", time.Since(began).Round(time.Millisecond))
			// Nothing is left of it.
			if after := run(t, tpl, spec(`print("fresh")`)); string(after.Stdout) != "fresh\n" {
				t.Errorf("the next run: %+v", after)
			}
		})
	}
	if after := runtime.NumGoroutine(); after > before+2 {
		t.Errorf("%d goroutines, %d before", after, before)
	}
	if n := tpl.Idle(); n > 2*runtime.GOMAXPROCS(0) {
		t.Errorf("%d instances are kept", n)
	}
}

// A run that is cancelled while a child works is an error, as any is.
func TestChildCancelled(t *testing.T) {
	tpl := python(t)
	s := childSpec(`subprocess.run(["python3", "-c", "while True: pass"])`)
	s.Limits.Fuel, s.Limits.Virtual = 1<<60, 1<<60
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := tpl.Run(ctx, s)
		done <- err
	}()
	cancel()
	if err := <-done; err != context.Canceled {
		t.Errorf("got %v", err)
	}
	s.Limits.Wall = time.Millisecond
	if _, err := tpl.Run(t.Context(), s); err != sandbox.ErrWall {
		t.Errorf("got %v", err)
	}
}

// TestChildrenAgain: a program that starts others gives the same result whenever it is run, whatever was run before.
func TestChildrenAgain(t *testing.T) {
	tpl := python(t)
	plain := tpl.Forgetful()
	for _, c := range children {
		s := childSpec(c.source)
		want := run(t, plain, s)
		for range 3 {
			if got := run(t, tpl, s); !reflect.DeepEqual(got, want) {
				t.Errorf("%s:\ngot  %.1000v\nwant %.1000v", c.name, got, want)
				break
			}
		}
	}
}

// TestChildrenOfTails: tails whose steps start others, and that do so themselves, are as runs of their own.
func TestChildrenOfTails(t *testing.T) {
	tpl := python(t)
	s := childSpec(`import random
def f(code): return subprocess.run(["python3", "-c", code], capture_output=True, text=True).stdout
x = f("import random; print(random.random())")
subprocess.Popen(["python3", "-c", "open('o', 'w').write('orphan')"])`)
	for i, tail := range []string{`print(x, f("import os; print(os.urandom(2))"), open("o").read())`, `print(f("open('o', 'a').write('x')"), open("o").read())`,
		`subprocess.run(["python3", "-c", "import os; os.abort()"]); print(time.time_ns())`, `print(x, open("o").read(), f("print(open('o').read())"))
x = bytearray(30 << 20); f("x = bytearray(50 << 20)")`, `p = subprocess.Popen(["python3", "-c", "while True: pass"]); p.poll(); p.kill(); print(p.wait())`, `print(1, f("print(1)"))`} {
		s.Tails = append(s.Tails, sandbox.Step{Name: fmt.Sprintf("tail%d.py", i), Source: []byte(tail)})
	}
	res := run(t, tpl, s)
	if len(res.Tails) != len(s.Tails) {
		t.Fatalf("%d tails: %+v", len(res.Tails), res)
	}
	for i, tail := range s.Tails {
		one := s
		one.Tails, one.Steps = nil, append(s.Steps[:1:1], tail)
		if want := run(t, tpl, one); !reflect.DeepEqual(res.Tails[i], want) || want.Reason != sandbox.Finished {
			t.Errorf("tail %d:\ngot  %.1500v\nwant %.1500v", i, res.Tails[i], want)
		}
	}
}

// TestChildrenOfPairs: those of a pair that start others pass on what connects them.
func TestChildrenOfPairs(t *testing.T) {
	tpl := python(t)
	s := joined(sandbox.JoinStdio, `import os, subprocess, sys
print(5, flush=True)
r = subprocess.run(["python3", "-c", "x = int(input()); print(x + 1, flush=True); print(input(), flush=True)"])
print(r.returncode, input(), file=sys.stderr)`, `import subprocess
x = int(input())
subprocess.run(["python3", "-c", f"print({x} * 2, flush=True); print(input(), 'heard', flush=True); print('x' * 100000)"])
print("last", flush=True)`)
	s.Limits.Fuel, s.Peer.Limits.Fuel = 1e9, 1e9
	for range 2 {
		res := run(t, tpl, s)
		if got := string(res.Stdout); got != "5\n11\n11 heard\n" || res.Peer == nil || !strings.HasSuffix(string(res.Peer.Stdout), "x\nlast\n") || !strings.HasPrefix(string(res.Stderr), "0 xxx") {
			t.Fatalf("%.500q %.500q; %.500v", got, res.Stderr, res.Peer)
		}
	}
	s = joined(sandbox.JoinStdio, `import subprocess; subprocess.run(["python3", "-c", "input()"])`, `input()`)
	s.Limits.Fuel = 1e9
	if res := run(t, tpl, s); res.Reason != sandbox.Deadlock {
		t.Errorf("%+v", res)
	}
}

// A child has its parent's clock, on which that of a peer runs too.
func TestChildClock(t *testing.T) {
	tpl := python(t)
	s := joined(sandbox.JoinChannel, `import os, subprocess, time
os.write(4, b"x"); os.read(4, 1)
before = time.time_ns()
child = int(subprocess.check_output(["python3", "-c", "import time; print(time.time_ns())"]))
print(before < child < time.time_ns())`, `import os, time
os.read(4, 1); time.sleep(1); os.write(4, b"x")`)
	if res := run(t, tpl, s); string(res.Stdout) != "True\n" {
		t.Errorf("%+v", res)
	}
}

// A child of a program whose input may go on asks for it too.
func TestChildMoreStdin(t *testing.T) {
	tpl := python(t)
	s := childSpec(`print(subprocess.call(["python3", "-c", "print('name?')\nprint(input())"]))`)
	s.Stdin, s.MoreStdin = nil, true
	if res := run(t, tpl, s); res.Reason != sandbox.Input || string(res.Stdout) != "name?\n" {
		t.Errorf("%+v", res)
	}
	s.Stdin = []byte("bo\n")
	if res := run(t, tpl, s); res.Reason != sandbox.Finished || string(res.Stdout) != "name?\nbo\n0\n" {
		t.Errorf("%+v", res)
	}
}
