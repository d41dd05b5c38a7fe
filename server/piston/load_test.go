package piston_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"borel/internal/servertest"
	"borel/problem"
	"borel/server"
	"borel/server/piston"

	"golang.org/x/sync/errgroup"
)

// broken is a service that fails.
type broken struct{ server.Verifier }

func (broken) Run(context.Context, problem.RunRequest) (problem.Run, error) {
	return problem.Run{}, errors.New("disk full")
}

// TestParallel: 512 requests at once are all answered, each as it should be.
func TestParallel(t *testing.T) {
	f := open(t, servertest.Verifier(t), nil)
	var g errgroup.Group
	for i := range 512 {
		g.Go(func() error {
			n := i % 64
			got, err := f.Ask(t.Context(), "POST", "/api/v2/execute", program(fmt.Sprintf("print(sum(range(%d)))", n)))
			if want := fmt.Sprintf(`"stdout":"%d\n"`, n*(n-1)/2); err == nil && (got.Status != http.StatusOK || !strings.Contains(got.Body, want)) {
				err = fmt.Errorf("%d: %d %s", n, got.Status, got.Body)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

// TestOverload: who finds no slot in time is told 504.
func TestOverload(t *testing.T) {
	s := stuck{begun: make(chan struct{}), release: make(chan struct{})}
	f := open(t, s, func(c *server.Config, _ *piston.Config) { c.Concurrency, c.Held = 1, -1 })
	done := make(chan servertest.Reply, 1)
	go func() {
		got, _ := f.Ask(context.Background(), "POST", "/api/v2/execute", program(""))
		done <- got
	}()
	<-s.begun
	if got := f.Do(t, "POST", "/api/v2/execute", program("")); got.Status != 504 || !strings.Contains(got.Body, `{"message":"`) {
		t.Errorf("got %d %s", got.Status, got.Body)
	}
	close(s.release)
	if got := <-done; got.Status != 200 {
		t.Errorf("got %d %s", got.Status, got.Body)
	}
}

// TestErrorsLimit: too much on stderr has a name of its own.
func TestErrorsLimit(t *testing.T) {
	f := open(t, loud{}, nil)
	got := f.Do(t, "POST", "/api/v2/execute", program(""))
	for _, want := range []string{`"signal":"SIGKILL"`, `"code":null`, `"message":"stderr length exceeded"`, `"status":"EL"`} {
		if got.Status != 200 || !strings.Contains(got.Body[:200]+got.Body[len(got.Body)-500:], want) {
			t.Errorf("%d, no %s", got.Status, want)
		}
	}
}

// loud runs what writes too much to stderr.
type loud struct{ server.Verifier }

func (loud) Run(context.Context, problem.RunRequest) (problem.Run, error) {
	return problem.Run{Reason: "output", ExitCode: -1, Output: problem.Output{Stderr: bytes.Repeat([]byte("x"), server.ForeignOutputKB<<10)}}, nil
}

// stuck runs nothing until it is released.
type stuck struct {
	server.Verifier
	begun, release chan struct{}
}

func (s stuck) Run(ctx context.Context, _ problem.RunRequest) (problem.Run, error) {
	close(s.begun)
	<-s.release
	return problem.Run{Reason: "finished"}, nil
}
