package coverage

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// maxBayesDraws bounds problems times resamples, which take about 3 seconds then.
const maxBayesDraws = 50_000_000

// bayesian draws from what is believed, given the counts, of the mean of pass@k at each of ms, and returns the quantiles
// of the draws.
//
// For [Problems] each draw weights the problems, with what is estimated of each, as a Dirichlet distribution does whose
// parameters are all 1 (Rubin 1981, "The Bayesian bootstrap"), with the imagined problem of the prior as one of them.
//
// For [Samples] it takes a rate for each problem from its posterior, that of [Posteriors]. Draws that are independent of
// each other leave out that the prior is itself estimated, so they are moved and widened until their mean and
// variance are those of the estimate.
func (o Options) bayesian(cells []cell, problems int, ms []moment) (lows, highs []float64) {
	r := beliefsOf(cells)
	at := make(map[int]moment, len(ms))
	ks := make([]int, len(ms))
	for i, m := range ms {
		at[m.k], ks[i] = m, m.k
	}
	ends := blocks(ks, columns, 2, func(ks []int, to [][]float64) {
		draws := o.draw(cells, r, ks)
		column := make([]float64, len(draws))
		for j, k := range ks {
			for d, sum := range draws {
				column[d] = sum[j]
			}
			if o.Kind == Samples {
				_, variance := r.predict(k)
				widen(column, at[k].mean, variance/float64(problems))
			}
			slices.Sort(column)
			tail := (1 - o.Level) / 2
			to[0][j], to[1][j] = quantile(column, tail), quantile(column, 1-tail)
		}
	})
	return ends[0], ends[1]
}

// draw returns o.Resamples draws of the mean of pass@k at each of ks. What is drawn depends on the seed alone: it is the same
// for every block.
func (o Options) draw(cells []cell, r *beliefs, ks []int) []row {
	rng := rand.New(rand.NewPCG(o.Seed, 0x0b0e1))
	sums, total := make([]row, o.Resamples), make([]float64, o.Resamples)
	passes := make([]row, poolSize)
	fill := func(logFail []float64) {
		for i, l := range logFail {
			for j, k := range ks {
				passes[i][j] = -math.Expm1(float64(k) * l)
			}
		}
	}
	add := func(d int, weight float64, pass *row) {
		sum := &sums[d]
		for j := range sum {
			sum[j] += weight * pass[j]
		}
		total[d] += weight
	}
	for _, g := range cells {
		if o.Kind == Problems {
			for j, k := range ks {
				passes[0][j] = passAtK(g.n, g.c, k)
			}
		} else {
			fill(r.pool(g))
		}
		for range int(g.weight) {
			for d := range sums {
				if o.Kind == Problems {
					add(d, rng.ExpFloat64(), &passes[0])
				} else {
					add(d, 1, &passes[rng.Uint64()%poolSize])
				}
			}
		}
	}
	if o.Kind == Problems {
		fill(r.logFail)
		for d := range sums {
			left := rng.ExpFloat64()
			for range 10 { // the sticks of a Dirichlet process; what is left after ten is a thousandth
				stick := left * rng.Float64()
				at, rate := rng.Float64(), 0
				for at -= neverShare; at > 0 && rate < gridPoints; at -= (1 - neverShare) / gridPoints {
					rate++
				}
				add(d, stick, &passes[rate])
				left -= stick
			}
		}
	}
	for d := range sums {
		for j := range sums[d] {
			sums[d][j] /= total[d]
		}
	}
	return sums
}

// widen moves draws to a mean, and about it until they have a variance, but not past 0 and 1.
func widen(draws []float64, mean, variance float64) {
	center, have := stat.PopMeanVariance(draws, nil)
	if have < 1e-18 {
		return
	}
	by := math.Sqrt(variance / have)
	for i, d := range draws {
		draws[i] = min(max(mean+by*(d-center), 0), 1)
	}
}
