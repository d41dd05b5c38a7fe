package coverage

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// model is a forecaster, and the values of pass@k at each k that it predicts, all as likely.
type model struct {
	Forecaster
	prior     float64
	surprise  float64 // minus the logarithm of the likelihood of what was held back
	values    [][]float64
	predictor func(e *evidence, mass []float64, upTo int) predictor
}

// predictor is a model that has been fitted, for the backtest.
type predictor struct {
	pass  func(k int) float64
	solve func(n, more int) float64 // the chance that a problem unsolved by n samples is solved by more
}

// models are all that are tried, fitted to e, with what they predict at ks and how they did in the backtest.
func (e *evidence) models(ctx context.Context, ks []int, from int, population bool) ([]model, error) {
	all := []model{
		{Forecaster: Forecaster{Model: "bent_power_law"}, prior: lawPrior, predictor: predictBent},
		{Forecaster: Forecaster{Model: "power_law"}, predictor: predictLaw}, // has no interval: it is shown, and not pooled
	}
	free := make([]float64, rateGrid)
	e.free(free)
	if l := fitLaw(e, free, from, population); l != nil {
		a, b := l.line()
		all[0].Parameters = map[string]float64{"a": a, "b": b}
		normal := unitNormal(lawDraws)
		for _, k := range ks {
			mean, sd := l.at(k)
			values := make([]float64, lawDraws)
			for i, v := range normal {
				values[lawDraws-1-i] = math.Exp(-math.Exp(mean + sd*v))
			}
			all[0].values = append(all[0].values, values)
			all[0].Points = append(all[0].Points, Point{K: k, Pass: math.Exp(-math.Exp(mean))})
		}
	}
	if law, err := e.law(from); err == nil {
		all[1].Parameters = map[string]float64{"a": law.A, "b": law.B}
		for _, k := range ks {
			pass := law.At(float64(k))
			all[1].Points = append(all[1].Points, Point{k, pass, pass, pass})
		}
	}
	all = slices.DeleteFunc(all, func(m model) bool { return m.Parameters == nil })
	shapes := families()
	for _, f := range shapes {
		m := model{Forecaster: Forecaster{Model: f.name}, prior: (1 - lawPrior) / float64(len(shapes)), predictor: f.predict}
		at := f.fit(e)
		m.Parameters = f.named(at)
		m.values = make([][]float64, len(ks))
		rng := rand.New(rand.NewPCG(11, 13))
		err := f.sample(ctx, e, at, func(mass []float64) {
			noise := rng.NormFloat64()
			for i, k := range ks {
				v := 0.0
				if population {
					v = e.population(mass, k)
				} else {
					mean, variance := e.expect(mass, k)
					v = mean + noise*math.Sqrt(variance)
				}
				m.values[i] = append(m.values[i], min(max(v, 0), 1))
			}
		})
		if err != nil {
			return nil, err
		}
		for i, k := range ks {
			slices.Sort(m.values[i])
			m.Points = append(m.Points, Point{K: k, Pass: stat.Quantile(0.5, stat.Empirical, m.values[i], nil)})
		}
		all = append(all, m)
	}
	return all, e.backtest(ctx, all, from)
}

// believe sets the weight of each model and orders them by it: the mean of what was believed before the backtest and after
// it. What was held back lies within the samples, and tells of the k far beyond them by half at most: two kinds of problems,
// the harder of which no sample solved yet, look in every backtest like a mass at zero.
func believe(all []model) {
	least, sum, kept := math.Inf(1), 0.0, 0.0
	for _, m := range all {
		if m.prior > 0 {
			least = min(least, m.surprise)
		}
	}
	for i := range all {
		m := &all[i]
		m.Weight = m.prior * math.Exp(least-m.surprise)
		sum += m.Weight
	}
	for i := range all {
		all[i].Weight = (all[i].Weight/sum + all[i].prior) / 2
		kept += all[i].Weight
	}
	for i := range all {
		all[i].Weight /= kept // without the prior of a model that could not be fitted
	}
	slices.SortStableFunc(all, func(a, b model) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Score, b.Score))
	})
}

// pool is the middle of what models predict at the k of index i, each as far as it is believed, with tail cut off on either
// side.
func pool(all []model, i int, tail float64) (low, high float64) {
	type value struct{ pass, weight float64 }
	var values []value
	sum := 0.0
	for _, m := range all {
		if m.values == nil {
			continue
		}
		weight := m.Weight
		if len(all) == 1 {
			weight = 1
		}
		for _, v := range m.values[i] {
			values = append(values, value{v, weight / float64(len(m.values[i]))})
		}
		sum += weight
	}
	slices.SortStableFunc(values, func(a, b value) int { return cmp.Compare(a.pass, b.pass) })
	seen := 0.0
	low, high = values[0].pass, values[len(values)-1].pass
	for j := range values {
		if seen+values[j].weight > tail*sum {
			low = values[j].pass
			break
		}
		seen += values[j].weight
	}
	seen = 0
	for j := len(values) - 1; j >= 0; j-- {
		if seen+values[j].weight > tail*sum {
			high = values[j].pass
			break
		}
		seen += values[j].weight
	}
	return low, high
}

func predictBent(e *evidence, mass []float64, upTo int) predictor {
	l := fitLaw(e, mass, upTo, false)
	if l == nil {
		return predictor{}
	}
	normal := unitNormal(20)
	pass := func(k int) (mean float64) {
		z, sd := l.at(k)
		for _, v := range normal {
			mean += math.Exp(-math.Exp(z+sd*v)) / float64(len(normal))
		}
		return mean
	}
	return predictor{pass, next(pass)}
}

func predictLaw(e *evidence, _ []float64, upTo int) predictor {
	law, err := e.law(upTo)
	if err != nil {
		return predictor{}
	}
	pass := func(k int) float64 { return law.At(float64(k)) }
	return predictor{pass, next(pass)}
}

// next is the chance that a problem unsolved by n samples is solved by more, where only the curve is known.
func next(pass func(k int) float64) func(n, more int) float64 {
	return func(n, more int) float64 {
		before := pass(n)
		return (pass(n+more) - before) / (1 - before)
	}
}

func (f *family) predict(e *evidence, _ []float64, _ int) predictor {
	mass := make([]float64, rateGrid)
	f.mass(e.axis, f.fit(e), mass)
	return predictor{
		func(k int) float64 { mean, _ := e.expect(mass, k); return mean },
		func(n, more int) float64 {
			unsolved, still := 0.0, 0.0
			for j, m := range mass {
				p := m * math.Exp(float64(n)*e.logFail[j])
				unsolved += p
				still += p * math.Exp(float64(more)*e.logFail[j])
			}
			return 1 - still/unsolved
		},
	}
}

// law is the plain power law of the curve, as Fit has it.
func (e *evidence) law(upTo int) (PowerLaw, error) {
	ks := LogSpaced(upTo, fitPoints)
	pass := make([]float64, len(ks))
	for i, m := range moments(e.cells, int(math.Round(e.problems)), ks) {
		pass[i] = m.mean
	}
	return FitPowerLaw(ks, pass)
}
