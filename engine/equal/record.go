package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"borel/languages"
	"borel/sandbox"
	"borel/worker"
)

// entry is what one program did: all that borel tells of it, outputs as digests.
type entry struct {
	Program string // its corpus, a slash, its name
	Verdict string
	Runs    []ran
}

// ran is one run in the sandbox.
type ran struct {
	Reason   sandbox.Reason
	ExitCode int
	Returned []uint32
	Stdout   string
	Stderr   string
	Fuel     int64
	Virtual  time.Duration
	Memory   int64
	Trap     string
	Rest     string // files, the channel, the order of the streams
}

// digest names bytes: their number, and the beginning of their hash.
func digest(b []byte) string {
	h := sha256.Sum256(b)
	return fmt.Sprintf("%d bytes, %s", len(b), hex.EncodeToString(h[:8]))
}

func newRan(res sandbox.Result) (ran, error) {
	r := ran{Reason: res.Reason, ExitCode: res.ExitCode, Returned: res.Returned, Stdout: digest(res.Stdout), Stderr: digest(res.Stderr),
		Fuel: res.Fuel, Virtual: res.Virtual, Memory: res.Memory, Trap: res.Trap}
	rest, err := json.Marshal([]any{res.Files, res.Channel, res.Order, res.Marks, res.Tails, res.Peer})
	r.Rest = digest(rest)
	return r, err
}

// tap is a runner that notes what every run came to.
type tap struct {
	*worker.Pool
	mu   sync.Mutex
	runs []ran // under mu
}

func (t *tap) Run(ctx context.Context, g languages.Guest, spec sandbox.Spec) (sandbox.Result, error) {
	spec.Limits.Wall = time.Hour // of a machine that may be busy; no result depends on it
	res, err := t.Pool.Run(ctx, g, spec)
	if err != nil {
		return res, err
	}
	r, err := newRan(res)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runs = append(t.runs, r)
	return res, err
}

// record runs every program of c on an engine and writes an entry for each, in the order of the corpora.
func record(ctx context.Context, mode sandbox.Mode, c corpora, out io.Writer) (err error) {
	programs, err := c.read()
	if err != nil {
		return err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	pool, err := worker.New(worker.Config{CacheDir: filepath.Join(cache, "borel", "code"), Safe: mode != sandbox.Guarded, HelloTime: 10 * time.Minute,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := pool.Wait(ctx); err != nil {
		return err
	}
	if got := pool.Status().Mode; got != mode {
		return fmt.Errorf("workers of this binary, on this system, are %s, not %s", got, mode)
	}
	lang, _ := languages.Find("python")
	h := header{Mode: mode, Patches: sandbox.Patches()}
	if h.Identity, err = pool.Identity(ctx, lang.Guest()); err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	if err := json.NewEncoder(w).Encode(h); err != nil {
		return err
	}
	began := time.Now()
	entries := make([]chan entry, len(programs))
	for i := range entries {
		entries[i] = make(chan entry, 1)
	}
	g, ctx := errgroup.WithContext(ctx)
	slots := make(chan struct{}, pool.Status().Workers)
	g.Go(func() error {
		for i, p := range programs {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			g.Go(func() error {
				defer func() { <-slots }()
				t := &tap{Pool: pool}
				verdict, err := p.run(ctx, t)
				if err != nil {
					return fmt.Errorf("%s: %w", p.name, err)
				}
				entries[i] <- entry{p.name, verdict, t.runs}
				return nil
			})
		}
		return nil
	})
	for i := range entries {
		select {
		case e := <-entries[i]:
			if err := json.NewEncoder(w).Encode(e); err != nil {
				return err
			}
			if err := w.Flush(); err != nil { // a long job is to be watched
				return err
			}
		case <-ctx.Done():
			return g.Wait()
		}
	}
	s := pool.Status()
	fmt.Fprintf(os.Stderr, "%s: %d programs in %.0f s; %d workers ended, %d faults of guarded memory\n", mode, len(programs), time.Since(began).Seconds(), s.Ended, s.Faults)
	return g.Wait()
}
