package openai_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"borel/internal/servertest"
	"borel/sampler"
	"borel/server"
	"borel/server/openai"
	"borel/solver"
	"borel/verify"
)

// setup changes what a front is made of.
type setup struct {
	server server.Config
	pool   sampler.Config
	real   *verify.Verifier // not nil: a solver is there
	openai func(*openai.Config)
}

// open serves the OpenAI API in front of an endpoint until the test ends.
func open(t *testing.T, upstream http.Handler, change ...func(*setup)) *servertest.Server {
	t.Helper()
	up := httptest.NewServer(upstream)
	t.Cleanup(up.Close)
	s := setup{
		server: server.Config{Verifier: struct{ server.Verifier }{}, Grace: time.Nanosecond},
		pool:   sampler.Config{Endpoints: []sampler.Endpoint{{Alias: "up", URL: up.URL + "/v1", Key: "endpoint-key"}}, Attempts: 1},
		openai: func(*openai.Config) {},
	}
	for _, c := range change {
		c(&s)
	}
	draws, err := sampler.New(s.pool)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(draws.Close)
	cfg := openai.Config{
		Upstream: draws.Pool(),
		Models: func(ctx context.Context) (list []openai.Model, err error) {
			models, err := draws.Models(ctx)
			for _, m := range models {
				list = append(list, openai.Model{ID: m.ID, Created: m.Created, OwnedBy: m.OwnedBy})
			}
			return list, err
		},
	}
	if s.real != nil {
		s.server.Verifier, cfg.Solver = s.real, solver.New(draws, s.real, 2)
	}
	s.openai(&cfg)
	s.server.APIs = func(server.Verifier) []server.API { return []server.API{openai.New(cfg)} }
	return servertest.Start(t, s.server)
}

// real makes a front solve: programs run in the sandbox.
func real(t *testing.T) func(*setup) {
	t.Helper()
	v := servertest.Verifier(t)
	return func(s *setup) { s.real = v }
}

// failure is the error of a body in OpenAI's shape; the test fails where it is in another.
func failure(t *testing.T, body string) (message, kind, param, code string) {
	t.Helper()
	var e struct {
		Error struct {
			Message, Type string
			Param, Code   any
		}
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil || e.Error.Message == "" || e.Error.Type == "" {
		t.Fatalf("no error of OpenAI's: %s", body)
	}
	text := func(v any) string {
		if v == nil {
			return ""
		}
		return fmt.Sprint(v)
	}
	return e.Error.Message, e.Error.Type, text(e.Error.Param), text(e.Error.Code)
}

// events answers a stream of these events, each sent at once.
func stream(w http.ResponseWriter, events ...string) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, e := range events {
		fmt.Fprint(w, e)
		w.(http.Flusher).Flush()
	}
}

// data is an event.
func data(json string) string { return "data: " + json + "\n\n" }
