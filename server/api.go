package server

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
)

// API is one more API that the server speaks besides its own, in a package below this one: its routes, and the shape of
// its errors. The checks of Host, Origin and token, request ids, the limits of bodies, the queues, metrics and the
// drain at shutdown are the server's, the same for each.
type API struct {
	Name   string // in the description
	Routes []Route

	// Fail answers f in the API's own shape, with the status that the API has for it. Retry-After is set already. Where the
	// answer has begun (c.Response().Committed) it is a stream that failed: Fail ends it with what the API has for that.
	Fail func(c echo.Context, f Failure) error

	// Work is what the API does beside its requests; nil: nothing. [Server.Serve] calls it, ends ctx once no request is left, and
	// waits for it.
	Work func(ctx context.Context)

	Error      any                    // of the type whose JSON Fail answers, for the description
	Bare       []int                  // statuses that Fail answers without a body, for the description
	Plain      []int                  // statuses that handlers also answer as text, for the description
	Collectors []prometheus.Collector // shown by /metrics too
}

// Route is one call of an API.
type Route struct {
	Method string // empty: every method
	Path   string // as echo writes it: /v1/models/:id
	Runs   bool   // it runs programs: refused until the server is ready
	Proxy  bool   // it waits for an endpoint more than it works: its slots are those of Config.Proxied

	// Hold is how long a request waits where every slot is taken, in a room of its own; then it is answered 504, for callers
	// that try again after that status alone. Zero: as the server's own routes, which answer 429 once their queue is full.
	Hold time.Duration

	// Handle answers a request whose body was read. What it returns goes to Fail: an error of this package's table of
	// errors, a *Failure, or anything else, which is a fault inside.
	Handle func(c echo.Context, body []byte) error

	// For the description; a route without a summary is left out of it.
	Summary, Text   string
	Request, Answer any    // of the types whose JSON comes and goes; nil: any object, and for a GET no body
	Example         string // of a request
	Status          int    // of a good answer; 0: 200
	Kind            string // media type of a good answer; default application/json
	Lines           any    // where it answers in application/x-ndjson, of the type of its lines; then without Answer in that alone
	Query           []Query
}

// Query is one parameter behind the question mark of a route, for the description.
type Query struct {
	Name, Text string
	Type       string // as JSON Schema has it; default string
}

// Failure is why a request is refused or was not carried out. As an error of a handler it is answered as it stands.
type Failure struct {
	Status     int    // of HTTP
	Detail     string // for people; begins with the field, where one is wrong
	Field      string // the field of the body that is wrong, such as limits.seconds; "" is none
	Code       string // for programs, where the API has one
	RetryAfter int    // seconds after which trying again makes sense; 0: it does not
	RequestID  string // set by the server
}

func (f *Failure) Error() string { return f.Detail }

// failure tells a problem document as an API is told it.
func (doc *ProblemDocument) failure(retry int, id string) Failure {
	f := Failure{Status: doc.Status, Detail: doc.Detail, Code: doc.code, RetryAfter: retry, RequestID: id}
	if len(doc.Errors) > 0 {
		at := doc.Errors[0]
		f.Field = strings.TrimPrefix(strings.TrimPrefix(at.Location, "body"), ".")
		f.Detail = strings.TrimPrefix(cmp.Or(f.Field, "the body")+": "+at.Message, ": ")
	}
	return f
}

// speak adds the routes of the APIs. The error is a path that another API, or the server's own, has already.
func (s *Server) speak(e *echo.Echo) error {
	taken, own := map[string]bool{}, map[string]bool{}
	for _, r := range e.Routes() {
		own[r.Path] = true
	}
	for i := range s.apis {
		api := &s.apis[i]
		s.metrics.registry.MustRegister(api.Collectors...)
		for _, r := range api.Routes {
			owner := s.spoken[r.Path]
			if own[r.Path] || owner != nil && owner != api || taken[r.Method+" "+r.Path] {
				return fmt.Errorf("server: %s %s of %s has a handler already", r.Method, r.Path, api.Name)
			}
			taken[r.Method+" "+r.Path] = true
			s.spoken[r.Path] = api
			h := s.slot(r.Handle, r.Runs, s.queueOf(r.Proxy), r.Hold)
			if r.Method == "" {
				e.Any(r.Path, h)
				continue
			}
			e.Add(r.Method, r.Path, h)
		}
	}
	return nil
}

func (s *Server) queueOf(proxy bool) *queue {
	if proxy {
		return s.proxied
	}
	return s.queue
}
