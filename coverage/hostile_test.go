package coverage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
)

// Counts that are on the edge of what there is, or beyond it, get from everything that takes counts a refusal or a finite
// answer: never NaN, never a panic. JSON has no NaN and no infinity.
func TestHostileCounts(t *testing.T) {
	same := func(n, c, problems int) []Count {
		counts := make([]Count, problems)
		for i := range counts {
			counts[i] = Count{Problem: fmt.Sprint(i), N: n, C: c}
		}
		return counts
	}
	inputs := []struct {
		name   string
		counts []Count
		ks     []int
		bad    bool
	}{
		{"nil", nil, []int{1}, true},
		{"k above n", same(5, 2, 3), []int{6}, true},
		{"k 0", same(5, 2, 3), []int{0}, true},
		{"k negative", same(5, 2, 3), []int{-1}, true},
		{"c above n", same(5, 6, 3), []int{1}, true},
		{"c negative", same(5, -1, 3), []int{1}, true},
		{"n 0", same(0, 0, 3), []int{1}, true},
		{"n too large", same(MaxSamples+1, 0, 1), []int{1}, true},
		{"none solved", same(10, 0, 5), []int{1, 9, 10}, false},
		{"all solved", same(10, 10, 5), []int{1, 9, 10}, false},
		{"one sample, wrong", same(1, 0, 1), []int{1}, false},
		{"one sample, right", same(1, 1, 1), []int{1}, false},
		{"one problem", same(30, 7, 1), []int{1, 30}, false},
		{"huge", same(MaxSamples, MaxSamples/2, 2), []int{1, 1000}, false},
		{"unequal", append(same(1000, 3, 2), same(2, 1, 2)...), []int{1, 2}, false},
		{"twice the same name", append(same(10, 3, 2), same(10, 4, 2)...), []int{1, 10}, false},
		{"no names", []Count{{N: 4, C: 1}, {N: 4, C: 2}}, []int{1, 4}, false},
	}
	for _, f := range []struct {
		name string
		do   func(counts []Count, ks []int) (any, error)
		noK  bool // does not look at ks
	}{
		{"Curve", func(c []Count, ks []int) (any, error) { return Curve(c, ks, Options{}) }, false},
		{"Curve of problems", func(c []Count, ks []int) (any, error) { return Curve(c, ks, Options{Kind: Problems}) }, false},
		{"Curve by bootstrap", func(c []Count, ks []int) (any, error) {
			return Curve(c, ks, Options{Method: Bootstrap, Resamples: 200})
		}, false},
		{"Hat", func(c []Count, ks []int) (any, error) { return Hat(c, ks, Options{}) }, false},
		{"Bounds", func(c []Count, ks []int) (any, error) { return Bounds(c, ks) }, false},
		{"Compare", func(c []Count, ks []int) (any, error) { return Compare(c, c, ks, Options{}) }, false},
		{"Compare of problems", func(c []Count, ks []int) (any, error) {
			return Compare(c, c, ks, Options{Kind: Problems, Resamples: 200})
		}, false},
		{"Inverse", func(c []Count, ks []int) (any, error) { return Inverse(c, ks, Options{}) }, false},
		{"Fit", func(c []Count, _ []int) (any, error) { return Fit(c) }, true},
		{"Posteriors", func(c []Count, _ []int) (any, error) { return Posteriors(c, Options{}) }, true},
		{"Difficulties", func(c []Count, _ []int) (any, error) { return Difficulties(c, Options{}) }, true},
		{"Analyze", func(c []Count, ks []int) (any, error) { return Analyze(context.Background(), c, Ask{K: ks}) }, false},
	} {
		for _, in := range inputs {
			answer, err := f.do(in.counts, in.ks)
			_, refused := errors.AsType[*Invalid](err)
			if err != nil && !refused && !errors.Is(err, ErrNoFit) {
				t.Errorf("%s, %s: %v is not a refusal", f.name, in.name, err)
			}
			badK := len(in.counts) == 3 && in.counts[0].Validate() == nil
			if in.bad && err == nil && !(f.noK && badK) {
				t.Errorf("%s, %s: answered %v", f.name, in.name, answer)
			}
			if err == nil {
				if _, err := json.Marshal(answer); err != nil {
					t.Errorf("%s, %s: %v", f.name, in.name, err)
				}
			}
		}
	}
}
