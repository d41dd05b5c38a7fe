package verify

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
)

// codeVersion is part of every verdict key of a stdio check: change it when what a checker or interactor says is read
// differently.
const codeVersion = "code/2"

// code is a program of the problem's own that judges: a checker, or an interactor. It is trusted, what it is given of the
// sample's is not. It speaks the language of testlib's exit codes (MikeMirzayanov/testlib, testlib.h):
//
//	exit code   decides
//	0           accepted
//	1           wrong
//	2, 4, 8     wrong: the output is malformed, has more behind it, ends too early
//	7           the share of the points that its message begins with: "points 0.5 …" or "0.5 …", from 0 to 1; nothing
//	            where it begins otherwise
//	3           nothing: it found a fault of the problem (testlib's _fail)
//
// Its message is the first line of its stderr that is not blank, else of its stdout. All other ends decide nothing
// either: another exit code, an uncaught exception, a limit. See fault.
type code struct {
	role   string // checker or interactor
	lang   *languages.Language
	source string
}

const interactor = "interactor" // of code.role

// newCode returns the check's checker or interactor, or nil.
func newCode(c *problem.Check) (*code, error) {
	role, from := "checker", c.Checker
	if from == nil {
		role, from = interactor, c.Interactor
	}
	if from == nil {
		return nil, nil
	}
	l, err := language(from.Language, "check."+role+".language")
	return &code{role, l, from.Source}, err
}

// Names of the files in a checker's or interactor's working folder, which are its arguments.
const (
	inputFile  = "input.txt"
	outputFile = "output.txt"
	answerFile = "answer.txt"
)

// spec is a run of the code on files, whose names are its arguments, under the problem's limits. The files do not count
// towards them. The problem's variant is the sample's alone.
func (k *code) spec(p *problem.Problem, files map[string][]byte, args ...string) sandbox.Spec {
	l := limits(p.Limits)
	l.Files += len(files)
	for _, b := range files {
		l.FileBytes += int64(len(b))
	}
	return k.lang.Spec(languages.Program{Steps: []string{k.source}, Args: args, Files: files, Limits: l})
}

// opinion is what a checker or interactor made of a case.
type opinion struct {
	status  problem.Status // accepted or wrong_answer
	points  float64        // the share earned
	message string
}

// read returns the opinion that the code left with, or, where it left without one, why.
func (k *code) read(r *sandbox.Result) (of opinion, fault *codeFault) {
	end := k.lang.End(1, *r)
	if end.Kind != languages.Done && end.Kind != languages.Exit {
		return of, &codeFault{k.role, cmp.Or(end.Message, "left no message"), end.Kind == languages.Syntax}
	}
	message := firstLine(r.Stderr)
	if message == "" {
		message = firstLine(r.Stdout)
	}
	switch end.ExitCode {
	case 0:
		return opinion{problem.Accepted, 1, ""}, nil
	case 1, 2, 4, 8:
		return opinion{problem.WrongAnswer, 0, cmp.Or(message, "the "+k.role+" says no")}, nil
	case 7:
		share, ok := points(message)
		switch {
		case !ok:
			return of, &codeFault{k.role, fmt.Sprintf("exit code 7, but %s does not begin with a number from 0 to 1", quote(message)), false}
		case share == 1:
			return opinion{problem.Accepted, 1, ""}, nil
		case share == 0:
			return opinion{problem.WrongAnswer, 0, message}, nil
		}
		return opinion{problem.WrongAnswer, share, "partially correct: " + message}, nil
	}
	why := fmt.Sprintf("exit code %d", end.ExitCode)
	if message != "" {
		why += ": " + message
	}
	return of, &codeFault{k.role, why, end.ExitCode == 3}
}

// points reads the share that a message begins with.
func points(message string) (float64, bool) {
	message = strings.TrimSpace(strings.TrimPrefix(message, "points "))
	first, _, _ := strings.Cut(message, " ")
	if !isDecimal(first) {
		return 0, false
	}
	share, err := strconv.ParseFloat(first, 64)
	return share, err == nil && 0 <= share && share <= 1
}

// firstLine is the first line of b that is not blank, cut to a readable length.
func firstLine(b []byte) string {
	const limit = 500
	s := strings.TrimLeft(string(b[:min(len(b), 64<<10)]), " \t\r\n")
	s, _, _ = strings.Cut(s, "\n")
	if s = strings.TrimRight(s, " \t\r"); len(s) > limit {
		s = s[:limit] + "…"
	}
	return strings.ToValidUTF8(s, "�")
}

// codeFault is a checker or interactor that did not decide. It may be the problem's fault, or a hostile output's.
type codeFault struct {
	role, message string
	problems      bool // it is the problem's, whatever the output: it says so, or does not compile
}

func (f *codeFault) Error() string { return "the problem's " + f.role + " failed: " + f.message }

// blame is the opinion on a sample that made a sound checker or interactor fail.
func (f *codeFault) blame() opinion {
	return opinion{problem.WrongAnswer, 0, "the " + f.role + " failed on what the program wrote: " + f.message}
}

// checked is the checker's opinion on an output. A checker that does not decide is tried on the expected output: where it
// does not decide there either, the fault is the problem's, and the error says so; otherwise it is the output's, which is
// wrong then. So no program can make its verdict unknown by printing what a checker cannot read. Where no output is
// expected there is nothing to try it on, and the output is wrong: an empty one is what many checkers cannot read.
func (j *stdio) checked(ctx context.Context, k *problem.Case, output []byte, d *decision) (opinion, error) {
	check := func(output []byte) (opinion, *codeFault, error) {
		spec := j.code.spec(j.p, map[string][]byte{inputFile: []byte(k.Stdin), outputFile: output, answerFile: []byte(k.Stdout)}, inputFile, outputFile, answerFile)
		o, err := j.do(ctx, j.code.lang.Guest(), spec, d)
		if err != nil {
			return opinion{}, nil, err
		}
		of, fault := j.code.read(&o.result)
		return of, fault, nil
	}
	of, fault, err := check(output)
	if err != nil || fault == nil {
		return of, err
	}
	if fault.problems {
		return of, fault
	}
	if k.Stdout == "" {
		return fault.blame(), nil
	}
	_, again, err := check([]byte(k.Stdout))
	switch {
	case err != nil:
		return of, err
	case again != nil:
		return of, fmt.Errorf("%w, and on the expected output: %s", fault, again.message)
	}
	return fault.blame(), nil
}
