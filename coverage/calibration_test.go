package coverage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Populations that no interval was made with: how the chances of two systems on a problem are spread.
var pairsOfRates = []struct {
	name string
	draw func(r *rand.Rand) (a, b float64)
}{
	{"equal", func(r *rand.Rand) (a, b float64) { a = betaRates(.5, 1.5)(r); return a, a }},
	{"hard, b better", func(r *rand.Rand) (a, b float64) { a = betaRates(.1, 10)(r); return a, math.Pow(a, 0.8) }},
	{"easy, b better", func(r *rand.Rand) (a, b float64) { a = betaRates(6, 1)(r); return a, 1 - math.Pow(1-a, 1.5) }},
	{"unrelated", func(r *rand.Rand) (a, b float64) { return betaRates(.4, .4)(r), betaRates(.4, .4)(r) }},
	{"each has its own", func(r *rand.Rand) (a, b float64) {
		a = betaRates(1, 4)(r)
		switch u := r.Float64(); {
		case u < 0.2:
			return 0, a
		case u < 0.4:
			return a, 0
		}
		return a, a
	}},
	{"four in five hopeless", func(r *rand.Rand) (a, b float64) {
		if r.Float64() < 0.8 {
			return 0, 0
		}
		return r.Float64(), r.Float64()
	}},
}

// repeated draws two systems' counts again and again, calls at with them, and with the true mean of pass@k of each over these
// problems for Samples, and over all of the population for Problems.
func repeated(draw func(*rand.Rand) (a, b float64), kind string, problems, n int, ks []int, times int, at func(r *rand.Rand, a, b []Count, passA, passB []float64)) {
	r := rand.New(rand.NewPCG(uint64(problems), uint64(n)))
	rates := func(problems int) (a, b []float64) {
		for range problems {
			p, q := draw(r)
			a, b = append(a, p), append(b, q)
		}
		return a, b
	}
	allA, allB := rates(1000 * problems)
	passA, passB := passOf(allA, ks), passOf(allB, ks)
	for range times {
		a, b := rates(problems)
		if kind == Samples {
			passA, passB = passOf(a, ks), passOf(b, ks)
		}
		counts := func(rates []float64) (counts []Count) {
			for _, p := range rates {
				counts = append(counts, Count{N: n, C: int(distuv.Binomial{N: float64(n), P: p, Src: r}.Rand())})
			}
			return counts
		}
		at(r, counts(a), counts(b), passA, passB)
	}
}

func holds(low, truth, high float64) bool { return low-1e-6 <= truth && truth <= high+1e-6 }

// The table of docs/benchmarks.md of how often the intervals of differences, and those of a bootstrap, hold in populations that
// they were not made with, in percent, for k of 1, n/10 and n.
func TestTableOfFreshPopulations(t *testing.T) {
	times, least := 10, 0.8
	if os.Getenv("BOREL_FULL") != "" {
		times, least = 250, 0.9
	}
	for _, kind := range []string{Samples, Problems} {
		for _, problems := range []int{10, 50, 164} {
			for _, n := range []int{20, 100} {
				if os.Getenv("BOREL_FULL") == "" && problems*n > 1000 {
					continue
				}
				ks := []int{1, n / 10, n}
				var held [3][3]float64 // of Compare, of the curve by formula, by bootstrap; at each k
				worst, worstOf := [3]float64{1, 1, 1}, [3]string{}
				for _, p := range pairsOfRates {
					var here [3][3]float64
					count := func(of, k int, low, truth, high float64) {
						if holds(low, truth, high) {
							here[of][k] += 1 / float64(times)
						}
					}
					repeated(p.draw, kind, problems, n, ks, times, func(r *rand.Rand, a, b []Count, passA, passB []float64) {
						ds, err := Compare(a, b, ks, Options{Kind: kind, Resamples: 500, Seed: r.Uint64()})
						if err != nil {
							t.Fatal(err)
						}
						for j, d := range ds {
							count(0, j, d.Low, passB[j]-passA[j], d.High)
						}
						for of, o := range []Options{{Kind: kind}, {Kind: kind, Method: Bootstrap, Resamples: 500, Seed: r.Uint64()}} {
							points, err := Curve(a, ks, o)
							if err != nil {
								t.Fatal(err)
							}
							for j, point := range points {
								count(1+of, j, point.Low, passA[j], point.High)
							}
						}
					})
					for of := range held {
						for k, share := range here[of] {
							held[of][k] += share / float64(len(pairsOfRates))
							if share < worst[of] {
								worst[of], worstOf[of] = share, fmt.Sprintf("%s, k %d", p.name, ks[k])
							}
						}
					}
				}
				line := fmt.Sprintf("| %s | %d | %d |", kind, problems, n)
				for of := range held {
					mean := 0.0
					for _, share := range held[of] {
						line += fmt.Sprintf(" %.0f", 100*share)
						mean += share / 3
					}
					line += fmt.Sprintf(" | %.0f (%s) |", 100*worst[of], worstOf[of])
					if mean < least {
						t.Errorf("%s, %d problems, n %d: held in %.1f %% on average (0: difference, 1: formula, 2: bootstrap): %d", kind, problems, n, 100*mean, of)
					}
				}
				t.Log(line)
			}
		}
	}
}

// Which bootstrap of problems? The table of docs/RATIONALE.md.
func TestTableOfBootstraps(t *testing.T) {
	if os.Getenv("BOREL_FULL") == "" {
		t.Skip("takes minutes; set BOREL_FULL=1")
	}
	const n, times, resamples = 50, 300, 1000
	names := []string{"percentile", "BCa", "studentised", "Bootstrap", "Analytic"}
	for _, problems := range []int{10, 50, 164} {
		held, width, worst := make([]float64, len(names)), make([]float64, len(names)), []float64{1, 1, 1, 1, 1}
		worstOf := make([]string, len(names))
		for _, p := range pairsOfRates {
			for _, k := range []int{1, 10, n} {
				here := make([]float64, len(names))
				repeated(p.draw, Problems, problems, n, []int{k}, times, func(r *rand.Rand, a, _ []Count, passA, _ []float64) {
					ends := bootstraps(r, a, k, resamples)
					for _, method := range []string{Bootstrap, Analytic} {
						points, err := Curve(a, []int{k}, Options{Kind: Problems, Method: method, Resamples: resamples, Seed: r.Uint64()})
						if err != nil {
							t.Fatal(err)
						}
						ends = append(ends, [2]float64{points[0].Low, points[0].High})
					}
					for i, e := range ends {
						if holds(e[0], passA[0], e[1]) {
							here[i] += 1. / times
						}
						width[i] += (e[1] - e[0]) / times / float64(3*len(pairsOfRates))
					}
				})
				for i := range here {
					held[i] += here[i] / float64(3*len(pairsOfRates))
					if here[i] < worst[i] {
						worst[i], worstOf[i] = here[i], fmt.Sprintf("%s, k %d", p.name, k)
					}
				}
			}
		}
		for i, name := range names {
			t.Logf("| %d | %s | %.1f | %.0f (%s) | %.3f |", problems, name, 100*held[i], 100*worst[i], worstOf[i], width[i])
		}
	}
}

// bootstraps is the 95 % intervals of the mean of pass@k over problems by percentiles, by percentiles that are bias-corrected and
// accelerated (Efron 1987), and by Student's ratio.
func bootstraps(r *rand.Rand, counts []Count, k, resamples int) [][2]float64 {
	x, z := make([]float64, len(counts)), distuv.UnitNormal
	for i, c := range counts {
		x[i] = passAtK(c.N, c.C, k)
	}
	mean, sd := stat.MeanStdDev(x, nil)
	root := math.Sqrt(float64(len(x)))
	var means, ratios []float64
	fresh, below := make([]float64, len(x)), 0.0
	for range resamples {
		for i := range fresh {
			fresh[i] = x[r.IntN(len(x))]
		}
		m, s := stat.MeanStdDev(fresh, nil)
		means = append(means, m)
		if s > 1e-12 {
			ratios = append(ratios, (m-mean)/(s/root))
		}
		switch {
		case m < mean-1e-12:
			below++
		case m < mean+1e-12:
			below += 0.5
		}
	}
	slices.Sort(means)
	slices.Sort(ratios)
	if len(ratios) == 0 {
		return [][2]float64{{mean, mean}, {mean, mean}, {mean, mean}}
	}
	cubes, squares := 0.0, 0.0
	for _, v := range x {
		cubes, squares = cubes+math.Pow(v-mean, 3), squares+(v-mean)*(v-mean)
	}
	bias, speed := z.Quantile(below/float64(resamples)), cubes/6/math.Pow(squares, 1.5)
	moved := func(p float64) float64 {
		q := bias + z.Quantile(p)
		return min(max(z.CDF(bias+q/(1-speed*q)), 0), 1)
	}
	return [][2]float64{
		{quantile(means, .025), quantile(means, .975)},
		{quantile(means, moved(.025)), quantile(means, moved(.975))},
		{max(0, mean-quantile(ratios, .975)*sd/root), min(1, mean-quantile(ratios, .025)*sd/root)},
	}
}
