package verify

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"sync"

	"borel/languages"
	"borel/sandbox"
	"borel/verify/latex"
)

// equalDriver is the program that decides in a sandbox whether two trees are equal. It is part of every verdict's key.
//
//go:embed equal.py
var equalDriver string

// Programs of a comparison. The driver is compiled by a run of its own, once: that takes fifteen times as long as most
// comparisons.
const (
	compileDriver = "import marshal, sys\nsys.stdout.buffer.write(marshal.dumps(compile(open('equal.py').read(), 'equal.py', 'exec', optimize=2)))"
	runDriver     = "import marshal\nexec(marshal.loads(open('equal.bin', 'rb').read()))"
)

// mathLimits bound one comparison. Those of MATH-500 need less than a hundredth of the time.
var mathLimits = languages.Limits{Seconds: 2, Memory: 256 << 20, Output: 1 << 20, Files: 10, FileBytes: 1 << 20}

// errGold is the problem's own fault, which no sample can be blamed for.
var errGold = errors.New("the expected answer is too large to compare with")

// sympy compares trees in a sandbox. The zero value with run set is ready.
type sympy struct {
	run func(ctx context.Context, spec sandbox.Spec, asked bool) (outcome, error) // asked: by whoever judges, who may want it fresh

	mu   sync.Mutex
	code []byte // under mu; the driver, compiled
}

// compare runs the driver on two trees. The error is ctx's own, a fault of the service or errGold.
func (s *sympy) compare(ctx context.Context, gold, answer *latex.Node) (equality, *outcome, error) {
	code, err := s.driver(ctx)
	if err != nil {
		return different, nil, err
	}
	input := answer.AppendJSON(append(gold.AppendJSON([]byte{'['}), ','))
	lang, _ := languages.Find("python")
	o, err := s.run(ctx, lang.Spec(languages.Program{
		Steps: []string{runDriver}, Files: map[string][]byte{"equal.bin": code}, Stdin: append(input, ']'), Limits: mathLimits,
	}), true)
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

// driver compiles equalDriver, or finds what that gave.
func (s *sympy) driver(ctx context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.code != nil {
		return s.code, nil
	}
	lang, _ := languages.Find("python")
	o, err := s.run(ctx, lang.Spec(languages.Program{Steps: []string{compileDriver}, Files: map[string][]byte{"equal.py": []byte(equalDriver)}, Limits: mathLimits}), false)
	if err != nil {
		return nil, err
	}
	if end := lang.End(1, o.result); end.Kind != languages.Done {
		return nil, fmt.Errorf("the comparison does not compile: %s", quote(end.Message))
	}
	s.code = o.result.Stdout
	return s.code, nil
}
