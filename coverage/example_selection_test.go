package coverage_test

import (
	"context"
	"fmt"

	"borel/coverage"
)

// Ten samples of a word problem: three are right, a wrong answer is as frequent, and a reward model likes the right ones.
var sums = []coverage.Scored{
	{Answer: "12", Right: true, Score: .9}, {Answer: "15", Score: .4}, {Answer: "12", Right: true, Score: .7}, {Answer: "15", Score: .3},
	{Answer: "7", Score: .8}, {Answer: "12", Right: true, Score: .6}, {Answer: "15", Score: .5}, {Answer: "20", Score: .2}, {Answer: "3", Score: .1}, {Answer: "", Score: .1},
}

// Coverage says whether a right sample is there; a method must also find it.
func ExampleSelect() {
	sets := []coverage.Set{{Problem: "birds", Samples: sums}}
	s, err := coverage.Select(context.Background(), sets, []int{1, 3, 10}, coverage.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range s.Methods {
		fmt.Printf("%-17s", m.Method)
		for _, p := range m.Points {
			fmt.Printf("  %.3f of %d", p.Pass, p.K)
		}
		if share := m.Points[1].Share; share != nil {
			fmt.Printf("  (%.2f of the way at k = 3)", *share)
		}
		fmt.Println()
	}
	// Output:
	// oracle             0.300 of 1  0.708 of 3  1.000 of 10  (1.00 of the way at k = 3)
	// best_of            0.300 of 1  0.600 of 3  1.000 of 10  (0.73 of the way at k = 3)
	// weighted_majority  0.300 of 1  0.556 of 3  1.000 of 10  (0.63 of the way at k = 3)
	// majority           0.300 of 1  0.358 of 3  0.500 of 10  (0.14 of the way at k = 3)
	// random             0.300 of 1  0.300 of 3  0.300 of 10  (0.00 of the way at k = 3)
}

// Two of three samples are picked; the one with the higher score is kept.
func ExampleBestOf() {
	best, err := coverage.BestOf([]coverage.Scored{{Score: 3}, {Score: 2, Right: true}, {Score: 1, Right: true}}, []int{1, 2, 3})
	fmt.Printf("%.3f %v\n", best, err)
	// Output: [0.667 0.333 0.000] <nil>
}

// Of 100 samples of a contest problem 20 pass the tests in its statement, and 5 of those are right; one more that is right
// does not pass them. Ten may be submitted.
func ExampleNAtK() {
	p := coverage.Judged{TrueAccepted: 5, FalseAccepted: 15, FalseRejected: 1, TrueRejected: 79}
	ks := []int{10, 30, 100}
	filtered, err := coverage.NAtK([]coverage.Judged{p}, 10, ks, coverage.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	blind, err := coverage.NAtK([]coverage.Judged{coverage.Count{N: 100, C: 6}.Judged()}, 10, ks, coverage.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, k := range ks {
		fmt.Printf("10@%d: %.3f, without the tests %.3f\n", k, filtered[i].Pass, blind[i].Pass)
	}
	// Output:
	// 10@10: 0.416, without the tests 0.478
	// 10@30: 0.839, without the tests 0.478
	// 10@100: 0.984, without the tests 0.478
}
