package worker

import (
	"slices"
	"time"
)

// A program that faults in guarded memory costs a worker's start, which is more than most programs take. So that a flood of
// them takes no more than a share of the workers' time, a crew has an allowance of faults. While that is used up, a worker
// that faulted comes back with checks of addresses, to which a fault is a trap like others; in time it is replaced by one
// with guarded memory again.
const (
	faultEvery = time.Second // of each worker: a start takes a tenth of it
	faultsMost = 4           // of each worker, all at once
)

// allowance is how many faults a crew may still have.
type allowance struct {
	left float64
	at   time.Time // when left was so many
}

// take reports whether there was one left, at a time when so many workers are there.
func (a *allowance) take(now time.Time, workers int) bool {
	most := float64(faultsMost * workers)
	if a.at.IsZero() {
		a.left = most
	} else {
		a.left = min(most, a.left+float64(workers)*now.Sub(a.at).Seconds()/faultEvery.Seconds())
	}
	a.at = now
	if a.left < 1 {
		return false
	}
	a.left--
	return true
}

// flooded reports, after a fault, whether the next worker is to check addresses. The code for that is compiled by the worker
// that takes what faults, and not by many at once.
func (c *crew) flooded() bool {
	if c.careful().state() != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.faults.take(time.Now(), c.size)
}

// withdraw ends a worker once it has nothing to do.
func (c *crew) withdraw(w *process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w.leaves = true
	n := len(c.idle)
	c.idle = slices.DeleteFunc(c.idle, func(o *process) bool { return o == w })
	if len(c.idle) < n {
		c.wg.Go(w.kill)
	}
}
