package coverage_test

import (
	"context"
	"fmt"

	"borel/coverage"
)

// hard is 40 problems with 100 samples each, of which half were never solved.
func hard() []coverage.Count {
	var counts []coverage.Count
	for i, c := range []int{61, 40, 22, 18, 11, 9, 7, 5, 4, 4, 3, 2, 2, 2, 1, 1, 1, 1, 1, 1} {
		counts = append(counts, coverage.Count{Problem: fmt.Sprintf("p%02d", i), N: 100, C: c})
	}
	for i := range 20 {
		counts = append(counts, coverage.Count{Problem: fmt.Sprintf("p%02d", 20+i), N: 100})
	}
	return counts
}

// From 100 samples of each problem, what would 1,000 and 10,000 solve? The interval carries what is not known of the model
// too; where it is too wide to be of use, Doubt says so.
func ExampleExtrapolate() {
	f, err := coverage.Extrapolate(context.Background(), hard(), []int{100, 1000, 10_000}, coverage.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range f.Points {
		fmt.Printf("pass@%-5d %.2f   %.1f – %.1f\n", p.K, p.Pass, p.Low, p.High)
	}
	fmt.Println("by", f.Model, "from", f.From, "samples")
	// Output:
	// pass@100   0.50   0.4 – 0.6
	// pass@1000  0.72   0.5 – 0.9
	// pass@10000 0.85   0.6 – 1.0
	// by bent_power_law from 100 samples
}

// Where nothing was solved there is no forecast, and Doubt says what is known all the same.
func ExampleExtrapolate_nothingSolved() {
	counts := []coverage.Count{{Problem: "a", N: 500}, {Problem: "b", N: 500}}
	f, err := coverage.Extrapolate(context.Background(), counts, []int{1000}, coverage.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(f.Points), "points;", f.Doubt)
	// Output: 0 points; no forecast: nothing was solved, which bounds pass@1000 to at most 0.95 with 95 % confidence
}

// How hard are the problems, which of them move the curve, and how many might never be solved?
func ExampleDifficulties() {
	d, err := coverage.Difficulties(hard(), coverage.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range d.Bins {
		if b.Problems > 0 {
			fmt.Printf("rate %.3f to %.3f: %d problems\n", b.Above, b.UpTo, b.Problems)
		}
	}
	fmt.Printf("%d unsolved; never solved: at most %.0f %%\n", d.Never.Unsolved, 100*d.Never.Most)
	for _, m := range d.Movers {
		if m.From == 10 {
			fmt.Printf("%s raises the curve by %.4f from %d to %d samples\n", m.Problem, m.Gain, m.From, m.To)
			break
		}
	}
	// Output:
	// rate 0.000 to 0.000: 20 problems
	// rate 0.003 to 0.010: 6 problems
	// rate 0.010 to 0.032: 4 problems
	// rate 0.032 to 0.100: 5 problems
	// rate 0.100 to 0.316: 3 problems
	// rate 0.316 to 1.000: 2 problems
	// 20 unsolved; never solved: at most 50 %
	// p14 raises the curve by 0.0225 from 10 to 100 samples
}

// The power law of a curve, and how sure its parameters are.
func ExampleFitInterval() {
	var counts []coverage.Count
	for _, c := range []int{90, 41, 22, 10, 5, 2, 1, 1, 0, 0} {
		counts = append(counts, coverage.Count{N: 100, C: c})
	}
	law, err := coverage.FitInterval(context.Background(), counts, coverage.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("pass@k = exp(%.2f · k^%.2f)\n", law.A, law.B)
	fmt.Printf("a from %.1f to %.1f, b from %.2f to %.2f\n", law.Interval.ALow, law.Interval.AHigh, law.Interval.BLow, law.Interval.BHigh)
	// Output:
	// pass@k = exp(-1.86 · k^-0.37)
	// a from -2.0 to -1.7, b from -0.47 to -0.29
}
