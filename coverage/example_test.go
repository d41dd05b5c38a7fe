package coverage_test

import (
	"fmt"
	"os"
	"strings"

	"borel/coverage"
	"borel/coverage/tally"
)

// From a file of counts to a table.
func Example() {
	counts, err := tally.Read(strings.NewReader(`{"problem":"add","n":100,"c":37}
{"problem":"sort","n":100,"c":2}
{"problem":"parse","n":120,"c":0,"unknown":3}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	points, err := coverage.Curve(counts, coverage.DefaultK(counts), coverage.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := coverage.Table(os.Stdout, points, coverage.Options{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	//   k   pass@k   95 % interval, other samples of the same problems
	//   1  0.13000   0.10011 – 0.16508
	//  10  0.39451   0.32381 – 0.46871
	// 100  0.66667   0.30850 – 0.91389
}

// A k above the number of samples is refused: nothing is known there.
func ExampleCurve_refused() {
	_, err := coverage.Curve([]coverage.Count{{Problem: "add", N: 10, C: 3}}, []int{11}, coverage.Options{})
	fmt.Println(err)
	// Output: k: problem "add": pass@11 cannot be estimated from 10 decided samples (counts[0])
}

// The chance of a right answer grows with the number of samples.
func ExampleAllK() {
	all := coverage.AllK(5, 2)
	for k := 1; k <= 5; k++ {
		fmt.Printf("pass@%d = %.1f\n", k, all[k])
	}
	// Output:
	// pass@1 = 0.4
	// pass@2 = 0.7
	// pass@3 = 0.9
	// pass@4 = 1.0
	// pass@5 = 1.0
}
