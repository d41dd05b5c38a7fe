package judge0

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"borel/problem"
)

// parallelCallbacks is how many are called back at once.
const parallelCallbacks = 16

// work runs what is queued until ctx ends. What is under way then is begun anew by the next process.
func (d *door) work(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	calls := make(chan struct{}, parallelCallbacks)
	call := func(e *entry) {
		select {
		case calls <- struct{}{}:
		case <-ctx.Done():
			return
		}
		wg.Go(func() {
			defer func() { <-calls }()
			d.callBack(ctx, e)
		})
	}
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case e := <-d.book.queue:
					if d.process(ctx, e) {
						call(e)
					}
				}
			}
		})
	}
	for _, e := range d.book.recall {
		call(e)
	}
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		d.book.expire(time.Now())
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// process runs a submission to its end, unless ctx ends before, and reports whether somebody is to be called back.
func (d *door) process(ctx context.Context, e *entry) (callback bool) {
	st := d.book.begin(e)
	var s submission
	var out output
	err := d.book.read(e, kindSubmission, &s)
	if err == nil {
		out, err = d.run(ctx, &s, &st)
	}
	if ctx.Err() != nil {
		d.book.leave(e)
		return false
	}
	if err != nil {
		d.log.Error("a submission was not run", "token", e.token, "err", err)
		st.Status, st.Message = statusInternal, new("the program was not run: "+err.Error())
	}
	st.Callback = s.CallbackURL != nil && *s.CallbackURL != ""
	d.book.end(e, st, out)
	return st.Callback
}

// run runs s and judges it. The error is a fault of the service, or ctx's own.
func (d *door) run(ctx context.Context, s *submission, st *state) (out output, err error) {
	defer func() {
		if p := recover(); p != nil { // one submission must not end the process
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	if err := d.cfg.Wait(ctx); err != nil {
		return output{}, err
	}
	r, _, err := s.request()
	if err != nil {
		return output{}, err
	}
	run, err := d.cfg.Verifier.Run(ctx, r)
	if err == nil && run.Reason == "sleep" && s.WallTime > r.Limits.Seconds {
		// It waited rather than worked: that may take until wall_time_limit.
		r.Limits.Seconds = min(s.WallTime, problem.MaxLimits.Seconds)
		run, err = d.cfg.Verifier.Run(ctx, r)
	}
	if err != nil {
		return output{}, err
	}
	return s.judge(&run, st), nil
}
