package coverage

import (
	"math"
	"math/rand/v2"
	"slices"
)

// poolSize is how many possible rates stand for what is believed of a problem.
const poolSize = 1024 // a power of two: an entry is drawn with 10 bits

// beliefs are what is believed of the rates of problems, each given all others.
type beliefs struct {
	*rates
	of   map[cell]believed
	step float64 // of the grid, in log odds
}

func beliefsOf(cells []cell) *beliefs {
	b := &beliefs{rates: fitRates(cells), of: make(map[cell]believed)}
	for _, g := range b.cells {
		b.of[cell{n: g.n, c: g.c}] = g
	}
	b.step = 2 * b.end / (gridPoints - 1)
	return b
}

// prior is what all problems but one of g let believe, on the points of the grid. It is spread over half a unit of log odds,
// since the fit is sharper than what it was made from.
func (b *beliefs) prior(g cell) []float64 {
	sharp := slices.Clone(b.mass)
	own := b.of[cell{n: g.n, c: g.c}]
	for j, p := range own.own { // of cells that the fit did not look at there is none
		sharp[own.first+j] -= p
	}
	const sd = 0.5
	prior := make([]float64, len(sharp))
	prior[0] = max(sharp[0], 0)
	reach := int(3*sd/b.step) + 1
	kernel := make([]float64, 2*reach+1)
	for i := range kernel {
		d := float64(i-reach) * b.step / sd
		kernel[i] = math.Exp(-d * d / 2)
	}
	for j := 1; j < len(sharp); j++ {
		sum := 0.0
		first, last := max(1, j-reach), min(len(sharp)-1, j+reach)
		for i := first; i <= last; i++ {
			sum += kernel[i-j+reach]
		}
		for i := first; i <= last; i++ {
			prior[i] += max(sharp[j], 0) * kernel[i-j+reach] / sum
		}
	}
	return prior
}

// pool is poolSize values of log(1 − rate), in which the rates that a problem of g may have are as frequent as they are
// likely.
func (b *beliefs) pool(g cell) []float64 {
	hits, misses := float64(g.c), float64(g.n-g.c)
	middle, sd := math.Log((hits+0.5)/(misses+0.5)), math.Sqrt(1/(hits+0.5)+1/(misses+0.5))
	from, to := max(-b.end, middle-7*sd-20/(hits+0.5)), min(b.end, middle+7*sd+20/(misses+0.5))
	const points = 200 // closer to each other than those of the grid, where the counts tell more than the prior
	apart := (to - from) / points
	prior, logFail, weight := b.prior(g), make([]float64, points+1), make([]float64, points+1)
	weight[0] = math.Inf(-1)
	if g.c == 0 {
		weight[0] = math.Log(prior[0] * b.step / apart)
	}
	for i := range points {
		odds := from + (float64(i)+0.5)*apart
		x := (odds + b.end) / b.step
		j := min(int(x), gridPoints-2)
		here := prior[1+j] + (x-float64(j))*(prior[2+j]-prior[1+j])
		logFail[i+1] = -math.Log1p(math.Exp(odds))
		weight[i+1] = math.Log(max(here, 1e-12)) + hits*odds + (hits+misses)*logFail[i+1]
	}
	top, total := slices.Max(weight), 0.0
	for i := range weight {
		weight[i] = math.Exp(weight[i] - top)
		total += weight[i]
	}
	pool, upTo, i := make([]float64, poolSize), weight[0], 0
	for j := range pool {
		for want := total * (float64(j) + 0.5) / poolSize; upTo < want && i < points; upTo += weight[i] {
			i++
		}
		pool[j] = logFail[i]
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
