package coverage

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// Forecast is what pass@k is expected to be at k beyond the samples that were drawn.
type Forecast struct {
	From   int     `json:"from" doc:"samples of each problem that it is made from: the fewest of any"`
	Model  string  `json:"model,omitempty" doc:"the model whose points these are; empty where no forecast is justified"`
	Doubt  string  `json:"doubt,omitempty" doc:"why no forecast is justified, or what to be careful about"`
	Points []Point `json:"points" doc:"pass@k with its interval, of the winner; empty where no forecast is justified"`

	Models []Forecaster `json:"models,omitempty" doc:"all that were tried, best first"`
}

// Forecaster is one model of how success rates are spread, and how well it did when it had to forecast samples that were
// held back.
type Forecaster struct {
	Model      string             `json:"model" doc:"power_law, beta, scaled_beta, kumaraswamy, …"`
	Parameters map[string]float64 `json:"parameters"`
	Score      float64            `json:"score" doc:"mean score on held-back k, a proper scoring rule: lower is better"`
	RMSE       float64            `json:"rmse" doc:"root mean square error of pass@k on held-back k"`
	Points     []Point            `json:"points,omitempty"`
}

// Extrapolate forecasts pass@k at each of ks, which may lie beyond the samples that were drawn, up to [MaxSamples]. The
// error is an *[Invalid], as Curve's, or that of ctx.
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
	f := &Forecast{From: MostK(counts), Points: []Point{}}
	right := 0
	for _, c := range counts {
		right += c.C
	}
	switch {
	case right == 0:
		f.Doubt = "nothing was solved: no forecast is justified"
		return f, nil
	case f.From < 5:
		f.Doubt = "fewer than 5 samples of a problem: no forecast is justified"
		return f, nil
	}

	cells := group(counts)
	back, held := half(cells), LogSpaced(f.From, 20)
	held = slices.DeleteFunc(held, func(k int) bool { return k <= back[0].n })
	truth := moments(cells, len(counts), held)
	score := func(points []Point) (mean float64) {
		for i, p := range points {
			mean += math.Pow(p.Pass-truth[i].mean, 2) / float64(len(points))
		}
		return mean
	}
	for _, forecast := range []func(context.Context, []cell, []int, Options) (*Forecaster, error){powerLawForecast, betaForecast} {
		all, err := forecast(ctx, cells, ks, o)
		if err != nil {
			return nil, err
		}
		tested, err := forecast(ctx, back, held, o)
		if err != nil {
			return nil, err
		}
		if all != nil && tested != nil {
			all.Score = score(tested.Points)
			all.RMSE = math.Sqrt(all.Score)
			f.Models = append(f.Models, *all)
		}
	}
	if len(f.Models) == 0 {
		f.Doubt = "no model fits: no forecast is justified"
		return f, nil
	}
	slices.SortStableFunc(f.Models, func(a, b Forecaster) int { return cmp.Compare(a.Score, b.Score) })
	f.Model, f.Points = f.Models[0].Model, f.Models[0].Points
	return f, nil
}

// half draws half of the samples of each cell, and leaves the rest to be forecast.
func half(cells []cell) []cell {
	rng := rand.New(rand.NewPCG(1, 2))
	var out []cell
	for _, g := range cells {
		n := max(g.n/2, 1)
		for range int(g.weight) {
			right := 0
			for left, j := g.c, 0; j < n; j++ {
				if rng.IntN(g.n-j) < left {
					left--
					right++
				}
			}
			out = append(out, cell{n, right, 1})
		}
	}
	return out
}

func powerLawForecast(_ context.Context, cells []cell, ks []int, _ Options) (*Forecaster, error) {
	problems := 0.0
	for _, g := range cells {
		problems += g.weight
	}
	at := LogSpaced(cells[0].n, fitPoints)
	var pass []float64
	for _, m := range moments(cells, int(problems), at) {
		pass = append(pass, m.mean)
	}
	law, err := FitPowerLaw(at, pass)
	if err != nil {
		return nil, nil
	}
	f := &Forecaster{Model: "power_law", Parameters: map[string]float64{"a": law.A, "b": law.B}}
	for _, k := range ks {
		pass := law.At(float64(k))
		f.Points = append(f.Points, Point{k, pass, pass, pass})
	}
	return f, nil
}

func betaForecast(ctx context.Context, cells []cell, ks []int, o Options) (*Forecaster, error) {
	e := newEvidence(newAxis(), cells)
	at, _ := beta.fit(e)
	f := &Forecaster{Model: beta.name, Parameters: map[string]float64{"a": math.Exp(at[0]), "b": math.Exp(at[1])}}
	draws := make([][]float64, len(ks))
	rng := rand.New(rand.NewPCG(1, 2))
	beta.sample(e, at, 20, 60, 20, 4, func(_, mass []float64) {
		for i, k := range ks {
			mean, variance := e.expect(mass, k)
			draws[i] = append(draws[i], mean+math.Sqrt(variance)*rng.NormFloat64())
		}
	})
	tail := (1 - o.withDefaults().Level) / 2
	for i, k := range ks {
		slices.Sort(draws[i])
		n := float64(len(draws[i]))
		sum := 0.0
		for _, d := range draws[i] {
			sum += d / n
		}
		low, high := draws[i][int(tail*n)], draws[i][int((1-tail)*n)]
		pass := min(max(sum, 0), 1)
		f.Points = append(f.Points, Point{k, pass, min(max(low, 0), pass), max(min(high, 1), pass)})
	}
	return f, ctx.Err()
}

// beta spreads rates by a beta distribution.
var beta = &family{name: "beta", about: []float64{-1, 1}, sd: []float64{1.5, 2},
	mass: func(x *axis, at, mass []float64) { betaMass(x, math.Exp(at[0]), math.Exp(at[1]), mass) }}
