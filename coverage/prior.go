package coverage

import (
	"math"
	"slices"
)

// rates is what is believed of the success rates of the problems of a curve: for each group of problems with about the
// same N, how many have which rate. What is believed of a problem starts from what is believed of all others, and of one
// imagined problem that may have any rate, and is 0 with a chance of a quarter: an imagined problem keeps a handful from
// proving that no rate other than theirs exists, and leaving a problem's own counts out of its prior keeps it from proving
// itself. The shape is free, mass on a grid of rates that is even in log odds: no family of two parameters fits every
// benchmark, and the grid costs no optimizer.
type rates struct {
	grid
	mass   []float64 // of all problems and the imagined one
	cells  []believed
	strata []stratum
}

// grid is the rates that are believed possible: 0 comes first.
type grid struct {
	logRate, logFail []float64 // log(rate) and log(1 − rate)
	imagined         []float64 // chances of the imagined problem's rate
	end              float64   // log odds of the last point; those of the first above 0 are −end
}

type believed struct {
	cell
	window
	own []float64 // its posterior
}

type stratum struct {
	n      int
	weight []float64 // share of all problems at each grid point
}

const (
	gridPoints = 120
	neverShare = 0.25 // of the imagined problem, to be never solved
	fitSteps   = 20   // two hundred change how often an interval holds by less than 1 %, and not for the better
	maxCells   = 2000 // that the fit looks at: more would not move it
	maxStrata  = 16
)

// newGrid goes from a rate of which a tenth of a success is expected in n samples to one of which a tenth of a failure is.
func newGrid(n int) grid {
	g := grid{make([]float64, 1+gridPoints), make([]float64, 1+gridPoints), make([]float64, 1+gridPoints), math.Log(10 * float64(n))}
	g.logRate[0], g.imagined[0] = math.Inf(-1), neverShare
	for j := 1; j <= gridPoints; j++ {
		odds := g.end * (2*float64(j-1)/(gridPoints-1) - 1)
		g.logRate[j] = -math.Log1p(math.Exp(-odds))
		g.logFail[j] = -math.Log1p(math.Exp(odds))
		g.imagined[j] = (1 - neverShare) / gridPoints
	}
	return g
}

// fitRates finds what is believed of each problem given the others, their counts being binomial: the mean-field
// approximation, without what is second order, of the posterior of a Dirichlet process with concentration 1 (as CVB0 of
// Asuncion et al. 2009, "On smoothing and inference for topic models").
func fitRates(cells []cell) *rates {
	most := 0
	for _, g := range cells {
		most = max(most, g.n)
	}
	r := &rates{grid: newGrid(most)}
	total, distinct := 0.0, 0
	for i, g := range thin(cells, maxCells) {
		total += g.weight
		if i == 0 || g.n != r.cells[i-1].n {
			distinct++
		}
		w := g.likelihood(r.logRate, r.logFail)
		r.cells = append(r.cells, believed{g, w, make([]float64, len(w.values))})
	}
	r.mass = r.imagined
	for range fitSteps {
		next := slices.Clone(r.imagined)
		for _, b := range r.cells {
			b.update(r.mass)
			for j, p := range b.own {
				next[b.first+j] += b.weight * p
			}
		}
		r.mass = next
	}
	// Cells are ordered by n: a stratum takes the least, which makes intervals wider, never narrower.
	perStratum, seen := (distinct+maxStrata-1)/maxStrata, 0
	for i, b := range r.cells {
		if i == 0 || b.n != r.cells[i-1].n {
			if seen%perStratum == 0 {
				r.strata = append(r.strata, stratum{b.n, make([]float64, 1+gridPoints)})
			}
			seen++
		}
		weight := r.strata[len(r.strata)-1].weight
		for j, p := range b.own {
			weight[b.first+j] += b.weight / total * p
		}
	}
	return r
}

// update sets what is believed of one problem, where mass is that of all of them, this one included.
func (b believed) update(mass []float64) {
	sum := 0.0
	for j, l := range b.values {
		b.own[j] = l * (mass[b.first+j] - b.own[j])
		sum += b.own[j]
	}
	for j := range b.own {
		b.own[j] /= sum
	}
}

// window holds the values of the grid points from first on that are not negligible.
type window struct {
	first  int
	values []float64
}

// likelihood of a cell's counts at each grid point, as a multiple of the greatest. The first point is rate 0.
func (g cell) likelihood(logRate, logFail []float64) window {
	l := make([]float64, len(logFail))
	top := math.Inf(-1)
	for j := range l {
		switch {
		case j == 0 && g.c > 0:
			l[j] = math.Inf(-1)
		case j == 0:
			l[j] = 0
		default:
			l[j] = float64(g.c)*logRate[j] + float64(g.n-g.c)*logFail[j]
		}
		top = max(top, l[j])
	}
	// The logarithm has one summit, so that what is not negligible is in one piece.
	const negligible = -40
	first, end := 0, len(l)
	for l[first] < top+negligible {
		first++
	}
	for l[end-1] < top+negligible {
		end--
	}
	for j := first; j < end; j++ {
		l[j] = math.Exp(l[j] - top)
	}
	return window{first, l[first:end]}
}

// thin takes at most limit cells, evenly by the problems that they hold, to stand for all.
func thin(cells []cell, limit int) []cell {
	if len(cells) <= limit {
		return cells
	}
	total := 0.0
	for _, g := range cells {
		total += g.weight
	}
	var taken []cell
	share, upTo, next := total/float64(limit), 0.0, total/float64(limit)/2
	for _, g := range cells {
		upTo += g.weight
		g.weight = 0
		for ; next < upTo; next += share {
			g.weight += share
		}
		if g.weight > 0 {
			taken = append(taken, g)
		}
	}
	return taken
}

// predict is the believed mean of the true pass@k, and the variance that sampling gives to the estimate of one problem,
// averaged over problems.
//
// The estimate is the share of the choices of k among n samples that hold a success. Two such choices that have s
// samples in common both fail with the chance fail^(2k−s), so that the variance is the mean of fail^(2k−s) − fail^2k.
func (r *rates) predict(k int) (mean, variance float64) {
	for _, s := range r.strata {
		shared := overlaps(s.n, k)
		for j, w := range s.weight {
			if j == 0 || w < 1e-12 {
				continue
			}
			mean -= w * math.Expm1(float64(k)*r.logFail[j])
			for _, o := range shared {
				if e := (2*float64(k) - o.size) * r.logFail[j]; e > -50 {
					variance -= w * o.chance * math.Exp(e) * math.Expm1(o.size*r.logFail[j])
				}
			}
		}
	}
	return min(mean, 1), variance
}

// overlap is the chance that two choices have about size samples in common.
type overlap struct{ size, chance float64 }

// overlaps is the distribution of the number of samples that two random choices of k among n have in common
// (hypergeometric), in steps of about a third of its standard deviation where that is more than one.
func overlaps(n, k int) []overlap {
	fn, fk := float64(n), float64(k)
	mode := min(max(int((fk+1)*(fk+1)/(fn+2)), 2*k-n), k)
	step := max(1, int(fk*(fn-fk)/fn/math.Sqrt(fn)/3))
	var all []overlap
	sum, count := 0.0, 0
	add := func(j int, chance float64) {
		if count%step == 0 {
			all = append(all, overlap{})
		}
		o := &all[len(all)-1]
		o.size += float64(j) * chance
		o.chance += chance
		sum += chance
		count++
	}
	const least = 1e-13 // relative to the mode
	for j, chance := mode, 1.0; j <= k && chance > least; j++ {
		add(j, chance)
		chance *= float64(k-j) / float64(j+1) * float64(k-j) / float64(n-2*k+j+1)
	}
	count = 0
	for j, chance := mode, 1.0; j > 0 && n-2*k+j > 0; j-- {
		chance *= float64(j) / float64(k-j+1) * float64(n-2*k+j) / float64(k-j+1)
		if chance < least {
			break
		}
		add(j-1, chance)
	}
	for i := range all {
		all[i].size /= all[i].chance
		all[i].chance /= sum
	}
	return all
}
