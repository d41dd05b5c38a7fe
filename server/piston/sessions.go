package piston

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"

	"borel/server"

	"github.com/coder/websocket"
	"github.com/labstack/echo/v4"
)

// sessions are the interactive jobs under way.
type sessions struct {
	most  int
	slots chan struct{} // of those whose program runs; who waits for input holds none

	mu    sync.Mutex // guards what follows
	live  map[*session]struct{}
	ended bool
	wg    sync.WaitGroup
}

var errStopping = errors.New("the server is shutting down")

// enter starts s, unless there are too many or the server stops.
func (l *sessions) enter(s *session) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended || len(l.live) >= l.most {
		return false
	}
	l.live[s] = struct{}{}
	l.wg.Add(1)
	return true
}

func (l *sessions) leave(s *session) {
	l.mu.Lock()
	delete(l.live, s)
	l.mu.Unlock()
	l.wg.Done()
}

func (l *sessions) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.live)
}

// work waits for ctx to end, then ends all sessions.
func (l *sessions) work(ctx context.Context) {
	<-ctx.Done()
	l.mu.Lock()
	l.ended = true
	for s := range l.live {
		s.end(errStopping)
	}
	l.mu.Unlock()
	l.wg.Wait()
}

// connect makes a WebSocket of the request. The session goes on when the handler has returned, so that it holds no slot.
func (a *api) connect(c echo.Context, body []byte) error {
	if !strings.EqualFold(c.Request().Header.Get("Upgrade"), "websocket") {
		return notFound(c, body)
	}
	s := newSession(a)
	if !a.sessions.enter(s) {
		return &server.Failure{Status: http.StatusServiceUnavailable, Detail: "there are as many sessions as there may be", RetryAfter: 1}
	}
	conn, err := websocket.Accept(c.Response(), c.Request(), nil)
	if err != nil { // which it has answered
		a.sessions.leave(s)
		return nil
	}
	go func() {
		defer a.sessions.leave(s)
		s.serve(conn)
	}()
	return nil
}
