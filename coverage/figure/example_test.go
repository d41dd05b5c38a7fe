package figure_test

import (
	"fmt"
	"os"

	"borel/coverage"
	"borel/coverage/figure"
)

// From points, as [coverage.Curve] makes them of counts, to a picture; with [figure.SVG] or [figure.PNG] as the format, and a
// file in place of the terminal, it is one for a page.
func ExampleCoverage() {
	points := []coverage.Point{{K: 1, Pass: .195, Low: .15, High: .25}, {K: 10, Pass: .55, Low: .4, High: .7}, {K: 100, Pass: .75, Low: .5, High: .9}}
	err := figure.Coverage(os.Stdout, figure.Picture{
		Title:  "four problems",
		Format: figure.Text, Width: 60, Height: 16,
		Series: []figure.Series{{Name: "model", Points: points}},
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// four problems
	// coverage, pass@k
	// 100 % ┤
	//       │                                               ▒▒▒▒▒
	//       │                                  ▒▒▒▒▒▒▒▒▒▒▒▒⢀⣀⣀⣀⠤●
	//       │                        ▒▒▒▒▒▒▒▒▒⢀⣀⣀⡠⠤⠤⠤⠒⠒⠒⠊⠉⠉⠁▒▒▒▒▒
	//       │                  ▒▒▒▒▒⣀⣀⠤●⠒⠒⠒⠉⠉⠉⠁▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒
	//  50 % ┤            ▒▒▒⢀⣀⡠⠤⠒⠒⠉⠉▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒
	//       │      ▒▒⣀⣀⠤⠔⠒⠊⠉⠁▒▒▒▒▒
	//       │ ●⡠⠤⠔⠒⠉⠉▒▒
	//       │
	//   0 % ┤
	//       └─┬────────────────────────┬────────────────────────┬─
	//         1                       10                       100
	//                       k, samples per problem
	// band: 95 % interval, other samples of the same problems
}

// What ways of picking a sample achieve, as [coverage.Select] finds it, beside what a perfect choice would.
func ExampleSelection() {
	at := func(k int, pass float64) coverage.Selected {
		return coverage.Selected{Point: coverage.Point{K: k, Pass: pass}}
	}
	err := figure.Selection(os.Stdout, figure.Picture{Format: figure.ASCII, Width: 60, Height: 12}, &coverage.Selection{Methods: []coverage.Method{
		{Method: "oracle", Points: []coverage.Selected{at(1, .3), at(10, .6), at(100, .9)}},
		{Method: "majority", Points: []coverage.Selected{at(1, .3), at(10, .38), at(100, .4)}},
	}})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// share of problems solved
	// 100 % +                                                  oo
	//       |                                     ooooooooooooo
	//       |                        ooooooooooooo
	//  50 % +            oooooooooooo
	//       | ###################################################
	//       |
	//   0 % +
	//       +-+------------------------+------------------------+-
	//         1                       10                       100
	//                       k, samples per problem
	// ooo coverage (oracle)   ### majority
}

// A picture of nothing is refused, and says what is missing.
func ExamplePicture() {
	fmt.Println(figure.LogLog(os.Stdout, figure.Picture{Series: []figure.Series{{Name: "model"}}}))
	// Output: series[0].points: is empty
}
