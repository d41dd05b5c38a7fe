package coverage_test

import (
	"fmt"
	"slices"

	"borel/coverage"
)

// How many samples solve half of the problems, and what do ten dollars buy?
func ExampleAdvise() {
	var counts []coverage.Count
	for i := range 100 {
		counts = append(counts, coverage.Count{N: 200, C: i / 4 * i / 25})
	}
	advice, err := coverage.Advise(counts, coverage.Want{
		Reach:  .5,
		Budget: 10,
		Cost:   coverage.Dollars(1200, 300, .14, .28, false), // tokens of prompt and completion, prices of a million of them
	}, coverage.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, b := advice.Reach, advice.Budget
	fmt.Printf("%.0f %% takes %d samples of each problem (%d to %d): %.2f dollars\n", 100*r.Coverage, r.K, r.Low, r.High, *r.Cost)
	fmt.Printf("%.0f dollars pay for %d samples of each: coverage %.3f (%.3f to %.3f) at %d\n", b.Budget, b.Pays, b.Pass, b.Low, b.High, b.K)
	fmt.Println(b.Doubt)
	// Output:
	// 50 % takes 6 samples of each problem (5 to 7): 0.15 dollars
	// 10 dollars pay for 396 samples of each: coverage 0.880 (0.847 to 0.908) at 200
	// the budget pays for more; coverage is known up to k = 200
}

// A cheap model asked five times, or a dear one asked once? The prices and attempts are those of Table 1 of Brown et al.
// 2024, the counts made up.
func ExampleBuy() {
	cheap := coverage.System{
		Name:   "cheap",
		Counts: slices.Repeat([]coverage.Count{{N: 5, C: 1}, {N: 5}, {N: 5}}, 100),
		Cost:   coverage.Cost{Axis: coverage.AxisDollars, Each: .0072},
	}
	dear := coverage.System{
		Name:   "dear",
		Counts: slices.Repeat([]coverage.Count{{N: 1, C: 1}, {N: 1}, {N: 1}, {N: 1}}, 75),
		Cost:   coverage.Cost{Axis: coverage.AxisDollars, Each: .13},
	}
	p, err := coverage.Buy(cheap, dear, coverage.Want{Reach: .25}, coverage.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("cheap: %d samples, %.2f dollars\n", p.A.Reach.K, *p.A.Reach.Cost)
	fmt.Printf("dear:  %d sample, %.2f dollars\n", p.B.Reach.K, *p.B.Reach.Cost)
	fmt.Printf("buy %s, the other costs %.1f times as much\n", p.Reach.Buy, p.Reach.Times)
	// Output:
	// cheap: 4 samples, 8.64 dollars
	// dear:  1 sample, 39.00 dollars
	// buy cheap, the other costs 4.5 times as much
}

// Operations of a model of 70 million parameters, 500 tokens of prompt and 200 of completion: the prompt is read once.
func ExampleTransformer() {
	pythia := coverage.Transformer{Params: 70_426_624, Layers: 6, Dim: 512}
	one, thousand := pythia.FLOPs(500, 200, 1), pythia.FLOPs(500, 200, 1000)
	fmt.Printf("%.3g, and %.3g for a thousand samples: %.0f times as much\n", one, thousand, thousand/one)
	// Output: 1.02e+11, and 2.97e+13 for a thousand samples: 292 times as much
}
