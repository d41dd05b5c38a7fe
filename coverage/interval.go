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
// fourteen spreads of difficulty, 1 to 1,000 problems, 5 to 1,000 samples of each and k up to N, the 95 % interval held the
// truth so often (docs/benchmarks.md has the table):
//
//	           problems       mean over spreads       worst spread
//	Samples    1              95 to 99 %: too wide    89 %
//	           2              95 to 98 %              89 %
//	           5 to 1,000     93 to 96 %              81 %: 20 problems, half nearly always right, half nearly never, k = N
//	Problems   2              94 to 99 %              72 %
//	           5 to 1,000     94 to 98 %              82 %
//
// A pass@k that is 1 to three digits has no interval worth its digits.
//
// Method says how it is made. [Analytic], a formula, is the default, since it holds best. [Bayes] draws from a posterior, and
// holds in 89 to 98 % of repetitions on average with 20 samples of each of 2 to 128 problems, 64 % in the worst spread.
// [Bootstrap] draws other problems, or other samples: its intervals of Problems hold in 96 to 99 % on average (too wide for 20
// problems and fewer), those of Samples in 90 to 94 %. Those are too narrow where few successes were seen in all (where all
// rates are .003, 70 to 74 % with 5 problems of 100 samples, or 50 of 10), and at k = N with few problems. It is there to check
// the others with.
type Options struct {
	Level float64 // how often the interval holds, above 0 and below 1; default 0.95
	Kind  string  // Samples (the default) or Problems

	Method    string // Analytic (the default), Bootstrap or Bayes
	Resamples int    // of Bootstrap and Bayes; default 10,000
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
	case o.Method != Analytic && o.Method != Bootstrap && o.Method != Bayes:
		return invalidf("method", "%q is not known; %s, %s and %s are", o.Method, Analytic, Bootstrap, Bayes)
	case o.Resamples < MinResamples || o.Resamples > MaxResamples:
		return invalidf("resamples", "is %d; it must be between %d and %d", o.Resamples, MinResamples, MaxResamples)
	case o.Method == Bootstrap && len(counts)*o.Resamples > maxDraws:
		return o.affordable(len(counts))
	case o.Method == Bayes && len(counts)*o.Resamples > maxBayesDraws:
		return invalidf("resamples", "%d of %d problems are more than %d draws; ask for fewer, or for the method %s", o.Resamples, len(counts), maxBayesDraws, Analytic)
	}
	return nil
}

// intervals puts an interval around each moment of valid counts.
func (o Options) intervals(cells []cell, problems int, ms []moment) []Point {
	o = o.withDefaults()
	if o.Method == Bootstrap {
		return o.bootstrap(cells, problems, ms)
	}
	var around func(i int) (low, high float64)
	if o.Method == Bayes {
		lows, highs := o.bayesian(cells, problems, ms)
		around = func(i int) (low, high float64) { return lows[i], highs[i] }
	} else {
		analytic := o.analytic(cells, problems)
		around = func(i int) (low, high float64) { return analytic(ms[i]) }
	}
	points := make([]Point, len(ms))
	for i, m := range ms {
		low, high := around(i)
		points[i] = Point{K: m.k, Pass: m.mean, Low: max(0, min(low, m.mean)), High: min(1, max(high, m.mean))}
	}
	return points
}

// analytic returns the function that puts an interval around one moment.
//
// That of [Samples] is Jeffreys' interval for as many independent trials as would leave the mean with the variance that
// it has, as Korn and Graubard (1998) do with Clopper and Pearson's for proportions of surveys: unlike a mean ± 2 standard
// errors it stays within 0 and 1 and is not empty where no problem was solved, or all were. The variance is not taken
// from between problems, which do not vary, but from what is believed of their rates.
//
// That of [Problems] is the mean of a Dirichlet process with the imagined problem of the prior beside those seen, as a Beta
// distribution with its mean and variance (Ferguson 1973). Of problems that are each all right or all wrong it is Jeffreys'.
func (o Options) analytic(cells []cell, problems int) func(m moment) (low, high float64) {
	tail := (1 - o.Level) / 2
	switch {
	case o.Kind == Problems:
		g := newGrid(cells[len(cells)-1].n)
		return func(m moment) (low, high float64) { return g.otherProblems(m, float64(problems), tail) }
	case problems == 1:
		low, high := jeffreys(float64(cells[0].c), float64(cells[0].n-cells[0].c), tail)
		return func(m moment) (float64, float64) { return atLeastOnce(low, m.k), atLeastOnce(high, m.k) }
	}
	r := fitRates(cells)
	return func(m moment) (low, high float64) {
		mean, variance := r.predict(m.k)
		mean = (mean + m.mean) / 2
		if variance < 1e-18 || mean > 1-1e-15 { // all is certain to the last digit
			return m.mean, m.mean
		}
		trials := float64(problems) * mean * (1 - mean) / variance
		return jeffreys(trials*m.mean, trials*(1-m.mean), tail)
	}
}

// otherProblems is the interval for the mean over all problems of the kind of those seen.
func (g grid) otherProblems(m moment, problems, tail float64) (low, high float64) {
	n := problems + 1
	mean, square := problems/n*m.mean, problems/n*m.mean*m.mean+(problems-1)/n*m.variance
	for j, p := range g.imagined {
		pass := -math.Expm1(float64(m.k) * g.logFail[j])
		mean += p * pass / n
		square += p * pass * pass / n
	}
	size := mean*(1-mean)/(square-mean*mean)*(n+1) - 1
	return betaQuantile(mean*size, (1-mean)*size, tail), betaQuantile(mean*size, (1-mean)*size, 1-tail)
}

// atLeastOnce is the chance of a success in k independent tries.
func atLeastOnce(p float64, k int) float64 { return -math.Expm1(float64(k) * math.Log1p(-p)) }

// jeffreys is the equal-tailed interval of a rate that gave so many hits and misses, which need not be whole; it goes to
// the end where there were none.
func jeffreys(hits, misses, tail float64) (low, high float64) {
	low, high = 0, 1
	if hits > 0 {
		low = betaQuantile(hits+0.5, misses+0.5, tail)
	}
	if misses > 0 {
		high = betaQuantile(hits+0.5, misses+0.5, 1-tail)
	}
	return low, high
}

// clopperPearson is the equal-tailed interval of a rate that was seen in so many trials, which need not be whole: it holds
// at least as often as it says.
func clopperPearson(rate, trials, level float64) (low, high float64) {
	tail := (1 - level) / 2
	hits, misses := rate*trials, (1-rate)*trials
	low, high = 0, 1
	if hits > 0 {
		low = betaQuantile(hits, misses+1, tail)
	}
	if misses > 0 {
		high = betaQuantile(hits+1, misses, 1-tail)
	}
	return low, high
}

// betaQuantile is the quantile of a Beta distribution. The series behind it loses its digits where both parameters are
// large, and the normal distribution is as good there; where one is, the other's Gamma distribution is.
func betaQuantile(a, b, p float64) float64 {
	const large = 1e6
	switch {
	case min(a, b) > large:
		mean := a / (a + b)
		return mean + distuv.UnitNormal.Quantile(p)*math.Sqrt(mean*(1-mean)/(a+b+1))
	case b > 100*large:
		x := mathext.GammaIncRegInv(a, p)
		return x / (x + b)
	case a > 100*large:
		x := mathext.GammaIncRegCompInv(b, p)
		return a / (x + a)
	}
	return mathext.InvRegIncBeta(a, b, p)
}
