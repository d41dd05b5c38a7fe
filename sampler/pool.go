package sampler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/sashabaranov/go-openai"

	"borel/problem"
)

// Limits of the pool that no caller has needed to change.
const (
	maxBody = 64 << 20        // bytes of a request, or of an answer after decompression
	maxRest = 4 * time.Second // longest pause of a request that no Retry-After asked for
)

// What the pool says in place of an endpoint.
var (
	// ErrBusy is why a request was refused at once: every endpoint is full, and so is the queue.
	ErrBusy = errors.New("every endpoint is busy and the queue is full")

	errSpent    = errors.New("no attempt is left")
	errTooLong  = fmt.Errorf("longer than %d MB", maxBody>>20)
	errDeadline = errors.New("the deadline of the request is over")
)

// Pool sends requests to the endpoints. It is an [http.RoundTripper]: of a request's URL only path and query count,
// relative to the endpoint's URL, so http://pool/chat/completions goes to http://host:port/v1/chat/completions. Bodies
// pass untouched, unknown fields and zeros included; only a model's alias becomes its name.
//
// # Where a request goes
//
// To an endpoint that lists the request's model, or whose list cannot be had; where none does, each may say so itself. Of
// these, equal prompts go to the same endpoint, which has them in its cache, unless it is full or left alone: then, and for
// what has no prompt, to the one with the fewest requests under way. Where all are full, requests wait, served in the
// order of arrival.
//
// # Failures
//
// A request is repeated after a status of 408, 429, 500, 502, 503 or 504 and after a broken connection, for nothing
// else, at most [Config].Attempts times in all and within one deadline, at an endpoint that it has not tried where
// there is one, otherwise after a pause that doubles with each failure, with jitter. An error in a 200, or as the first event
// of a stream, is the status that it names, or 502. Of a stream the first event is awaited: once it has been passed on,
// nothing is repeated, and what breaks is an error of reading the body. Where no attempt is left the last answer is returned as it
// came.
//
// An endpoint that asks for it with Retry-After is left alone, up to a minute. One whose latest requests failed
// for more than half, and more than one, cools down: for a time, then until one request, the probe, has succeeded.
// [Pool.Watch] looks after endpoints that have nothing to do.
//
// # What is kept back
//
// The endpoint's key is the only credential sent: Authorization, Cookie and the like of the request are dropped, and a
// redirect is an error. Errors do not repeat it. X-Request-Id goes to the endpoint and comes back; it is made up where
// the request has none. An answer is read whole, unless it is an event stream, and may have 64 MB.
//
// A Pool is safe for concurrent use.
type Pool struct {
	endpoints []*endpoint
	aliases   map[string]string
	client    *openai.Client // sends through the pool
	transport http.RoundTripper
	deadline  time.Duration
	first     time.Duration
	between   time.Duration
	check     time.Duration
	attempts  int
	pause     time.Duration
	queue     int
	log       *slog.Logger

	mu      sync.Mutex
	turn    int // where the search for the least busy endpoint begins
	waiters []*waiter
	queued  int // of the waiters, those that are bounded
}

// call is what the sampler tells the pool about a request, and the pool the sampler.
type call struct {
	list   *endpoint                                // not nil: ask this one, once, whatever is known of it
	edit   func(body []byte, n int) ([]byte, error) // not nil: makes body ask for n choices
	want   int                                      // choices wanted
	limits map[*endpoint]int                        // ceilings that this call has met

	endpoint *endpoint     // set by the pool: the one asked last
	sent     int           // set by the pool: how many choices it was asked for
	answer   []byte        // set by the pool: the body of its answer, unless that is a stream
	after    time.Duration // set by the pool: its Retry-After
	recorded int           // set by the pool: how many samples it has, where it only plays recorded ones; 0: no bound

	// The pool's own. Of a call that waits, last is guarded by Pool.mu.
	attempts int
	last     error                   // of the latest attempt
	bounded  bool                    // it may not wait where the queue is full
	id       string                  // X-Request-Id; the sampler may set it
	prompt   uint64                  // hash; 0: it has none
	model    string                  // to put into the body; "": what stands there
	may      []*endpoint             // that may be asked
	tried    map[*endpoint]time.Time // when it may be asked again
}

type callKey struct{}

// newPool returns the pool of a valid c.
func newPool(c Config) (*Pool, error) {
	p := &Pool{
		aliases:  c.Aliases,
		deadline: cmp.Or(c.Deadline, 10*time.Minute),
		between:  cmp.Or(c.InterToken, time.Minute),
		check:    cmp.Or(c.Check, 10*time.Second),
		attempts: cmp.Or(c.Attempts, 5),
		pause:    cmp.Or(c.Pause, 250*time.Millisecond),
		queue:    max(0, cmp.Or(c.Queue, 256)),
		log:      cmp.Or(c.Logger, slog.New(slog.DiscardHandler)),
	}
	p.first = cmp.Or(c.FirstToken, p.deadline/2)
	most := 0
	for _, e := range c.Endpoints {
		o, err := e.open()
		if err != nil {
			return nil, err
		}
		if p.named(o.alias) != nil {
			return nil, problem.Invalidf("endpoint", "the name %s is given twice", o.alias)
		}
		p.endpoints = append(p.endpoints, o)
		most = max(most, o.maxInFlight)
	}
	p.transport = newTransport(cmp.Or(c.Connect, 10*time.Second), most)
	oc := openai.DefaultConfig("")
	oc.BaseURL = "http://pool"
	oc.HTTPClient = &http.Client{Transport: p}
	p.client = openai.NewClientWithConfig(oc)
	return p, nil
}

// named returns the endpoint of that alias, or nil.
func (p *Pool) named(alias string) *endpoint {
	for _, e := range p.endpoints {
		if e.alias == alias {
			return e
		}
	}
	return nil
}

// RoundTrip sends req. The error is ctx's own, that req cannot be read, or an *[Error]: [ErrBusy] with status 429 where
// too many requests wait, 504 where no endpoint answered in time.
func (p *Pool) RoundTrip(req *http.Request) (*http.Response, error) {
	c, _ := req.Context().Value(callKey{}).(*call)
	if c == nil {
		c = &call{bounded: true}
		p.meet(req.Context())
	}
	body, err := readAll(req.Body, maxBody)
	if errors.Is(err, errTooLong) {
		return nil, &Error{Status: http.StatusRequestEntityTooLarge, Err: fmt.Errorf("the request is %w", err)}
	}
	if err != nil {
		return nil, fmt.Errorf("the request cannot be read: %w", err)
	}
	if err := p.prepare(c, req, body); err != nil {
		return nil, err
	}
	ctx := req.Context()
	var e *endpoint
	n := 0
	if c.bounded || c.list != nil {
		// Its deadline begins here; for a sample it does when it has an endpoint: its turn may be long in coming.
	} else if e, n, err = p.take(ctx, c); err != nil {
		return nil, p.noneFree(req, c, err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, p.deadline, errDeadline)
	resp, err := p.try(ctx, req, c, body, e, n)
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Request = req
	resp.Header.Set(requestID, c.id)
	resp.Body = &finally{ReadCloser: resp.Body, then: cancel}
	return resp, nil
}

// prepare fills in the pool's part of c.
func (p *Pool) prepare(c *call, req *http.Request, body []byte) error {
	if !idForm.MatchString(c.id) {
		c.id = idOf(req)
	}
	c.tried, c.may, c.attempts, c.last = map[*endpoint]time.Time{}, nil, 0, nil // the sampler sends a call again where n was refused
	if c.list != nil {
		c.may = []*endpoint{c.list}
		return nil
	}
	if c.edit != nil {
		var err error
		if body, err = c.edit(body, 1); err != nil {
			return err
		}
	}
	s := look(body)
	c.prompt = s.prompt
	p.route(c, s.model)
	return nil
}

// try is the retry loop. Where e is not nil it is asked first, and has been taken.
func (p *Pool) try(ctx context.Context, req *http.Request, c *call, body []byte, e *endpoint, n int) (*http.Response, error) {
	for ; ; e = nil {
		var err error
		if c.list != nil {
			e = c.list
		} else if e == nil {
			if e, n, err = p.take(ctx, c); err != nil {
				return nil, p.noneFree(req, c, err)
			}
		}
		c.attempts++
		start := time.Now()
		resp, again, err := p.send(ctx, e, n, c, req, body)
		p.log.DebugContext(ctx, "endpoint asked", "endpoint", e.alias, "request", c.id, "attempt", c.attempts, "status", status(resp), "ms", time.Since(start).Milliseconds())
		switch {
		case err != nil && ctx.Err() != nil:
			p.unproven(e, c)
			if gone := req.Context().Err(); gone != nil {
				return nil, gone
			}
			return nil, &Error{Alias: e.alias, Status: http.StatusGatewayTimeout, Err: fmt.Errorf("no answer within %v", p.deadline)}
		case !again:
			p.succeeded(e, c)
			if err != nil {
				return nil, e.failed(err)
			}
			return resp, nil
		case err != nil:
			p.failed(e, c, e.silent(c.attempts, err))
		default:
			p.failed(e, c, &Error{Alias: e.alias, Status: resp.StatusCode, Body: c.answer, After: c.after, Err: fmt.Errorf("answered %d, in %d attempts", resp.StatusCode, c.attempts)})
		}
		if c.attempts >= p.attempts || c.list != nil || c.after > maxRetryAfter && !c.elsewhere() {
			if err != nil {
				return nil, c.last
			}
			return resp, nil
		}
		if err == nil {
			resp.Body.Close()
		}
		p.log.WarnContext(ctx, "asking again", "endpoint", e.alias, "request", c.id, "attempt", c.attempts, "status", status(resp), "error", c.last)
	}
}

// noneFree is the error of a call for which no endpoint could be taken.
func (p *Pool) noneFree(req *http.Request, c *call, err error) error {
	switch {
	case req.Context().Err() != nil:
		return req.Context().Err()
	case errors.Is(err, ErrBusy):
		return &Error{Status: http.StatusTooManyRequests, After: time.Second, Err: err}
	case c.last != nil:
		return c.last
	}
	return &Error{Status: http.StatusGatewayTimeout, Err: fmt.Errorf("none was free within %v", p.deadline)}
}
