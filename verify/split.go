package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
)

// split runs the tests in one sandbox and the program in another: what the tests use of the program are calls that cross,
// with values that cross, see languages/python/wire.py. Accepted means that the host saw the tests' step run to its end, in
// a sandbox that nothing of the program ever was in.
type split struct {
	*unit
	preamble string // what the prompt defines before the entry point, for the tests too
	entry    string

	mu   sync.Mutex
	plan *plan // under mu; nil until it was made
}

// plan is how samples are judged, which depends on the problem and its reference alone.
type plan struct {
	proxies string // the source that stands before the tests
	shared  bool   // the values of the problem cannot cross, and it asks to be judged in one interpreter then
	note    string
	fault   error // why no sample can be judged
	proven  bool  // the reference is accepted so
}

// errSplit is the fault of a problem that cannot be judged split.
type errSplit struct{ message string }

func (e errSplit) Error() string { return "the problem cannot be judged split: " + e.message }

func newSplit(j *judge) (checker, error) {
	if j.lang.Name != "python" {
		return nil, problem.Invalidf("check.isolation", "split is for Python")
	}
	s := &split{unit: &unit{judge: j}, entry: j.p.Check.EntryPoint}
	x := newExtractor(j.p)
	if s.entry != "" && defines(x.prompt, s.entry) {
		for _, it := range x.preamble() {
			s.preamble += strings.TrimRight(x.prompt[it.start:it.end], "\r\n") + "\n"
		}
	}
	return s, nil
}

func (j *split) version() string { return "split/1 " + j.unit.version() }

func (j *split) key(w *keyWriter) {
	j.unit.key(w)
	w.text(j.entry)
	w.text(j.preamble)
	w.flag(j.p.Check.Fallback == problem.Shared)
	if r := j.p.Reference; r != nil {
		program, _, ok := j.reference()
		w.flag(ok)
		w.text(program)
	}
}

// reference is the program of the problem's reference.
func (j *split) reference() (program, rule string, ok bool) {
	if j.p.Reference == nil {
		return "", "", false
	}
	return extract(j.p, *j.p.Reference)
}

func (j *split) decide(ctx context.Context, program string, d *decision) error {
	p, err := j.planned(ctx)
	if err != nil {
		return err
	}
	if p.fault != nil {
		return p.fault
	}
	if p.shared {
		d.Note = p.note
		return j.unit.decide(ctx, program, d)
	}
	_, err = j.crossing(ctx, p, program, d)
	return err
}

// planned makes the plan, once for all samples.
func (j *split) planned(ctx context.Context) (*plan, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.plan != nil {
		return j.plan, nil
	}
	p, err := j.make(ctx)
	if err == nil {
		j.plan = p
	}
	return p, err
}

func (j *split) make(ctx context.Context) (*plan, error) {
	names, err := j.names(ctx)
	if fault, ok := err.(errTests); ok {
		return &plan{fault: fault}, nil
	}
	if err != nil {
		return nil, err
	}
	p := &plan{proxies: j.preamble + j.lang.Proxies(names.Names)}
	for _, m := range names.Modules {
		p.proxies += "\nimport " + m
	}
	program, _, ok := j.reference()
	if !ok {
		return p, nil
	}
	var d decision
	why, err := j.crossing(ctx, p, program, &d)
	if _, fault := err.(errSplit); err != nil && !fault {
		if _, fault := err.(errTests); fault {
			return &plan{fault: err}, nil
		}
		return nil, err
	}
	if err == nil && d.Status == problem.Accepted {
		p.proven = true
		return p, nil
	}
	if err != nil {
		why = err.(errSplit).message
	} else {
		var shared decision
		if err := j.unit.decide(ctx, program, &shared); err != nil {
			return nil, err
		}
		if shared.Status != problem.Accepted {
			return p, nil // it is no reference
		}
		if why == "" {
			why = fmt.Sprintf("its reference is accepted in one interpreter, and not split: %s: %s", d.Status, d.Message)
		}
	}
	if j.p.Check.Fallback == problem.Shared {
		p.shared, p.note = true, "judged in one interpreter: "+why
	} else {
		p.fault = errSplit{why}
	}
	return p, nil
}

// names are those that the tests take from the program: the entry point, and what neither they define nor the prompt does.
func (j *split) names(ctx context.Context) (n languages.Uses, err error) {
	const file = "source.py"
	spec := j.program([]string{j.lang.Free(file)}, "")
	spec.Files = map[string][]byte{file: []byte(j.preamble + j.p.Check.Tests)}
	o, err := j.v.run(ctx, j.guest, spec, false)
	if err != nil {
		return n, err
	}
	if end := j.lang.End(1, o.result); end.Kind != languages.Done {
		if err := j.unit.compiles(ctx, &decision{}); err != nil {
			return n, err
		}
		return n, errTests{end.Message}
	}
	if err := json.Unmarshal(o.result.Stdout, &n); err != nil {
		return n, fmt.Errorf("the names that the tests use: %w", err)
	}
	if j.entry != "" && !slices.Contains(n.Names, j.entry) {
		n.Names = append(n.Names, j.entry)
	}
	return n, nil
}

// crossing judges a program. cannot says which value of the program could not cross, if that is what ended the tests.
func (j *split) crossing(ctx context.Context, p *plan, program string, d *decision) (cannot string, err error) {
	spec := j.program([]string{program, j.lang.Serve()}, "")
	spec.Steps[1].Name = "calls.py"
	tests := j.program([]string{p.proxies, j.p.Check.Tests}, "")
	tests.Steps[0].Name = "proxies.py"
	spec.Peer, spec.Join = &tests, sandbox.JoinChannel
	o, err := j.v.run(ctx, j.guest, spec, j.fresh)
	if err != nil {
		return "", err
	}
	d.Cached = o.cached
	d.measure(&o.result)
	end := j.lang.End(2, o.result)
	w := newKey("behaviour")
	defer func() {
		w.text(string(d.Status))
		w.text(d.Message)
		w.bytes(o.result.Stdout)
		d.Behaviour = shortDigest(w)
	}()
	switch {
	case o.result.Reason == sandbox.Deadlock:
		d.Status, d.Message = problem.RuntimeError, "waits for what does not come: it read the calls, or did not answer one"
		return "", nil
	case end.Kind == languages.Exit && o.result.Peer == nil:
		d.Status, d.Message = problem.RuntimeError, fmt.Sprintf("left with exit code %d before the tests were done", end.ExitCode)
		return "", nil
	case end.Kind == languages.Stopped, o.result.Peer == nil:
		d.Status, d.Message = status(end, o.result.Reason), end.Message
		return "", nil
	}
	peer := o.result.Peer
	d.measure(peer)
	judged := j.lang.End(2, *peer)
	switch {
	case judged.Step == 2 && judged.Kind != languages.Stopped:
		d.Status, d.Message = problem.Accepted, ""
		return "", nil
	case judged.Step == 0 && judged.Kind != languages.Stopped:
		return "", errSplit{"what its prompt defines before the entry point does not run: " + judged.Message}
	case judged.Kind == languages.Syntax && judged.Step == 1:
		return "", errTests{judged.Message}
	}
	d.Status, d.Message = status(judged, peer.Reason), judged.Message
	if judged.Kind == languages.NoMemory { // of the program, most likely: the tests' sandbox would say so by its reason
		d.Status = problem.MemoryLimitExceeded
	}
	if judged.Kind != languages.Exit {
		return "", nil
	}
	d.Message = lastText(peer.Stderr)
	switch judged.ExitCode {
	case languages.ExitEnded:
		if d.Status, d.Message = status(end, o.result.Reason), end.Message; end.Kind == languages.Exit || end.Kind == languages.Done {
			d.Status, d.Message = problem.RuntimeError, fmt.Sprintf("left with exit code %d before the tests were done", end.ExitCode)
		}
	case languages.ExitValue:
		return d.Message, nil
	case languages.ExitTests:
		if !p.proven {
			return "", errSplit{d.Message}
		}
	case languages.ExitBroken, languages.ExitMissing, languages.ExitLarge:
	default:
		d.Message = fmt.Sprintf("left with exit code %d before the tests were done", judged.ExitCode)
	}
	return "", nil
}

// lastText is the last line of what a guest wrote.
func lastText(b []byte) string {
	s := strings.TrimSpace(string(b[max(0, len(b)-4096):]))
	return cutText(s[strings.LastIndexByte(s, '\n')+1:])
}
