// Package sampler draws samples from servers that speak the OpenAI API: vLLM, SGLang, llama.cpp, the hosted ones.
//
//	e, err := sampler.ParseEndpoint("local=http://127.0.0.1:8000/v1")
//	s, err := sampler.New(sampler.Config{Endpoints: []sampler.Endpoint{e}})
//	for drawn, err := range s.Samples(ctx, problem.Draw{Model: "m", Prompt: "def add(a, b):", Mode: "completion", N: 100}) {
//
// It does not judge what it draws and keeps nothing.
//
// # Requests
//
// A [problem.Draw] is split into requests of up to n choices, several under way at once. n is bounded by the
// endpoint's ceiling: [Endpoint].MaxN at first, and less once the endpoint has refused an n (the request is repeated
// with half as many, down to one) or has answered twice in a row with a single choice where several were asked for. Where fewer choices
// come than were asked for, the missing ones are asked for again. Which endpoint gets a request, and what happens when it
// fails, is said at [Pool].
//
// # Seeds
//
// Sample i is drawn with seed Draw.Seed × 2²⁰ + i, or *Draw.SeedBase + i, so a request for samples s … s+n−1 carries the seed of s, and
// missing samples are asked for with their own seeds. llama.cpp draws choice i of a request with seed + i, and there
// the split changes nothing. Servers that draw the choices of one request from one stream of randomness repeat
// a sample only when the split is the same. llama.cpp keeps 32 bits of a seed: there Draw.Seed and Draw.Seed + 4096 draw the same.
//
// # What else comes
//
// Each sample brings its choice and the answer around it as the endpoint wrote them, and the mean log probability of its
// tokens where the endpoint gave logprobs, in the form of chat, of OpenAI's completions or of llama.cpp's. Tool calls are a
// sample without text.
//
// # Usage
//
// The first sample of each request carries what the request used, as the endpoint tells it. llama.cpp counts the
// completion tokens of one choice only when n > 1. An endpoint is known to do so once it has reported fewer tokens than
// the choices must have had: one each unless empty, and max_tokens each where they were cut there. From
// then on CompletionTokens is what it reports and, of the other choices, that least. Of such an endpoint CompletionTokens is a
// lower bound, before and after; the exact number cannot be had over this API. What requests used that failed is
// not known and not counted.
package sampler

import (
	"cmp"
	"context"
	"iter"
	"log/slog"
	"math"
	"sync"
	"time"

	"borel/problem"
)

// Modes of a Draw.
const (
	modeChat       = "chat"
	modeCompletion = "completion"
)

// MaxSamples is how many samples one problem can have: more would share seeds with the next Draw.Seed.
const MaxSamples = 1 << 20

// Config is what a Sampler needs. A zero field means its default.
type Config struct {
	Endpoints  []Endpoint        // at least one
	Aliases    map[string]string // names of models, and what each stands for: MODEL, or ENDPOINT/MODEL at one endpoint
	Parallel   int               // most requests under way for one Draw; default 8
	Queue      int               // most requests of [Pool.RoundTrip] that wait for an endpoint; default 256; -1: none
	Attempts   int               // most attempts of one request, over all endpoints; default 5
	Deadline   time.Duration     // of one request, over all attempts and waits; of a sample, once an endpoint has taken it; default 10 minutes
	Connect    time.Duration     // until a connection stands; default 10 s
	FirstToken time.Duration     // until an endpoint begins to answer, where it does not stream with all of it; default half of Deadline
	InterToken time.Duration     // between two pieces of an answer; default 1 minute
	Pause      time.Duration     // before a request goes to the same endpoint again; doubles with each failure up to 4 s; default 250 ms
	Check      time.Duration     // how often [Pool.Watch] asks endpoints that are idle or unhealthy; default 10 s
	Logger     *slog.Logger      // default: none
}

// Sampler draws samples. It is safe for concurrent use.
type Sampler struct {
	pool     *Pool
	parallel int
}

// New returns a Sampler. The error is an *[problem.Invalid]. Nothing is asked of the endpoints yet.
func New(c Config) (*Sampler, error) {
	if len(c.Endpoints) == 0 {
		return nil, problem.Invalidf("endpoint", "is missing; at least one is needed")
	}
	if c.Parallel < 0 || c.Attempts < 0 || min(c.Deadline, c.Connect, c.FirstToken, c.InterToken, c.Pause, c.Check) < 0 {
		return nil, problem.Invalidf("sampler", "parallel, attempts and times must not be negative")
	}
	for name, model := range c.Aliases {
		if name == "" || model == "" || name == model {
			return nil, problem.Invalidf("alias", "%q=%q: both must be given, and differ", name, model)
		}
	}
	p, err := newPool(c)
	if err != nil {
		return nil, err
	}
	return &Sampler{pool: p, parallel: cmp.Or(c.Parallel, 8)}, nil
}

// Pool returns what the sampler sends its requests through, for passing others on to the same endpoints.
func (s *Sampler) Pool() *Pool { return s.pool }

// Close closes idle connections.
func (s *Sampler) Close() {
	if t, ok := s.pool.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// Watch is [Pool.Watch].
func (s *Sampler) Watch(ctx context.Context) { s.pool.Watch(ctx) }

// Samples draws d. Samples come in the order of their arrival. The stream ends after the last sample or with one
// error, an *[problem.Invalid], an *[Error] or ctx's own. After an endpoint's error no request is begun, and what those under way
// still bring is yielded before the error; with Draw.EachFault the samples of the request that failed are yielded, each with
// the error, and the others are drawn: N come in any case. Leaving the loop, or the end of ctx, ends everything at once.
func (s *Sampler) Samples(ctx context.Context, d problem.Draw) iter.Seq2[problem.Drawn, error] {
	return func(yield func(problem.Drawn, error) bool) {
		if err := validate(d); err != nil {
			yield(problem.Drawn{}, err)
			return
		}
		var wg sync.WaitGroup
		defer wg.Wait()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()

		s.pool.meet(ctx)
		todo := []span{{d.First, d.First + d.N}}
		answers := make(chan answer, s.parallel) // room for all: no request waits for a reader
		underWay := 0
		var failed error
		for failed == nil && len(todo) > 0 || underWay > 0 {
			for failed == nil && len(todo) > 0 && underWay < s.parallel {
				var next span
				next, todo = cut(todo, s.pool.ceiling())
				underWay++
				wg.Go(func() { answers <- s.request(ctx, d, next) })
			}
			a := <-answers
			underWay--
			for _, drawn := range a.drawn {
				if !yield(drawn, nil) {
					return
				}
			}
			switch {
			case a.err == nil:
				todo = append(todo, a.missing...)
			case ctx.Err() != nil: // whatever it answered at its end
				failed = cmp.Or(failed, ctx.Err())
			case !d.EachFault:
				failed = cmp.Or(failed, a.err)
			default:
				for i := a.asked.from; i < a.asked.to; i++ {
					if !yield(problem.Drawn{Index: i, Err: a.err}, nil) {
						return
					}
				}
			}
		}
		if failed != nil {
			yield(problem.Drawn{}, failed)
		}
	}
}

// span is the samples from … to−1.
type span struct{ from, to int }

// cut takes up to n samples off the spans.
func cut(todo []span, n int) (span, []span) {
	s := todo[0]
	if s.to-s.from <= n {
		return s, todo[1:]
	}
	todo[0].from += n
	return span{s.from, s.from + n}, todo
}

// ceiling is how many choices to put into one request: as many as an endpoint takes.
func (p *Pool) ceiling() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	most := 1
	for _, e := range p.endpoints {
		most = max(most, e.ceiling)
	}
	return most
}

// validate reports the first fault of d, as an *[problem.Invalid].
func validate(d problem.Draw) error {
	if d.Mode != "" && d.Mode != modeChat && d.Mode != modeCompletion {
		return problem.Invalidf("mode", "%q is not known; chat and completion are", d.Mode)
	}
	if err := validateFields(d); err != nil {
		return err
	}
	if _, given := d.Fields[promptField(d)]; d.Prompt == "" && !given {
		return problem.Invalidf("prompt", "is empty")
	}
	if len(d.Prompt) > problem.MaxSource {
		return problem.Invalidf("prompt", "has %d bytes, the limit is %d", len(d.Prompt), problem.MaxSource)
	}
	if d.System != "" && d.Mode == modeCompletion {
		return problem.Invalidf("system", "is for chat; a completion has only its prompt")
	}
	if d.N < 1 || d.First < 0 || d.First > MaxSamples || d.N > MaxSamples-d.First {
		return problem.Invalidf("n", "must be between 1 and %d", MaxSamples)
	}
	if d.Seed < -1<<42 || d.Seed >= 1<<42 {
		return problem.Invalidf("seed", "must be between -2^42 and 2^42-1")
	}
	if d.SeedBase != nil && *d.SeedBase > math.MaxInt64-2*MaxSamples {
		return problem.Invalidf("seed", "must be at most %d", math.MaxInt64-2*MaxSamples)
	}
	if d.MaxTokens < 0 {
		return problem.Invalidf("max_tokens", "must be 0 (the endpoint's default) or more")
	}
	if t := d.Temperature; t != nil && !(*t >= 0 && *t <= math.MaxFloat32) {
		return problem.Invalidf("temperature", "must be 0 or more")
	}
	if p := d.TopP; p != nil && !(*p >= 0 && *p <= 1) {
		return problem.Invalidf("top_p", "must be between 0 and 1")
	}
	return nil
}
