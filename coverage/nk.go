package coverage

import (
	"math/rand/v2"
	"slices"
)

// Judged is c as a selector that accepts everything sees it: n@k without a filter.
func (c Count) Judged() Judged {
	return Judged{Problem: c.Problem, TrueAccepted: c.C, FalseAccepted: c.N - c.C}
}

// NAtK is n@k, the chance that one of n submissions is right where k samples are drawn, those that a filter accepts are
// kept, and n random ones of these are submitted, or all where there are fewer (Li et al. 2022, "Competition-Level Code
// Generation with AlphaCode", arXiv 2203.07814, whose filter is the tests in the problem's statement). It is the mean over
// problems at each of ks. Where A of N samples are accepted, T of them right, it is exactly
//
//	∑_j binom(A, j) binom(N−A, k−j) / binom(N, k) × pass@min(n, j) of T right ones among A
//
// Problems may have different numbers of samples; a sample that the filter or the truth left undecided is in none of the
// four numbers of its problem. With a filter that accepts everything ([Count.Judged]) and k ≥ n it is pass@n, and with one
// that accepts exactly what is right pass@k.
//
// The interval is as that of [Select]. The error is an *[Invalid]: no problems, counts out of range, an n below 1, a k below
// 1 or above the samples of any problem.
func NAtK(problems []Judged, n int, ks []int, o Options) ([]Point, error) {
	if err := validateJudged(problems); err != nil {
		return nil, err
	}
	counts := make([]Count, len(problems))
	for i, p := range problems {
		counts[i] = Count{Problem: p.Problem, N: p.samples(), C: p.TrueAccepted + p.FalseRejected}
	}
	if err := validateKs(counts, ks); err != nil {
		return nil, err
	}
	if err := o.validate(counts); err != nil {
		return nil, err
	}
	if n < 1 || n > MaxSamples {
		return nil, invalidf("n", "is %d; it must be between 1 and %d", n, MaxSamples)
	}
	m := means{ks, make([]outcome, len(problems))}
	for i, p := range problems {
		x := &m.outcomes[i]
		*x = outcome{n: p.samples(), chance: make([]float64, len(ks))}
		for j, k := range ks {
			x.chance[j] = p.natK(n, k)
		}
		if o.withDefaults().Kind == Samples && len(ks) > 0 {
			x.variance = p.again(n, ks, repetitions(float64(min(n, slices.Max(ks))*len(ks)), len(problems), max(40, min(400, 40_000/len(problems)))), o, i)
		}
	}
	points := make([]Point, len(ks))
	for i, s := range m.points(o) {
		points[i] = s.Point
	}
	return points, nil
}

// natK is n@k of one problem. The accepted among k samples are as hypergeometric; those submitted are a random choice of
// all that are accepted, of a size that is the least of n and their number.
func (p Judged) natK(n, k int) float64 {
	a, all := p.accepted(), p.samples()
	if p.TrueAccepted == 0 {
		return 0
	}
	n = min(n, a, k)
	if a == all {
		return passAtK(a, p.TrueAccepted, n)
	}
	h := newHypergeometric(all, a, k)
	// pass@j by recurrence: the first right one comes at draw j+1 with the chance that j failed times T of the a−j left.
	chance, rest, pass, fail := 0.0, 1-h.at(0), 0.0, 1.0 // without a sample nothing is submitted
	for j := 1; j <= n && fail >= certain; j++ {
		hit := min(float64(p.TrueAccepted)/float64(a-j+1), 1)
		pass += fail * hit
		if fail *= 1 - hit; j < n {
			chance += h.at(j) * pass
			rest -= h.at(j)
		}
	}
	return min(chance+max(rest, 0)*min(pass, 1), 1)
}

// again is the variance of n@k were other samples drawn, estimated from so many draws of new samples from the old.
func (p Judged) again(n int, ks []int, draws int, o Options, problem int) []float64 {
	r := rand.New(rand.NewPCG(o.Seed, uint64(problem)<<1|1))
	all := p.samples()
	sum, squares := make([]float64, len(ks)), make([]float64, len(ks))
	for range draws {
		// Counts of the four kinds, by turns binomial.
		left, weight := all, all
		take := func(have int) (got int) {
			got = binomialDraw(r, left, float64(have)/float64(max(weight, 1)))
			left -= got
			weight -= have
			return got
		}
		q := Judged{TrueAccepted: take(p.TrueAccepted), FalseAccepted: take(p.FalseAccepted), FalseRejected: take(p.FalseRejected)}
		q.TrueRejected = left
		for j, k := range ks {
			c := q.natK(n, k)
			sum[j] += c
			squares[j] += c * c
		}
	}
	variance := make([]float64, len(ks))
	for j := range ks {
		b := float64(draws)
		variance[j] = (squares[j] - sum[j]*sum[j]/b) / (b - 1) * float64(all) / float64(max(all-1, 1))
	}
	return variance
}

func binomialDraw(r *rand.Rand, n int, rate float64) int {
	if rate >= 1 {
		return n
	}
	if rate <= 0 || n == 0 {
		return 0
	}
	b := newBinomial(n, rate)
	u := r.Float64()
	for i, upTo := range b.sum {
		if u < upTo {
			return b.first + i
		}
	}
	return b.first + len(b.sum) - 1
}
