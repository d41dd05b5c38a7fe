package coverage

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// Kinds of interval.
const (
	Samples  = "samples"
	Problems = "problems"
)

// Methods of making an interval.
const (
	Analytic  = "analytic"  // from a formula; the default
	Bootstrap = "bootstrap" // from resamples of the problems, or of their samples
	Bayes     = "bayes"     // from a posterior
)

// Bounds on the resamples of a bootstrap.
const (
	DefaultResamples = 10_000
	MinResamples     = 100
	MaxResamples     = 100_000
)

// Options of a curve's intervals. The zero value is good: 95 %, by samples.
//
// An interval must say what would vary if the evaluation were done again, and there are two answers.
//
// [Samples], the default: the same problems, other samples from the same model. The interval is about the true coverage
// of these very problems, and shrinks as N grows. It is the default because it has a meaning for any number of
// problems, one included, and because a benchmark is seldom a random draw from anything.
//
// [Problems]: other problems of the same kind, drawn at random as these were, with their samples. The interval is about
// the mean over all such problems, and shrinks only as problems are added. It is wider. It needs two problems.
//
// Use Samples to ask whether more samples would move the number, and Problems to claim that a model is good at a kind
// of task.
//
// Both always hold the estimate itself, stay within 0 and 1, and are wide where successes are few. In simulations with
// eight spreads of difficulty, 1 to 164 problems and 10 or 100 samples of each, the 95 % interval held the truth in 95
// to 99 % of repetitions on average, and in the worst case in
//
//	Samples    one problem                                   95 % (exact)
//	           k up to N/5                                   91 %
//	           any k, 50 problems or more                    90 %
//	           k near N, 5 to 20 problems                    85 %: too narrow
//	Problems   50 problems or more                           91 %
//	           fewer, some right always and some never       76 %: too narrow
//
// A pass@k that is 1 to three digits has no interval worth its digits.
type Options struct {
	Level float64 // how often the interval holds, above 0 and below 1; default 0.95
	Kind  string  // Samples (the default) or Problems

	Method    string // Analytic (the default), Bootstrap or Bayes
	Resamples int    // of Bootstrap; default 10,000
	Seed      uint64 // of what is drawn at random: the same seed gives the same interval on every machine
}

func (o Options) withDefaults() Options {
	if o.Level == 0 {
		o.Level = 0.95
	}
	if o.Kind == "" {
		o.Kind = Samples
	}
	if o.Method == "" {
		o.Method = Analytic
	}
	if o.Resamples == 0 {
		o.Resamples = DefaultResamples
	}
	return o
}

func (o Options) validate(counts []Count) error {
	o = o.withDefaults()
	switch {
	case !(o.Level > 0 && o.Level < 1):
		return invalidf("level", "is %g; it must be above 0 and below 1", o.Level)
	case o.Kind != Samples && o.Kind != Problems:
		return invalidf("interval", "%q is not known; %s and %s are", o.Kind, Samples, Problems)
	case o.Kind == Problems && len(counts) < 2:
		return invalidf("interval", "%s needs at least two problems; with one, use %s", Problems, Samples)
	case o.Method != Analytic:
		return invalidf("method", "%q is not known; %s is", o.Method, Analytic)
	case o.Resamples < MinResamples || o.Resamples > MaxResamples:
		return invalidf("resamples", "is %d; it must be between %d and %d", o.Resamples, MinResamples, MaxResamples)
	}
	return nil
}

// intervals puts an interval around each moment of valid counts. Those of several problems are Clopper and Pearson's
// for as many independent trials as would leave the mean with the variance that it has, as Korn and Graubard (1998) do
// for proportions of surveys: unlike a mean ± 2 standard errors they stay within 0 and 1 and are not empty where no
// problem was solved, or all were.
func (o Options) intervals(cells []cell, problems int, ms []moment) []Point {
	o = o.withDefaults()
	var around func(m moment) (low, high float64)
	switch {
	case o.Kind == Problems:
		// The variance is itself an estimate, so that the quantiles are Student's.
		normal := distuv.UnitNormal.Quantile((1 + o.Level) / 2)
		student := distuv.StudentsT{Sigma: 1, Nu: float64(problems - 1)}.Quantile((1 + o.Level) / 2)
		around = func(m moment) (low, high float64) {
			trials := float64(problems)
			if m.variance > 0 {
				trials *= m.mean * (1 - m.mean) / m.variance * math.Pow(normal/student, 2)
			}
			return clopperPearson(m.mean, trials, o.Level)
		}
	case problems == 1:
		low, high := clopperPearson(float64(cells[0].c)/float64(cells[0].n), float64(cells[0].n), o.Level)
		around = func(m moment) (float64, float64) { return atLeastOnce(low, m.k), atLeastOnce(high, m.k) }
	default:
		r := fitRates(cells)
		around = func(m moment) (low, high float64) {
			mean, variance := r.predict(m.k)
			if variance <= 0 || mean >= 1 { // all is certain to the last digit
				return m.mean, m.mean
			}
			return clopperPearson(m.mean, float64(problems)*mean*(1-mean)/variance, o.Level)
		}
	}
	points := make([]Point, len(ms))
	for i, m := range ms {
		low, high := around(m)
		points[i] = Point{K: m.k, Pass: m.mean, Low: min(low, m.mean), High: max(high, m.mean)}
	}
	return points
}

// atLeastOnce is the chance of a success in k independent tries.
func atLeastOnce(p float64, k int) float64 { return -math.Expm1(float64(k) * math.Log1p(-p)) }

// clopperPearson is the equal-tailed interval around a rate that was seen in so many trials, which need not be whole.
func clopperPearson(rate, trials, level float64) (low, high float64) {
	tail := (1 - level) / 2
	hits, misses := rate*trials, (1-rate)*trials
	low, high = 0, 1
	if min(hits, misses) > 1e6 { // the sums below lose their digits there, and the normal distribution is as good
		half := distuv.UnitNormal.Quantile(1-tail) * math.Sqrt(rate*(1-rate)/trials)
		return rate - half, rate + half
	}
	if hits > 0 {
		low = mathext.InvRegIncBeta(hits, misses+1, tail)
	}
	if misses > 0 {
		high = mathext.InvRegIncBeta(hits+1, misses, 1-tail)
	}
	return low, high
}
