package sandbox

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
)

// Extend runs prefix and keeps where it came to as a template of its own. A run on that template continues from there:
// its Steps follow those of the prefix, whose files, input, arguments, seed and start it has (its own are not looked
// at), and its Result is the one that a single run of all steps would have had, fuel, clock and randomness included.
// The prefix counts towards the limits of each run.
//
// The error is ctx's own, a fault of the service, or a *[PrefixError] where the prefix does not come to its end.
// (But for where endless recursion ends: wazero's call stack is as small as at the beginning of a run again.)
// The new template runs on t's instances; it takes memory for the pages that the prefix wrote, and need not be closed.
func (t *Template) Extend(ctx context.Context, prefix Spec) (*Template, error) {
	if err := prefix.validate(); err != nil {
		return nil, err
	}
	in, err := t.acquire(ctx)
	if err != nil {
		return nil, err
	}
	x := *t
	r, err := t.begin(ctx, in, &prefix)
	if err == nil {
		if err = r.prefix(&prefix); err == nil {
			x.from, err = t.checkpoint(r, maxMemory)
		}
	}
	t.release(in, err == nil)
	if err != nil {
		return nil, err
	}
	x.identity = fmt.Sprintf("%s after/%x", t.identity, sha256.Sum256(fmt.Appendf(nil, "%+v", prefix)))
	x.again = nil
	return &x, nil
}

// PrefixError is a prefix that did not come to its end: it cannot be shared, and must be judged as part of a whole run.
type PrefixError struct{ Reason Reason }

func (e *PrefixError) Error() string {
	return "the prefix did not come to its end: " + string(e.Reason)
}

// prefix runs the steps of spec, which must all return 0.
func (r *run) prefix(spec *Spec) error {
	trap, done, err := r.first(spec)
	switch {
	case err != nil:
		return err
	case done:
		return &PrefixError{r.result(nil, trap).Reason}
	case slices.ContainsFunc(r.returned, func(v uint32) bool { return v != 0 }):
		return &PrefixError{Finished}
	}
	return nil
}
