package coverage

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/stat"
)

// maxBayesDraws bounds problems times resamples, which take about 3 seconds then.
const maxBayesDraws = 50_000_000

const (
	poolOf     = 512 // equally likely rates stand for what is believed of a problem
	bayesBlock = 8   // k that are computed at a time
)

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
	r := fitRates(cells)
	smooth := r.smooth()
	own := make(map[cell]believed)
	for _, b := range r.cells {
		own[cell{n: b.n, c: b.c}] = b
	}
	pool := func(g cell) []float64 { // of log(1 − rate)
		b, ok := own[cell{n: g.n, c: g.c}]
		if !ok {
			b = believed{cell: g}
		}
		l := r.lattice(smooth, b)
		rates := make([]float64, poolOf)
		for i := range rates {
			rates[i] = logistic(-l.odds((float64(i) + 0.5) / poolOf))
		}
		return rates
	}
	lows, highs = make([]float64, len(ms)), make([]float64, len(ms))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for first := 0; first < len(ms); first += bayesBlock {
		g.Go(func() error {
			end := min(first+bayesBlock, len(ms))
			draws := o.draw(cells, r, pool, ms[first:end])
			column := make([]float64, len(draws))
			for i := first; i < end; i++ {
				for d, sum := range draws {
					column[d] = sum[i-first]
				}
				if o.Kind == Samples {
					_, variance := r.predict(ms[i].k)
					widen(column, ms[i].mean, variance/float64(problems))
				}
				slices.Sort(column)
				tail := (1 - o.Level) / 2
				lows[i], highs[i] = stat.Quantile(tail, stat.LinInterp, column, nil), stat.Quantile(1-tail, stat.LinInterp, column, nil)
			}
			return nil
		})
	}
	_ = g.Wait() // none fails
	return lows, highs
}

// draw returns o.Resamples draws of the mean of pass@k at each of ms. What is drawn depends on the seed alone: it is the same
// for every block.
func (o Options) draw(cells []cell, r *rates, pool func(cell) []float64, ms []moment) [][bayesBlock]float64 {
	rng := rand.New(rand.NewPCG(o.Seed, 0x0b0e1))
	sums, total := make([][bayesBlock]float64, o.Resamples), make([]float64, o.Resamples)
	passes := make([][bayesBlock]float64, max(poolOf, 1+gridPoints))
	fill := func(logFail []float64) {
		for i, l := range logFail {
			for j, m := range ms {
				passes[i][j] = -math.Expm1(float64(m.k) * l)
			}
		}
	}
	add := func(d int, weight float64, pass *[bayesBlock]float64) {
		sum := &sums[d]
		for j := range sum {
			sum[j] += weight * pass[j]
		}
		total[d] += weight
	}
	for _, g := range cells {
		if o.Kind == Problems {
			for j, m := range ms {
				passes[0][j] = passAtK(g.n, g.c, m.k)
			}
		} else {
			fill(pool(g))
		}
		for range int(g.weight) {
			for d := range sums {
				if o.Kind == Problems {
					add(d, rng.ExpFloat64(), &passes[0])
				} else {
					add(d, 1, &passes[rng.Uint64()%poolOf])
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
