package server

import (
	"context"
	"sync"
	"sync/atomic"
)

// queue bounds how many requests work and how many wait. A request beyond both is refused at once: the caller knows
// better than a growing queue what to do meanwhile.
type queue struct {
	slots   chan struct{}
	room    int64
	waiting atomic.Int64
	refused atomic.Int64

	closing sync.Once
	closed  chan struct{}
}

func newQueue(slots, room int) *queue {
	return &queue{slots: make(chan struct{}, slots), room: int64(max(room, 0)), closed: make(chan struct{})}
}

// enter takes a slot, which leave gives back. The error is errFull, errStopping, or ctx's own.
func (q *queue) enter(ctx context.Context) error {
	if q.stopped() {
		return errStopping
	}
	select {
	case q.slots <- struct{}{}:
		return nil
	default:
	}
	if q.waiting.Add(1) > q.room {
		q.waiting.Add(-1)
		q.refused.Add(1)
		return errFull
	}
	defer q.waiting.Add(-1)
	select {
	case q.slots <- struct{}{}:
		return nil
	case <-q.closed:
		return errStopping
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (q *queue) leave() { <-q.slots }

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
