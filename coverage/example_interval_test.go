package coverage_test

import (
	"fmt"

	"borel/coverage"
)

// An evaluation of six problems, ten samples of each. What would another evaluation give? It depends on what is another.
func ExampleOptions() {
	counts := []coverage.Count{
		{Problem: "add", N: 10, C: 9}, {Problem: "sort", N: 10, C: 6}, {Problem: "parse", N: 10, C: 2},
		{Problem: "graph", N: 10, C: 1}, {Problem: "proof", N: 10, C: 0}, {Problem: "chess", N: 10, C: 0},
	}
	show := func(means string, o coverage.Options) {
		points, err := coverage.Curve(counts, []int{1, 5}, o)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(means)
		for _, p := range points {
			fmt.Printf("  pass@%d = %.2f, from %.2f to %.2f\n", p.K, p.Pass, p.Low, p.High)
		}
	}
	show("other samples of these six problems:", coverage.Options{})
	show("other problems of their kind:", coverage.Options{Kind: coverage.Problems})
	show("the same, by draws from what is believed:", coverage.Options{Kind: coverage.Problems, Method: coverage.Bayes, Seed: 1})

	posteriors, err := coverage.Posteriors(counts, coverage.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p := posteriors[4]
	fmt.Printf("%s, never solved: its rate is below %.2f, and 0 or near it with a chance of %.2f\n", p.Problem, p.High, p.Zero)
	// Output:
	// other samples of these six problems:
	//   pass@1 = 0.30, from 0.22 to 0.39
	//   pass@5 = 0.55, from 0.37 to 0.71
	// other problems of their kind:
	//   pass@1 = 0.30, from 0.10 to 0.57
	//   pass@5 = 0.55, from 0.25 to 0.82
	// the same, by draws from what is believed:
	//   pass@1 = 0.30, from 0.10 to 0.58
	//   pass@5 = 0.55, from 0.24 to 0.82
	// proof, never solved: its rate is below 0.17, and 0 or near it with a chance of 0.30
}

// Resampling makes the intervals of other problems without a formula; the same seed gives the same on every machine.
func ExampleCurve_bootstrap() {
	var counts []coverage.Count
	for _, c := range []int{20, 18, 11, 7, 3, 1, 0, 0, 0, 0} {
		counts = append(counts, coverage.Count{N: 20, C: c})
	}
	for _, method := range []string{coverage.Analytic, coverage.Bootstrap} {
		points, err := coverage.Curve(counts, []int{10}, coverage.Options{Kind: coverage.Problems, Method: method, Seed: 1})
		if err != nil {
			fmt.Println(err)
			return
		}
		p := points[0]
		fmt.Printf("%-9s pass@%d = %.2f, from %.2f to %.2f\n", method, p.K, p.Pass, p.Low, p.High)
	}
	// Output:
	// analytic  pass@10 = 0.54, from 0.28 to 0.79
	// bootstrap pass@10 = 0.54, from 0.20 to 0.88
}
