package sandbox_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"borel/sandbox"
)

// joined is a pair of Python programs.
func joined(join sandbox.Join, first, second string) sandbox.Spec {
	s, peer := spec(first), spec(second)
	s.Stdin, peer.Stdin = nil, nil
	s.Limits.Fuel, peer.Limits.Fuel = 1e8, 1e8
	s.Peer, s.Join = &peer, join
	return s
}

// messages is a program's part that sends and receives whole messages.
const messages = `import os
def send(b): assert os.write(4, len(b).to_bytes(4, "big") + b) == len(b) + 4
def take(n):
    b = b""
    while len(b) < n:
        part = os.read(4, n - len(b))
        if not part: raise EOFError
        b += part
    return b
def receive(): return take(int.from_bytes(take(4), "big"))
`

// TestChannel: what a run without a peer reads and writes at ChannelFD.
func TestChannel(t *testing.T) {
	tpl := python(t)
	for _, c := range []struct {
		name    string
		channel []byte
		source  string
		stdout  string
		sent    string
		reason  sandbox.Reason
	}{
		{"both ways", []byte("hello"), `import os; print(os.read(4, 3), os.read(4, 9), os.read(4, 9)); os.write(4, b"a"); os.write(4, b"\xff")`, "b'hel' b'lo' b''\n", "a\xff", sandbox.Finished},
		{"empty", []byte{}, `import os; print(os.read(4, 3)); os.write(4, b"a")`, "b''\n", "a", sandbox.Finished},
		{"none", nil, `import os; print(os.open("x", os.O_CREAT | os.O_RDWR))`, "4\n", "", sandbox.Finished},
		{"next descriptor", []byte{}, `import os; print(os.open("x", os.O_CREAT | os.O_RDWR))`, "5\n", "", sandbox.Finished},
		{"as a file", []byte("a\nb\n"), `f = open(4, "r+b", buffering=0); print(f.readline(), f.readlines(), f.seekable(), f.isatty()); f.write(b"x")`, "b'a\\n' [b'b\\n'] False False\n", "x", sandbox.Finished},
		{"closed", []byte("x"), `import os
os.close(4); print(os.open("x", os.O_CREAT | os.O_RDWR))
try: os.read(4, 1)
except OSError as e: print(e)`, "4\n", "", sandbox.Finished},
		{"too much", []byte{}, `import os
while True: os.write(4, bytes(1 << 16))`, "", strings.Repeat("\x00", 1<<20), sandbox.Output},
		{"not seekable", []byte("x"), `import os
for f in lambda: os.lseek(4, 0, 0), lambda: os.pread(4, 1, 0), lambda: os.pwrite(4, b"x", 0), lambda: os.ftruncate(4, 0):
    try: print(f())
    except OSError as e: print(e.errno, end=" ")`, "70 70 70 28 ", "", sandbox.Finished},
	} {
		for range 3 { // with a checkpoint, the third time
			s := spec(c.source)
			s.Channel = c.channel
			res := run(t, tpl, s)
			if c.name == "closed" && len(res.Stdout) >= 2 {
				res.Stdout = res.Stdout[:2] // the message is Python's
			}
			if res.Reason != c.reason || string(res.Stdout) != c.stdout || string(res.Channel) != c.sent {
				t.Errorf("%s: got %s, stdout %q, channel %.100q, want %s, %q, %.100q\n%s", c.name, res.Reason, res.Stdout, res.Channel, c.reason, c.stdout, c.sent, res.Stderr)
			}
		}
	}
	for _, s := range []string{"os.write(4, b'x' * 160000)", "os.read(4, 160000)"} { // costs what stdout and stdin do, but for the number in the source
		one := spec("import os\n" + s)
		one.Channel = make([]byte, 200000)
		two := spec(strings.Replace(strings.Replace(string(one.Steps[0].Source), "write(4", "write(1", 1), "read(4", "read(0", 1))
		two.Stdin = one.Channel
		if a, b := run(t, tpl, one), run(t, tpl, two); max(a.Fuel, b.Fuel)-min(a.Fuel, b.Fuel) > 100 || a.Fuel < 10000 {
			t.Errorf("%s: fuel %d, on a standard stream %d", s, a.Fuel, b.Fuel)
		}
	}
}

// pairs are programs that come together in every way, and how both end: "reason stdout" each.
var pairs = []struct {
	name          string
	join          sandbox.Join
	first, second string
	want, peer    string // an empty peer never begins
}{
	{"calls", sandbox.JoinChannel, messages + `for i in range(5):
    send(str(i).encode()); print(receive())`, messages + `try:
    while True: send(receive() * 2)
except EOFError: print("over")`, "finished b'00'\nb'11'\nb'22'\nb'33'\nb'44'\n", "finished over\n"},
	{"large messages", sandbox.JoinChannel, messages + `send(bytes(65537)); print(len(receive()))`, messages + `n = len(receive()); send(bytes(65537)); print(n)`, "finished 65537\n", "finished 65537\n"},
	{"large messages at once", sandbox.JoinChannel, messages + `send(bytes(65537)); print(len(receive()))`, messages + `send(bytes(65537)); print(len(receive()))`, "deadlock ", "deadlock "},
	{"64 KiB at once", sandbox.JoinChannel, messages + `send(bytes(65532)); print(len(receive()))`, messages + `send(bytes(65532)); print(len(receive()))`, "finished 65532\n", "finished 65532\n"},
	{"both read", sandbox.JoinChannel, `import os; os.read(4, 1)`, `import os; os.read(4, 1)`, "deadlock ", "deadlock "},
	{"nothing to do with one another", sandbox.JoinChannel, `print(1)`, `print(2)`, "finished 1\n", "finished 2\n"},
	{"the end of the file", sandbox.JoinChannel, `import os; os.write(4, b"x")`, `import os; print(os.read(4, 9), os.read(4, 9))`, "finished ", "finished b'x' b''\n"},
	{"the peer has ended", sandbox.JoinChannel, `import os
print(os.read(4, 9), os.read(4, 9))
try: os.write(4, b"x")
except BrokenPipeError: print("broken")`, `import os; os.write(4, b"x")`, "finished b'x' b''\nbroken\n", "finished "},
	{"the first has ended", sandbox.JoinChannel, `import os; print(os.read(4, 9))`, `import os
os.write(4, b"x"); print(os.read(4, 9))
try: os.write(4, b"y")
except BrokenPipeError: print("broken")`, "finished b'x'\n", "finished b''\nbroken\n"},
	{"the first fails", sandbox.JoinChannel, `1/0`, `print(1)`, "finished ", ""},
	{"the first leaves", sandbox.JoinChannel, `import os; os._exit(0)`, `print(1)`, "exited ", ""},
	{"the first never ends", sandbox.JoinChannel, `while True: pass`, `print(1)`, "fuel ", ""},
	{"the first fails after a call", sandbox.JoinChannel, `import os; os.read(4, 1); 1/0`, `import os; os.write(4, b"x"); print(os.read(4, 1))`, "finished ", "finished b''\n"},
	{"flood, unread", sandbox.JoinChannel, `import os
while True: os.write(4, bytes(10000))`, `print(1)`, "finished ", "finished 1\n"},
	{"flood, read", sandbox.JoinChannel, `import os
while True: os.write(4, bytes(60000))`, `import os
while os.read(4, 100000): pass`, "fuel ", "finished "},
	{"flood, never read", sandbox.JoinChannel, `import os
while True: os.write(4, bytes(10000))`, `while True: pass`, "finished ", "fuel "},
	{"the peer's fuel while the first waits", sandbox.JoinChannel, `import os; print(os.read(4, 1))`, `while True: pass`, "finished b''\n", "fuel "},
	{"the first's fuel while the peer waits", sandbox.JoinChannel, `import os
os.read(4, 1)
while True: pass`, `import os; os.write(4, b"x"); print(os.read(4, 1))`, "fuel ", "finished b''\n"},
	{"the peer traps", sandbox.JoinChannel, `import os; print(os.read(4, 1))`, `import signal; signal.raise_signal(signal.SIGABRT)`, "finished b''\n", "trap "},
	{"the first traps", sandbox.JoinChannel, `import os, signal; os.read(4, 1); signal.raise_signal(signal.SIGABRT)`, `import os; os.write(4, b"x"); print(os.read(4, 1))`, "trap ", "finished b''\n"},
	{"the peer leaves", sandbox.JoinChannel, `import os; print(os.read(4, 1))`, `import os; os._exit(7)`, "finished b''\n", "exited "},
	{"the peer sleeps its time away", sandbox.JoinChannel, `import os; print(os.read(4, 1))`, `import time; time.sleep(100)`, "finished b''\n", "sleep "},
	{"the first closes", sandbox.JoinChannel, `import os
os.write(4, b"x"); os.close(4); print(1)`, `import os
print(os.read(4, 9), os.read(4, 9))
try: os.write(4, b"x")
except BrokenPipeError: print("broken")`, "finished 1\n", "finished b'x' b''\nbroken\n"},
	{"the peer closes", sandbox.JoinChannel, `import os
print(os.read(4, 9))
try: os.write(4, b"x")
except BrokenPipeError: print("broken")`, `import os; os.close(4); print(1)`, "finished b''\nbroken\n", "finished 1\n"},
	{"closed while the other writes", sandbox.JoinChannel, `import os; print(os.write(4, bytes(100000)))
try: os.write(4, b"x")
except BrokenPipeError: print("broken")`, `import os; os.read(4, 10); os.close(4)`, "finished 65536\nbroken\n", "finished "},
	{"another file in its place", sandbox.JoinChannel, `import os
os.close(4); fd = os.open("out", os.O_CREAT | os.O_RDWR); os.write(4, b"mine"); os.lseek(4, 0, 0); print(fd, os.read(4, 9))`, `import os; print(os.read(4, 9))`, "finished 4 b'mine'\n", "finished b''\n"},
	{"no copies of a descriptor", sandbox.JoinChannel, `import os
for f in "dup", "dup2":
    try: print(getattr(os, f)(4, *[9][:f == "dup2"]))
    except (AttributeError, OSError) as e: print("no")`, `import os; print(os.read(4, 9))`, "finished no\nno\n", "finished b''\n"},
	{"nothing is read of nothing", sandbox.JoinChannel, `import os; print(os.read(4, 0), os.write(4, b""))`, `print(1)`, "finished b'' 0\n", "finished 1\n"},
	{"vectors", sandbox.JoinChannel, `import os; print(os.writev(4, [b"ab", b"", b"cde"])) if hasattr(os, "writev") else print(os.write(4, b"abcde"))`,
		`import os; b, c = bytearray(2), bytearray(9); print(os.readv(4, [b, c]), b, c[:3]) if hasattr(os, "readv") else print(5, os.read(4, 2), os.read(4, 3))`, "finished 5\n", "finished 5 "},
	{"stdio stays", sandbox.JoinChannel, `print(input())`, `print(input())`, "finished ", ""},
	{"both wait, the peer first", sandbox.JoinChannel, `import os; os.read(4, 1); os.read(4, 1)`, `import os; os.write(4, b"x"); os.read(4, 1)`, "deadlock ", "deadlock "},
	{"a deadlock is not caught", sandbox.JoinChannel, `import os
while True:
    try: os.read(4, 1)
    except BaseException: print("caught")
    finally: print("caught")`, `import os
try: os.read(4, 1)
finally: print("caught")`, "deadlock ", "deadlock "},

	{"guess", sandbox.JoinStdio, `low, high = 0, 1000
while True:
    mid = (low + high) // 2
    print(mid, flush=True)
    answer = input()
    if answer == "=": break
    if answer == "<": high = mid
    else: low = mid + 1`, `import sys
for line in sys.stdin:
    n = int(line); print("=" if n == 813 else "<" if n > 813 else ">", flush=True)`, "finished 500\n750\n875\n813\n", "finished >\n>\n<\n=\n"},
	{"not flushed", sandbox.JoinStdio, `import sys; print(1); sys.stdin.readline()`, `import sys; sys.stdin.readline()`, "deadlock ", "deadlock "},
	{"flushed by input", sandbox.JoinStdio, `print(1); input()`, `input(); print(2)`, "finished 1\n", "finished 2\n"},
	{"the first fails at once", sandbox.JoinStdio, `1/0`, `import sys; assert sys.stdin.read() == ""`, "finished ", "finished "},
	{"the peer ends early", sandbox.JoinStdio, `import os
os.read(0, 1)
os.write(1, b"x")`, `pass`, "finished x", "finished "},
	{"the peer ends early, and it goes on", sandbox.JoinStdio, `import os
while True: os.write(1, bytes(50000))`, `input()`, "output " + strings.Repeat("\x00", 1<<20), "finished "},
	{"the peer has the last word", sandbox.JoinStdio, `print(1)`, `print(int(input()) + 1, flush=True); print("bye")`, "finished 1\n", "finished 2\nbye\n"},
	{"too much", sandbox.JoinStdio, `import os
while True: os.write(1, bytes(50000))`, `import os
n = 0
while b := os.read(0, 100000): n += len(b)
print(n)`, "output " + strings.Repeat("\x00", 1<<20), "finished "},
	{"closing stdout", sandbox.JoinStdio, `import os
os.close(1); os.write(2, os.read(0, 9))`, `import os
os.write(1, repr(os.read(0, 9)).encode())`, "finished ", "finished b''"},
	{"closing stdin", sandbox.JoinStdio, `import os
os.read(0, 1)
os.write(1, b"x")`, `import os
os.close(0); os.write(1, bytes(70000))`, "finished x", "finished " + strings.Repeat("\x00", 70000)},
	{"no channel", sandbox.JoinStdio, `import os, sys; print(os.open("x", os.O_CREAT | os.O_RDWR), file=sys.stderr)`, `pass`, "finished ", "finished "},
}

func ending(r *sandbox.Result) string {
	if r == nil {
		return ""
	}
	return string(r.Reason) + " " + string(r.Stdout)
}

// TestPairs: how pairs end, the same however often, with what comes before, and with four at once.
func TestPairs(t *testing.T) {
	tpl := python(t)
	results := map[string]sandbox.Result{}
	for _, c := range pairs {
		res := run(t, tpl, joined(c.join, c.first, c.second))
		results[c.name] = res
		got, peer := ending(&res), ending(res.Peer)
		if got != c.want || !strings.HasPrefix(peer, c.peer) || (c.peer == "") != (res.Peer == nil) {
			t.Errorf("%s: got %.200q and %.200q, want %.200q and %.200q\n%s", c.name, got, peer, c.want, c.peer, res.Stderr)
			if res.Peer != nil {
				t.Errorf("%s", res.Peer.Stderr)
			}
		}
		if res.Channel != nil || res.Peer != nil && res.Peer.Channel != nil {
			t.Errorf("%s: a joined channel was recorded", c.name)
		}
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range pairs {
				c := pairs[(i*7+g*5)%len(pairs)]
				got, err := tpl.Run(t.Context(), joined(c.join, c.first, c.second))
				if want := results[c.name]; err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%s again:\ngot  %.1000v, %v\nwant %.1000v", c.name, got, err, want)
				}
				alone, err := tpl.Run(t.Context(), spec(`import os; print(sorted(os.listdir("."))); open(4)`))
				if err != nil || string(alone.Stdout) != "['given', 'step0.py']\n" || !strings.Contains(string(alone.Stderr), "Bad file descriptor") {
					t.Errorf("a run after %s: got %+v, %v", c.name, alone, err)
				}
			}
		})
	}
	wg.Wait()
}

// TestPairErrors: what is no result, and what is refused.
// TestPairClock: who calls the other sees the time of the call pass, work and sleep; who talks to it by stdio does not. Each
// pays for its own time alone.
func TestPairClock(t *testing.T) {
	tpl := python(t)
	answers := messages + `
import time
receive(); time.sleep(3); send(b"a")
receive(); sum(range(100000)); send(b"b")
`
	asks := messages + `
import time
for word in b"sleep", b"work":
    t, m = time.time(), time.perf_counter()
    send(word); receive()
    print(round(time.time() - t, 4), round(time.perf_counter() - m, 4))
`
	for range 3 { // with a checkpoint, the third time
		res := run(t, tpl, joined(sandbox.JoinChannel, answers, asks))
		var took [4]float64
		if _, err := fmt.Sscan(string(res.Peer.Stdout), &took[0], &took[1], &took[2], &took[3]); err != nil {
			t.Fatalf("%v: %q %s", err, res.Peer.Stdout, res.Peer.Stderr)
		}
		work := float64(res.Fuel) / 320e6
		if took[0] < 3 || took[0] > 3.01 || took[1] < 3 || took[1] > 3.01 || min(took[2], took[3]) < work/2 || max(took[2], took[3]) > work+0.001 {
			t.Errorf("it saw %v pass, want 3 seconds of sleep, then about %g of work", took, work)
		}
		if res.Virtual.Seconds() < 3 || res.Peer.Virtual.Seconds() > 0.01 {
			t.Errorf("they took %v and %v, want each its own time", res.Virtual, res.Peer.Virtual)
		}
	}
	res := run(t, tpl, joined(sandbox.JoinStdio, "import time; input(); time.sleep(3); print('a', flush=True)",
		"import sys, time; t = time.time(); print('x', flush=True); input(); print(round(time.time() - t, 2), file=sys.stderr)"))
	if string(res.Peer.Stderr) != "0.0\n" {
		t.Errorf("by stdio it saw %q pass, want none", res.Peer.Stderr)
	}
}

func TestPairErrors(t *testing.T) {
	tpl := python(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	endless := "while True: pass"
	for _, s := range []sandbox.Spec{
		joined(sandbox.JoinChannel, endless, ""),
		joined(sandbox.JoinChannel, "import os; os.read(4, 1)", endless),
		joined(sandbox.JoinChannel, "import os; os.read(4, 1)\n"+endless, "import os; os.write(4, b'x'); os.read(4, 1)"),
	} {
		if res, err := tpl.Run(ctx, s); err != context.Canceled || !reflect.DeepEqual(res, sandbox.Result{}) {
			t.Errorf("cancelled: got %+v, %v", res, err)
		}
		s.Limits.Wall, s.Peer.Limits.Wall = 1, 1
		if res, err := tpl.Run(t.Context(), s); err != sandbox.ErrWall || !reflect.DeepEqual(res, sandbox.Result{}) {
			t.Errorf("ceiling: got %+v, %v", res, err)
		}
	}
	for want, change := range map[string]func(*sandbox.Spec){
		"a peer cannot have a peer":   func(s *sandbox.Spec) { p := spec(""); s.Peer.Peer = &p },
		"a peer cannot have a peer ":  func(s *sandbox.Spec) { s.Peer.Join = sandbox.JoinStdio },
		"a pair cannot have tails":    func(s *sandbox.Spec) { s.Tails = s.Steps },
		"a pair cannot have tails ":   func(s *sandbox.Spec) { s.Peer.Tails = s.Steps },
		`join "x" is not known`:       func(s *sandbox.Spec) { s.Join = "x" },
		"a join without a peer":       func(s *sandbox.Spec) { s.Peer = nil },
		"cannot have another one":     func(s *sandbox.Spec) { s.Channel = []byte{} },
		"cannot have another one ":    func(s *sandbox.Spec) { s.Peer.Channel = []byte{} },
		"cannot have other input":     func(s *sandbox.Spec) { s.Join, s.Stdin = sandbox.JoinStdio, []byte("x") },
		"cannot have other input ":    func(s *sandbox.Spec) { s.Join, s.Peer.Stdin = sandbox.JoinStdio, []byte("x") },
		"must be positive":            func(s *sandbox.Spec) { s.Peer.Limits.Fuel = 0 },
		"10001 tails, the limit is":   func(s *sandbox.Spec) { s.Peer, s.Join, s.Tails = nil, "", make([]sandbox.Step, 10001) },
		"does not fit the limits":     func(s *sandbox.Spec) { s.Peer.Files = map[string][]byte{"x": make([]byte, 2<<20)} },
		"does not fit the limits or ": func(s *sandbox.Spec) { s.Files = map[string][]byte{"x": make([]byte, 2<<20)} },
	} {
		s := joined(sandbox.JoinChannel, "import os; os.read(4, 1)", "import os; os.write(4, b'x')")
		change(&s)
		if res, err := tpl.Run(t.Context(), s); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) || !reflect.DeepEqual(res, sandbox.Result{}) {
			t.Errorf("%s: got %+v, %v", want, res, err)
		}
	}
	if res := run(t, tpl, spec("print(1)")); string(res.Stdout) != "1\n" {
		t.Errorf("afterwards: got %+v", res)
	}
}

// TestPairPages: what either of a pair wrote anywhere in memory is put back, whoever wrote it and whenever.
func TestPairPages(t *testing.T) {
	tpl := python(t)
	quiet := run(t, tpl, spec("print(sum(x * x for x in range(1000)))"))
	for i := range 40 {
		talk := fmt.Sprintf(`
data = [bytearray(os.urandom(%d)) for _ in range(%d)]
for b in data:
    %%s
    b[:] = bytes(len(b)); b.extend(b"more")
    import json, collections, decimal
    json.x = decimal.x = b`, 100+i*300, 5+i*7)
		s := joined(sandbox.JoinChannel, "import os"+fmt.Sprintf(talk, "os.write(4, b); os.read(4, 10**6)"), "import os"+fmt.Sprintf(talk, "os.read(4, 10**6); os.write(4, b)"))
		s.Seed = int64(i)
		if res := run(t, tpl, s); !res.Passed() || !res.Peer.Passed() {
			t.Fatalf("got %+v\n%+v", res, res.Peer)
		}
		var wg sync.WaitGroup
		for range 2 { // on both instances
			wg.Go(func() {
				if got, err := tpl.Run(t.Context(), spec("print(sum(x * x for x in range(1000)))")); err != nil || !reflect.DeepEqual(got, quiet) {
					t.Errorf("after pair %d: got %+v, %v", i, got, err)
				}
			})
		}
		wg.Wait()
	}
}

// BenchmarkPingPong is a small message to the peer and its reply.
func BenchmarkPingPong(b *testing.B) {
	tpl := python(b)
	const n = 2000
	s := joined(sandbox.JoinChannel, fmt.Sprintf("import os\nfor i in range(%d):\n    os.write(4, b'ping'); os.read(4, 100)", n), "import os\nwhile b := os.read(4, 100): os.write(4, b)")
	for b.Loop() {
		if res := run(b, tpl, s); !res.Passed() || !res.Peer.Passed() {
			b.Fatal(res)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/round")
}

// BenchmarkPair is a pair of programs that exchange one message.
func BenchmarkPair(b *testing.B) {
	tpl := python(b)
	s := joined(sandbox.JoinChannel, "import os\nos.write(4, b'ping'); os.read(4, 100)", "import os\nos.write(4, os.read(4, 100))")
	for b.Loop() {
		if res := run(b, tpl, s); !res.Passed() || !res.Peer.Passed() {
			b.Fatal(res)
		}
	}
}
