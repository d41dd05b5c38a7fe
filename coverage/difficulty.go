package coverage

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Difficulty is how the success rates of the problems of an evaluation are spread.
type Difficulty struct {
	Bins   []Bin   `json:"bins" doc:"problems by the rate of right samples; the first holds those never solved"`
	Never  Never   `json:"never" doc:"problems that no number of samples would solve"`
	Movers []Mover `json:"movers" doc:"the problems that move the curve most from one k to the next, greatest first; at most 10 of each step"`
}

// Bin is the problems whose rate is above Above and at most UpTo; the first bin is rate 0 alone.
type Bin struct {
	Above    float64 `json:"above"`
	UpTo     float64 `json:"up_to"`
	Problems int     `json:"problems" doc:"by the rate seen, c/n"`
	Believed float64 `json:"believed" doc:"expected number of problems whose true rate is there"`
}

// Never is the share of problems that no number of samples would solve.
//
// What n samples can say of it is one-sided: a rate of 0 and one far below 1/n look alike, so that no number of failures
// shows that any problem is never solved, and Share rests on a prior. But the share cannot be large where problems solved
// once or twice show that rates near 1/n are common: had more been 0, fewer would be so. Most is the greatest share whose
// likelihood, with all other rates free, is within the level of the best (Wilks): an upper bound whatever the shape. Of
// these very problems ([Samples]) no more than those unsolved can be so, which bounds it too.
type Never struct {
	Unsolved int     `json:"unsolved" doc:"problems of which no sample was right"`
	Share    float64 `json:"share" doc:"expected share of problems with a rate of 0"`
	Most     float64 `json:"most" doc:"upper bound on that share, one-sided at the level of the intervals"`
}

// Mover is a problem, and by how much it raises the curve.
type Mover struct {
	Problem string  `json:"problem"`
	Index   int     `json:"index" doc:"of the problem among the counts"`
	From    int     `json:"from" doc:"k"`
	To      int     `json:"to" doc:"k"`
	Gain    float64 `json:"gain" doc:"of its own pass@k from one to the other, divided by the number of problems"`
}

// moversPerStep is how many problems are named for each step from one k to the next.
const moversPerStep = 10

// Difficulties tells how the rates of the problems are spread: in bins of half a decade, as seen (c/n) and as believed (the
// posterior of a prior fitted to all problems, with a mass at zero); the share that is never solved, with a bound; and the problems that move the curve, for each step of [DefaultK] and on to [MostK]. The error is
// an *[Invalid], as Curve's.
func Difficulties(counts []Count, o Options) (*Difficulty, error) {
	if err := validate(counts); err != nil {
		return nil, err
	}
	if err := o.validate(counts); err != nil {
		return nil, err
	}
	cells := group(counts)
	return &Difficulty{Bins: bins(cells), Never: never(cells, len(counts), o.withDefaults()), Movers: movers(counts)}, nil
}

// bins ends at rate 1, and begins a decade below the least rate that can be seen.
func bins(cells []cell) []Bin {
	most, problems := 0, 0.0
	for _, g := range cells {
		most, problems = max(most, g.n), problems+g.weight
	}
	steps := 2 * (int(math.Ceil(math.Log10(float64(most)))) + 1)
	all := []Bin{{}}
	above := 0.0
	for i := range steps {
		upTo := math.Pow(10, float64(i+1-steps)/2)
		all = append(all, Bin{Above: above, UpTo: upTo})
		above = upTo
	}
	at := func(rate float64) *Bin {
		i, _ := slices.BinarySearchFunc(all, rate, func(b Bin, rate float64) int { return cmp.Compare(b.UpTo, rate*(1-1e-12)) })
		return &all[min(i, len(all)-1)]
	}
	for _, g := range cells {
		at(float64(g.c) / float64(g.n)).Problems += int(g.weight)
	}
	r := fitRates(cells)
	for _, s := range r.strata {
		for j, w := range s.weight {
			at(-math.Expm1(r.logFail[j])).Believed += w * problems
		}
	}
	return all
}

func never(cells []cell, problems int, o Options) Never {
	n := Never{Most: 1}
	for _, g := range cells {
		if g.c == 0 {
			n.Unsolved += int(g.weight)
		}
	}
	unsolved := float64(n.Unsolved) / float64(problems)
	if o.Kind == Samples {
		n.Most = unsolved
	}
	if n.Unsolved == problems || n.Unsolved == 0 && o.Kind == Samples {
		n.Share = expectedNever(cells)
		return n
	}
	n.Share = min(expectedNever(cells), n.Most)
	// The bound is one-sided: half the square of the normal quantile at the level itself.
	z := distuv.UnitNormal.Quantile(o.Level)
	e := newEvidence(newAxis(), cells)
	best := math.Inf(-1)
	for _, share := range []float64{0, 0.25, 0.5, 0.75, 1} {
		best = max(best, e.likelihoodOfNever(share*unsolved))
	}
	low, high := 0.0, n.Most
	if e.likelihoodOfNever(high) >= best-z*z/2 {
		return n
	}
	for high-low > 1e-4 {
		middle := (low + high) / 2
		l := e.likelihoodOfNever(middle)
		best = max(best, l)
		if l >= best-z*z/2 {
			low = middle
		} else {
			high = middle
		}
	}
	n.Most = max(high, n.Share)
	return n
}

// expectedNever is the posterior share of problems with a rate of 0.
func expectedNever(cells []cell) (share float64) {
	for _, s := range fitRates(cells).strata {
		share += s.weight[0]
	}
	return share
}

// neverSteps of expectation maximization find the greatest likelihood well enough for a bound: what is left of the way makes
// both sides of the comparison smaller.
const neverSteps = 300

// likelihoodOfNever is the greatest logarithm of the likelihood where share of the problems has rate 0 and the rates of the
// others are spread in whatever way suits the counts best.
func (e *evidence) likelihoodOfNever(share float64) float64 {
	mass, next := make([]float64, rateGrid), make([]float64, rateGrid)
	mass[0] = share
	for j := 1; j < rateGrid; j++ {
		mass[j] = (1 - share) / float64(rateGrid-1)
	}
	for range neverSteps {
		clear(next)
		for i, w := range e.windows {
			here, to, sum := mass[w.first:], next[w.first:], 0.0
			for j, l := range w.values {
				sum += here[j] * l
			}
			for j, l := range w.values {
				to[j] += e.cells[i].weight * here[j] * l / (sum + 1e-300)
			}
		}
		next[0] = 0
		normalize(next)
		for j := 1; j < rateGrid; j++ {
			mass[j] = (1 - share) * next[j]
		}
	}
	return e.logLikelihood(mass)
}

func movers(counts []Count) []Mover {
	ks := DefaultK(counts)
	if last := MostK(counts); last > ks[len(ks)-1] {
		ks = append(ks, last)
	}
	all := []Mover{}
	for i := 1; i < len(ks); i++ {
		from, to := ks[i-1], ks[i]
		var step []Mover
		for j, c := range counts {
			if gain := passAtK(c.N, c.C, to) - passAtK(c.N, c.C, from); gain > 0 {
				step = append(step, Mover{c.Problem, j, from, to, gain / float64(len(counts))})
			}
		}
		slices.SortStableFunc(step, func(a, b Mover) int { return cmp.Compare(b.Gain, a.Gain) })
		all = append(all, step[:min(len(step), moversPerStep)]...)
	}
	return all
}
