package coverage

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// maxDraws is the most that a bootstrap may draw: problems times resamples.
const maxDraws = 200_000_000

// bootstrap puts an interval around each moment of valid counts by resampling.
//
// For [Problems], problems are drawn with replacement, among them one imagined one, of any rate: of problems that were all
// solved, or none, a plain bootstrap would say ± 0. The ends are quantiles, a little further out than the level says (see
// pairsDiffer).
//
// For [Samples], a rate is drawn for each problem from what is believed of it and then a count of right samples with that
// rate: c/n itself would say ± 0 of a problem never solved, and of one solved once that the next n samples may well miss it.
// How far the estimate from these counts is from the pass@k of these rates, on the scale of the arc sine of the root, where
// its spread depends little on where it is, is how far the estimate may be from the truth. In simulations it holds less often
// than [Analytic] where fewer than about five samples of all problems were right, and at k near N where most problems are
// solved by a few in ten thousand: 60 to 85 %.
func (o Options) bootstrap(cells []cell, problems int, ms []moment) []Point {
	ks := make([]int, len(ms))
	for i, m := range ms {
		ks[i] = m.k
	}
	var ends [][]float64
	if o.Kind == Problems {
		ends = o.otherProblems(cells, problems, ms, ks)
	} else {
		ends = o.otherSamples(cells, problems, ms, ks)
	}
	points := make([]Point, len(ms))
	for i, m := range ms {
		points[i] = Point{K: m.k, Pass: m.mean, Low: max(0, min(ends[0][i], m.mean)), High: min(1, max(ends[1][i], m.mean))}
	}
	return points
}

func (o Options) otherProblems(cells []cell, problems int, ms []moment, ks []int) [][]float64 {
	const parts = 8 // of the imagined problem
	g := newGrid(cells[len(cells)-1].n)
	var of []int
	for i, c := range cells {
		for range parts * int(c.weight) {
			of = append(of, i)
		}
	}
	imagined, upTo, j := make([]float64, parts), g.imagined[0], 0
	for i := range imagined {
		for want := (float64(i) + 0.5) / parts; upTo < want && j < gridPoints; upTo += g.imagined[j] {
			j++
		}
		imagined[i] = g.logFail[j]
		of = append(of, len(cells)+i)
	}
	tail := expandedTail(o.Level, problems)
	return blocks(ks, columns, 2, func(ks []int, to [][]float64) {
		rows := make([]row, len(cells)+parts)
		for j, k := range ks {
			for i, c := range cells {
				rows[i][j] = passAtK(c.n, c.c, k)
			}
			for i, logFail := range imagined {
				rows[len(cells)+i][j] = -math.Expm1(float64(k) * logFail)
			}
		}
		sums := drawProblems(of, rows, problems, o.Resamples, o.Seed)
		for j := range ks {
			to[0][j], to[1][j], _ = summarize(sums, j, 1/float64(problems), tail)
		}
	})
}

func (o Options) otherSamples(cells []cell, problems int, ms []moment, ks []int) [][]float64 {
	belief := beliefsOf(cells)
	weights, rates, counts := make([]int, len(cells)), make([][]float64, len(cells)), make([][]int, len(cells))
	firsts := make([][]int, len(cells)) // entry of the pool that has the same count
	rng := rand.NewPCG(o.Seed, 0xd1b54a32d192ed03)
	for i, g := range cells {
		weights[i], rates[i], counts[i] = int(g.weight), belief.pool(g), make([]int, poolSize)
		seen := make(map[int]int)
		firsts[i] = make([]int, poolSize)
		for j, logFail := range rates[i] {
			counts[i][j] = int(distuv.Binomial{N: float64(g.n), P: -math.Expm1(logFail), Src: rng}.Rand())
			if _, is := seen[counts[i][j]]; !is {
				seen[counts[i][j]] = j
			}
			firsts[i][j] = seen[counts[i][j]]
		}
	}
	estimates := make(map[int]float64, len(ms))
	for _, m := range ms {
		estimates[m.k] = m.mean
	}
	tail := (1 - o.Level) / 2
	const half = columns / 2 // of the estimate, then of the truth
	return blocks(ks, half, 2, func(ks []int, to [][]float64) {
		sums := sumPools(weights, o.Resamples, o.Seed, func(cell int, pool []row) {
			for i, logFail := range rates[cell] {
				first := firsts[cell][i]
				for j, k := range ks {
					if first < i {
						pool[i][j] = pool[first][j]
					} else {
						pool[i][j] = passAtK(cells[cell].n, counts[cell][i], k)
					}
					if i > 0 && logFail == rates[cell][i-1] {
						pool[i][half+j] = pool[i-1][half+j]
					} else {
						pool[i][half+j] = -math.Expm1(float64(k) * logFail)
					}
				}
			}
		})
		off := make([]float64, len(sums))
		for j, k := range ks {
			for i, r := range sums {
				off[i] = arc(r[j]/float64(problems)) - arc(r[half+j]/float64(problems))
			}
			slices.Sort(off)
			at := arc(estimates[k])
			to[0][j], to[1][j] = unarc(at-quantile(off, 1-tail)), unarc(at-quantile(off, tail))
		}
	})
}

// arc is the scale on which a share varies about as much wherever it is, and unarc leads back.
func arc(share float64) float64 { return math.Asin(math.Sqrt(min(max(share, 0), 1))) }
func unarc(arc float64) float64 { return math.Pow(math.Sin(min(max(arc, 0), math.Pi/2)), 2) }

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
