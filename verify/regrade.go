package verify

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"sync"
	"time"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"

	"golang.org/x/sync/errgroup"
)

// Lister is a [Cache] that can tell what it holds.
type Lister interface {
	// Each calls f with every value, in no particular order, and stops at f's error.
	Each(ctx context.Context, f func(k Key, value []byte) error) error
}

var (
	errNoList    = errors.New("the cache of verdicts cannot tell what it holds")
	errNotStored = errors.New("a run that this takes is not kept")
)

// stored stands for the sandbox where nothing may be run.
type stored struct{ identity string }

func (s stored) Identity(context.Context, languages.Guest) (string, error) { return s.identity, nil }
func (stored) Run(context.Context, languages.Guest, sandbox.Spec) (sandbox.Result, error) {
	return sandbox.Result{}, errNotStored
}

// Regrade decides verdicts that are kept once more, from the runs that are kept, with r's change made to their checks. It
// runs nothing and needs no image. Verdicts that come out otherwise are kept beside the old ones; the others can be made
// again from their runs at any time, and to write them would take longer than to make them. emit is called with each verdict
// whose status is another, never concurrently.
//
// The error is an *[problem.Invalid], ctx's own, or a fault of the service.
func (v *Verifier) Regrade(ctx context.Context, r problem.Regrade, emit func(problem.Regraded)) (problem.RegradeReport, error) {
	began := time.Now()
	g := regrade{v: v, Regrade: r, emit: emit, asked: map[Key]*regraded{}, made: map[string]bool{}}
	g.report.Was, g.report.Is = map[problem.Status]int{}, map[problem.Status]int{}
	err := g.all(ctx)
	g.report.Seconds = time.Since(began).Seconds()
	return g.report, err
}

type regrade struct {
	v *Verifier
	problem.Regrade

	mu     sync.Mutex // guards the rest; held while emit runs
	emit   func(problem.Regraded)
	report problem.RegradeReport
	asked  map[Key]*regraded // by the key of the question
	made   map[string]bool   // keys of verdicts that this regrade put, which it may come to see
}

// regraded is the judge of a question, with the change made.
type regraded struct {
	once    sync.Once
	judge   *judge // nil: there is none
	skipped bool   // the change is about other kinds
}

// maxAsked is how many questions are kept in memory.
const maxAsked = 10_000

type keyed struct {
	key   Key
	value []byte
}

func (g *regrade) all(ctx context.Context) error {
	if err := g.Validate(""); err != nil {
		return err
	}
	if c := g.Change.Compare; c != nil && strings.HasPrefix(*c, "float:") { // otherwise each check would be skipped for it
		if _, err := comparator(*c); err != nil {
			return problem.Invalidf("change.compare", "%s", err.(*problem.Invalid).Message)
		}
	}
	work := make(chan keyed, 256)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(work)
		return g.list(ctx, func(k Key, value []byte) error {
			select {
			case work <- keyed{k, value}:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			for item := range work {
				if err := g.one(ctx, item); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// list calls f with the values to look at.
func (g *regrade) list(ctx context.Context, f func(Key, []byte) error) error {
	if g.Keys == nil {
		l, ok := g.v.cfg.Verdicts.(Lister)
		if !ok {
			return errNoList
		}
		return l.Each(ctx, f)
	}
	for i, text := range g.Keys {
		var k Key
		if err := k.UnmarshalText([]byte(text)); err != nil {
			return problem.Invalidf(indexed("keys", i), "%s", err)
		}
		value, ok, err := g.v.cfg.Verdicts.Get(k)
		if err != nil {
			return err
		}
		if !ok {
			g.count(func(r *problem.RegradeReport) { r.Missing++ })
			continue
		}
		if err := f(k, value); err != nil {
			return err
		}
	}
	return nil
}

func (g *regrade) count(f func(*problem.RegradeReport)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f(&g.report)
}

// one decides one verdict again.
func (g *regrade) one(ctx context.Context, item keyed) error {
	was, rest, ok := decodeVerdict(item.value)
	if !ok {
		return nil // a question
	}
	name := item.key.String()
	g.mu.Lock()
	mine := g.made[name]
	g.mu.Unlock()
	if mine {
		return nil
	}
	o, ok := decodeOrigin(rest)
	var to *regraded
	if ok {
		to = g.to(o.Problem)
	}
	if to == nil || to.judge == nil {
		g.count(func(r *problem.RegradeReport) {
			if to != nil && to.skipped {
				r.Skipped++
			} else {
				r.Missing++
			}
		})
		return nil
	}
	s := problem.Program(o.program)
	if to.judge.text {
		s = problem.Text(o.program)
	}
	is, err := to.judge.decideAndKeep(ctx, s, func(is *problem.Verdict) bool { return is.Status != was.Status })
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errStore):
		return err
	case err != nil: // the runs are not there, or the problem itself is at fault today
		g.count(func(r *problem.RegradeReport) { r.Missing++ })
		return nil
	}
	g.count(func(r *problem.RegradeReport) {
		r.Verdicts++
		r.Was[was.Status]++
		r.Is[is.Status]++
		if was.Status != is.Status {
			r.Changed++
			if is.Key != name && !is.before {
				g.made[is.Key] = true
			}
			g.emit(problem.Regraded{Key: name, Kind: to.judge.p.Check.Kind, Was: was.Status, Is: is.Status, Message: is.Message, NewKey: is.Key})
		}
	})
	return nil
}

// to is the judge of the question of that key, made when it is first asked for.
func (g *regrade) to(k Key) *regraded {
	g.mu.Lock()
	to := g.asked[k]
	if to == nil {
		if len(g.asked) == maxAsked {
			clear(g.asked)
		}
		to = &regraded{}
		g.asked[k] = to
	}
	g.mu.Unlock()
	to.once.Do(func() { to.make(g, k) })
	return to
}

func (to *regraded) make(g *regrade, k Key) {
	b, ok, err := g.v.cfg.Verdicts.Get(k)
	var q posed
	if err != nil || !ok || json.Unmarshal(b, &q) != nil {
		return
	}
	if g.Kind != "" && q.Check.Kind != g.Kind || !g.Change.Apply(&q.Check) {
		to.skipped = true
		return
	}
	q.Check.HeldOut, q.Check.Selector, q.Check.Score = nil, nil, nil // they have verdicts of their own
	apart := New(Config{Runner: stored{q.Identity}, Runs: g.v.cfg.Runs, Verdicts: g.v.cfg.Verdicts})
	if to.judge, err = apart.judge(&q.Problem, false); err != nil {
		to.judge, to.skipped = nil, true // a comparator of the other kind
		return
	}
	to.judge.again = true
}
