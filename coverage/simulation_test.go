package coverage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/stat/distuv"
)

// A population of problems: how the chance of a right sample is spread.
type population struct {
	name string
	draw func(r *rand.Rand) float64
}

func same(rate float64) func(*rand.Rand) float64 { return func(*rand.Rand) float64 { return rate } }

func betaRates(a, b float64) func(*rand.Rand) float64 {
	return func(r *rand.Rand) float64 { return distuv.Beta{Alpha: a, Beta: b, Src: r}.Rand() }
}

// mixed draws from a with this chance, else from b.
func mixed(chance float64, a, b func(*rand.Rand) float64) func(*rand.Rand) float64 {
	return func(r *rand.Rand) float64 {
		if r.Float64() < chance {
			return a(r)
		}
		return b(r)
	}
}

// The first three are no spread at all, and the hardest for a prior with a free shape; "beta .3 100" and its neighbours
// are like the Pythia models on MATH.
var populations = []population{
	{"all 0.3", same(0.3)},
	{"all 0.05", same(0.05)},
	{"all 0.003", same(0.003)},
	{"some never", mixed(0.4, same(0), mixed(2./3, func(r *rand.Rand) float64 { return betaRates(.3, 1.5)(r) / 2 }, betaRates(.3, 1.5)))},
	{"third never", mixed(1./3, same(0), betaRates(1, 3))},
	{"easy or hard", betaRates(.3, .3)},
	{"bimodal", mixed(0.5, betaRates(8, 2), betaRates(1, 60))},
	{"uniform", betaRates(1, 1)},
	{"easy", betaRates(5, 1)},
	{"four decades", func(r *rand.Rand) float64 { return math.Pow(10, -4*r.Float64()) }},
	{"beta .1 8", betaRates(.1, 8)},
	{"beta .2 20", betaRates(.2, 20)},
	{"beta .3 100", betaRates(.3, 100)},
	{"beta .5 10000", betaRates(.5, 10000)},
}

// held is how often an interval held the truth, and its mean width.
type held struct{ share, width float64 }

// passOf is the mean of the true pass@k at each of ks.
func passOf(rates []float64, ks []int) []float64 {
	pass := make([]float64, len(ks))
	for i, k := range ks {
		for _, rate := range rates {
			pass[i] += atLeastOnce(rate, k) / float64(len(rates))
		}
	}
	return pass
}

// simulate repeats an evaluation of problems that are drawn each time, and returns for each of the options and each k how
// often the interval held. An interval of [Samples] holds the mean over these problems, one of [Problems] that over
// the population.
func simulate(p population, problems, n int, ks []int, options []Options, repetitions int) [][]held {
	rng := rand.New(rand.NewPCG(uint64(problems), uint64(n)))
	var ofPopulation []float64
	if slices.ContainsFunc(options, func(o Options) bool { return o.Kind == Problems }) {
		many := make([]float64, max(20_000, min(300*problems, 300_000))) // varies far less than an evaluation
		for i := range many {
			many[i] = p.draw(rng)
		}
		ofPopulation = passOf(many, ks)
	}
	results := make([][]held, len(options))
	for i := range results {
		results[i] = make([]held, len(ks))
	}
	rates, counts := make([]float64, problems), make([]Count, problems)
	for range repetitions {
		for i := range rates {
			rates[i] = p.draw(rng)
			counts[i] = Count{N: n, C: int(distuv.Binomial{N: float64(n), P: rates[i], Src: rng}.Rand())}
		}
		ofThese := passOf(rates, ks)
		for i, o := range options {
			points, err := Curve(counts, ks, o)
			if err != nil {
				panic(err)
			}
			truth := ofThese
			if o.Kind == Problems {
				truth = ofPopulation
			}
			for j, p := range points {
				const rounding = 1e-6 // a miss by less does not count: the truth may be 1 to seven digits
				if p.Low-rounding <= truth[j] && truth[j] <= p.High+rounding {
					results[i][j].share += 1 / float64(repetitions)
				}
				results[i][j].width += (p.High - p.Low) / float64(repetitions)
			}
		}
	}
	return results
}

// average of a cell of the table, over populations, and its worst.
type average struct {
	held
	worst   float64
	worstOf string
}

func overPopulations(problems, n int, ks []int, options []Options, repetitions int) [][]average {
	each := make([][][]held, len(populations))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, p := range populations {
		g.Go(func() error { each[i] = simulate(p, problems, n, ks, options, repetitions); return nil })
	}
	_ = g.Wait()
	all := make([][]average, len(options))
	for o := range options {
		all[o] = make([]average, len(ks))
		for k := range ks {
			a := &all[o][k]
			a.worst = 1
			for i, p := range populations {
				h := each[i][o][k]
				a.share += h.share / float64(len(populations))
				a.width += h.width / float64(len(populations))
				if h.share < a.worst {
					a.worst, a.worstOf = h.share, p.name
				}
			}
		}
	}
	return all
}

// fractions of n, the ks of the table.
func fractions(n int) []int {
	return slices.Compact([]int{1, max(1, n/10), max(1, n/5), max(1, n/2), n})
}

// The 95 % interval holds in 93 to 97 % of repetitions, as the mean over populations and k; with one problem it is wider,
// since what can be seen comes in steps. The full table is that of TestTableOfIntervals.
func TestIntervalsHold(t *testing.T) {
	for _, test := range []struct {
		kind        string
		problems, n int
		most        float64
	}{
		{Samples, 1, 20, 0.99},
		{Samples, 5, 20, 0.97},
		{Samples, 20, 100, 0.97},
		{Samples, 164, 20, 0.97},
		{Problems, 2, 20, 0.97},
		{Problems, 20, 100, 0.97},
		{Problems, 164, 20, 0.97},
	} {
		ks := fractions(test.n)
		mean := 0.0
		for i, a := range overPopulations(test.problems, test.n, ks, []Options{{Kind: test.kind}}, 60)[0] {
			mean += a.share / float64(len(ks))
			if a.worst < 0.75 {
				t.Errorf("%+v: the interval of pass@%d holds in %.0f %% where rates are %q", test, ks[i], 100*a.worst, a.worstOf)
			}
		}
		t.Logf("%+v: %.1f %%", test, 100*mean)
		if mean < 0.93 || mean > test.most {
			t.Errorf("%+v: the intervals hold in %.1f %%", test, 100*mean)
		}
	}
}

// Intervals of other levels hold as often as they say, too.
func TestLevels(t *testing.T) {
	var options []Options
	for _, level := range []float64{0.5, 0.8, 0.9, 0.99} {
		options = append(options, Options{Level: level}, Options{Level: level, Kind: Problems})
	}
	ks := fractions(20)
	for i, of := range overPopulations(50, 20, ks, options, 60) {
		mean := 0.0
		for _, a := range of {
			mean += a.share / float64(len(ks))
		}
		t.Logf("%+v: %.1f %%", options[i], 100*mean)
		if level := options[i].Level; math.Abs(mean-level) > 0.06*math.Sqrt(level*(1-level))/0.3 {
			t.Errorf("%+v: holds in %.1f %%", options[i], 100*mean)
		}
	}
}

// The table of docs/benchmarks.md: how often intervals hold, in percent, for k of 1, n/10, n/5, n/2 and n.
func TestTableOfIntervals(t *testing.T) {
	if os.Getenv("BOREL_FULL") == "" {
		t.Skip("takes minutes; set BOREL_FULL=1")
	}
	var lines []string
	for _, kind := range []string{Samples, Problems} {
		for _, problems := range []int{1, 2, 5, 20, 50, 128, 164, 500, 1000} {
			if kind == Problems && problems == 1 {
				continue
			}
			worst := average{worst: 1}
			line := fmt.Sprintf("| %s | %d |", kind, problems)
			var widths float64
			for _, n := range []int{5, 10, 20, 100, 200, 1000} {
				ks := fractions(n)
				cells := overPopulations(problems, n, ks, []Options{{Kind: kind}}, 200)[0]
				line += " "
				for i, a := range cells {
					line += fmt.Sprintf("%.0f ", 100*a.share)
					widths += a.width / float64(len(cells)) / 6
					if a.worst < worst.worst {
						worst = a
						worst.worstOf += fmt.Sprintf(", n %d, k %d", n, ks[i])
					}
				}
				line += "|"
			}
			line += fmt.Sprintf(" %.0f (%s) | %.3f |", 100*worst.worst, worst.worstOf, widths)
			lines = append(lines, line)
			t.Log(line)
		}
	}
	t.Log("\n" + strings.Join(lines, "\n"))
}

// The same for the method bayes, which takes longer: 20 samples of each problem.
func TestTableOfBayes(t *testing.T) {
	if os.Getenv("BOREL_FULL") == "" {
		t.Skip("takes minutes; set BOREL_FULL=1")
	}
	ks := fractions(20)
	for _, kind := range []string{Samples, Problems} {
		for _, problems := range []int{2, 5, 20, 128} {
			line, worst := fmt.Sprintf("| %s | %d |", kind, problems), average{worst: 1}
			for _, a := range overPopulations(problems, 20, ks, []Options{{Kind: kind, Method: Bayes, Resamples: 1000}}, 50)[0] {
				line += fmt.Sprintf(" %.0f", 100*a.share)
				if a.worst < worst.worst {
					worst = a
				}
			}
			t.Logf("%s | %.0f (%s) |", line, 100*worst.worst, worst.worstOf)
		}
	}
}
