package coverage

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"
)

// Forecast is what pass@k is expected to be at k beyond the samples that were drawn.
type Forecast struct {
	From   int     `json:"from" doc:"samples of each problem that it is made from: the fewest of any"`
	Model  string  `json:"model,omitempty" doc:"the model whose points these are; empty where no forecast is justified"`
	Doubt  string  `json:"doubt,omitempty" doc:"why no forecast is justified, or what to be careful about"`
	Points []Point `json:"points" doc:"pass@k of the winner, with an interval of all models, each as far as it is believed; empty where no forecast is justified"`

	Models []Forecaster `json:"models,omitempty" doc:"all that were tried, most believed first"`
}

// Forecaster is one model of how success rates are spread, and how well it did when it had to forecast samples that were
// held back.
type Forecaster struct {
	Model      string             `json:"model" doc:"bent_power_law, power_law, beta, scaled_beta, kumaraswamy, logit_normal, zero_beta or two_betas"`
	Parameters map[string]float64 `json:"parameters"`
	Weight     float64            `json:"weight" doc:"how far it is believed, as a share of 1"`
	Score      float64            `json:"score" doc:"mean logarithmic score on which unsolved problems the samples held back solve, in nats: lower is better"`
	RMSE       float64            `json:"rmse" doc:"root mean square error of pass@k on held-back k"`
	Points     []Point            `json:"points,omitempty"`
}

// What a forecast needs, at least; with less there is none.
const (
	leastForecastSamples  = 5 // of each problem
	leastForecastProblems = 5
	leastForecastSolved   = 3 // problems
)

// What a forecast should have; with less it is given with a doubt.
const (
	goodForecastSamples  = 20
	goodForecastProblems = 30
	goodForecastFactor   = 10  // of k to the samples of each problem
	goodForecastWidth    = 0.5 // of the interval
)

const (
	lawPrior   = 0.75 // how far the bent power law is believed before the backtest; the families share the rest
	forecastKs = 64   // k that are looked at one by one; between them a curve is interpolated
	lawDraws   = 400
)

// Extrapolate forecasts pass@k at each of ks in their order, beyond the samples that were drawn and up to [MaxSamples]. A k
// within the samples of every problem gets the estimate of [Curve] instead.
//
// From n samples of a problem nothing can be learnt of rates far below 1/n, so that every forecast rests on a belief of how
// rates are spread. Two kinds compete. The bent power law believes that a curve stays near the power law that measured
// curves follow, and takes the curve's own estimates as the data. The families (a Beta, a scaled one and Kumaraswamy's, a
// normal distribution of log odds, a Beta with a mass at zero, two Betas) believe in a shape of the rates, and take the
// counts as the data, by their posterior.
//
// Each is backtested: it sees a tenth, and a third, of the samples of each problem, and says of the problems unsolved so far
// how many the samples held back will solve; the logarithmic score of that is proper (Dawid 1984). The bent law starts with
// three quarters of the belief, since measured curves do follow power laws, and each model's belief is then multiplied by
// the likelihood of what was held back. The most believed is the winner and gives the points; the interval holds the middle
// of all models' predictions, each as far as it is believed.
//
// An interval of kind [Samples] is about the true coverage of these very problems, one of kind [Problems] about that of all
// problems of their kind. It carries the noise of the samples, what is not known of a model's parameters, and what is not
// known of the model. Over fifteen spreads of difficulty the interval of 95 % held in 89 to 100 % of repetitions at 3 and 10
// times the samples and in 78 to 100 % at 100 times; on the seven curves of Pythia models always, so that it is wider than
// need be where a curve follows a power law. Worst are problems of two kinds of which the harder is not seen yet: nothing in
// the counts tells of it.
//
// Where no forecast is justified Points is empty and Doubt says why; it may also say what to be careful about. The error
// is an *[Invalid], as Curve's but for k, or that of ctx.
func Extrapolate(ctx context.Context, counts []Count, ks []int, o Options) (*Forecast, error) {
	if err := validate(counts); err != nil {
		return nil, err
	}
	if len(ks) > MaxPoints {
		return nil, invalidf("k", "has %d entries, the limit is %d", len(ks), MaxPoints)
	}
	for _, k := range ks {
		if k < 1 || k > MaxSamples {
			return nil, invalidf("k", "is %d; it must be between 1 and %d", k, MaxSamples)
		}
	}
	if err := o.validate(counts); err != nil {
		return nil, err
	}
	o = o.withDefaults()
	f := &Forecast{From: MostK(counts), Points: []Point{}}
	if f.Doubt = unjustified(counts, ks, o); f.Doubt != "" || len(ks) == 0 {
		return f, nil
	}

	within, beyond := []int{}, []int{}
	for _, k := range ks {
		if k <= f.From {
			within = append(within, k)
		} else {
			beyond = append(beyond, k)
		}
	}
	byK := make(map[int]Point)
	known, err := Curve(counts, within, o)
	if err != nil {
		return nil, err
	}
	for _, p := range known {
		byK[p.K] = p
	}
	if len(beyond) == 0 {
		beyond = []int{f.From} // the models are told of all the same
	}

	e := newEvidence(newAxis(), group(counts))
	models, err := e.models(ctx, lookAt(beyond), f.From, o.Kind == Problems)
	if err != nil {
		return nil, err
	}
	believe(models)
	best := models[0]
	f.Model = best.Model
	tail := (1 - o.Level) / 2
	pooled := make([]Point, len(best.Points))
	for i, p := range best.Points {
		low, high := pool(models, i, tail)
		pooled[i] = Point{p.K, p.Pass, min(low, p.Pass), max(high, p.Pass)}
	}
	rise(pooled)
	for i := range models {
		for j := range models[i].Points {
			p := &models[i].Points[j]
			if models[i].values != nil {
				low, high := pool(models[i:i+1], j, tail)
				p.Low, p.High = min(low, p.Pass), max(high, p.Pass)
			}
		}
		rise(models[i].Points)
		models[i].Points = between(models[i].Points, beyond)
		f.Models = append(f.Models, models[i].Forecaster)
	}
	for _, p := range between(pooled, beyond) {
		byK[p.K] = p
	}
	for _, k := range ks {
		f.Points = append(f.Points, byK[k])
	}
	f.Doubt = doubts(f, len(counts))
	return f, nil
}

// unjustified says why there can be no forecast.
func unjustified(counts []Count, ks []int, o Options) string {
	solved, samples, most := 0, 0, 0
	for _, c := range counts {
		samples += c.N
		if c.C > 0 {
			solved++
		}
	}
	for _, k := range ks {
		most = max(most, k)
	}
	switch n := MostK(counts); {
	case solved == 0:
		// The chance of no success at all is greatest, for a given mean rate, where all rates are alike; and so is pass@k.
		rate := -math.Expm1(math.Log(1-o.Level) / float64(samples))
		return fmt.Sprintf("no forecast: nothing was solved, which bounds pass@%d to at most %.3g with %.4g %% confidence", most, atLeastOnce(rate, most), 100*o.Level)
	case solved < leastForecastSolved && solved < len(counts):
		return fmt.Sprintf("no forecast: %d problems solved, and at least %d are needed", solved, leastForecastSolved)
	case len(counts) < leastForecastProblems:
		return fmt.Sprintf("no forecast: %d problems, and at least %d are needed", len(counts), leastForecastProblems)
	case n < leastForecastSamples:
		return fmt.Sprintf("no forecast: a problem has %d samples, and at least %d of each are needed", n, leastForecastSamples)
	}
	return ""
}

// doubts says what to be careful about.
func doubts(f *Forecast, problems int) string {
	var all []string
	if f.From < goodForecastSamples {
		all = append(all, fmt.Sprintf("few samples (%d of each problem)", f.From))
	}
	if problems < goodForecastProblems {
		all = append(all, fmt.Sprintf("few problems (%d)", problems))
	}
	wide, far := 0, 0
	for _, p := range f.Points {
		if p.K > f.From && p.High-p.Low > goodForecastWidth && (wide == 0 || p.K < wide) {
			wide = p.K
		}
		if p.K > goodForecastFactor*f.From {
			far = max(far, p.K)
		}
	}
	if wide > 0 {
		all = append(all, fmt.Sprintf("from k = %d the models allow more than half of all answers", wide))
	}
	if far > 0 {
		all = append(all, fmt.Sprintf("k = %d is more than %d times the samples of a problem, beyond which intervals of 95 %% held in 78 %% of tests at worst", far, goodForecastFactor))
	}
	if len(all) == 0 {
		return ""
	}
	return "careful: " + strings.Join(all, "; ")
}

// lookAt is the k to look at for ks: these, or if there are many some between the least and the greatest.
func lookAt(ks []int) []int {
	ks = slices.Clone(ks)
	slices.Sort(ks)
	ks = slices.Compact(ks)
	if len(ks) <= forecastKs {
		return ks
	}
	least, most := float64(ks[0]), float64(ks[len(ks)-1])
	var some []int
	for i := range forecastKs {
		some = append(some, int(math.Round(least*math.Pow(most/least, float64(i)/(forecastKs-1)))))
	}
	return slices.Compact(some)
}

// between is points at ks, along straight lines in log k.
func between(points []Point, ks []int) []Point {
	all := make([]Point, len(ks))
	for i, k := range ks {
		j, found := slices.BinarySearchFunc(points, k, func(p Point, k int) int { return cmp.Compare(p.K, k) })
		if found || j == 0 || j == len(points) {
			all[i] = points[min(j, len(points)-1)]
			all[i].K = k
			continue
		}
		a, b := points[j-1], points[j]
		t := math.Log(float64(k)/float64(a.K)) / math.Log(float64(b.K)/float64(a.K))
		all[i] = Point{k, a.Pass + t*(b.Pass-a.Pass), a.Low + t*(b.Low-a.Low), a.High + t*(b.High-a.High)}
	}
	return all
}

// rise makes points, whose k ascend, fall nowhere.
func rise(points []Point) {
	for i := 1; i < len(points); i++ {
		points[i].Pass = max(points[i].Pass, points[i-1].Pass)
		points[i].Low = max(points[i].Low, points[i-1].Low)
		points[i].High = max(points[i].High, points[i-1].High)
	}
}

// unitNormal is values that are as many standard deviations from the mean as those of a normal distribution.
func unitNormal(values int) []float64 {
	all := make([]float64, values)
	for i := range all {
		all[i] = distuv.UnitNormal.Quantile((float64(i) + 0.5) / float64(values))
	}
	return all
}
