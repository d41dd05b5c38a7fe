package server

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Who is held waits in a room of its own, for so long and no longer.
func TestHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1, 0, 2)
		enter := func(hold time.Duration) <-chan error {
			told := make(chan error, 1)
			go func() { told <- q.enter(t.Context(), hold) }()
			synctest.Wait()
			return told
		}
		still := func(told <-chan error) {
			t.Helper()
			select {
			case err := <-told:
				t.Errorf("answered %v, want to be held", err)
			default:
			}
		}
		if err := <-enter(0); err != nil {
			t.Fatal(err)
		}
		if err := <-enter(0); err != errFull {
			t.Errorf("without a queue: got %v", err)
		}
		early, late := enter(3*time.Second), enter(5*time.Second)
		if err := <-enter(time.Hour); err != errHeld {
			t.Errorf("beyond the room: got %v", err)
		}
		time.Sleep(2 * time.Second)
		still(early)
		q.leave()
		synctest.Wait()
		if err := <-early; err != nil {
			t.Errorf("a slot came free: got %v", err)
		}
		began := time.Now()
		if err := <-late; err != errHeld || time.Since(began) != 3*time.Second {
			t.Errorf("none came free: got %v after %v", err, time.Since(began))
		}
		stopped := enter(time.Hour)
		still(stopped)
		q.close()
		if err := <-stopped; err != errStopping {
			t.Errorf("at shutdown: got %v", err)
		}
		if q.waiting.Load() != 0 || q.holding.Load() != 0 || q.refused.Load() != 3 {
			t.Errorf("%d wait, %d are held, %d were refused", q.waiting.Load(), q.holding.Load(), q.refused.Load())
		}
	})
}

// Who leaves while it is held takes no slot and no room.
func TestHeldLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1, 0, 1)
		if err := q.enter(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.enter(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		q.leave()
		if err := q.enter(t.Context(), time.Minute); err != nil {
			t.Errorf("got %v", err)
		}
	})
}
