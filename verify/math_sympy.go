package verify

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"borel/languages"
	"borel/sandbox"
	"borel/verify/latex"
)

// mathLimits bound one comparison. Those of MATH-500 need less than a hundredth of the time.
var mathLimits = languages.Limits{Seconds: 2, Memory: 256 << 20, Output: 1 << 20, Files: 10, FileBytes: 1 << 20}

// errGold is the problem's own fault, which no sample can be blamed for.
var errGold = errors.New("the expected answer is too large to compare with")

// sympy runs comparisons.
type sympy struct {
	run func(ctx context.Context, spec sandbox.Spec) (outcome, error)
}

// compare has two trees compared in a sandbox. The error is ctx's own, a fault of the service or errGold.
func (s *sympy) compare(ctx context.Context, gold, answer *latex.Node) (equality, *outcome, error) {
	input := answer.AppendJSON(append(gold.AppendJSON([]byte{'['}), ','))
	lang, _ := languages.Find("python")
	o, err := s.run(ctx, lang.Spec(languages.Program{Steps: []string{lang.Equal()}, Stdin: append(input, ']'), Limits: mathLimits}))
	if err != nil {
		return different, nil, err
	}
	said, built := strings.CutPrefix(string(o.result.Stdout), "gold\n")
	if o.result.Reason != sandbox.Finished {
		if !built {
			return different, &o, errGold
		}
		return unshown, &o, nil
	}
	switch said {
	case "equal\n":
		return equal, &o, nil
	case "different\n", "gold unsure\n":
		return different, &o, nil
	case "unsure\n", "large\n":
		return unshown, &o, nil
	case "gold large\n":
		return different, &o, errGold
	}
	return different, &o, fmt.Errorf("the comparison said %s, and on stderr %s", quote(string(o.result.Stdout)), quote(string(o.result.Stderr)))
}
