package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
)

// record is what the run cache holds: a result, and the limits under which it came about that are not in its key.
type record struct {
	Fuel    int64
	Virtual time.Duration
	Output  int64
	Result  sandbox.Result
}

// decides tells whether a run under other limits would have given the very same result.
func (r *record) decides(l sandbox.Limits) bool {
	res := &r.Result
	sameTime := l.Fuel == r.Fuel && l.Virtual == r.Virtual
	if sameTime && l.Output == r.Output {
		return true
	}
	if out := int64(max(len(res.Stdout), len(res.Stderr), len(res.Channel))); out > l.Output {
		return false
	}
	switch res.Reason {
	case sandbox.Fuel, sandbox.Sleep:
		// It stopped at whichever of the two limits came first; only the same pair stops it at the same place.
		return sameTime
	case sandbox.Output:
		if l.Output != r.Output {
			return false
		}
	}
	// Virtual time is rounded down: a run may need a little more than it says it took.
	return res.Fuel <= l.Fuel && res.Virtual < l.Virtual
}

// outcome is a result with where it came from.
type outcome struct {
	key    Key
	result sandbox.Result
	cached bool
}

// run executes spec, or finds what it did. The error is ctx's own or a fault of the service.
func (v *Verifier) run(ctx context.Context, g languages.Guest, spec sandbox.Spec, fresh bool) (outcome, error) {
	identity, err := v.cfg.Runner.Identity(ctx, g)
	if err != nil {
		return outcome{}, err
	}
	o := outcome{key: runKey(identity, &spec)}
	if fresh {
		o.result, err = v.execute(ctx, o.key, g, spec)
		return o, err
	}
	if o.result, o.cached = v.known(o.key, spec.Limits); o.cached {
		return o, nil
	}
	hit := false
	id := flightID{o.key, spec.Limits}
	o.result, err = v.flights.do(ctx, id, func(ctx context.Context) (sandbox.Result, error) {
		// A flight that ended since we looked has left its result before it left.
		var res sandbox.Result
		if res, hit = v.known(o.key, spec.Limits); hit {
			return res, nil
		}
		return v.execute(ctx, o.key, g, spec)
	})
	o.cached = err == nil && hit
	return o, err
}

// known is what the run cache holds under k, if that decides a run under these limits. What cannot be read is not known.
func (v *Verifier) known(k Key, l sandbox.Limits) (sandbox.Result, bool) {
	b, ok, err := v.cfg.Runs.Get(k)
	if err != nil || !ok {
		return sandbox.Result{}, false
	}
	var r record
	if json.Unmarshal(b, &r) != nil || r.Result.Reason == "" || !r.decides(l) {
		return sandbox.Result{}, false
	}
	v.stats.runHits.Add(1)
	return r.Result, true
}

// caught makes a panic an error: one sample must not end the process, nor leave others waiting. It is to be deferred.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic: %v", p)
	}
}

// attempt runs spec in a sandbox, once more where the service failed.
func (v *Verifier) attempt(ctx context.Context, g languages.Guest, spec sandbox.Spec) (sandbox.Result, error) {
	v.stats.executed.Add(1)
	res, err := v.cfg.Runner.Run(ctx, g, spec)
	if err != nil && ctx.Err() == nil {
		v.stats.executed.Add(1)
		res, err = v.cfg.Runner.Run(ctx, g, spec)
	}
	if err != nil && ctx.Err() == nil {
		v.stats.faults.Add(1)
	}
	return res, err
}

// execute runs spec in a sandbox and remembers the result.
func (v *Verifier) execute(ctx context.Context, k Key, g languages.Guest, spec sandbox.Spec) (sandbox.Result, error) {
	res, err := v.attempt(ctx, g, spec)
	if err != nil {
		return sandbox.Result{}, err
	}
	b, err := json.Marshal(record{spec.Limits.Fuel, spec.Limits.Virtual, spec.Limits.Output, res})
	if err == nil {
		err = v.cfg.Runs.Put(k, b)
	}
	if err != nil {
		return sandbox.Result{}, errors.Join(errStore, err)
	}
	return res, nil
}

var errStore = errors.New("the result could not be stored")

// flights lets callers that want the same run share it. T is what becomes of it.
type flights[T any] struct {
	mu sync.Mutex
	m  map[flightID]*flight[T] // under mu
}

// flightID tells runs apart: under other limits a program may do something else.
type flightID struct {
	key    Key
	limits sandbox.Limits
}

type flight[T any] struct {
	waiters int // under flights.mu
	cancel  context.CancelFunc
	done    chan struct{}
	result  T // this and err are set before done is closed
	err     error
}

// do calls f once for all callers with the same id that come while it runs. f is cancelled when the last of them
// leaves, who sees it end: no run outlives its callers.
func (s *flights[T]) do(ctx context.Context, id flightID, f func(context.Context) (T, error)) (T, error) {
	s.mu.Lock()
	if s.m == nil {
		s.m = map[flightID]*flight[T]{}
	}
	w := s.m[id]
	if w == nil {
		w = &flight[T]{done: make(chan struct{})}
		var shared context.Context
		shared, w.cancel = context.WithCancel(context.WithoutCancel(ctx))
		s.m[id] = w
		go func() {
			func() {
				defer caught(&w.err)
				w.result, w.err = f(shared)
			}()
			s.mu.Lock()
			if s.m[id] == w {
				delete(s.m, id)
			}
			s.mu.Unlock()
			w.cancel()
			close(w.done)
		}()
	}
	w.waiters++
	s.mu.Unlock()
	select {
	case <-w.done:
		return w.result, w.err
	case <-ctx.Done():
	}
	s.mu.Lock()
	w.waiters--
	last := w.waiters == 0
	if last {
		w.cancel()
		if s.m[id] == w { // who comes now must not join a run that is being cancelled
			delete(s.m, id)
		}
	}
	s.mu.Unlock()
	if last {
		<-w.done
	}
	var none T
	return none, ctx.Err()
}

// Run executes one program without any check. The error is an *[problem.Invalid], ctx's own, or a fault of the service.
func (v *Verifier) Run(ctx context.Context, r problem.RunRequest) (problem.Run, error) {
	lang, ok := languages.FindWhole(r.Language)
	if !ok {
		return problem.Run{}, problem.Invalidf("language", "%q is not known; known are %s", r.Language, strings.Join(languages.WholeNames(), ", "))
	}
	if err := r.Validate(""); err != nil {
		return problem.Run{}, err
	}
	began := time.Now()
	p := languages.Program{
		Steps: []string{r.Source}, Stdin: []byte(r.Stdin), Args: r.Args, Files: r.Files, Fetch: r.Fetch, Seed: r.Seed,
		Start:  r.Start.Time,
		Limits: limits(r.Limits),
	}
	if len(r.Cells) > 0 {
		if lang.Whole() {
			return problem.Run{}, problem.Invalidf("cells", "are not for language %s: it runs a source", lang.Name)
		}
		p.Steps, p.Cells, p.CellSeconds, p.GoOn = nil, r.Cells, r.CellSeconds, r.CellsGoOn
	}
	spec := lang.Spec(p)
	spec.MoreStdin = r.MoreStdin
	guest := lang.Guest()
	guest.HashSeed = r.HashSeed
	o, err := v.run(ctx, guest, spec, r.Fresh)
	if err != nil {
		return problem.Run{}, err
	}
	res := &o.result
	end := lang.End(len(spec.Steps), *res)
	out := problem.Run{
		Reason: string(res.Reason), ExitCode: end.ExitCode,
		Stdout: validText(res.Stdout), Stderr: validText(res.Stderr), Files: res.Files,
		Output: problem.Output{Stdout: res.Stdout, Stderr: res.Stderr, Order: res.Order},
		Fuel:   res.Fuel, VirtualSeconds: res.Virtual.Seconds(), MemoryBytes: res.Memory,
		WallMS: float64(time.Since(began).Microseconds()) / 1000, Cached: o.cached, Key: o.key.String(),
	}
	raised := false
	if len(r.Cells) > 0 {
		out.Cells, raised = cells(lang, len(r.Cells), res)
	}
	if end.Kind == languages.Exit && !raised && !(lang.Whole() && res.Reason == sandbox.Finished) {
		out.Reason = string(sandbox.Exited)
	}
	if out.Files == nil {
		out.Files = map[string][]byte{}
	}
	return out, nil
}

// cells is what a run's cells did.
func cells(lang *languages.Language, n int, res *sandbox.Result) (out []problem.Cell, raised bool) {
	did, raised := lang.Cells(n, res)
	for _, c := range did {
		cell := problem.Cell{Stdout: validText(c.Stdout), Stderr: validText(c.Stderr), Result: c.Result, Display: c.Display}
		if e := c.Error; e != nil {
			cell.Error = &problem.CellError{Name: e.Name, Value: e.Value, Traceback: e.Traceback}
		}
		out = append(out, cell)
	}
	return out, raised
}

func language(name, field string) (*languages.Language, error) {
	l, ok := languages.Find(name)
	if !ok {
		return nil, problem.Invalidf(field, "%q is not known; known are %s", name, strings.Join(languages.Names(), ", "))
	}
	return l, nil
}

func limits(l problem.Limits) languages.Limits {
	l = l.WithDefaults()
	return languages.Limits{
		Seconds: l.Seconds, Memory: int64(l.MemoryMB) << 20, Output: int64(l.OutputKB) << 10,
		Files: l.Files, FileBytes: int64(l.FileKB) << 10,
	}
}

func validText(b []byte) string { return strings.ToValidUTF8(string(b), "�") }
