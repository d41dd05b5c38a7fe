package coverage

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrNoFit says that a curve has no power law: it has fewer than two distinct k, is 0 somewhere or 1 everywhere, or
// falls to its last value in one step.
var ErrNoFit = errors.New("the curve cannot be fitted by a power law")

// PowerLaw is coverage as an exponentiated power law of the number of samples, pass@k = exp(A k^B) = 10^(A10 k^B), with A
// and B not above 0 (Brown et al. 2024, section 3.1, whose third version prints A, and whose first A10). ErrorMean and
// ErrorSD are the mean of |curve − law| and its standard deviation.
type PowerLaw struct {
	A         float64 `json:"a" doc:"base e: pass@k = exp(a·k^b)"`
	A10       float64 `json:"a10" doc:"the same in base 10: pass@k = 10^(a10·k^b)"`
	B         float64 `json:"b"`
	ErrorMean float64 `json:"error_mean" doc:"mean of |curve − law| over k that are spaced evenly in log k"`
	ErrorSD   float64 `json:"error_sd" doc:"its standard deviation"`

	Interval *LawInterval `json:"interval,omitempty" doc:"of a and b, where it was asked for"`
}

// At is the law's pass@k.
func (p PowerLaw) At(k float64) float64 { return math.Exp(p.A * math.Pow(k, p.B)) }

// error returns the mean and standard deviation of |pass − law| over points.
func (p PowerLaw) error(k []int, pass []float64) (mean, sd float64) {
	squares := 0.0
	for i := range k {
		d := math.Abs(pass[i] - p.At(float64(k[i])))
		mean += d / float64(len(k))
		squares += d * d / float64(len(k))
	}
	return mean, math.Sqrt(max(0, squares-mean*mean))
}

// Points at which [Fit] fits and at which it measures the error, before equal k are joined.
const (
	fitPoints   = 40
	errorPoints = 100
)

// Fit is the power law of a curve, fitted as the paper does: by least squares on the logarithm of coverage, at 40 k
// spaced evenly in log k from 1 to the smallest N, with the error over 100 such k. The error is an *[Invalid] where
// [Curve] would refuse the counts, and wraps [ErrNoFit] where they have no power law.
func Fit(counts []Count) (*PowerLaw, error) {
	if err := validate(counts); err != nil {
		return nil, err
	}
	return fitOver(counts, LogSpaced)
}

// FitEven is [Fit] without joining equal k: rounding makes several of the 40, and of the 100, fall on k = 1, 2 and 3, and
// each counts, so that every stretch of log k weighs the same. The parameters that Brown et al. print are those of Fit, and
// the errors, mean ± standard deviation, those of FitEven.
func FitEven(counts []Count) (*PowerLaw, error) {
	if err := validate(counts); err != nil {
		return nil, err
	}
	return fitOver(counts, logSpaced)
}

// fitOver fits at k that spaced gives for the greatest k and a number of points.
func fitOver(counts []Count, spaced func(n, points int) []int) (*PowerLaw, error) {
	n := counts[smallest(counts)].N
	ks := spaced(n, fitPoints)
	law, err := FitPowerLaw(ks, mean(counts, ks))
	if err != nil {
		return nil, err
	}
	ks = spaced(n, errorPoints)
	law.ErrorMean, law.ErrorSD = law.error(ks, mean(counts, ks))
	return &law, nil
}

// FitPowerLaw is the power law through the points (k[i], pass[i]), by least squares on log pass, with the error over
// the same points. The error wraps [ErrNoFit].
func FitPowerLaw(k []int, pass []float64) (PowerLaw, error) { return newLaws(k).fit(pass) }

// laws is what fits to curves at the same k have in common. For a given B the best A is known, which leaves a search in one
// dimension: along a grid, then between the neighbours of its best point.
type laws struct {
	k      []int
	logk   []float64
	powers [][]float64 // k^B, for the grid of B
}

// The grid of B.
const (
	steepest = -20.0
	step     = -0.05
)

func newLaws(k []int) *laws {
	l := &laws{k: k, logk: make([]float64, len(k))}
	for i := range k {
		l.logk[i] = math.Log(float64(k[i]))
	}
	for b := 0.0; b >= steepest; b += step {
		l.powers = append(l.powers, l.power(make([]float64, len(k)), b))
	}
	return l
}

func (l *laws) power(to []float64, b float64) []float64 {
	for i, x := range l.logk {
		to[i] = math.Exp(b * x)
	}
	return to
}

func (l *laws) fit(pass []float64) (PowerLaw, error) {
	if len(l.k) != len(pass) {
		return PowerLaw{}, fmt.Errorf("%w: %d k but %d values", ErrNoFit, len(l.k), len(pass))
	}
	y := make([]float64, len(pass))
	solved := true
	for i, p := range pass {
		if l.k[i] < 1 || !(p > 0 && p <= 1) {
			return PowerLaw{}, fmt.Errorf("%w: pass@%d is %g", ErrNoFit, l.k[i], p)
		}
		y[i] = math.Log(p)
		solved = solved && p == 1
	}
	switch {
	case len(y) == 0 || slices.Min(l.k) == slices.Max(l.k):
		return PowerLaw{}, fmt.Errorf("%w: fewer than two distinct k", ErrNoFit)
	case solved:
		return PowerLaw{}, fmt.Errorf("%w: it is 1 everywhere", ErrNoFit)
	}
	at, least := 0, math.Inf(1)
	for try, x := range l.powers {
		if s := squares(y, x); s < least {
			at, least = try, s
		}
	}
	b := float64(at) * step
	if b <= steepest-step {
		return PowerLaw{}, fmt.Errorf("%w: it rises to its last value in one step", ErrNoFit)
	}
	x := make([]float64, len(y))
	b = minimum(func(b float64) float64 { return squares(y, l.power(x, b)) }, b+step, min(b-step, 0))
	law := PowerLaw{A: bestA(y, l.power(x, b)), B: b}
	law.A10 = law.A / math.Ln10
	law.ErrorMean, law.ErrorSD = law.error(l.k, pass)
	return law, nil
}

// squares is the sum of those of y − a x, with the best a.
func squares(y, x []float64) (sum float64) {
	a := bestA(y, x)
	for i, v := range y {
		d := v - a*x[i]
		sum += d * d
	}
	return sum
}

// bestA minimizes the squares of y − a x.
func bestA(y, x []float64) float64 {
	xy, xx := 0.0, 0.0
	for i, v := range y {
		xy += x[i] * v
		xx += x[i] * x[i]
	}
	return xy / xx
}

// minimum of f between lo and hi, where f has one, by golden section.
func minimum(f func(float64) float64, lo, hi float64) float64 {
	ratio := (math.Sqrt(5) - 1) / 2
	for hi-lo > 1e-9 {
		if a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo); f(a) < f(b) {
			hi = b
		} else {
			lo = a
		}
	}
	return (lo + hi) / 2
}

// LogSpaced is up to points whole numbers from 1 to n, spaced evenly in their logarithm, ascending and without
// duplicates: fewer where n is small. Both must be at least 1; it is nil otherwise.
func LogSpaced(n, points int) []int { return slices.Compact(logSpaced(n, points)) }

// logSpaced is LogSpaced with duplicates.
func logSpaced(n, points int) []int {
	if n < 1 || points < 1 {
		return nil
	}
	if points == 1 || n == 1 {
		return []int{n}
	}
	ks := make([]int, points)
	for i := range ks {
		ks[i] = int(math.Round(math.Exp(math.Log(float64(n)) * float64(i) / float64(points-1))))
	}
	return ks
}
