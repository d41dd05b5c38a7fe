package coverage

import (
	"math/rand/v2"
)

// poolSize is how many equally likely rates stand for what is believed of a problem.
const poolSize = 1024 // a power of two: an entry is drawn with 10 bits

// beliefs are what is believed of the rates of problems, each given all others.
type beliefs struct {
	*rates
	smoothed []float64
	of       map[cell]believed
}

func beliefsOf(cells []cell) *beliefs {
	b := &beliefs{rates: fitRates(cells), of: make(map[cell]believed)}
	b.smoothed = b.smooth()
	for _, g := range b.cells {
		b.of[cell{n: g.n, c: g.c}] = g
	}
	return b
}

// pool is poolSize values of log(1 − rate), which ascend in rate, and of which the rates that a problem of g may have are as
// frequent as they are likely.
func (b *beliefs) pool(g cell) []float64 {
	own, seen := b.of[cell{n: g.n, c: g.c}]
	if !seen { // the fit did not look at it
		own = believed{cell: g}
	}
	l := b.lattice(b.smoothed, own)
	pool, upTo, logFail, i := make([]float64, poolSize), l.zero, 0.0, 0
	for j := range pool {
		for want := l.sum * (float64(j) + 0.5) / poolSize; upTo < want && i < len(l.weight); i++ {
			upTo += l.weight[i]
			logFail = logistic(-l.at(float64(i) + 0.5))
		}
		pool[j] = logFail
	}
	return pool
}

// sumPools adds up, for each of resamples, one row of the pool of every problem, each as likely as the others. fill sets the
// pool of a cell, which holds weights[cell] problems.
func sumPools(weights []int, resamples int, seed uint64, fill func(cell int, pool []row)) []row {
	rng := rand.NewPCG(seed, 0x9e3779b97f4a7c15)
	all, pool := make([]row, resamples), make([]row, poolSize)
	for cell, weight := range weights {
		fill(cell, pool)
		for range weight {
			for first := 0; first < resamples; {
				bits := rng.Uint64()
				for range min(6, resamples-first) { // each takes 10 bits
					from, to := &pool[bits%poolSize], &all[first]
					for j := range to {
						to[j] += from[j]
					}
					bits /= poolSize
					first++
				}
			}
		}
	}
	return all
}
