package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"borel/confine"
	"borel/languages"
	"borel/sandbox"
)

// process is a worker as its supervisor sees it. One run at a time uses it.
type process struct {
	cmd    *exec.Cmd
	socket *os.File
	in     *bufio.Reader
	errs   *tail
	dead   chan struct{} // closed once the process is reaped
	hello  *Hello
	margin time.Duration
	leaves bool   // under crew.mu: it gets no more runs
	number uint64 // of the last run
	floor  int64  // linear memory of a guest that does nothing
}

const (
	// grace is what a worker may take to answer once it was told to stop.
	grace = time.Second
	// lastWords is what a worker may take to end by itself once it closed its socket.
	lastWords = time.Second
)

// lost is a run that a worker did not answer as it must. Nothing is known of the program.
type lost struct {
	how string
	own string // not empty where the process ended by its own doing: how, in a few words that are the same each time
	// fault: by its own doing, and what its guest does ends it as a matter of course where the memory is guarded.
	fault bool
}

func (l *lost) Error() string { return l.how }

// start runs a worker on frozen memories, if there are any, and waits for its hello. What it returns has passed a control run; the caller kills it.
func (p *Pool) start(ctx context.Context, c *crew, frozen []*os.File, guarded bool) (*process, error) {
	w, err := p.spawn(c, frozen, guarded)
	if err != nil {
		return nil, fmt.Errorf("starting a worker: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { w.cmd.Process.Kill() })
	defer stop()
	patience := p.cfg.HelloTime
	if len(frozen) == 0 {
		patience *= 5 // it compiles, and freezes memory
	}
	if err := w.greet(p, c, guarded, patience); err != nil {
		w.kill()
		return nil, fmt.Errorf("a worker does not start: %w", err)
	}
	return w, nil
}

// greet reads the hello and makes a control run in every language.
func (w *process) greet(p *Pool, c *crew, guarded bool, patience time.Duration) error {
	if err := w.socket.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	var a Answer
	if err := Decode(w.in, maxHello, &a); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = fmt.Errorf("it said nothing for %v", patience)
		}
		return fmt.Errorf("its hello: %w (%s)", err, w.end(err))
	}
	switch {
	case a.Fault != nil:
		return errors.New(cut(a.Fault.Text))
	case a.Hello == nil:
		return errors.New("it did not say hello")
	}
	w.hello = a.Hello
	if err := p.accept(a.Hello, c.seed, guarded); err != nil {
		return err
	}
	for _, name := range languages.Names() {
		if err := w.control(context.Background(), languages.Guest{Language: name, HashSeed: c.seed}); err != nil {
			return err
		}
	}
	return nil
}

// control is a program that does nothing. A worker on which it does not end well is not fit to judge others.
func control(language string) sandbox.Spec {
	lang, _ := languages.Find(language)
	return lang.Spec(languages.Program{
		Steps:  []string{""},
		Limits: languages.Limits{Seconds: 1, Memory: 1 << 30, Output: 1 << 10, Files: 10, FileBytes: 1 << 20},
	})
}

func passed(res sandbox.Result) error {
	if res.Reason != sandbox.Finished || len(res.Returned) != 1 || res.Returned[0] != 0 {
		return fmt.Errorf("a program that does nothing ended by %q with %v: %s", res.Reason, res.Returned, cut(res.Trap))
	}
	return nil
}

// control makes a control run.
func (w *process) control(ctx context.Context, g languages.Guest) error {
	spec := control(g.Language)
	spec.Limits.Wall = 30 * time.Second
	w.floor = spec.Limits.Memory
	res, err := w.run(ctx, g, spec)
	if err == nil {
		err = passed(res)
	}
	if err != nil {
		return fmt.Errorf("its control run: %w", err)
	}
	w.floor = res.Memory
	return nil
}

// run has the worker execute spec. The error is ctx's own, sandbox.ErrWall, a *[lost] after which the worker is dead, or a
// fault that the worker told of.
func (w *process) run(ctx context.Context, g languages.Guest, spec sandbox.Spec) (sandbox.Result, error) {
	w.number++
	r := Request{Number: w.number, Guest: g, Spec: spec}
	var deadline time.Time
	if ceiling := spec.Ceiling(); ceiling > 0 {
		deadline = time.Now().Add(ceiling + w.margin)
	}
	if err := w.socket.SetDeadline(deadline); err != nil {
		return sandbox.Result{}, w.lose(ctx, err)
	}
	told := make(chan struct{})
	var writing sync.Mutex // the request goes first
	writing.Lock()
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		w.socket.SetDeadline(time.Now().Add(grace))
		writing.Lock()
		defer writing.Unlock()
		Encode(w.socket, &Request{Number: r.Number, Cancel: true}) // a worker that cannot hear it is killed when grace ends
	})
	var a Answer
	err := Encode(w.socket, &r)
	writing.Unlock()
	if err == nil {
		if err = Decode(w.in, room(&spec), &a); err == nil {
			err = a.check(&r, w.floor)
		}
	}
	if !stop() {
		<-told
		if err == nil && a.Fault != nil && a.Fault.Class == classCancelled {
			return sandbox.Result{}, ctx.Err()
		}
	}
	switch {
	case err != nil:
		return sandbox.Result{}, w.lose(ctx, err)
	case a.Result != nil:
		return *a.Result, nil
	case a.Fault.Class == classWall:
		return sandbox.Result{}, sandbox.ErrWall
	case a.Fault.Class == classCancelled:
		return sandbox.Result{}, w.lose(ctx, errors.New("it stopped a run that was not cancelled"))
	}
	return sandbox.Result{}, errors.New(cut(a.Fault.Text))
}

// lose ends a worker that did not answer as it must.
func (w *process) lose(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = errors.New("it did not answer in time")
	case errors.Is(err, os.ErrClosed): // its keeper saw it end first
		err = io.EOF
	}
	how := w.end(err)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	own := w.own()
	return &lost{fmt.Sprintf("%v (%s)", err, how), own, own != "" && w.guarded()}
}

// end makes sure that the process is gone and says how it ended. One that closed its socket is given time to end by
// itself: how it does is evidence. Any other is killed.
func (w *process) end(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		patience := time.NewTimer(lastWords)
		defer patience.Stop()
		select {
		case <-w.dead:
		case <-patience.C:
		}
	}
	w.kill()
	how := w.cmd.ProcessState.String()
	if s := strings.TrimSpace(w.errs.String()); s != "" {
		how += "; it wrote: " + cut(s)
	}
	return how
}

// kill ends the process now and waits until it is gone.
func (w *process) kill() {
	w.cmd.Process.Kill() // it may be gone already
	<-w.dead
	w.socket.Close()
}

// machine are words of Go's runtime when the machine, not the program, is at its end.
var machine = []string{"out of memory", "cannot allocate memory", "failed to create new OS thread", "resource temporarily unavailable"}

// own says how the process ended if that was its own doing: by a signal that the kernel sends for what a process does, or by
// Go's runtime giving up (status 2). Not so a kill from outside, and not so where the machine had no more to give.
func (w *process) own() string {
	status, ok := w.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok {
		return ""
	}
	switch {
	case status.Signaled():
		if slices.Contains(ownSignals, status.Signal()) {
			return "signal: " + status.Signal().String()
		}
	case status.Exited() && status.ExitStatus() == 2:
		text := w.errs.String()
		for _, s := range machine {
			if strings.Contains(text, s) {
				return ""
			}
		}
		return "exit status 2"
	}
	return ""
}

// guarded reports whether its guests' memory is.
func (w *process) guarded() bool { return w.hello != nil && w.hello.Mode == sandbox.Guarded }

// gone reports whether the process has ended.
func (w *process) gone() bool {
	select {
	case <-w.dead:
		return true
	default:
		return false
	}
}

// tail keeps the beginning and the end of what was written: Go's runtime says first what happened, others last.
type tail struct {
	mu    sync.Mutex
	first []byte // under mu
	last  []byte // under mu
	total int    // under mu
}

// maxWritten is what a worker may write to stderr in its life; an honest one writes nothing.
const maxWritten = 1 << 20

const tailBytes = 400 // of each

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(b)
	if t.total += n; t.total > maxWritten {
		return 0, errors.New("a worker writes without end") // closes its stderr, and so ends it
	}
	take := min(tailBytes-len(t.first), len(b))
	t.first = append(t.first, b[:take]...)
	b = b[take:]
	t.last = append(t.last, b[max(0, len(b)-tailBytes):]...)
	t.last = append(t.last[:0], t.last[max(0, len(t.last)-tailBytes):]...)
	return n, nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.last) < tailBytes {
		return string(t.first) + string(t.last)
	}
	return string(t.first) + "\n…\n" + string(t.last)
}

// spawn starts a worker.
func (p *Pool) spawn(c *crew, frozen []*os.File, guarded bool) (*process, error) {
	ours, theirs, err := socketpair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	argv, err := p.command()
	if err != nil {
		ours.Close()
		return nil, err
	}
	w := &process{socket: ours, in: bufio.NewReaderSize(ours, 64<<10), errs: &tail{}, margin: p.cfg.Margin, dead: make(chan struct{})}
	w.cmd = exec.Command(argv[0], argv[1:]...)
	if len(p.cfg.Command) == 0 {
		w.cmd.Args[0] = os.Args[0] // the path may be /proc/self/exe, which would tell people nothing
	}
	namespaces := confine.Prepare(w.cmd)
	w.cmd.Args = append(w.cmd.Args, arguments(serveConfig{cacheDir: p.cfg.CacheDir, hashSeed: c.seed, namespaces: namespaces, guarded: guarded, frozen: len(frozen)})...)
	w.cmd.Stderr = w.errs
	w.cmd.WaitDelay = lastWords
	w.cmd.ExtraFiles = append([]*os.File{theirs}, frozen...) // from socketFD on
	if err := p.onThread(w.cmd.Start); err != nil {
		ours.Close()
		return nil, err
	}
	go func() { // ends with the process, which every owner of it kills
		w.cmd.Wait() // what it says is in ProcessState
		close(w.dead)
	}()
	p.log.Info("worker started", "pid", w.cmd.Process.Pid, slog.Uint64("hash_seed", uint64(c.seed)), "guarded", guarded)
	return w, nil
}

// command is what a worker is started with: this very program, even if its file was replaced meanwhile.
func (p *Pool) command() ([]string, error) {
	if len(p.cfg.Command) > 0 {
		return p.cfg.Command, nil
	}
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return []string{self, "worker"}, nil
	}
	path, err := os.Executable()
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil { // /proc is not mounted
		if path, err = exec.LookPath(os.Args[0]); err != nil {
			return nil, fmt.Errorf("this program's own file is not found, so no worker can be started: %w", err)
		}
	}
	return []string{path, "worker"}, nil
}
