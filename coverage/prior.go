package coverage

import "math"

// rates is what is believed of the success rates of the problems of a curve: for each group of problems with about the
// same N, how many have which rate. It starts from a prior that is fitted to all of them, with a mass at zero for
// problems that are never solved and a free shape elsewhere: mass on a grid of rates that is even in log odds. No
// family of two parameters fits every benchmark, and the grid costs no optimizer.
type rates struct {
	logFail []float64 // log(1 − rate) of each grid point; that of rate 0 comes first
	strata  []stratum
}

type stratum struct {
	n      int
	weight []float64 // share of all problems at each grid point
}

const (
	gridPoints = 120
	fitSteps   = 60   // of expectation maximization; a thousand change the width of an interval by 0.4 % on average
	maxCells   = 2000 // that the fit looks at: more would not move it
	maxStrata  = 16
)

// fitRates fits the prior by expectation maximization, the counts of each problem being binomial, and returns the
// posterior. One imagined problem spread over the grid keeps a handful of problems from proving that no rate other than
// theirs exists.
func fitRates(cells []cell) *rates {
	cells = thin(cells, maxCells)
	total, most, distinct := 0.0, 0, 0
	for i, g := range cells {
		total += g.weight
		most = max(most, g.n)
		if i == 0 || g.n != cells[i-1].n {
			distinct++
		}
	}
	// From a rate of which a tenth of a success is expected to one of which a tenth of a failure is.
	end := math.Log(10 * float64(most))
	r := &rates{logFail: make([]float64, 1+gridPoints)}
	logRate := make([]float64, 1+gridPoints)
	imagined := make([]float64, 1+gridPoints)
	imagined[0] = 0.25
	for j := 1; j <= gridPoints; j++ {
		odds := end * (2*float64(j-1)/(gridPoints-1) - 1)
		logRate[j] = -math.Log1p(math.Exp(-odds))
		r.logFail[j] = -math.Log1p(math.Exp(odds))
		imagined[j] = 0.75 / gridPoints
	}
	likelihood := make([]window, len(cells))
	for i, g := range cells {
		likelihood[i] = g.likelihood(logRate, r.logFail)
	}
	mass, next := imagined, make([]float64, 1+gridPoints)
	for range fitSteps {
		copy(next, imagined)
		for i, g := range cells {
			addPosterior(next, mass, likelihood[i], g.weight)
		}
		mass, next = next, append([]float64(nil), mass...)
	}
	// Cells are ordered by n: a stratum takes the least, which makes intervals wider, never narrower.
	perStratum, seen := (distinct+maxStrata-1)/maxStrata, 0
	for i, g := range cells {
		if i == 0 || g.n != cells[i-1].n {
			if seen%perStratum == 0 {
				r.strata = append(r.strata, stratum{g.n, make([]float64, 1+gridPoints)})
			}
			seen++
		}
		addPosterior(r.strata[len(r.strata)-1].weight, mass, likelihood[i], g.weight/total)
	}
	return r
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

// addPosterior adds to each grid point its share of weight problems.
func addPosterior(to, mass []float64, likelihood window, weight float64) {
	to, mass = to[likelihood.first:], mass[likelihood.first:]
	sum := 0.0
	for j, l := range likelihood.values {
		sum += mass[j] * l
	}
	for j, l := range likelihood.values {
		to[j] += weight * mass[j] * l / sum
	}
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
// (hypergeometric), in steps of about an eighth of its standard deviation where that is more than one.
func overlaps(n, k int) []overlap {
	fn, fk := float64(n), float64(k)
	mode := min(max(int((fk+1)*(fk+1)/(fn+2)), 2*k-n), k)
	step := max(1, int(fk*(fn-fk)/fn/math.Sqrt(fn)/8))
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
