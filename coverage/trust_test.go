package coverage

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// drawn is the worth of drawing at most k samples of p until one is accepted, by trying random orders.
func drawn(r *rand.Rand, p Judged, k int, cost float64, times int) float64 {
	var samples []float64 // worth of each sample where it is accepted; NaN where it is not
	for _, c := range []struct {
		n     int
		worth float64
	}{{p.TrueAccepted, 1}, {p.FalseAccepted, -cost}, {p.FalseRejected + p.TrueRejected, math.NaN()}} {
		for range c.n {
			samples = append(samples, c.worth)
		}
	}
	total := 0.0
	for range times {
		for _, i := range r.Perm(len(samples))[:k] {
			if !math.IsNaN(samples[i]) {
				total += samples[i]
				break
			}
		}
	}
	return total / float64(times)
}

// TestTrustWorth: the worth is that of drawing, and no other number of draws is worth more.
func TestTrustWorth(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	problems := []Judged{{TrueAccepted: 6, TrueRejected: 4}, {TrueAccepted: 1, FalseAccepted: 2, TrueRejected: 9}, {FalseAccepted: 1, FalseRejected: 2, TrueRejected: 8}, {TrueRejected: 10}}
	for _, cost := range []float64{0, 0.5, 1, 2, 5, 1000} {
		got, err := Trust(problems, cost)
		if err != nil {
			t.Fatal(err)
		}
		const times = 20_000
		best, at := 0.0, 0
		for k := 0; k <= 10; k++ {
			worth := 0.0
			for _, p := range problems {
				worth += drawn(r, p, k, cost, times) / float64(len(problems))
			}
			if k == got.K && math.Abs(worth-got.Worth) > 0.01*(1+cost/10) {
				t.Errorf("cost %g: worth %g at %d, drawn %g", cost, got.Worth, k, worth)
			}
			if worth > best {
				best, at = worth, k
			}
		}
		if best > got.Worth+0.02*(1+cost/10) {
			t.Errorf("cost %g: %d draws are worth %g, drawing shows %g at %d", cost, got.K, got.Worth, best, at)
		}
	}
}

func TestTrust(t *testing.T) {
	number := func(p *float64) float64 {
		if p == nil {
			return -1
		}
		return *p
	}
	for _, c := range []struct {
		name              string
		problems          []Judged
		cost              float64
		fpr, fnr, ceiling float64
		k                 int
		worth             float64
	}{
		{"perfect", []Judged{{TrueAccepted: 1, TrueRejected: 3}}, 1, 0, 0, 1, 4, 1},
		{"accepts everything", []Judged{{TrueAccepted: 1, FalseAccepted: 3}}, 0, 1, 0, 0.25, 1, 0.25},
		{"worse than silence", []Judged{{TrueAccepted: 1, FalseAccepted: 3}}, 1, 1, 0, 0.25, 0, 0},
		{"accepts nothing", []Judged{{FalseRejected: 1, TrueRejected: 3}}, 1, 0, 1, 0, 0, 0},
		{"nothing is wrong", []Judged{{TrueAccepted: 2}}, 1, -1, 0, 1, 1, 1},
		{"nothing is right", []Judged{{TrueRejected: 2}}, 1, 0, -1, 0, 0, 0},
		// The easy problem is solved by the first draw; each further one finds the hard one's false positive more surely.
		{"a finite best", []Judged{{TrueAccepted: 9, TrueRejected: 1}, {FalseAccepted: 1, TrueRejected: 9}}, 2, 1.0 / 11, 0, 0.5, 1, (0.9 - 0.2) / 2},
	} {
		got, err := Trust(c.problems, c.cost)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for _, v := range []struct {
			what      string
			got, want float64
		}{{"false positives", number(got.FalsePositiveRate), c.fpr}, {"false negatives", number(got.FalseNegativeRate), c.fnr}, {"ceiling", got.Ceiling, c.ceiling}, {"k", float64(got.K), float64(c.k)}, {"worth", got.Worth, c.worth}} {
			if math.Abs(v.got-v.want) > 1e-12 {
				t.Errorf("%s: %s: got %g, want %g", c.name, v.what, v.got, v.want)
			}
		}
	}
	for _, c := range []struct {
		problems []Judged
		cost     float64
		field    string
	}{
		{nil, 1, "problems"}, {[]Judged{{}}, 1, "problems[0]"}, {[]Judged{{TrueAccepted: 2, TrueRejected: -1}}, 1, "problems[0]"},
		{[]Judged{{TrueAccepted: 1}}, -1, "wrong_cost"}, {[]Judged{{TrueAccepted: 1}}, math.NaN(), "wrong_cost"}, {[]Judged{{TrueAccepted: 1}}, math.Inf(1), "wrong_cost"},
	} {
		_, err := Trust(c.problems, c.cost)
		if e, ok := errors.AsType[*Invalid](err); !ok || e.Field != c.field {
			t.Errorf("Trust(%v, %g): got %v, want a fault of %s", c.problems, c.cost, err, c.field)
		}
	}
}
