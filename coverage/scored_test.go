package coverage

import (
	"cmp"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestBestOfIsThatOfAllOrders(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 60 {
		samples := draws(r, 1+r.IntN(7), 3)
		for k := 1; k <= len(samples); k++ {
			want := brute(samples, k, func(order []int) int {
				return first(order, func(i int) float64 { return samples[i].Score })
			})
			got, err := BestOf(samples, []int{k})
			if err != nil || math.Abs(got[0]-want) > 1e-14 {
				t.Fatalf("k = %d of %v: %v, %v, want %.17g", k, samples, got, err, want)
			}
		}
	}
}

// bestOfExactly is the published formula in 300 bits, for samples with scores that differ.
func bestOfExactly(samples []Scored, k int) float64 {
	sorted := slices.SortedFunc(slices.Values(samples), func(a, b Scored) int { return cmp.Compare(b.Score, a.Score) })
	n := len(sorted)
	float := func(x int) *big.Float { return new(big.Float).SetPrec(300).SetInt64(int64(x)) }
	// binom(n−i, k−1) / binom(n, k), for i = 1 and on.
	weight, sum := new(big.Float).Quo(float(k), float(n)), float(0)
	for i := 1; i <= n; i++ {
		if sorted[i-1].Right {
			sum.Add(sum, weight)
		}
		if i < n {
			weight.Mul(weight, float(max(0, n-i-k+1)))
			weight.Quo(weight, float(n-i))
		}
	}
	f, _ := sum.Float64()
	return f
}

func TestBestOfIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, n := range []int{1, 2, 100, 3000, 100_000} {
		samples := make([]Scored, n)
		for i, at := range r.Perm(n) {
			samples[i] = Scored{Score: float64(at), Right: r.IntN(3) == 0}
		}
		ks := slices.Compact([]int{1, min(2, n), min(17, n), (n + 1) / 2, n})
		got, err := BestOf(samples, ks)
		if err != nil {
			t.Fatal(err)
		}
		for i, k := range ks {
			if want := bestOfExactly(samples, k); math.Abs(got[i]-want) > 1e-12 {
				t.Errorf("best of %d from %d: %.17g, want %.17g", k, n, got[i], want)
			}
		}
	}
}

// A score that is the truth selects as an oracle does; one that is always the same as a random pick does.
func TestBestOfIsBetweenRandomAndOracle(t *testing.T) {
	truth, same := make([]Scored, 100), make([]Scored, 100)
	for i := range truth {
		right := i%7 == 3
		truth[i], same[i] = Scored{Right: right}, Scored{Right: right, Score: -1}
		if right {
			truth[i].Score = 1
		}
	}
	ks := []int{1, 2, 5, 30, 86, 87, 100}
	oracle, err := BestOf(truth, ks)
	if err != nil {
		t.Fatal(err)
	}
	random, err := BestOf(same, ks)
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range ks {
		if want, _ := PassAtK(100, 14, k); math.Abs(oracle[i]-want) > 1e-14 || math.Abs(random[i]-.14) > 1e-14 {
			t.Errorf("k = %d: %.17g and %.17g, want %.17g and .14", k, oracle[i], random[i], want)
		}
	}
}

func TestScoredRefused(t *testing.T) {
	ok := []Scored{{Right: true, Answer: "1"}, {Unknown: true, Right: true}, {Answer: "2"}}
	for _, test := range []struct {
		name    string
		samples []Scored
		ks      []int
		field   string
	}{
		{"none", nil, []int{1}, "samples"},
		{"none decided", ok[1:2], []int{1}, "samples"},
		{"k 0", ok, []int{0}, "k"},
		{"k above what is decided", ok, []int{1, 3}, "k"},
		{"NaN", []Scored{{}, {Score: math.NaN()}}, []int{1}, "samples[1].score"},
		{"infinite", []Scored{{Score: math.Inf(-1)}}, []int{1}, "samples[0].score"},
		{"too large for a sum", []Scored{{Score: math.MaxFloat64}}, []int{1}, "samples[0].score"},
		{"too many k", ok, make([]int, MaxPoints+1), "k"},
		{"too many k of so many", make([]Scored, maxSteps/1000+1), make([]int, 1000), "k"},
	} {
		_, err := BestOf(test.samples, test.ks)
		if invalid, is := errors.AsType[*Invalid](err); !is || invalid.Field != test.field {
			t.Errorf("%s: %v, want a fault of %s", test.name, err, test.field)
		}
		if _, also := Majority(test.samples, test.ks, true, Options{}); also == nil || also.Error() != err.Error() {
			t.Errorf("%s: Majority says %v", test.name, also)
		}
	}
	if best, err := BestOf(ok, []int{1, 2}); err != nil || best[0] != .5 || best[1] != .5 {
		t.Errorf("with an unknown sample: %v, %v", best, err)
	}
}
