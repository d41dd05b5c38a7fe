// Package piston is the API of Piston, version 2, in front of borel's sandbox: a client of engineer-man/piston that changes
// its base URL runs its Python here.
//
// [New] gives the API to put into [server.Config]:
//
//	srv, err := server.New(server.Config{Verifier: v, APIs: func(v server.Verifier) []server.API {
//		return []server.API{piston.New(piston.Config{Verifier: v, Python: "3.13.5"})}
//	}})
//
// # What is the same
//
// Fields, messages and status codes are the original's, read from its source (api/src/api/v2.js and api/src/job.js), its
// habits of JavaScript included: a field of the wrong type is passed over where the original passes over it, a newline is
// added to a stdin that ends without one.
//
// # What differs
//
// Time is virtual: what a program is told it took, and what its limits count, do not depend on how busy this machine is, so
// that TO is the program's own. Limits may be far greater than the original's 3 seconds; see [MaxTimeout]. The only language is
// Python: others are answered as packages that are not installed. A file name that leads out of the folder is a 400 that says
// so, where the original answers 500 and no body.
package piston

import (
	"cmp"
	"log/slog"
	"net/http"
	goruntime "runtime"
	"strings"
	"time"

	"borel/server"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
)

// Config is what the API needs. Verifier and Python must be there.
type Config struct {
	Verifier server.Verifier
	Python   string // the version of the interpreter that programs run in, such as 3.13.5

	// Work is how long fuel lasts, for cpu_time. Default: it is told as wall_time is.
	Work func(fuel int64) time.Duration

	Sessions int           // interactive jobs at once; default 64
	InitTime time.Duration // for the first message of such a job; default 10 s
	Wait     time.Duration // for input, each time that a program reads on; default 5 min
	Logger   *slog.Logger  // default: discards
}

// Limits that callers of this API have, beside those of a run.
const (
	// MaxTimeout is the greatest timeout and CPU time, in milliseconds: the configured limit of the original, which is 3000.
	MaxTimeout = 600_000
	// DefaultTimeout counts where a request has none.
	DefaultTimeout = 10_000

	scriptTimeout = 60_000 // the same for cf_python3, whose solutions have a limit of their own

	hold = 10 * time.Second // for a slot, before 504
)

// prefixes of the paths: the original's, and what the public instance had.
var prefixes = []string{"/api/v2", "/api/v2/piston"}

type api struct {
	Config
	runtimes []runtime
	sessions sessions
}

// New returns the API.
func New(cfg Config) server.API {
	cfg.Sessions = cmp.Or(cfg.Sessions, 64)
	cfg.InitTime = cmp.Or(cfg.InitTime, 10*time.Second)
	cfg.Wait = cmp.Or(cfg.Wait, 5*time.Minute)
	cfg.Logger = cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler))
	a := &api{Config: cfg, runtimes: runtimesOf(cfg.Python)}
	a.sessions = sessions{most: cfg.Sessions, slots: make(chan struct{}, 2*goruntime.GOMAXPROCS(0)), live: map[*session]struct{}{}}
	out := server.API{
		Name: "Piston", Fail: fail, Error: message{}, Bare: []int{http.StatusInternalServerError}, Work: a.sessions.work,
		Collectors: []prometheus.Collector{prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "borel_piston_sessions", Help: "Interactive jobs under way.",
		}, func() float64 { return float64(a.sessions.count()) })},
	}
	for i, prefix := range prefixes {
		routes := []server.Route{
			{
				Method: http.MethodPost, Path: prefix + "/execute", Runs: true, Hold: hold, Handle: a.execute,
				Summary: "Run a program, as Piston does", Request: executeBody{}, Answer: result{}, Example: executeExample,
				Text: "Times are milliseconds, memory is bytes. Fields that are not listed are passed over. Interactive jobs are those of the WebSocket /api/v2/connect.",
			},
			{
				Method: http.MethodGet, Path: prefix + "/runtimes", Handle: a.list,
				Summary: "What programs can be run in", Answer: []runtime{},
			},
			{
				Method: http.MethodGet, Path: prefix + "/packages", Handle: a.packages,
				Summary: "The packages that there are", Answer: []entry{},
			},
			{Method: http.MethodPost, Path: prefix + "/packages", Handle: a.change("Already installed")},
			{Method: http.MethodDelete, Path: prefix + "/packages", Handle: a.change("This package is part of the server and cannot be removed")},
			{Method: http.MethodGet, Path: prefix + "/connect", Runs: true, Hold: hold, Handle: a.connect},
			{Path: prefix + "/*", Handle: notFound},
		}
		for _, r := range routes {
			if i > 0 {
				r.Summary = "" // described once
			}
			out.Routes = append(out.Routes, r)
			// Express answers HEAD where it answers GET, and takes a slash at the end for none.
			r.Summary = ""
			if r.Method != "" {
				r.Path += "/"
				out.Routes = append(out.Routes, r)
			}
			if r.Method == http.MethodGet && !r.Runs {
				r.Method, r.Path = http.MethodHead, strings.TrimSuffix(r.Path, "/")
				out.Routes = append(out.Routes, r)
			}
		}
	}
	out.Routes = append(out.Routes, server.Route{Method: http.MethodGet, Path: "/", Handle: func(c echo.Context, _ []byte) error {
		return c.JSON(http.StatusOK, message{Message: "Piston v3.1.1"}) // the version whose API this is
	}})
	return out
}

// message is an error as Piston writes it.
type message struct {
	Message string `json:"message,omitempty"`
	Stack   string `json:"stack,omitempty" doc:"instead, where the body cannot be read"`
}

// fail answers f.
func fail(c echo.Context, f server.Failure) error {
	switch f.Status {
	case http.StatusInternalServerError:
		return c.NoContent(f.Status)
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return c.JSON(http.StatusNotFound, message{Message: "Not Found"})
	case http.StatusUnsupportedMediaType:
		return c.JSON(f.Status, message{Message: errMediaType})
	case http.StatusRequestEntityTooLarge:
		return c.JSON(http.StatusBadRequest, message{Stack: "PayloadTooLargeError: request entity too large: " + f.Detail})
	case http.StatusUnprocessableEntity:
		f.Status = http.StatusBadRequest
	}
	return c.JSON(f.Status, message{Message: f.Detail})
}

const errMediaType = "requests must be of type application/json"

func notFound(c echo.Context, body []byte) error {
	switch c.Request().Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
	default:
		if err := read(c, body, new(struct{})); err != nil {
			return refuse(c, err)
		}
	}
	return &server.Failure{Status: http.StatusNotFound, Detail: "Not Found"}
}

func (a *api) list(c echo.Context, _ []byte) error {
	return server.Answer(c, http.StatusOK, a.runtimes)
}

// execute runs one job.
func (a *api) execute(c echo.Context, body []byte) error {
	var f fields
	if err := read(c, body, &f); err != nil {
		return refuse(c, err)
	}
	j, err := a.job(&f)
	if err != nil {
		return refuse(c, err)
	}
	res, err := a.run(c.Request().Context(), j)
	if err != nil {
		return err
	}
	return server.Answer(c, http.StatusOK, res)
}
