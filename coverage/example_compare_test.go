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
