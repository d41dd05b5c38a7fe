package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"borel/sandbox"
)

// fakes is a pool of fake workers.
func fakes(t *testing.T, how string, cfg Config) *Pool {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Command = []string{self, "fake", how}
	return open(t, cfg)
}

// Workers that never come up: the cause is told by Wait, by Ready and by each run.
func TestBadStart(t *testing.T) {
	for _, c := range []struct {
		how string
		cfg Config
		err string
	}{
		{"dies", Config{}, "exit status 3; it wrote: the image is broken"},
		{"says why", Config{}, "digest of the image differs"},
		{"says nothing", Config{HelloTime: 100 * time.Millisecond}, "it said nothing for "},
		{"writes rubbish", Config{}, "a frame of 1213486160 bytes: the limit is 1048576"},
		{"promises much", Config{}, "a frame of 1073741823 bytes: the limit is 1048576"},
		{"another version", Config{}, fmt.Sprintf("it speaks version %d of the protocol, this process version %d", Protocol+1, Protocol)},
		{"fails its control run", Config{}, `its control run: a program that does nothing ended by "trap"`},
		{"", Config{Require: true}, "isolation is required, and this system does not give: landlock"},
	} {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			c.cfg.Patience = time.Millisecond
			p := fakes(t, c.how, c.cfg)
			_, err := p.Run(t.Context(), python.Guest(), program("x"))
			for what, err := range map[string]error{"Wait": p.Wait(t.Context()), "Ready": p.Ready(), "Run": err, "Status": errors.New(p.Status().Fault)} {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("%s: got %v, want %q", what, err, c.err)
				}
			}
		})
	}
}

// Two workers of different images would make results depend on who runs a program: only those like the first are used.
func TestAnotherIdentity(t *testing.T) {
	p := fakes(t, "another identity", Config{Workers: 2, CacheDir: t.TempDir()})
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	for p.Status().Fault == "" {
		time.Sleep(time.Millisecond)
	}
	if s := p.Status(); s.Ready != 1 || !strings.Contains(s.Fault, "results would depend on the worker") {
		t.Errorf("got %+v", s)
	}
}

// Answers that an honest worker cannot give: the run is tried elsewhere, twice, and then is an error that says why.
func TestBadAnswers(t *testing.T) {
	for how, want := range map[string]string{
		"another run's number":    "it answered run 3 when asked for run 2",
		"the last run's number":   "it answered run 1 when asked for run 2",
		"negative fuel":           "fuel is -1",
		"too much fuel":           "fuel is 640000001, the limit is 640000000",
		"too much time":           "virtual time is 2000000001",
		"too much memory":         "memory is 268435457",
		"too much output":         "stdout is 65537, the limit is 65536",
		"very much output":        "a frame of 104857750 bytes: the limit is",
		"too many steps":          "returned steps is 3, the limit is 2",
		"a file nobody asked for": `file "secret" was not asked for`,
		"a large file":            "a file has 1048577 bytes, the limit is 1048576",
		"another reason":          `reason "accepted" is not known`,
		"a trap that is none":     "reason finished has a trap",
		"a long trap":             "bytes of trap is 16385",
		"nothing":                 "neither a result nor a fault",
		"both":                    "neither a result nor a fault",
		"hello again":             "neither a result nor a fault",
		"another class":           `its fault is of class "accepted"`,
		"cancelled by itself":     "it stopped a run that was not cancelled",
		"bytes too many":          "extraneous data",
		"half an answer":          "EOF (exit status 0)",
		"ends":                    "EOF (exit status 7)",
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			p := fakes(t, how, Config{Workers: 1, Patience: time.Millisecond}) // which does not run while a worker is replaced
			spec := program("x")
			spec.Fetch = []string{"out"}
			res, err := p.Run(t.Context(), python.Guest(), spec)
			if err == nil || !strings.Contains(err.Error(), "lost with its worker 3 times") || strings.Count(err.Error(), want) != 3 {
				t.Errorf("got %+v, %v; want three times %q", res, err, want)
			}
			if s := p.Status(); s.Ended < 2 {
				t.Errorf("got %+v; want three workers replaced", s)
			}
		})
	}
}

// Which ends of workers are held against the program: only those of the worker's own doing, three times in a row, the last two
// on workers that were started for the run alone.
func TestBreaks(t *testing.T) {
	for _, c := range []struct {
		how  string
		trap string // of the result; empty: an error
		err  string // part of it; empty: the run came to a good end
	}{
		{"breaks", "the program ended its sandbox's process: signal: segmentation fault", ""},
		{"breaks by Go", "the program ended its sandbox's process: exit status 2", ""},
		{"breaks once", "", ""},
		{"ends once", "", "EOF (exit status 7); then: EOF (signal: segmentation fault"},
		{"has no memory", "", "out of memory"},
		{"breaks, then cannot start", "", "a worker does not start: its hello: EOF (exit status 3); before that the run was lost with its worker: EOF (signal: segmentation fault"},
	} {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			p := fakes(t, c.how, Config{Workers: 1, CacheDir: t.TempDir(), Patience: time.Second})
			res, err := p.Run(t.Context(), python.Guest(), program("x"))
			switch {
			case c.err != "":
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %+v, %v; want %q", res, err, c.err)
				}
			case err != nil:
				t.Error(err)
			case c.trap == "" && res.Reason != sandbox.Finished, c.trap != "" && (res.Reason != sandbox.Trap || res.Trap != c.trap):
				t.Errorf("got %+v; want trap %q", res, c.trap)
			}
		})
	}
}

// A worker that does not answer is killed when the run's wall-clock ceiling has passed, or soon after it was told to stop.
func TestNoAnswer(t *testing.T) {
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		p := fakes(t, "no answer", Config{Workers: 1})
		if err := p.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		began := time.Now()
		if _, err := p.Run(ctx, python.Guest(), program("x")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took > 4*grace {
			t.Errorf("it took %v", took)
		}
	})
	t.Run("too late", func(t *testing.T) {
		t.Parallel()
		p := fakes(t, "no answer", Config{Workers: 1, Margin: 50 * time.Millisecond})
		spec := program("x")
		spec.Limits.Wall = 1
		if _, err := p.Run(t.Context(), python.Guest(), spec); err == nil || strings.Count(err.Error(), "it did not answer in time (signal: killed)") != 3 {
			t.Errorf("got %v", err)
		}
	})
}

// Closing a pool ends its runs, those that wait for a worker included.
func TestCloseEndsRuns(t *testing.T) {
	p := fakes(t, "no answer", Config{Workers: 1})
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := p.Run(t.Context(), python.Guest(), program("x")); err == nil {
				t.Error("a run of a closed pool came to a result")
			}
		})
	}
	p.Close()
	wg.Wait()
	if _, err := p.Run(t.Context(), python.Guest(), program("x")); !errors.Is(err, errClosed) {
		t.Errorf("got %v", err)
	}
}

// What a worker says of pairs and tails is held against what it was asked.
func TestCheckMore(t *testing.T) {
	pair, peer := program("x"), program("y")
	pair.Peer, pair.Join = &peer, sandbox.JoinChannel
	tailed := program("x")
	tailed.Tails = []sandbox.Step{{Name: "a", Source: nil}, {Name: "b", Source: nil}, {Name: "c", Source: nil}}
	more := program("x")
	more.MoreStdin = true
	marked := program("x")
	marked.Marked = true
	l := tailed.Limits
	passed := func(steps int) sandbox.Result {
		return sandbox.Result{Reason: sandbox.Finished, Returned: make([]uint32, steps), Fuel: 5, Virtual: 5, Memory: 5}
	}
	type result = sandbox.Result
	for _, c := range []struct {
		name   string
		spec   sandbox.Spec
		change func(*result)
		err    string // empty: it is accepted
	}{
		{"a pair", pair, func(*result) {}, ""},
		{"deadlock", pair, func(r *result) { r.Reason, r.Peer.Reason = sandbox.Deadlock, sandbox.Deadlock }, ""},
		{"a peer that never began", pair, func(r *result) { r.Peer, r.Returned[0] = nil, 1 }, ""},
		{"deadlock of one", pair, func(r *result) { r.Reason = sandbox.Deadlock }, "only one of a pair"},
		{"deadlock of the other", pair, func(r *result) { r.Peer.Reason = sandbox.Deadlock }, "only one of a pair"},
		{"pieces", pair, func(r *result) { r.Stdout, r.Stderr, r.Order = []byte("abc"), []byte("d"), []uint32{2, 1, 1} }, ""},
		{"stderr first", pair, func(r *result) { r.Stdout, r.Stderr, r.Order = []byte("abc"), []byte("d"), []uint32{0, 1, 3} }, ""},
		{"no pieces", pair, func(r *result) { r.Stdout, r.Stderr = []byte("abc"), []byte("d") }, "pieces of its output have [0 0] bytes, the output [3 1]"},
		{"pieces of too much", pair, func(r *result) { r.Stdout, r.Stderr, r.Order = []byte("abc"), []byte("d"), []uint32{1<<32 - 1, 1} }, "have [4294967295 1]"},
		{"an empty piece", pair, func(r *result) { r.Stdout, r.Stderr, r.Order = []byte("abc"), []byte("d"), []uint32{3, 0, 0, 1} }, "is empty"},
		{"pieces of nothing", pair, func(r *result) { r.Stdout, r.Order = []byte("abc"), []uint32{3} }, "where there is one"},
		{"many pieces", pair, func(r *result) {
			r.Stdout, r.Stderr, r.Order = []byte("abc"), []byte("d"), make([]uint32, sandbox.MaxOrder+1)
		}, "lies in 65537 pieces"},
		{"a peer's pieces", pair, func(r *result) { r.Peer.Order = []uint32{0} }, "peer: it has pieces"},
		{"input", more, func(r *result) { r.Reason, r.Peer = sandbox.Input, nil }, ""},
		{"input that cannot follow", program("x"), func(r *result) { r.Reason, r.Peer = sandbox.Input, nil }, "cannot follow"},
		{"marks", marked, func(r *result) { r.Peer, r.Stdout, r.Marks = nil, []byte("a"), []sandbox.Mark{{Stdout: 1}} }, ""},
		{"no marks", marked, func(r *result) { r.Peer = nil }, "0 marks of 1 steps"},
		{"many marks", marked, func(r *result) { r.Peer, r.Marks = nil, make([]sandbox.Mark, 2) }, "2 marks of 1 steps"},
		{"marks nobody asked for", program("x"), func(r *result) { r.Peer, r.Marks = nil, make([]sandbox.Mark, 1) }, "1 marks of 0 steps"},
		{"a mark beyond", marked, func(r *result) { r.Peer, r.Marks = nil, []sandbox.Mark{{Stderr: 1}} }, "comes after"},
		{"a mark before", marked, func(r *result) { r.Peer, r.Marks = nil, []sandbox.Mark{{Channel: -1}} }, "comes after"},
		{"deadlock alone", program("x"), func(r *result) { r.Peer, r.Reason = nil, sandbox.Deadlock }, "without a peer"},
		{"deadlock without the other", pair, func(r *result) { r.Peer, r.Reason = nil, sandbox.Deadlock }, "without a peer"},
		{"no peer", pair, func(r *result) { r.Peer = nil }, "the peer's result is missing"},
		{"a peer nobody asked for", program("x"), func(r *result) {}, "where there is no peer"},
		{"a peer's peer", pair, func(r *result) { r.Peer.Peer = &result{} }, "more than its own"},
		{"a peer's tails", pair, func(r *result) { r.Peer.Tails = []result{{}} }, "more than its own"},
		{"a pair's tails", pair, func(r *result) { r.Tails = []result{passed(2)} }, "1 results of 0 tails"},
		{"a peer's fuel", pair, func(r *result) { r.Peer.Fuel = l.Fuel + 1 }, "peer: fuel is"},
		{"a peer's reason", pair, func(r *result) { r.Peer.Reason = "accepted" }, "peer: reason"},
		{"a joined channel", pair, func(r *result) { r.Channel = []byte{1} }, "channel is 1, the limit is 0"},
		{"a peer's channel", pair, func(r *result) { r.Peer.Channel = []byte{1} }, "peer: channel is 1"},

		{"tails", tailed, func(*result) {}, ""},
		{"fewer tails", tailed, func(r *result) { r.Tails = r.Tails[:1] }, ""},
		{"no tails where the steps failed", tailed, func(r *result) { r.Tails, r.Returned = nil, []uint32{1} }, ""},
		{"no tails", tailed, func(r *result) { r.Tails = nil }, "0 results of 3 tails"},
		{"too many tails", tailed, func(r *result) { r.Tails = append(r.Tails, r.Tails[0]) }, "4 results of 3 tails"},
		{"tails where the steps failed", tailed, func(r *result) { r.Returned = []uint32{1} }, "3 results of 3 tails"},
		{"tails where the steps did not end", tailed, func(r *result) { r.Reason = sandbox.Fuel }, "3 results of 3 tails"},
		{"tails of fewer steps", tailed, func(r *result) { r.Returned = nil }, "3 results of 3 tails"},
		{"a tail's output", tailed, func(r *result) { r.Tails[1].Stderr = make([]byte, l.Output+1) }, "tail 1: stderr is"},
		{"a tail's tails", tailed, func(r *result) { r.Tails[1].Tails = []result{{}} }, "more than a single run's"},
		{"a tail's peer", tailed, func(r *result) { r.Tails[1].Peer = &result{} }, "more than a single run's"},
		{"a tail's deadlock", tailed, func(r *result) { r.Tails[1].Reason = sandbox.Deadlock }, "more than a single run's"},
		{"a tail without its steps", tailed, func(r *result) { r.Tails[1].Returned = nil }, "does not begin where"},
		{"a tail of failed steps", tailed, func(r *result) { r.Tails[1].Returned[0] = 1 }, "does not begin where"},
		{"a tail of too many steps", tailed, func(r *result) { r.Tails[1].Returned = make([]uint32, 4) }, "tail 1: returned steps is 4"},
		{"a tail that took less", tailed, func(r *result) { r.Tails[1].Fuel = 4 }, "took less than"},
		{"tails of too much work", tailed, func(r *result) { r.Tails[0].Fuel, r.Tails[1].Fuel = l.Fuel, l.Fuel }, "tail 2 is beyond"},
		{"a channel that is not there", tailed, func(r *result) { r.Channel = []byte{1} }, "channel is 1, the limit is 0"},
		{"a tail's channel that is not there", tailed, func(r *result) { r.Tails[1].Channel = []byte{1} }, "tail 1: channel is 1"},
	} {
		res, other := passed(1), passed(1)
		if c.spec.Tails != nil {
			res.Tails = []sandbox.Result{passed(2), passed(3), passed(2)}
		} else {
			res.Peer = &other
		}
		c.change(&res)
		err := (&Answer{Number: 7, Result: &res}).check(&Request{Number: 7, Spec: c.spec}, 0)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.err)
		}
	}
	large := program("x")
	large.Limits.Output = sandbox.MaxTailBytes
	large.Tails = tailed.Tails
	res := passed(1)
	for range 3 {
		tail := passed(2)
		tail.Stdout = make([]byte, sandbox.MaxTailBytes)
		res.Tails = append(res.Tails, tail)
	}
	if err := (&Answer{Number: 7, Result: &res}).check(&Request{Number: 7, Spec: large}, 0); err == nil || !strings.Contains(err.Error(), "tail 1 is beyond") {
		t.Errorf("tails of too many bytes: got %v", err)
	}
	res.Tails = res.Tails[:1]
	if err := (&Answer{Number: 7, Result: &res}).check(&Request{Number: 7, Spec: large}, 0); err != nil {
		t.Errorf("one large tail: got %v", err)
	}
}

// The check lets pass what an honest worker says.
func TestCheckAccepts(t *testing.T) {
	spec := program("x")
	spec.Fetch = []string{"out"}
	r := Request{Number: 7, Spec: spec}
	l := spec.Limits
	for _, a := range []Answer{
		{Number: 7, Result: &sandbox.Result{Reason: sandbox.Fuel, Fuel: l.Fuel, Virtual: l.Virtual, Memory: l.Memory, Stdout: make([]byte, l.Output), Stderr: make([]byte, l.Output),
			Order: []uint32{0, 1, uint32(l.Output), uint32(l.Output) - 1}, Returned: []uint32{1, 2}, Files: map[string][]byte{"out": make([]byte, l.FileBytes)}}},
		{Number: 7, Result: &sandbox.Result{Reason: sandbox.Trap, Trap: "unreachable"}},
		{Number: 7, Result: &sandbox.Result{Reason: sandbox.Finished, Memory: l.Memory + 5}}, // the image needs more than the limit
		{Number: 7, Fault: &Fault{classWall, ""}},
	} {
		if err := a.check(&r, l.Memory+5); err != nil {
			t.Errorf("%+v: %v", a, err)
		}
	}
}
