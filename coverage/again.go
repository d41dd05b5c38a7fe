package coverage

import (
	"math"
	"math/rand/v2"
)

// picker picks one of the samples of a problem that were added to it.
type picker interface {
	clear()
	add(i int)       // the i-th sample of the problem, which may be there more than once
	chance() float64 // that what is picked of those added is right
	among(k int) int // about how many steps chance takes with k samples
}

// topScore picks the highest score.
type topScore struct {
	samples    []Scored
	top        float64
	tie, right float64
}

func (p *topScore) clear() { p.top, p.tie, p.right = math.Inf(-1), 0, 0 }

func (p *topScore) add(i int) {
	s := p.samples[i]
	if s.Score > p.top {
		p.top, p.tie, p.right = s.Score, 0, 0
	}
	if s.Score == p.top {
		p.tie++
		if s.Right {
			p.right++
		}
	}
}

func (p *topScore) chance() float64 { return p.right / p.tie }
func (p *topScore) among(int) int   { return 1 }

// maxWork is about how many samples are looked at over all problems, for each of chances and their variances.
const maxWork = 5e7

// repetitions is how often something can be done that looks at so many samples of each problem: most times at most.
func repetitions(samples float64, problems, most int) int {
	return max(min(int(maxWork/samples/float64(problems)), most), 20)
}

// varies estimates the variance of x where samples vary: more precisely of fewer problems.
func (x *outcome) varies(p picker, ks []int, o Options, i, problems int) {
	if o.withDefaults().Kind != Samples || len(ks) == 0 {
		return
	}
	looked := float64(x.n)
	for turn := range choices(x.n, 1) {
		most := 0
		for _, k := range ks {
			if turn < choices(x.n, k) {
				most = max(most, k)
				looked += float64(p.among(k))
			}
		}
		looked += float64(most)
	}
	x.variance = again(p, x.n, ks, repetitions(looked, problems, min(max(100, 20_000/problems), 2000)), o, i)
}

// again is by how much the mean of p over all choices of k among n samples of a problem would vary, were n others drawn
// like them: its variance at each of ks. Two choices from the same new samples agree by chance and by these samples, two
// from different ones by chance only, so that their covariance is that variance. It is estimated from so many draws of new
// samples, with replacement from the old, and may fall below 0.
func again(p picker, n int, ks []int, draws int, o Options, problem int) []float64 {
	at := ascending(ks)
	fresh := make([]int, n)
	r := rand.New(rand.NewPCG(o.Seed, uint64(problem)<<1|1))
	type sums struct{ chance, squares float64 }
	now, mean, same := make([]sums, len(ks)), make([]float64, len(ks)), make([]float64, len(ks))
	squared := make([]float64, len(ks)) // sum over draws of the mean of a draw, squared
	for range draws {
		for i := range fresh {
			fresh[i] = r.IntN(n)
		}
		clear(now)
		for turn := range choices(n, 1) {
			p.clear()
			drawn := 0
			for _, j := range at {
				if turn >= choices(n, ks[j]) {
					break
				}
				for ; drawn < ks[j]; drawn++ {
					other := drawn + r.IntN(n-drawn)
					fresh[drawn], fresh[other] = fresh[other], fresh[drawn]
					p.add(fresh[drawn])
				}
				c := p.chance()
				now[j].chance += c
				now[j].squares += c * c
			}
		}
		for j, s := range now {
			m := float64(choices(n, ks[j]))
			mean[j] += s.chance / m
			squared[j] += s.chance / m * s.chance / m
			same[j] += (s.chance*s.chance - s.squares) / (m * (m - 1))
		}
	}
	variance := make([]float64, len(ks))
	for j := range ks {
		b := float64(draws)
		different := (mean[j]*mean[j] - squared[j]) / (b * (b - 1))
		// Draws with replacement from n samples vary by 1/n too little.
		variance[j] = (same[j]/b - different) * float64(n) / max(float64(n-1), 1)
	}
	return variance
}

// choices is how many choices of k among n samples are made: two, and as many as they share few samples.
func choices(n, k int) int { return min(max(n/k, 2), 32) }
