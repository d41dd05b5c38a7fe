package coverage

import (
	"math"
	"math/rand/v2"
	"runtime"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// maxDraws is the most that a bootstrap may draw: problems times resamples.
const maxDraws = 200_000_000

// affordable refuses a bootstrap that would take minutes.
func (o Options) affordable(problems int) error {
	if problems*o.Resamples > maxDraws {
		return invalidf("resamples", "%d of %d problems are more than %d draws; ask for fewer, or for the method %s", o.Resamples, problems, maxDraws, Analytic)
	}
	return nil
}

// expandedTail is the tail of a bootstrap of so few problems that it is as wide as Student's interval.
func expandedTail(level float64, problems int) float64 {
	n := float64(problems)
	student := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile((1 - level) / 2)
	return distuv.UnitNormal.CDF(math.Sqrt(n/(n-1)) * student)
}

// quantile of what ascends.
func quantile(sorted []float64, p float64) float64 {
	return stat.Quantile(p, stat.LinInterp, sorted, nil)
}

// blocks has do set a number of functions of k at each of ks, size of them at a time, on as many cores as there are.
func blocks(ks []int, size, functions int, do func(ks []int, to [][]float64)) [][]float64 {
	all := make([][]float64, functions)
	for i := range all {
		all[i] = make([]float64, len(ks))
	}
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for first := 0; first < len(ks); first += size {
		end := min(first+size, len(ks))
		g.Go(func() error {
			to := make([][]float64, functions)
			for i := range to {
				to[i] = all[i][first:end]
			}
			do(ks[first:end], to)
			return nil
		})
	}
	_ = g.Wait() // none of them fails
	return all
}

// columns is how many numbers are summed at a time.
const columns = 8

type row [columns]float64

// drawProblems adds up, for each of resamples, the rows of that many problems, drawn with replacement; of is the row of each
// that can be drawn.
func drawProblems(of []int, rows []row, problems, resamples int, seed uint64) []row {
	rng := rand.NewPCG(seed, 0x9e3779b97f4a7c15)
	all := make([]row, resamples)
	most := uint64(len(of))
	for r := range all {
		var sum row
		var bits uint64
		for i := range problems {
			if i%2 == 0 {
				bits = rng.Uint64()
			}
			from := &rows[of[bits>>32*most>>32]]
			bits <<= 32
			for j := range sum {
				sum[j] += from[j]
			}
		}
		all[r] = sum
	}
	return all
}
