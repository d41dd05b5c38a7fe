package coverage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// thinned draws m of the samples of each problem, without replacement.
func thinned(rng *rand.Rand, counts []Count, m int) []Count {
	var all []Count
	for _, c := range counts {
		all = append(all, Count{N: m, C: hypergeometric(rng, c.N, c.C, m)})
	}
	return all
}

var pythias = []string{"Pythia 70M", "Pythia 160M", "Pythia 410M", "Pythia 1B", "Pythia 2.8B", "Pythia 6.9B", "Pythia 12B"}

// kindOf problems: draws the rate of one problem.
type kindOf struct {
	name string
	rate func(rng *rand.Rand) float64
}

// spreads of difficulty that no forecast was made for. Rates are a Beta's, times a scale, or even in the logarithm, or
// normal in log odds; some have problems that are never solved, or two kinds of problems.
func spreads() []kindOf {
	beta := func(a, b, c float64) func(*rand.Rand) float64 {
		return func(rng *rand.Rand) float64 { return c * distuv.Beta{Alpha: a, Beta: b, Src: rng}.Rand() }
	}
	even := func(lo, hi float64) func(*rand.Rand) float64 {
		return func(rng *rand.Rand) float64 { return lo * math.Pow(hi/lo, rng.Float64()) }
	}
	normal := func(mean, sd float64) func(*rand.Rand) float64 {
		return func(rng *rand.Rand) float64 { return expit(mean + sd*rng.NormFloat64()) }
	}
	mix := func(share float64, a, b func(*rand.Rand) float64) func(*rand.Rand) float64 {
		return func(rng *rand.Rand) float64 {
			if rng.Float64() < share {
				return a(rng)
			}
			return b(rng)
		}
	}
	never := func(*rand.Rand) float64 { return 0 }
	return []kindOf{
		{"Beta(.3, 5)", beta(.3, 5, 1)},
		{"Beta(.2, 50)", beta(.2, 50, 1)},
		{"Beta(.5, 20)", beta(.5, 20, 1)},
		{".1 Beta(.3, 2)", beta(.3, 2, .1)},
		{".02 Beta(.2, 1)", beta(.2, 1, .02)},
		{"log-uniform 1e-5 to 1", even(1e-5, 1)},
		{"log-uniform 1e-4 to .1", even(1e-4, .1)},
		{"logit-normal -5, 2", normal(-5, 2)},
		{"logit-normal -7, 3", normal(-7, 3)},
		{"10 % never, Beta(.3, 5)", mix(.1, never, beta(.3, 5, 1))},
		{"30 % never, Beta(.3, 20)", mix(.3, never, beta(.3, 20, 1))},
		{"30 % never, log-uniform 1e-4 to .3", mix(.3, never, even(1e-4, .3))},
		{"60 % never, Beta(.5, 10)", mix(.6, never, beta(.5, 10, 1))},
		{"half Beta(2, 3), half Beta(1, 500)", mix(.5, beta(2, 3, 1), beta(1, 500, 1))},
		{"30 % Beta(2, 3), 70 % Beta(2, 20000)", mix(.3, beta(2, 3, 1), beta(2, 20000, 1))},
	}
}

// missed is by how much forecasts missed, over repetitions.
type missed struct{ n, square, bias, held, width, plain, none float64 }

func (e *missed) add(f *Forecast, i int, truth, plain float64) {
	if f.Model == "" {
		e.none++
		return
	}
	p := f.Points[i]
	e.n++
	e.square += (p.Pass - truth) * (p.Pass - truth)
	e.bias += p.Pass - truth
	e.plain += (plain - truth) * (plain - truth)
	if p.Low <= truth && truth <= p.High {
		e.held++
	}
	e.width += p.High - p.Low
}

func (e *missed) String() string {
	if e.n == 0 {
		return "no forecast"
	}
	return fmt.Sprintf("%.3f | %.3f | %+.3f | %.0f %% | %.2f", math.Sqrt(e.square/e.n), math.Sqrt(e.plain/e.n), e.bias/e.n, 100*e.held/e.n, e.width/e.n)
}

// plainLaw is the plain extrapolation that published errors are of: a line through log k and log −log pass@k, by least
// squares over all k up to the samples.
func plainLaw(counts []Count, k int) float64 {
	n := MostK(counts)
	ks := make([]int, n)
	for i := range ks {
		ks[i] = i + 1
	}
	var sx, sy, sxx, sxy, m float64
	for i, p := range mean(counts, ks) {
		if p <= 0 || p > 1-1e-12 {
			continue
		}
		x, y := math.Log(float64(ks[i])), math.Log(-math.Log(p))
		sx, sy, sxx, sxy, m = sx+x, sy+y, sxx+x*x, sxy+x*y, m+1
	}
	if m < 2 {
		return 0
	}
	b := (m*sxy - sx*sy) / (m*sxx - sx*sx)
	return math.Exp(-math.Exp((sy-b*sx)/m + b*math.Log(float64(k))))
}

// TestForecastPythia forecasts pass@k of the seven Pythia models from 100 of their 10,000 samples of each problem, 20 times.
// The plain power law's published errors at k = 10,000 are .051 of the 160M model, .043 of 1B and .022 of 12B.
func TestForecastPythia(t *testing.T) {
	if os.Getenv("BOREL_FULL") == "" {
		t.Skip("set BOREL_FULL=1: it takes a minute")
	}
	wanted := map[string]float64{"Pythia 160M": .051, "Pythia 1B": .043, "Pythia 12B": .022}
	ks := []int{300, 1000, 3000, 10_000}
	var over missed
	for _, model := range pythias {
		full := pythia(t, model)
		truth := mean(full, ks)
		of := make([]missed, len(ks))
		rng := rand.New(rand.NewPCG(1, 1))
		winners := map[string]int{}
		for range 20 {
			counts := thinned(rng, full, 100)
			f, err := Extrapolate(t.Context(), counts, ks, Options{})
			if err != nil {
				t.Fatal(err)
			}
			winners[f.Model]++
			for i, k := range ks {
				of[i].add(f, i, truth[i], plainLaw(counts, k))
				over.add(f, i, truth[i], plainLaw(counts, k))
			}
		}
		for i, k := range ks {
			fmt.Printf("| %s | %d | %.3f | %v |\n", model, k, truth[i], &of[i])
		}
		fmt.Println(model, winners)
		last := of[len(of)-1]
		if got := math.Sqrt(last.square / last.n); wanted[model] > 0 && got >= wanted[model] {
			t.Errorf("%s: error %.4f, want below %.3f", model, got, wanted[model])
		}
	}
	fmt.Printf("| all | | | %v |\n", &over)
	if share := over.held / over.n; share < 0.93 {
		t.Errorf("intervals of 95 %% hold in %.3f", share)
	}
}

// TestForecastSpreads does the same for populations with other spreads of difficulty.
func TestForecastSpreads(t *testing.T) {
	if os.Getenv("BOREL_FULL") == "" {
		t.Skip("set BOREL_FULL=1: it takes several minutes")
	}
	sizes := [][2]int{{100, 128}, {20, 128}, {100, 500}, {100, 30}, {1000, 128}, {10, 128}, {50, 128}}
	if s := os.Getenv("BOREL_SIZE"); s != "" {
		sizes = sizes[:1]
		fmt.Sscan(s, &sizes[0][0], &sizes[0][1])
	}
	for _, size := range sizes {
		samples, problems := size[0], size[1]
		factors := []int{3, 10, 100}
		all := make([]missed, len(factors))
		for _, s := range spreads() {
			rng := rand.New(rand.NewPCG(2, 3))
			of := make([]missed, len(factors))
			winners := map[string]int{}
			for range 10 {
				var counts []Count
				truth := make([]float64, len(factors))
				for range problems {
					p := s.rate(rng)
					c := 0
					if p > 0 {
						c = int(distuv.Binomial{N: float64(samples), P: p, Src: rng}.Rand())
					}
					counts = append(counts, Count{N: samples, C: c})
					for i, f := range factors {
						truth[i] += atLeastOnce(p, f*samples) / float64(problems)
					}
				}
				var ks []int
				for _, f := range factors {
					ks = append(ks, f*samples)
				}
				f, err := Extrapolate(t.Context(), counts, ks, Options{})
				if err != nil {
					t.Fatal(err)
				}
				winners[f.Model]++
				for i, k := range ks {
					plain := plainLaw(counts, k)
					of[i].add(f, i, truth[i], plain)
					all[i].add(f, i, truth[i], plain)
				}
			}
			if testing.Verbose() {
				for i, f := range factors {
					fmt.Printf("| %d × %d | %s | %d | %v |\n", problems, samples, s.name, f, &of[i])
				}
				fmt.Println(winners)
			}
		}
		for i, f := range factors {
			fmt.Printf("| %d × %d | all | %d | %v |\n", problems, samples, f, &all[i])
			if share := all[i].held / all[i].n; share < map[int]float64{3: 0.93, 10: 0.85, 100: 0.75}[f] {
				t.Errorf("%d problems, %d samples, factor %d: intervals of 95 %% hold in %.3f", problems, samples, f, share)
			}
		}
	}
}
