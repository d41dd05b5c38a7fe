package coverage_test

import (
	"fmt"

	"borel/coverage"
)

// Is b better than a on these problems, or did it have luck with its samples?
func ExampleCompare() {
	a := []coverage.Count{{Problem: "add", N: 100, C: 37}, {Problem: "sort", N: 100, C: 2}}
	b := []coverage.Count{{Problem: "sort", N: 100, C: 9}, {Problem: "add", N: 100, C: 52}}
	differences, err := coverage.Compare(a, b, []int{1}, coverage.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	d := differences[0]
	fmt.Printf("pass@%d %.3f and %.3f: b is better by %.2f; above 0: %v\n", d.K, d.A, d.B, d.Difference, d.Low > 0)
	// Output: pass@1 0.195 and 0.305: b is better by 0.11; above 0: true
}

// How often is an agent right every time?
func ExamplePassHatK() {
	for _, k := range []int{1, 2, 4} {
		p, err := coverage.PassHatK(8, 6, k)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("pass^%d = %.3f\n", k, p)
	}
	// Output:
	// pass^1 = 0.750
	// pass^2 = 0.536
	// pass^4 = 0.214
}

// How reliable is an agent: are all of k samples right?
func ExampleHat() {
	counts := []coverage.Count{{Problem: "refund", N: 8, C: 8}, {Problem: "rebook", N: 8, C: 6}, {Problem: "cancel", N: 8, C: 2}}
	points, err := coverage.Hat(counts, []int{1, 4}, coverage.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range points {
		fmt.Printf("pass^%d = %.2f, from %.2f to %.2f\n", p.K, p.Pass, p.Low, p.High)
	}
	// Output:
	// pass^1 = 0.67, from 0.51 to 0.80
	// pass^4 = 0.40, from 0.21 to 0.63
}

// Two systems that did not answer the same problems are compared on those that both did.
func ExampleCommon() {
	a := []coverage.Count{{Problem: "add", N: 50, C: 20}, {Problem: "sort", N: 50, C: 2}, {Problem: "parse", N: 50, C: 9}}
	b := []coverage.Count{{Problem: "parse", N: 50, C: 12}, {Problem: "add", N: 50, C: 41}, {Problem: "graph", N: 50, C: 1}}
	inA, inB, onlyA, onlyB := coverage.Common(a, b)
	differences, err := coverage.Compare(inA, inB, []int{1}, coverage.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	d := differences[0]
	fmt.Printf("left out: %v and %v\n", onlyA, onlyB)
	fmt.Printf("on %d problems b is better by %.2f, from %.2f to %.2f\n", len(inA), d.Difference, d.Low, d.High)
	// Output:
	// left out: [sort] and [graph]
	// on 2 problems b is better by 0.24, from 0.12 to 0.35
}
