package sandboxfusion

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"borel/problem"
	"borel/server"
	"borel/server/pydantic"

	"github.com/labstack/echo/v4"
)

// languages are those of the original, in its order.
var languages = []string{
	"python", "cpp", "nodejs", "go", "go_test", "java", "php", "csharp", "bash", "typescript", "sql", "rust", "cuda", "lua", "R", "perl", "D_ut",
	"ruby", "scala", "julia", "pytest", "junit", "kotlin_script", "jest", "verilog", "python_gpu", "lean", "swift", "racket",
}

// runnable are those that can be run here.
var runnable = []string{"python", "pytest"}

// RunCodeRequest is a program to run.
type RunCodeRequest struct {
	CompileTimeout float64            `json:"compile_timeout,omitempty" doc:"seconds; default 10. Nothing is compiled here: it counts for how long an answer may take"`
	RunTimeout     float64            `json:"run_timeout,omitempty" doc:"seconds of work and of virtual time; default 10, at most 600"`
	MemoryLimitMB  int                `json:"memory_limit_MB,omitempty" doc:"default -1: 2048, the greatest; less than 64 is 64"`
	Code           string             `json:"code" doc:"the program"`
	Stdin          *string            `json:"stdin,omitempty" doc:"standard input, byte for byte"`
	Language       string             `json:"language" doc:"python and pytest can be run here"`
	Files          map[string]*string `json:"files,omitempty" doc:"path in the working folder to base64 content; null, or a name with IGNORE_THIS_FILE, is passed over"`
	FetchFiles     []string           `json:"fetch_files,omitempty" doc:"paths of files to return afterwards"`
	Args           []string           `json:"args,omitempty" doc:"of pytest"`
}

// RunCodeResponse is what became of a program.
type RunCodeResponse struct {
	Status          string            `json:"status" enum:"Success,Failed,SandboxError" doc:"SandboxError: nothing is known of the program"`
	Message         string            `json:"message" doc:"of a SandboxError"`
	CompileResult   *CommandRunResult `json:"compile_result" doc:"null: nothing is compiled"`
	RunResult       *CommandRunResult `json:"run_result"`
	ExecutorPodName *string           `json:"executor_pod_name" doc:"null"`
	Files           map[string][]byte `json:"files" doc:"those that were asked for and exist: name to base64 content"`
}

// CommandRunResult is what a process did.
type CommandRunResult struct {
	Status        string   `json:"status" enum:"Finished,Error,TimeLimitExceeded"`
	ExecutionTime *float64 `json:"execution_time" doc:"virtual seconds"`
	ReturnCode    *int     `json:"return_code" doc:"null after a time limit; -9 (SIGKILL) after the memory limit, -25 (SIGXFSZ) after the limits of output and files, -11 (SIGSEGV) where the interpreter broke"`
	Stdout        *string  `json:"stdout"`
	Stderr        *string  `json:"stderr"`
}

// Statuses.
const (
	success      = "Success"
	failed       = "Failed"
	sandboxError = "SandboxError"

	finished = "Finished"
	tle      = "TimeLimitExceeded"
)

// program is what a request asks to run.
type program struct {
	run problem.RunRequest
	// names are those that the caller has for the files it wants, by path.
	names   map[string][]string
	timeout float64       // seconds; 0 and less: it has none at all
	wait    time.Duration // its caller waits so long
}

// refused is a request that cannot be carried out, through no fault of the program's.
type refused string

func (r refused) Error() string { return string(r) }

func (f *fusion) runCode(c echo.Context, m *pydantic.Model) (any, error) {
	p, err := readProgram(m)
	if err != nil {
		if why, ok := errors.AsType[refused](err); ok {
			return RunCodeResponse{Status: sandboxError, Message: string(why), Files: map[string][]byte{}}, nil
		}
		return nil, err
	}
	ctx, cancel := p.deadline(c)
	defer cancel()
	return f.execute(ctx, p)
}

// readProgram reads a request. The error is a *[pydantic.Invalid] or a refused.
func readProgram(m *pydantic.Model) (*program, error) {
	compile, run := m.Given("compile_timeout").Float(10), m.Given("run_timeout").Float(10)
	memory := m.Given("memory_limit_MB").Int(-1)
	code, stdin := m.Needed("code").Short(problem.MaxSource), m.Optional("stdin").Short(problem.MaxSource)
	language := m.Needed("language").Literal(languages)
	files := contents(m.Given("files"), true)
	fetch := m.Given("fetch_files").Texts(problem.MaxLimits.Files)
	args := m.Given("args").Texts(problem.MaxArgs)
	if err := m.Err(); err != nil {
		return nil, err
	}
	if !slices.Contains(runnable, language) {
		return nil, refused(fmt.Sprintf("programs in %s cannot be run here; those in %s can", language, strings.Join(runnable, " and ")))
	}
	p := &program{
		run:     problem.RunRequest{Language: language, Source: code, Stdin: stdin, Limits: server.ForeignLimits(run, memory)},
		timeout: run, wait: waiting(compile + run),
	}
	if language == "pytest" {
		p.run.Args = args
	}
	p.fetch(fetch)
	return p, p.put(files)
}

// waiting is how long a caller waits that has these time limits.
func waiting(seconds float64) time.Duration {
	return time.Duration(min(max(seconds, 0), 2*problem.MaxLimits.Seconds)*float64(time.Second)) + patience
}

// contents is what the files of a request hold, in base64, by name; with nulls, those that are null are left out.
func contents(v pydantic.Value, nulls bool) map[string]string {
	files := map[string]string{}
	for _, f := range v.Members(problem.MaxLimits.Files) {
		if !nulls || f.JSON.Kind() != 'n' {
			files[f.Name] = f.Text()
		}
	}
	return files
}

// put adds the files of a request.
func (p *program) put(files map[string]string) error {
	p.run.Files = make(map[string][]byte, len(files))
	for name, content := range files {
		if strings.Contains(name, "IGNORE_THIS_FILE") {
			continue
		}
		path, err := server.ForeignPath(name)
		if err != nil {
			return refused(fmt.Sprintf("the file %q: its path %v", name, err))
		}
		if p.run.Files[path], err = decodeBase64(content); err != nil {
			return refused(fmt.Sprintf("the file %q: %v", name, err))
		}
	}
	if _, taken := p.run.Files["main.py"]; taken && p.run.Language == "python" && len(p.run.Cells) == 0 {
		name := "tmp.py" // as the original calls a program, about
		for _, used := p.run.Files[name]; used; _, used = p.run.Files[name] {
			name = "_" + name
		}
		p.run.Files[name] = []byte(p.run.Source)
		server.ForeignScript(&p.run, name)
	}
	return nil
}

// fetch adds the files that a request wants. One outside the working folder is not there.
func (p *program) fetch(names []string) {
	p.names = make(map[string][]string, len(names))
	for _, name := range names {
		path, err := server.ForeignPath(name)
		if err == nil {
			err = (&problem.RunRequest{Fetch: []string{path}}).Validate("")
		}
		if err != nil {
			continue
		}
		if p.names[path] == nil {
			p.run.Fetch = append(p.run.Fetch, path)
		}
		p.names[path] = append(p.names[path], name)
	}
}

var errLate = &server.Failure{Status: 504, RetryAfter: 1, Detail: "the program was not done in the time that its caller waits: this machine has too much to do; nothing is known of it"}

// deadline ends a run when its caller stops waiting.
func (p *program) deadline(c echo.Context) (context.Context, context.CancelFunc) {
	return context.WithDeadlineCause(c.Request().Context(), server.Arrived(c).Add(p.wait), errLate)
}

// execute runs p. The error is a fault of the service, which is no answer about the program.
func (f *fusion) execute(ctx context.Context, p *program) (*RunCodeResponse, error) {
	if p.timeout <= 0 {
		return stopped("", ""), nil
	}
	run, err := f.cfg.Verifier.Run(ctx, p.run)
	if wrong, ok := errors.AsType[*problem.Invalid](err); ok {
		return &RunCodeResponse{Status: sandboxError, Message: wrong.Error(), Files: map[string][]byte{}}, nil
	}
	if err != nil {
		return nil, cause(ctx, err)
	}
	if n := held(run.Files); n > maxFetched {
		return &RunCodeResponse{Status: sandboxError, Message: tooMuch(n), Files: map[string][]byte{}}, nil
	}
	return p.tell(&run), nil
}

// maxFetched is how many bytes the files of an answer may hold.
const maxFetched = 64 << 20

func held(files map[string][]byte) (n int) {
	for _, content := range files {
		n += len(content)
	}
	return n
}

func tooMuch(n int) string {
	return fmt.Sprintf("the files of fetch_files hold %d bytes, the limit is %d", n, maxFetched)
}

// cause is err, or why ctx ended.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil && context.Cause(ctx) == errLate {
		return errLate
	}
	return err
}

// stopped is a program that was stopped at its time limit.
func stopped(stdout, stderr string) *RunCodeResponse {
	return &RunCodeResponse{Status: failed, RunResult: &CommandRunResult{Status: tle, ExecutionTime: new(float64), Stdout: &stdout, Stderr: &stderr}, Files: map[string][]byte{}}
}

// Signals that end a process, as its return code has them.
const (
	sigkill = -9
	sigsegv = -11
	sigxfsz = -25
)

// tell is what a run did, in the original's words.
func (p *program) tell(run *problem.Run) *RunCodeResponse {
	r := stopped(run.Stdout, run.Stderr)
	r.RunResult.ExecutionTime = &run.VirtualSeconds
	for path, content := range run.Files {
		for _, name := range p.names[path] {
			r.Files[name] = content
		}
	}
	code, why := run.ExitCode, ""
	switch run.Reason {
	case "fuel", "sleep":
		return r
	case "memory":
		code, why = killed(code, sigkill), fmt.Sprintf("the memory limit of %d MB was reached", p.run.Limits.MemoryMB)
	case "output":
		code, why = killed(code, sigxfsz), fmt.Sprintf("the output limit of %d bytes on a stream was reached", p.run.Limits.OutputKB<<10)
		if max(len(run.Output.Stdout), len(run.Output.Stderr)) < p.run.Limits.OutputKB<<10 {
			why = fmt.Sprintf("the output limit of %d bytes as JSON was reached", server.ForeignAnswer)
		}
	case "files":
		code, why = killed(code, sigxfsz), "the limit of files, or of what they hold, was reached"
	case "trap":
		code, why = killed(code, sigsegv), "the interpreter broke"
	}
	if why != "" {
		stderr := run.Stderr
		if stderr != "" && !strings.HasSuffix(stderr, "\n") {
			stderr += "\n"
		}
		stderr += "borel: " + why + "\n"
		r.RunResult.Stderr = &stderr
	}
	r.RunResult.Status, r.RunResult.ReturnCode = finished, &code
	if r.Status = failed; code == 0 {
		r.Status = success
	}
	return r
}

// killed is the return code of a program that was stopped: its own where it left with one, else that of a signal.
func killed(code, signal int) int {
	if code > 0 {
		return code
	}
	return signal
}
