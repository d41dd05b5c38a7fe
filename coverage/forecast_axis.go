package coverage

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// Success rates are looked at on a grid even in log odds, from one in e^−lowest to nearly 1. A rate below the first is
// counted there: it would need more samples than [MaxSamples] to be told from 0. Point 0 of all slices over the grid is
// the rate 0 itself.
const (
	lowest   = -21.0
	highest  = 9.0
	gridStep = 0.25
	rateGrid = 1 + int((highest-lowest)/gridStep)
)

// axis holds the grid's rates.
type axis struct {
	odds, logRate, logFail [rateGrid]float64 // of the middle of each point's share of the grid
}

func newAxis() *axis {
	x := new(axis)
	x.odds[0], x.logRate[0] = math.Inf(-1), math.Inf(-1)
	for j := 1; j < rateGrid; j++ {
		odds := lowest + gridStep*(float64(j)-0.5)
		x.odds[j], x.logRate[j], x.logFail[j] = odds, logistic(odds), logistic(-odds)
	}
	return x
}

// logistic is the logarithm of the rate with these log odds.
func logistic(odds float64) float64 {
	if odds < 0 {
		return odds - math.Log1p(math.Exp(odds))
	}
	return -math.Log1p(math.Exp(-odds))
}

// evidence is the counts of the problems as a fit sees them: cells, and the likelihood of each along the grid.
type evidence struct {
	*axis
	cells    []cell
	windows  []window
	problems float64
}

// cells that a fit looks at: of more it takes these, evenly.
const forecastCells = 500

func newEvidence(x *axis, cells []cell) *evidence {
	e := &evidence{axis: x, cells: thin(cells, forecastCells)}
	for _, g := range e.cells {
		e.windows = append(e.windows, x.likelihood(g))
		e.problems += g.weight
	}
	return e
}

// likelihood of a cell's counts, averaged over each point's share of the grid, as a multiple of the greatest. With many
// samples it is narrower than a step, so that its value in the middle of a step would say nothing: the average over a
// step is a difference of incomplete beta functions.
func (x *axis) likelihood(g cell) window {
	l := make([]float64, rateGrid)
	c, w := float64(g.c), float64(g.n-g.c)
	if g.c > 0 && g.c < g.n {
		below := 0.0
		for j := 1; j < rateGrid; j++ {
			edge := lowest + gridStep*float64(j)
			upTo := 0.0
			if odds := math.Log(c / w); edge < odds {
				upTo = mathext.RegIncBeta(c, w, math.Exp(logistic(edge)))
				l[j] = upTo - below
			} else { // from above, where the difference of two numbers near 1 has no digits
				upTo = mathext.RegIncBeta(w, c, math.Exp(logistic(-edge)))
				if edge-gridStep < odds {
					l[j] = 1 - below - upTo
				} else {
					l[j] = below - upTo
				}
			}
			below = upTo
		}
	} else {
		for j := range l {
			switch {
			case g.c == 0:
				l[j] = math.Exp(w * x.logFail[j])
			default:
				l[j] = math.Exp(c * x.logRate[j])
			}
		}
	}
	top := slices.Max(l)
	first, end := 0, rateGrid
	for l[first] < 1e-15*top {
		first++
	}
	for l[end-1] < 1e-15*top {
		end--
	}
	l = l[first:end]
	for j := range l {
		l[j] = max(l[j]/top, 0)
	}
	return window{first, l}
}

// logLikelihood of the counts where rates are spread as mass, up to a constant that is the same for every mass.
func (e *evidence) logLikelihood(mass []float64) float64 {
	sum := 0.0
	for i, w := range e.windows {
		p := 0.0
		for j, m := range mass[w.first : w.first+len(w.values)] {
			p += m * w.values[j]
		}
		sum += e.cells[i].weight * math.Log(p+1e-300)
	}
	return sum
}

// population is the mean pass@k of all problems whose rates are spread as mass.
func (x *axis) population(mass []float64, k int) (mean float64) {
	for j, m := range mass {
		mean -= m * math.Expm1(float64(k)*x.logFail[j])
	}
	return mean
}

// expect is the mean pass@k of these problems, given their counts, where rates are spread as mass, and the variance of
// that mean.
func (e *evidence) expect(mass []float64, k int) (mean, variance float64) {
	var miss [rateGrid]float64
	for j := range miss {
		miss[j] = math.Exp(float64(k) * e.logFail[j])
	}
	for i, w := range e.windows {
		total, fail, square := 0.0, 0.0, 0.0
		for j, m := range mass[w.first : w.first+len(w.values)] {
			p := m * w.values[j]
			total += p
			p *= miss[w.first+j]
			fail += p
			square += p * miss[w.first+j]
		}
		if total > 0 {
			fail, square = fail/total, square/total
			mean += e.cells[i].weight * (1 - fail)
			variance += e.cells[i].weight * max(square-fail*fail, 0)
		}
	}
	return mean / e.problems, variance / (e.problems * e.problems)
}
