package coverage

import (
	"math"
	"math/bits"
	"slices"

	"gonum.org/v1/gonum/integrate/quad"
)

// Majority is the chance that the winner of a vote among k random samples of a problem is right, at each of ks: the answer
// that most of them state (self-consistency, Wang et al. 2023, arXiv 2203.11171), or that has the greatest sum of their
// scores. A sample without an answer does not vote, and is taken only where no other was drawn. Samples come in random
// order, of which the lowest index decides a tie: each of the samples that tie is first with the same chance, so that the
// result does not depend on the order of samples. Where samples of one answer are right and wrong, the first of them counts.
//
// Unweighted, the chance is exact, to about 1e-10 where n is 100,000. Weighted it is exact where there are at most 20,000
// choices of k samples, or where all scores are equal; otherwise it is the mean over random choices, and [Selected.Error]
// their standard error. So it is of unweighted votes that would take more than some seconds: of k by the hundred among
// n = 100,000.
//
// Intervals are as those of [Select]. The error is an *[Invalid], as that of [BestOf].
func Majority(samples []Scored, ks []int, weighted bool, o Options) ([]Selected, error) {
	samples, err := decided(samples, ks)
	if err != nil {
		return nil, err
	}
	if err := o.validate([]Count{{N: len(samples)}}); err != nil {
		return nil, err
	}
	m := means{ks, []outcome{majority(samples, ks, weighted, o, 0, 1)}}
	return m.points(o), nil
}

// maxProducts is how many the exact chances of one problem may take: some seconds.
const maxProducts = 1e9

// majority of one problem, the i-th of problems.
func majority(samples []Scored, ks []int, weighted bool, o Options, i, problems int) outcome {
	if weighted && slices.IndexFunc(samples, func(s Scored) bool { return s.Score != samples[0].Score }) < 0 && samples[0].Score > 0 {
		weighted = false
	}
	x := outcome{n: len(samples), chance: make([]float64, len(ks))}
	b := newBallot(samples, weighted)
	v := votes(samples)
	var left, at []int // what is not exact
	for j, k := range ks {
		exact := false
		if weighted {
			x.chance[j], exact = b.all(k)
		} else {
			x.chance[j], exact = v.at(k, maxProducts/float64(len(ks)))
		}
		if !exact {
			left, at = append(left, k), append(at, j)
		}
	}
	if len(left) > 0 {
		x.noise = make([]float64, len(ks))
		looked := float64(slices.Max(left))
		for _, k := range left {
			looked += float64(b.among(k))
		}
		chance, noise := b.some(left, repetitions(looked, problems, 10_000), o, i)
		for l, j := range at {
			x.chance[j], x.noise[j] = chance[l], noise[l]
		}
	}
	x.varies(b, ks, o, i, problems)
	return x
}

// plurality is the chance that a vote among k random samples of a problem is won by a right one.
//
// With X_a the votes for answer a, which N_a samples state, the chance of each outcome is that of independent binomials
// X_a ~ B(N_a, θ), given that they and the samples without an answer add up to k; θ = k/n makes that likely. The sum is
// fixed by a discrete Fourier transform of the generating function, evaluated at roots of unity z. Where m is the most
// votes that an answer got, and y counts those that got them, that function is
//
//	∑_m ∑_a right_a p_a(m) z^m ∏_{b≠a} (∑_{j<m} p_b(j) z^j + y p_b(m) z^m)
//
// and ∫ dy over 0 … 1 turns the y^t of t further answers into 1/(t+1): the chance of a tie that the lowest index decides,
// samples being in random order. Answers of equal N_a are taken together, so that the time depends on how many different
// N_a there are.
type plurality struct {
	n       int
	classes []class // by N, greatest first
	silent  class   // samples without an answer; one of them is taken where no other was chosen
}

// class is the answers that equally many samples state.
type class struct {
	n     int     // samples of each answer
	count int     // answers
	right float64 // sum over answers of the share of their samples that is right
}

func votes(samples []Scored) plurality {
	type tally struct{ n, right int }
	byAnswer := make(map[string]tally)
	p := plurality{n: len(samples)}
	for _, s := range samples {
		t := byAnswer[s.Answer]
		t.n++
		if s.Right {
			t.right++
		}
		byAnswer[s.Answer] = t
	}
	if t, ok := byAnswer[""]; ok {
		p.silent = class{t.n, 1, float64(t.right) / float64(t.n)}
		delete(byAnswer, "")
	}
	tallies := make([]tally, 0, len(byAnswer))
	for _, t := range byAnswer {
		tallies = append(tallies, t)
	}
	slices.SortFunc(tallies, func(a, b tally) int { // a fixed order of the sums
		if a.n != b.n {
			return b.n - a.n
		}
		return b.right - a.right
	})
	for _, t := range tallies {
		if l := len(p.classes); l == 0 || p.classes[l-1].n != t.n {
			p.classes = append(p.classes, class{n: t.n})
		}
		c := &p.classes[len(p.classes)-1]
		c.count++
		c.right += float64(t.right) / float64(t.n)
	}
	return p
}

// at is the chance that the vote among k samples is won by a right one; false where it would take more than most products.
func (p plurality) at(k int, most float64) (float64, bool) {
	if len(p.classes) == 0 {
		return p.silent.right, true
	}
	if k == p.n { // all samples vote
		return p.classes[0].right / float64(p.classes[0].count), true
	}
	theta := float64(k) / float64(p.n)
	e := evaluation{plurality: p, theta: theta, pmf: make([]distribution, len(p.classes))}
	for i, c := range p.classes {
		e.pmf[i] = newBinomial(c.n, theta)
	}
	// Sums further than this from k have a chance below e^-50 (Bernstein), so that they may share a root with k.
	variance := float64(p.n) * theta * (1 - theta)
	roots := min(p.n+1, int(math.Ceil(50./3+math.Sqrt(50./3*50./3+100*variance)))) | 1
	products := e.plan(k)
	if products*float64(roots) > most {
		return 0, false
	}
	e.unit = make([]complex128, roots)
	for i := range e.unit {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(roots))
		e.unit[i] = complex(cos, sin)
	}
	sum := real(e.at(0))
	for s := 1; s <= roots/2; s++ { // the other half are their conjugates
		sum += 2 * real(e.at(s)*e.unit[(roots-s*k%roots)%roots])
	}
	return min(max(sum/float64(roots)/newBinomial(p.n, theta).at(k), 0), 1), true
}

// level is a number m of votes that may win.
type level struct {
	votes  int
	active int // classes, the first ones, whose answers can have so many
	rest   int // samples of the others, and without an answer
	nodes  []float64
	weight []float64 // of the nodes of the integral over y
}

// plan finds the levels whose chance is not negligible, and about how many products each root takes.
func (e *evaluation) plan(k int) (products float64) {
	active, rest := len(e.classes), e.silent.n
	rules := make(map[int]level) // by number of nodes
	for m := 1; m <= min(k, e.classes[0].n); m++ {
		for ; e.classes[active-1].n < m; active-- {
			rest += e.classes[active-1].n * e.classes[active-1].count
		}
		reached, none, ties, answers := 0.0, 0.0, 0.0, 0
		for i, c := range e.classes[:active] {
			at, upTo := e.pmf[i].at(m), e.pmf[i].upTo(m)
			reached += float64(c.count) * at
			none += float64(c.count) * math.Log(upTo)
			ties += float64(c.count) * at / upTo
			answers += c.count
		}
		if reached < negligible || none < math.Log(negligible) {
			continue
		}
		// Gauss and Legendre's rule is exact up to degree 2 nodes − 1; that of y is the number of further answers. Where
		// those are many, the integrand falls off from y = 1 as exp(−ties (1 − y)), of which fewer nodes know all digits.
		nodes := min((min(answers, k/m)-1)/2+1, 16+int(4*math.Sqrt(ties)))
		l, ok := rules[nodes]
		if !ok {
			l.nodes, l.weight = make([]float64, nodes), make([]float64, nodes)
			quad.Legendre{}.FixedLocations(l.nodes, l.weight, 0, 1)
			rules[nodes] = l
		}
		l.votes, l.active, l.rest = m, active, rest
		e.levels = append(e.levels, l)
		products += float64(nodes * active)
	}
	e.below, e.factor, e.without = make([]complex128, len(e.pmf)), make([]complex128, len(e.pmf)), make([]complex128, len(e.pmf)+1)
	e.next = make([]int, len(e.pmf))
	return products
}

// evaluation holds what is needed at each root of unity.
type evaluation struct {
	plurality
	pmf    []distribution
	levels []level
	theta  float64
	unit   []complex128

	// By class, for the root and level at hand.
	next                   []int // below holds the chances of fewer votes than this
	below, factor, without []complex128
}

// at is the generating function at root s, y being integrated out.
func (e *evaluation) at(s int) complex128 {
	roots := len(e.unit)
	root := func(j int) complex128 { return e.unit[s*j%roots] }
	any := complex(1-e.theta, 0) + complex(e.theta, 0)*root(1) // a sample of whatever else
	clear(e.below)
	for i := range e.next {
		e.next[i] = e.pmf[i].first
	}
	sum := complex128(0)
	if e.silent.n > 0 { // nobody votes
		none := complex(e.silent.right, 0) * power(any, e.silent.n)
		for i, c := range e.classes {
			none *= power(complex(e.pmf[i].at(0), 0), c.count)
		}
		sum += none
	}
	for _, l := range e.levels {
		for i := range l.active {
			for ; e.next[i] < l.votes; e.next[i]++ {
				e.below[i] += complex(e.pmf[i].at(e.next[i]), 0) * root(e.next[i])
			}
		}
		z, rest := root(l.votes), power(any, l.rest)
		for j, y := range l.nodes {
			sum += complex(l.weight[j], 0) * rest * e.winners(l, z, y)
		}
	}
	return sum
}

// winners is ∑_a right_a p_a(m) z^m ∏_{b≠a} (…) over the answers that can win.
func (e *evaluation) winners(l level, z complex128, y float64) complex128 {
	after := e.without[:l.active+1]
	after[l.active] = 1
	for i := l.active - 1; i >= 0; i-- {
		e.factor[i] = e.below[i] + complex(y*e.pmf[i].at(l.votes), 0)*z
		after[i] = after[i+1] * power(e.factor[i], e.classes[i].count)
	}
	sum, before := complex128(0), complex128(1)
	for i, c := range e.classes[:l.active] {
		others := before * power(e.factor[i], c.count-1)
		sum += complex(c.right*e.pmf[i].at(l.votes), 0) * z * others * after[i+1]
		before = others * e.factor[i]
	}
	return sum
}

func power(z complex128, n int) complex128 {
	p := complex128(1)
	for i := bits.Len(uint(n)) - 1; i >= 0; i-- {
		if p *= p; n>>i&1 == 1 {
			p *= z
		}
	}
	return p
}
