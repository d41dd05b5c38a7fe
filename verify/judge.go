package verify

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"sync"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
)

// Versions of the checkers; they are part of a verdict's key. Change one when its check decides differently.
const (
	unitVersion  = "unit/1"
	stdioVersion = "stdio/1"
)

// judge decides samples of one problem.
type judge struct {
	v       *Verifier
	fresh   bool
	p       *problem.Problem
	lang    *languages.Language
	guest   languages.Guest
	version string                                           // of the checker
	compare func(got, want string) (ok bool, message string) // stdio
	answer  *answerCheck                                     // answer
	key     func(identity string) Key                        // problemKey, once for all samples
	asked   func() (entry, error)                            // asked, once for all samples
}

func (v *Verifier) judge(p *problem.Problem, fresh bool) (*judge, error) {
	if err := p.Validate("problem."); err != nil {
		return nil, err
	}
	j := &judge{v: v, fresh: fresh, p: p}
	var once sync.Once
	var key Key
	j.key = func(identity string) Key { // the identity of a guest does not change
		once.Do(func() { key = j.problemKey(identity) })
		return key
	}
	j.asked = sync.OnceValues(func() (entry, error) { return asked(p) })
	var err error
	if p.Check.Kind == problem.KindAnswer {
		j.version = answerVersion
		j.answer, err = newAnswer(&p.Check)
		return j, within("problem.", err)
	}
	if j.lang, err = language(p.Language, "problem.language"); err != nil {
		return nil, err
	}
	j.guest = j.lang.Guest()
	j.guest.HashSeed = p.HashSeed
	j.version = unitVersion
	if p.Check.Kind == problem.KindStdio {
		j.version = stdioVersion + " " + compareVersion
		j.compare, err = comparator(p.Check.Compare)
	}
	return j, within("problem.", err)
}

// within prefixes the field of a fault in what the caller sent.
func within(prefix string, err error) error {
	if e, ok := err.(*problem.Invalid); ok {
		return &problem.Invalid{Field: prefix + e.Field, Message: e.Message}
	}
	return err
}

// problemKey hashes what verdicts depend on besides the program. The extraction is not in it: it decides which program
// is judged, not how. The hash seed is in the identity.
func (j *judge) problemKey(identity string) Key {
	w := newKey("problem")
	c := &j.p.Check
	if c.Kind == problem.KindAnswer { // nothing is run
		w.text(j.version)
		w.text(c.Answer)
		w.text(cmp.Or(c.Equal, "string"))
		w.text(c.Marker)
		return w.sum()
	}
	w.text(j.version)
	w.text(identity)
	l := j.p.Limits.WithDefaults()
	w.text(fmt.Sprint(l.Seconds, l.MemoryMB, l.OutputKB, l.Files, l.FileKB))
	w.start(j.p.Start.Time)
	switch c.Kind {
	case problem.KindUnit:
		w.text(c.Tests)
	case problem.KindStdio:
		w.text(cmp.Or(c.Compare, "tokens"))
		w.text(fmt.Sprint(c.AllCases))
		w.number(int64(len(c.Cases)))
		for _, k := range c.Cases {
			w.text(k.Stdin)
			w.text(k.Stdout)
		}
	}
	return w.sum()
}

// verdict decides s. The error is ctx's own.
func (j *judge) verdict(ctx context.Context, s problem.Sample) (problem.Verdict, error) {
	d, err := j.decide(ctx, s)
	if err != nil {
		if ctx.Err() != nil {
			return d.Verdict, ctx.Err()
		}
		d.Status, d.Error = problem.Unknown, err.Error()
	}
	d.SetReward()
	return d.Verdict, nil
}

// decision is a verdict, with what the runs did that it was made of.
type decision struct {
	problem.Verdict
	runs []trace
}

func (j *judge) decide(ctx context.Context, s problem.Sample) (d decision, err error) {
	defer caught(&err)
	program, rule, ok := s.Raw(), "", true // an answer check judges the text as it is
	if j.answer == nil {
		program, rule, ok = extract(j.p, s)
	}
	if !ok {
		d.Status, d.Extraction, d.Message = problem.NoProgram, rule, "no program in the sample"
		return d, nil
	}
	identity := ""
	if j.answer == nil {
		if identity, err = j.v.cfg.Runner.Identity(ctx, j.guest); err != nil {
			return d, err
		}
	}
	w := newKey("verdict")
	prefix := j.key(identity)
	w.bytes(prefix[:])
	w.text(program)
	key := w.sum()
	if !j.fresh {
		if b, ok, err := j.v.cfg.Verdicts.Get(key); err == nil && ok {
			if d.Verdict, _, ok = decodeVerdict(b); ok {
				j.v.stats.verdictHits.Add(1)
				d.Cached = true
				j.finish(&d, s, key, program, rule)
				return d, nil
			}
		}
	}
	switch {
	case j.answer != nil:
		j.judgeAnswer(program, &d)
	case j.p.Check.Kind == problem.KindStdio:
		err = j.stdio(ctx, program, &d)
	default:
		err = j.unit(ctx, program, &d)
	}
	cached := d.Cached
	if err == nil {
		d.Cached = false
		err = j.remember(key, d.Verdict, origin{Runs: d.runs, program: program})
	}
	if err != nil {
		d = decision{}
	}
	d.Cached = cached && err == nil
	j.finish(&d, s, key, program, rule)
	return d, err
}

// finish fills in what is the sample's rather than the program's.
func (j *judge) finish(d *decision, s problem.Sample, key Key, program, rule string) {
	d.Key = key.String()
	if j.answer != nil {
		return // rule and answer follow from the text
	}
	d.Extraction, d.Program = rule, ""
	if s.Program == nil {
		d.Program = program
	}
}

// judgeAnswer decides a text; no program is run.
func (j *judge) judgeAnswer(text string, d *decision) {
	d.Status, d.Program, d.Extraction, d.Message = j.answer.judge(text)
	if d.Status != problem.NoProgram {
		w := newKey("answer")
		w.text(answerVersion)
		w.text(d.Program)
		d.Behaviour = shortDigest(w)
	}
}

func shortDigest(w *keyWriter) string {
	k := w.sum()
	return hex.EncodeToString(k[:8])
}

func (j *judge) program(steps []string, stdin string) sandbox.Spec {
	return j.lang.Spec(languages.Program{Steps: steps, Stdin: []byte(stdin), Start: j.p.Start.Time, Limits: limits(j.p.Limits)})
}

// errTests is the problem's own fault, which no sample can be blamed for.
type errTests struct{ message string }

func (e errTests) Error() string { return "the problem's tests do not compile: " + e.message }

// unit runs the program, then the tests. Accepted means that the host saw the tests' step run to its end.
func (j *judge) unit(ctx context.Context, program string, d *decision) error {
	steps := []string{program}
	if j.p.Check.Tests != "" {
		steps = append(steps, j.p.Check.Tests)
	}
	o, err := j.v.run(ctx, j.guest, j.program(steps, ""), j.fresh)
	if err != nil {
		return err
	}
	end := j.lang.End(len(steps), o.result)
	d.Cached = o.cached
	d.measure(&o.result)
	d.Status, d.Message = status(end, o.result.Reason), end.Message
	switch {
	case end.Step == len(steps) && end.Kind != languages.Stopped:
		d.Status, d.Message = problem.Accepted, ""
	case end.Kind == languages.Exit:
		d.Status, d.Message = problem.RuntimeError, fmt.Sprintf("left with exit code %d before the tests were done", end.ExitCode)
	case end.Kind == languages.Syntax && end.Step == 1:
		if err := j.compiles(ctx, d); err != nil {
			return err
		}
		d.Status = problem.RuntimeError // the program made them so: warnings can be errors
	}
	w := newKey("behaviour")
	w.text(string(d.Status))
	w.text(d.Message)
	w.bytes(o.result.Stdout)
	d.Behaviour = shortDigest(w)
	return nil
}

// compiles returns errTests where the tests do not compile after an empty program either.
func (j *judge) compiles(ctx context.Context, d *decision) error {
	steps := []string{"", j.p.Check.Tests}
	o, err := j.v.run(ctx, j.guest, j.program(steps, ""), j.fresh)
	if err != nil {
		return err
	}
	d.runs = append(d.runs, traceOf(&o.result))
	if end := j.lang.End(len(steps), o.result); end.Kind == languages.Syntax && end.Step == 1 {
		return errTests{end.Message}
	}
	return nil
}

// status is what a run that did not do what it should shows as.
func status(e languages.End, r sandbox.Reason) problem.Status {
	switch e.Kind {
	case languages.Assertion:
		return problem.WrongAnswer
	case languages.Syntax:
		return problem.CompileError
	case languages.Stopped:
		switch r {
		case sandbox.Fuel, sandbox.Sleep:
			return problem.TimeLimitExceeded
		case sandbox.Memory:
			return problem.MemoryLimitExceeded
		case sandbox.Output:
			return problem.OutputLimitExceeded
		}
	}
	return problem.RuntimeError
}

// stdio runs the program once for each case and compares what it printed. Output that is right does not excuse a
// program that then fails.
func (j *judge) stdio(ctx context.Context, program string, d *decision) error {
	c := &j.p.Check
	d.Status, d.Cached = problem.Accepted, true
	w := newKey("behaviour")
	for i, k := range c.Cases {
		o, err := j.v.run(ctx, j.guest, j.program([]string{program}, k.Stdin), j.fresh)
		if err != nil {
			return err
		}
		end := j.lang.End(1, o.result)
		d.Cached = d.Cached && o.cached
		d.measure(&o.result)
		r := problem.CaseResult{Status: problem.Accepted, Fuel: o.result.Fuel, VirtualSeconds: o.result.Virtual.Seconds(), MemoryBytes: o.result.Memory}
		if end.Kind == languages.Done || end.Kind == languages.Exit && end.ExitCode == 0 {
			if ok, message := j.compare(string(o.result.Stdout), k.Stdout); !ok {
				r.Status, r.Message = problem.WrongAnswer, message
			}
		} else {
			r.Message = end.Message
			if r.Status = status(end, o.result.Reason); end.Kind == languages.Assertion {
				r.Status = problem.RuntimeError // here the program's own asserts decide nothing
			}
		}
		d.Cases = append(d.Cases, r)
		w.text(string(o.result.Reason))
		w.number(int64(end.ExitCode))
		w.bytes(o.result.Stdout)
		if r.Status != problem.Accepted && d.Status == problem.Accepted {
			d.Status, d.Message = r.Status, fmt.Sprintf("case %d: %s", i, r.Message)
		}
		if d.Status != problem.Accepted && !c.AllCases {
			break
		}
	}
	d.Behaviour = shortDigest(w)
	return nil
}

// measure adds a run's cost to a verdict.
func (d *decision) measure(r *sandbox.Result) {
	d.runs = append(d.runs, traceOf(r))
	d.Fuel += r.Fuel
	d.VirtualSeconds += r.Virtual.Seconds()
	d.MemoryBytes = max(d.MemoryBytes, r.Memory)
}
