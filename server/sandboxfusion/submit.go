package sandboxfusion

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"borel/problem"
	"borel/server"
	"borel/server/pydantic"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"
)

// SubmitRequest is a completion to judge.
type SubmitRequest struct {
	Dataset    string     `json:"dataset"`
	ID         any        `json:"id" doc:"a number or a string"`
	Completion string     `json:"completion"`
	Config     TestConfig `json:"config"`
}

// EvalResult is what became of a completion.
type EvalResult struct {
	ID            any            `json:"id"`
	Accepted      bool           `json:"accepted"`
	ExtractedCode string         `json:"extracted_code"`
	FullCode      *string        `json:"full_code"`
	TestCode      *string        `json:"test_code"`
	Tests         []EvalTestCase `json:"tests"`
	ExtractedType *string        `json:"extracted_type" doc:"fenced, incomplete_fenced, heuristic, empty or null"`
	Extra         any            `json:"extra" doc:"null"`
}

// EvalTestCase is one test of a completion.
type EvalTestCase struct {
	Passed   bool            `json:"passed"`
	ExecInfo RunCodeResponse `json:"exec_info"`
	TestInfo any             `json:"test_info"`
}

const defaultSeconds = 20 // of a run of a dataset's tests

func (f *fusion) submit(c echo.Context, m *pydantic.Model) (any, error) {
	s := &submission{f: f, dataset: m.Needed("dataset").Short(problem.MaxSource), id: m.Needed("id").IntOrText()}
	s.completion = m.Needed("completion").Short(problem.MaxSource)
	s.config = config(m)
	if err := m.Err(); err != nil {
		return nil, err
	}
	ctx := c.Request().Context()
	d, k, err := f.find(s.dataset, s.config)
	if err != nil {
		return nil, err
	}
	r, err := s.config.row()
	if err != nil {
		return nil, err
	}
	if r == nil {
		i, err := d.index(s.dataset, s.id)
		if err != nil {
			return nil, err
		}
		if i < len(d.Problems) {
			return s.ours(ctx, d, &d.Problems[i].Problem)
		}
		r = objectOf(d.Rows[i-len(d.Problems)])
	} else if k == nil {
		return nil, takesNone(s.dataset)
	}
	answer, err := k.submit(ctx, r, s)
	return answer, theirs(err)
}

// result is a result without tests.
func (s *submission) result(code, how string) *EvalResult {
	r := &EvalResult{ID: idOf(s.id), ExtractedCode: code, Tests: []EvalTestCase{}}
	if slices.Contains([]string{fenced, incompleteFenced, heuristic, empty}, how) {
		r.ExtractedType = &how
	}
	return r
}

// program runs a program as a dataset's tests are run: with the limits of the request, or the default of the dataset.
func (s *submission) program(source, stdin string, seconds float64) *program {
	l := s.limits(seconds)
	return &program{run: problem.RunRequest{Language: "python", Source: source, Stdin: stdin, Limits: l}, timeout: l.Seconds}
}

func (s *submission) limits(seconds float64) problem.Limits {
	if s.config.seconds > 0 {
		seconds = s.config.seconds
	}
	return server.ForeignLimits(seconds, -1)
}

// judge is the verdict on a sample. What is not known is an error: it is never a rejection.
func (s *submission) judge(ctx context.Context, p *problem.Problem, sample problem.Sample) (problem.Verdict, error) {
	v, err := s.f.cfg.Verifier.Verify(ctx, p, sample, false)
	if err == nil && v.Status == problem.Unknown {
		err = &server.Failure{Status: http.StatusGatewayTimeout, RetryAfter: 1, Detail: "the completion could not be judged, by a fault of the service: " + v.Error}
	}
	return v, err
}

// ours judges by a problem that borel has read.
func (s *submission) ours(ctx context.Context, d *Dataset, p *problem.Problem) (*EvalResult, error) {
	sample := problem.Text(s.completion)
	if d.Completes && !s.config.extra.flag("is_freeform") {
		sample = problem.Completion(trimmed(s.completion))
	}
	with := *p
	if s.config.seconds > 0 {
		with.Limits.Seconds = s.limits(0).Seconds
	}
	v, err := s.judge(ctx, &with, sample)
	if err != nil {
		return nil, theirs(err)
	}
	code, how := v.Program, ""
	switch {
	case sample.Completion != nil:
		code = *sample.Completion
	case v.Status == problem.NoProgram:
		how = empty
	case strings.HasPrefix(v.Extraction, "fenced:un"):
		how = incompleteFenced
	case strings.HasPrefix(v.Extraction, "fenced:"):
		how = fenced
	default:
		how = heuristic
	}
	r := s.result(code, how)
	r.Accepted = v.Status == problem.Accepted
	if len(v.Cases) == 0 {
		r.Tests = append(r.Tests, EvalTestCase{Passed: r.Accepted, ExecInfo: asRun(v.Status, v.Message, v.VirtualSeconds)})
	}
	for _, c := range v.Cases {
		r.Tests = append(r.Tests, EvalTestCase{Passed: c.Status == problem.Accepted, ExecInfo: asRun(c.Status, c.Message, c.VirtualSeconds)})
	}
	return r, nil
}

// asRun tells a verdict as the run of a harness that leaves with 0 where all is right.
func asRun(status problem.Status, message string, seconds float64) RunCodeResponse {
	r := stopped("", message)
	r.RunResult.ExecutionTime = &seconds
	if status == problem.TimeLimitExceeded {
		return *r
	}
	code := 1
	if status == problem.Accepted {
		code, r.Status = 0, success
	}
	r.RunResult.Status, r.RunResult.ReturnCode = finished, &code
	return *r
}

// extracted is the program of a completion, by the caller's own logic too.
func (s *submission) extracted(ctx context.Context) (code, how string, err error) {
	var more []block
	if s.config.custom != "" {
		if more, err = s.customBlocks(ctx); err != nil {
			return "", "", err
		}
	}
	code, how = extract(s.completion, more)
	return code, how, nil
}

const customHarness = `import json
class CodeBlock:
    def __init__(self, *, priority, language, code):
        self.priority, self.language, self.code = int(priority), str(language), str(code)
_blocks = []
def _submit(blocks):
    for b in blocks:
        assert isinstance(b, CodeBlock), "blocks must be of the class CodeBlock"
        _blocks.append(b)
exec(compile(open("logic.py", encoding="utf-8").read(), "logic.py", "exec"), {"CodeBlock": CodeBlock, "completion": open("completion.txt", encoding="utf-8", newline="").read(), "submit_code_blocks": _submit})
json.dump([vars(b) for b in _blocks], open("blocks.json", "w"))
`

// customBlocks are what the caller's logic finds. It runs in a sandbox of its own.
func (s *submission) customBlocks(ctx context.Context) ([]block, error) {
	p := s.program(customHarness, "", defaultSeconds)
	p.run.Files = map[string][]byte{"logic.py": []byte(s.config.custom), "completion.txt": []byte(s.completion)}
	p.fetch([]string{"blocks.json"})
	run, err := s.f.execute(ctx, p)
	if err != nil {
		return nil, err
	}
	var found []block
	if run.Status != success || json.Unmarshal(run.Files["blocks.json"], &found) != nil {
		return nil, bad("config.custom_extract_logic did not work: %s%s", run.Message, lastPart(run))
	}
	for i := range found {
		found[i].how = custom
	}
	return found, nil
}

// lastPart is the end of what a run wrote to stderr.
func lastPart(run *RunCodeResponse) string {
	if run.RunResult == nil || run.RunResult.Stderr == nil {
		return ""
	}
	text := *run.RunResult.Stderr
	return strings.ToValidUTF8(text[max(0, len(text)-2000):], "")
}

// leaves finds tests that end the process themselves, as unittest.main does: those have no end that could be reached.
var leaves = regexp.MustCompile(`\b(?:unittest\.main\s*\(|pytest\.main\s*\(|_?exit\s*\(|quit\s*\(|SystemExit\b)`)

// unit judges a program by tests that run after it. full is both, as the original runs them in one: that run is told, and
// where the tests end the process themselves its return code decides, as there. Otherwise the tests must have been run to
// their end.
func (s *submission) unit(ctx context.Context, r *EvalResult, program, tests, full string) error {
	r.FullCode = &full
	p := s.program(full, "", defaultSeconds)
	judge := func(tests string) (problem.Verdict, error) {
		return s.judge(ctx, &problem.Problem{ID: "submit", Language: "python", Check: problem.Check{Kind: problem.KindUnit, Tests: tests}, Limits: p.run.Limits}, problem.Program(program))
	}
	v, err := judge(tests)
	if err != nil {
		return err
	}
	exec, err := s.f.execute(ctx, p)
	if err != nil {
		return err
	}
	if r.Accepted = v.Status == problem.Accepted; !r.Accepted {
		if err := lacking(exec, tests); err != nil {
			return err
		}
		if exec.Status == success && leaves.MatchString(tests) {
			alone, err := judge("") // it must not be the program that leaves
			if err != nil {
				return err
			}
			r.Accepted = alone.Status == problem.Accepted
		}
	}
	r.done(exec, v.Message)
	return nil
}

var (
	missing = regexp.MustCompile(`(?m)^ModuleNotFoundError: No module named '(\w+)[^\n]*\s*\z`)
	imports = regexp.MustCompile(`(?m)^\s*(?:import|from)\s+(\w+)`)
)

// lacking refuses tests that need a module which is not here: that is no fault of the program's.
func lacking(exec *RunCodeResponse, tests string) error {
	m := missing.FindStringSubmatch(lastPart(exec))
	if m == nil {
		return nil
	}
	for _, i := range imports.FindAllStringSubmatch(tests, -1) {
		if i[1] == m[1] {
			return bad("the row's tests need the module %s, which is not here", m[1])
		}
	}
	return nil
}

// done adds the one test of a result. A run that looks well while the program was rejected says why.
func (r *EvalResult) done(exec *RunCodeResponse, why string) {
	if !r.Accepted && exec.Status == success {
		exec.Status, exec.Message = failed, why
	}
	r.Tests = append(r.Tests, EvalTestCase{Passed: r.Accepted, ExecInfo: *exec})
}

// whole judges a program and tests that cannot be told apart: it must succeed, and not leave before its end unless its
// tests do.
func (s *submission) whole(ctx context.Context, r *EvalResult, p *program, tests string, mayLeave bool) error {
	full := p.run.Source
	r.FullCode = &full
	run, err := s.f.cfg.Verifier.Run(ctx, p.run)
	if err != nil {
		return err
	}
	exec := p.tell(&run)
	r.Accepted = exec.Status == success && (mayLeave || run.Reason == "finished")
	if err := lacking(exec, tests); err != nil {
		return err
	}
	r.done(exec, "the program left before its tests were done")
	return nil
}

// python refuses rows in other languages: that they cannot be run here says nothing of a completion.
func python(language string) error {
	if language == "python" {
		return nil
	}
	return bad("programs in %s cannot be run here; those in python can", language)
}
