package piston

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"borel/problem"
)

// executeBody is a request, for the description.
type executeBody struct {
	Language           string     `json:"language"`
	Version            string     `json:"version" doc:"a selector, such as *, 3.x or 3.10.0"`
	Files              []bodyFile `json:"files" nullable:"false" doc:"the first that is text is run; at least one must be"`
	Stdin              string     `json:"stdin,omitempty" doc:"a newline is added where it ends without one"`
	Args               []string   `json:"args,omitempty"`
	RunTimeout         float64    `json:"run_timeout,omitempty" doc:"milliseconds of virtual time"`
	RunCPUTime         float64    `json:"run_cpu_time,omitempty" doc:"milliseconds of work"`
	RunMemoryLimit     float64    `json:"run_memory_limit,omitempty" doc:"bytes; -1 is none"`
	CompileTimeout     float64    `json:"compile_timeout,omitempty"`
	CompileCPUTime     float64    `json:"compile_cpu_time,omitempty"`
	CompileMemoryLimit float64    `json:"compile_memory_limit,omitempty"`
}

type bodyFile struct {
	Name     string `json:"name,omitempty" doc:"default file0.code, file1.code, …"`
	Content  string `json:"content"`
	Encoding string `json:"encoding,omitempty" doc:"utf8 (the default), base64 or hex"`
}

const executeExample = `{"language": "python", "version": "*", "files": [{"content": "print(int(input()) + 1)"}], "stdin": "41"}`

// result is the answer to a job.
type result struct {
	Compile  *stage `json:"compile,omitempty"`
	Run      stage  `json:"run"`
	Language string `json:"language"`
	Version  string `json:"version"`
}

// stage is what a process did.
type stage struct {
	Signal   *string `json:"signal" doc:"that ended it"`
	Stdout   string  `json:"stdout"`
	Stderr   string  `json:"stderr"`
	Code     *int    `json:"code" doc:"that it left with; null where it was ended"`
	Output   string  `json:"output" doc:"stdout and stderr as they were written"`
	Memory   int64   `json:"memory" doc:"bytes"`
	Message  *string `json:"message"`
	Status   *string `json:"status" doc:"RE: left with another code than 0; SG: ended by a signal; TO: out of time; OL, EL: too much on stdout, stderr; XX: a fault of the server"`
	CPUTime  int64   `json:"cpu_time" doc:"milliseconds of work"`
	WallTime int64   `json:"wall_time" doc:"milliseconds of virtual time"`
}

func (a *api) run(ctx context.Context, j *job) (*result, error) {
	res := &result{Language: j.runtime.Language, Version: j.runtime.Version}
	if j.runtime.Language == codeforces {
		res.Compile = compiled()
		s, err := a.judge(ctx, j)
		res.Run = s
		return res, err
	}
	run, err := a.Verifier.Run(ctx, j.request)
	res.Run = a.stage(j, &run)
	return res, err
}

// stage tells a run as the original tells what isolate, its sandbox, did.
func (a *api) stage(j *job, run *problem.Run) stage {
	s := stage{
		Stdout: run.Stdout, Stderr: run.Stderr, Output: valid(run.Output.Both()), Memory: run.MemoryBytes,
		WallTime: milliseconds(run.VirtualSeconds), CPUTime: milliseconds(a.worked(run)),
	}
	switch {
	case run.Reason == "fuel", a.overdue(j, run):
		s.ended("TO", "SIGKILL", "Time limit exceeded")
	case run.Reason == "sleep":
		s.ended("TO", "SIGKILL", "Time limit exceeded (wall clock)")
	case run.Reason == "output" && len(run.Output.Stderr) > len(run.Output.Stdout):
		s.ended("EL", "SIGKILL", "stderr length exceeded")
	case run.Reason == "output":
		s.ended("OL", "SIGKILL", "stdout length exceeded")
	case run.ExitCode > 0:
		s.left(run.ExitCode)
	case run.ExitCode == 0:
		s.left(0)
	case run.Reason == "memory":
		s.ended("SG", "SIGKILL", "Caught fatal signal 9")
	case run.Reason == "files":
		s.ended("SG", "SIGXFSZ", "Caught fatal signal 25")
	default:
		s.ended("SG", "SIGSEGV", "Caught fatal signal 11")
	}
	return s
}

// worked is the seconds that run worked.
func (a *api) worked(run *problem.Run) float64 {
	if a.Work == nil {
		return run.VirtualSeconds
	}
	return a.Work(run.Fuel).Seconds()
}

// overdue reports whether run worked for longer than it may, though it ended before it had taken as long as it may.
func (a *api) overdue(j *job, run *problem.Run) bool { return j.cpu > 0 && a.worked(run) > j.cpu }

// ended is that a process was ended by a signal.
func (s *stage) ended(status, signal, message string) {
	s.Status, s.Signal, s.Message, s.Code = &status, &signal, &message, nil
}

// left is that a process ended with a code.
func (s *stage) left(code int) {
	s.Code = &code
	if code != 0 {
		status, message := "RE", "Exited with error status "+strconv.Itoa(code)
		s.Status, s.Message = &status, &message
	}
}

func milliseconds(seconds float64) int64 {
	return int64(math.Round(seconds * float64(time.Second/time.Millisecond)))
}

// valid is text, with U+FFFD for what is none.
func valid(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }
