package execute

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"borel/server"
)

// Bounds on what is kept of contexts. Beyond the number and the bytes of all, those that were not used for longest go.
const (
	maxContexts     = 1000
	maxContextBytes = 256 << 20 // of the cells of all
	maxCells        = 256       // of one
	maxCellBytes    = 4 << 20   // of one's cells
	contextAge      = time.Hour // since it was used last
	maxWaiting      = 64        // requests for one that is busy
)

// e2bContext is what E2B's clients know of a context.
type e2bContext struct {
	ID       string `json:"id"`
	Language string `json:"language"`
	Cwd      string `json:"cwd"`
}

// session is a context: the cells that were executed in it.
type session struct {
	e2bContext
	owner   owner
	turn    chan struct{} // whoever has put something in executes: one cell at a time
	waiting atomic.Int64  // for that

	cells    []string   // this and what follows under contexts.mu
	env      []variable // of the last of them, to be taken back
	bytes    int
	restarts int
	used     time.Time
}

// newID is a random UUID.
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// owner is who made a context, and alone sees it: a token, and E2B's name of a sandbox.
type owner [sha256.Size]byte

// ownerOf tells callers apart.
func ownerOf(h http.Header) owner {
	sum := sha256.New()
	for _, name := range []string{"Authorization", "X-Auth-Token", "X-Access-Token", "E2b-Sandbox-Id"} {
		fmt.Fprintf(sum, "%d:%s", len(h.Get(name)), h.Get(name))
	}
	return owner(sum.Sum(nil))
}

// contexts are those that there are. They live in memory, as the interpreters of the original do.
type contexts struct {
	mu    sync.Mutex
	all   map[string]*session // under mu, and what follows
	bytes int
}

// add makes one.
func (s *contexts) add(o owner, cwd string) e2bContext {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(maxContexts-1, maxContextBytes)
	x := &session{e2bContext: e2bContext{newID(), python, cwd}, owner: o, turn: make(chan struct{}, 1), used: time.Now()}
	s.all[x.ID] = x
	return x.e2bContext
}

// forget drops contexts that are old, and the oldest beyond the bounds.
func (s *contexts) forget(number, bytes int) {
	old := time.Now().Add(-contextAge)
	var by []*session
	for _, x := range s.all {
		if x.used.Before(old) {
			s.drop(x)
			continue
		}
		by = append(by, x)
	}
	if len(s.all) <= number && s.bytes <= bytes {
		return
	}
	slices.SortFunc(by, func(a, b *session) int { return a.used.Compare(b.used) })
	for _, x := range by {
		if len(s.all) <= number && s.bytes <= bytes {
			return
		}
		s.drop(x)
	}
}

func (s *contexts) drop(x *session) {
	delete(s.all, x.ID)
	s.bytes -= x.bytes
	x.bytes = 0
}

// find is the context of this name that o made; nil: there is none.
func (s *contexts) find(o owner, id string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(maxContexts, maxContextBytes)
	x := s.all[id]
	if x == nil || x.owner != o {
		return nil
	}
	x.used = time.Now()
	return x
}

// list is what o made.
func (s *contexts) list(o owner) []e2bContext {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(maxContexts, maxContextBytes)
	mine := []e2bContext{}
	for _, x := range s.all {
		if x.owner == o {
			mine = append(mine, x.e2bContext)
		}
	}
	slices.SortFunc(mine, func(a, b e2bContext) int { return s.all[a.ID].used.Compare(s.all[b.ID].used) })
	return mine
}

// remove drops a context; false: there is none.
func (s *contexts) remove(o owner, id string) bool {
	x := s.find(o, id)
	if x == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(x)
	return true
}

// clear forgets what was executed in a context; false: there is none. A cell that is being executed is forgotten too.
func (s *contexts) clear(o owner, id string) bool {
	x := s.find(o, id)
	if x == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bytes -= x.bytes
	x.cells, x.env, x.bytes = nil, nil, 0
	x.restarts++
	return true
}

// turn is one execution in a context.
type turn struct {
	x        *session
	cells    []string // those that were executed, and the one that is
	env      []variable
	restarts int
}

// begin waits until nothing else is executed in x, which it does within aside. Unless the error is not nil, end must be called.
func (s *contexts) begin(ctx context.Context, aside func(wait func() error) error, x *session, code string, env []variable) (turn, error) {
	select {
	case x.turn <- struct{}{}:
	default:
		taken := false
		err := aside(func() error {
			if x.waiting.Add(1) > maxWaiting {
				x.waiting.Add(-1)
				return &server.Failure{Status: http.StatusTooManyRequests, RetryAfter: 1, Detail: fmt.Sprintf("Context %s is busy, and %d requests wait for it, the limit", x.ID, maxWaiting)}
			}
			defer x.waiting.Add(-1)
			select {
			case x.turn <- struct{}{}:
				taken = true
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		if err != nil {
			if taken {
				<-x.turn
			}
			return turn{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	code = withEnv(code, env, x.env)
	if len(x.cells) == maxCells || x.bytes+len(code) > maxCellBytes {
		<-x.turn
		return turn{}, &server.Failure{Status: http.StatusRequestEntityTooLarge,
			Detail: fmt.Sprintf("Context %s has %d cells of %d bytes; with one of %d more it is beyond the limits, %d cells and %d bytes: restart it, or create another",
				x.ID, len(x.cells), x.bytes, len(code), maxCells, maxCellBytes)}
	}
	return turn{x, append(slices.Clone(x.cells), code), env, x.restarts}, nil
}

// end lets the next one in. What was executed is remembered, if that is to be, unless the context was removed or restarted
// meanwhile.
func (s *contexts) end(t turn, remember bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, code := t.x, t.cells[len(t.cells)-1]
	if remember && s.all[x.ID] == x && x.restarts == t.restarts {
		x.cells, x.env = append(x.cells, code), t.env
		x.bytes += len(code)
		s.bytes += len(code)
		x.used = time.Now()
		s.forget(maxContexts, maxContextBytes)
	}
	<-x.turn
}
