package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// routes wires every call. Liveness, readiness and the description are open; all else needs the token, where one is set.
func (s *Server) routes() (*echo.Echo, error) {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(io.Discard)
	e.HTTPErrorHandler = s.fail
	e.Use(s.edge, s.checked)

	e.POST("/v1/runs", s.slot(s.runs, true, s.queue, 0))
	e.POST("/v1/verify", s.slot(s.verify, true, s.queue, 0))
	e.POST("/v1/solve", s.slot(s.solve, true, s.proxied, 0))
	e.POST("/v1/coverage", s.slot(s.coverage, false, s.queue, 0))
	e.POST("/v1/regrade", s.slot(s.regrade, false, s.queue, 0))
	e.GET("/v1/verdicts/:key", s.slot(s.lookup, false, s.queue, 0))
	e.POST("/v1/verdicts/:key/replay", s.slot(s.replay, true, s.queue, 0))

	s.evals(e)

	e.GET("/healthz", func(c echo.Context) error { return c.JSON(http.StatusOK, state{"ok"}) })
	e.GET("/readyz", s.readyz)
	e.GET("/metrics", echo.WrapHandler(promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{})))

	var doc, page []byte
	e.GET("/openapi.json", func(c echo.Context) error { return c.Blob(http.StatusOK, "application/json", doc) })
	e.GET("/docs", func(c echo.Context) error {
		c.Response().Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		return c.HTMLBlob(http.StatusOK, page)
	})
	if err := s.speak(e); err != nil {
		return nil, err
	}
	doc, page = describe(s.cfg.Version, s.apis, s.cfg.Off)
	return e, nil
}

// open are the routes that need no token.
var open = []string{"/healthz", "/readyz", "/openapi.json", "/docs"}

type state struct {
	Status string `json:"status"`
}

type readiness struct {
	Status  string         `json:"status"`
	Sandbox map[string]any `json:"sandbox,omitempty" doc:"where programs run: the workers, and the layers of their isolation"`
}

func (s *Server) readyz(c echo.Context) error {
	if s.base.Err() != nil || s.queue.stopped() {
		return errStopping
	}
	if err := s.cfg.Ready(); err != nil {
		return notReady(err)
	}
	return c.JSON(http.StatusOK, readiness{"ready", s.cfg.Sandbox()})
}

func notReady(err error) error {
	return &fault{http.StatusServiceUnavailable, "not ready: " + err.Error(), 1}
}

const requestIDHeader = "X-Request-Id"

const arrivedKey = "borel.arrived"

// Arrived is when a request came, before it waited for anything.
func Arrived(c echo.Context) time.Time {
	t, _ := c.Get(arrivedKey).(time.Time)
	return t
}

// requestIDForm is what a client may call its request; otherwise, and without a name, it gets one.
var requestIDForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$`)

// requestID names a request in its answer, in the log and in problem documents.
func requestID(c echo.Context) string { return c.Response().Header().Get(requestIDHeader) }

// edge is outermost: it names the request, answers its error, recovers a panic, counts and logs.
func (s *Server) edge(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		id := c.Request().Header.Get(requestIDHeader)
		if !requestIDForm.MatchString(id) {
			id = fmt.Sprintf("%016x", rand.Uint64())
		}
		c.Request().Header.Set(requestIDHeader, id) // for what is passed on
		c.Response().Header().Set(requestIDHeader, id)
		c.Set(arrivedKey, began)
		c.Response().Writer = &patient{c.Response().Writer, s.cfg.AnswerTime}
		if err := s.recovered(next, c); err != nil {
			s.fail(err, c)
		}
		took := time.Since(began)
		route := c.Path()
		if route == "" {
			route = "other"
		}
		s.metrics.requests.WithLabelValues(route, strconv.Itoa(c.Response().Status)).Inc()
		s.metrics.seconds.WithLabelValues(route).Observe(took.Seconds())
		s.log.Debug("request", "request", requestID(c), "method", c.Request().Method, "route", route,
			"status", c.Response().Status, "bytes", c.Response().Size, "took_ms", float64(took.Microseconds())/1000)
		return nil
	}
}

func (s *Server) recovered(next echo.HandlerFunc, c echo.Context) (err error) {
	defer func() {
		p := recover()
		switch {
		case p == nil:
		case p == http.ErrAbortHandler:
			panic(p)
		default:
			s.log.Error("panic", "request", requestID(c), "route", c.Path(), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errInside
		}
	}()
	return next(c)
}

// checked lets pass who may ask.
func (s *Server) checked(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := s.guard.place(c.Request()); err != nil {
			return err
		}
		if !slices.Contains(open, c.Path()) {
			if err := s.guard.token(c.Request()); err != nil {
				return err
			}
		}
		return next(c)
	}
}

// slot runs h with the request's body while it holds a slot of q, which is taken before the body is read: what waits costs
// a connection and nothing more. Who finds none waits, for ever or as long as hold says.
func (s *Server) slot(h func(c echo.Context, body []byte) error, runs bool, q *queue, hold time.Duration) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
		if r.ContentLength != 0 && kind != "" && !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
			return errMediaType // a request without a body has no type that could be wrong
		}
		if r.ContentLength > s.cfg.MaxBody {
			return &http.MaxBytesError{Limit: s.cfg.MaxBody}
		}
		if runs {
			if err := s.cfg.Ready(); err != nil {
				return notReady(err)
			}
		}
		if err := q.enter(r.Context(), hold); err != nil {
			return err
		}
		seat := &seat{queue: q, hold: hold, unread: &s.unread}
		defer seat.leave()
		c.Set(seatKey, seat)
		body, err := s.body(c)
		if err != nil {
			return err
		}
		return h(c, body)
	}
}

func (s *Server) body(c echo.Context) ([]byte, error) {
	r := c.Request()
	if err := http.NewResponseController(c.Response().Writer).SetReadDeadline(time.Now().Add(s.cfg.BodyTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	var b bytes.Buffer
	b.Grow(int(min(max(r.ContentLength, 0), 1<<20)) + bytes.MinRead)
	if _, err := b.ReadFrom(http.MaxBytesReader(c.Response().Writer, r.Body, s.cfg.MaxBody)); err != nil {
		return nil, bodyError(err)
	}
	return b.Bytes(), nil // net/http takes the deadline away at the body's end
}

// bodyError tells a body cut short from a fault of ours: whatever the transport says, the client did not send it.
func bodyError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &fault{http.StatusBadRequest, "the body ends before its announced length", 0}
	}
	return err
}

// patient gives a client the time to read each piece of an answer, so that a slow reader of a long stream is served and
// one that stopped reading does not hold its slot for ever.
type patient struct {
	http.ResponseWriter
	limit time.Duration
}

func (p *patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func (p *patient) Write(b []byte) (int, error) {
	if err := http.NewResponseController(p.ResponseWriter).SetWriteDeadline(time.Now().Add(p.limit)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.ResponseWriter.Write(b)
}

// answer writes v as JSON.
func answer(c echo.Context, v any) error { return answerWith(c, http.StatusOK, v) }

func answerWith(c echo.Context, status int, v any) error {
	b := blob{c: c, status: status}
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil && !b.begun {
		return fmt.Errorf("encode the answer: %w", err)
	} else if err != nil {
		return err
	}
	return nil
}

// blob takes an answer from its encoder, which writes the whole of it at once: a copy would be as large again.
type blob struct {
	c      echo.Context
	status int
	begun  bool
}

func (b *blob) Write(answer []byte) (int, error) {
	b.begun = true
	if seat, ok := b.c.Get(seatKey).(*seat); ok {
		defer seat.away(len(answer))()
	}
	return len(answer), b.c.JSONBlob(b.status, answer)
}
