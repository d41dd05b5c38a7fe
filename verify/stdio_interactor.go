package verify

import (
	"context"
	"errors"
	"fmt"

	"borel/problem"
	"borel/sandbox"
)

// listener is a program that says nothing and reads all that it is told.
const listener = "import sys\nsys.stdin.buffer.read()\n"

// errApart is a pair whose second program left no result.
var errApart = errors.New("the interactor left no result")

// interact decides a case by letting the program talk to the interactor. It writes to w what the program did. The program
// begins; each runs until it has to wait for the other.
//
//	both wait for each other              time_limit_exceeded
//	the interactor fails by itself        an error: the problem's fault
//	the program fails or meets a limit    that, whatever the interactor says
//	the interactor fails                  wrong_answer
//	the interactor has an opinion         that
//
// An interactor that does not decide is tried beside a program that only listens. It fails by itself where it fails there
// too, before it waits for the program; otherwise what the program wrote, or that it left, made it fail.
func (j *stdio) interact(ctx context.Context, program string, k *problem.Case, d *decision, w *keyWriter) (problem.CaseResult, error) {
	res, of, fault, err := j.talk(ctx, program, k, d)
	if err != nil {
		return problem.CaseResult{}, err
	}
	end := j.lang.End(1, *res)
	r := j.did(res, end, w)
	if res.Reason == sandbox.Deadlock {
		r.Status, r.Message = problem.TimeLimitExceeded, "program and interactor wait for each other"
		return r, nil
	}
	if fault != nil {
		if err := j.byItself(ctx, k, fault, d); err != nil {
			return r, err
		}
		of = fault.blame()
	}
	if !ended(end) {
		if r.Status, r.Message = failure(end, res.Reason); of.status != problem.Accepted {
			r.Message += "; the interactor: " + of.message
		}
		return r, nil
	}
	r.Status, r.Points, r.Message = of.status, of.points, of.message
	return r, nil
}

// talk runs the program and the interactor, and reads what the latter made of it. There is no opinion where they wait for
// each other.
func (j *stdio) talk(ctx context.Context, program string, k *problem.Case, d *decision) (res *sandbox.Result, of opinion, fault *codeFault, err error) {
	spec := j.program([]string{program}, "")
	peer := j.code.spec(j.p, map[string][]byte{inputFile: []byte(k.Stdin), answerFile: []byte(k.Stdout)}, inputFile, answerFile)
	spec.Peer, spec.Join = &peer, sandbox.JoinStdio
	o, err := j.do(ctx, j.guest, spec, d)
	if err != nil {
		return nil, of, nil, err
	}
	if o.result.Peer == nil {
		return nil, of, nil, errApart
	}
	d.measure(o.result.Peer)
	if o.result.Reason != sandbox.Deadlock {
		of, fault = j.code.read(o.result.Peer)
	}
	return &o.result, of, fault, nil
}

// byItself returns an error where the interactor fails without the program, too.
func (j *stdio) byItself(ctx context.Context, k *problem.Case, fault *codeFault, d *decision) error {
	if fault.problems {
		return fault
	}
	_, _, alone, err := j.talk(ctx, listener, k, d)
	switch {
	case err != nil:
		return err
	case alone != nil:
		return fmt.Errorf("%w, and beside a program that only listens: %s", fault, alone.message)
	}
	return nil
}
