package server

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
)

// queue bounds how many requests work and how many wait. A request beyond both is refused at once: the caller knows
// better than a growing queue what to do meanwhile.
type queue struct {
	slots   chan struct{}
	room    int64 // for those who wait for as long as it takes
	held    int64 // for those who wait for a while
	waiting atomic.Int64
	holding atomic.Int64
	refused atomic.Int64

	closing sync.Once
	closed  chan struct{}
}

func newQueue(slots, room, held int) *queue {
	return &queue{slots: make(chan struct{}, slots), room: int64(max(room, 0)), held: int64(max(held, 0)), closed: make(chan struct{})}
}

// enter takes a slot, which leave gives back. Who waits for a while, hold, has a room of its own, and is told errHeld where
// none came free. Otherwise the error is errFull, errStopping, or ctx's own.
func (q *queue) enter(ctx context.Context, hold time.Duration) error {
	if q.stopped() {
		return errStopping
	}
	select {
	case q.slots <- struct{}{}:
		return nil
	default:
	}
	waiting, room, full := &q.waiting, q.room, errFull
	var late <-chan time.Time
	if hold > 0 {
		waiting, room, full = &q.holding, q.held, errHeld
		t := time.NewTimer(hold)
		defer t.Stop()
		late = t.C
	}
	defer waiting.Add(-1)
	if waiting.Add(1) > room {
		q.refused.Add(1)
		return full
	}
	select {
	case q.slots <- struct{}{}:
		return nil
	case <-late:
		q.refused.Add(1)
		return full
	case <-q.closed:
		return errStopping
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (q *queue) leave() { <-q.slots }

// seat is the slot that a request holds.
type seat struct {
	queue  *queue
	hold   time.Duration // of its route
	unread *atomic.Int64 // bytes of answers that are written without a slot
	left   bool
}

const seatKey = "borel.seat"

func (s *seat) leave() {
	if !s.left {
		s.left = true
		s.queue.leave()
	}
}

// Aside gives the slot of a handler's request back while wait lasts, and takes one again where wait returns nil. The error is
// wait's, or that none was to be had: then the request has to end.
func Aside(c echo.Context, wait func() error) error {
	s, ok := c.Get(seatKey).(*seat)
	if !ok {
		return wait()
	}
	s.leave()
	if err := wait(); err != nil {
		return err
	}
	if err := s.queue.enter(c.Request().Context(), s.hold); err != nil {
		return err
	}
	s.left = false
	return nil
}

// Bounds of answers that are written without a slot.
const (
	atOnce    = 64 << 10 // bytes that a connection takes without its reader, more or less
	maxUnread = 256 << 20
)

// away gives the slot back before an answer of n bytes is written, if that may take its reader's time: who reads slowly, or
// not at all, keeps nobody else from working. done is to be called when it is written. Where too much is unread already the
// slot is kept, which bounds what lies in memory.
func (s *seat) away(n int) (done func()) {
	if n <= atOnce {
		return func() {}
	}
	if s.unread.Add(int64(n)) <= maxUnread {
		s.leave()
	}
	return func() { s.unread.Add(-int64(n)) }
}

// close refuses everyone who waits or comes later; those who have a slot keep it.
func (q *queue) close() { q.closing.Do(func() { close(q.closed) }) }

func (q *queue) stopped() bool {
	select {
	case <-q.closed:
		return true
	default:
		return false
	}
}
