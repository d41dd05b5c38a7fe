package judge0

import (
	"math"

	"borel/problem"
	"borel/server"
)

// submission is what is to be run: the attributes that were sent, with the defaults of the others. It is kept as JSON. Nil is
// what was not sent.
type submission struct {
	Source   []byte
	Stdin    []byte
	Expected []byte
	Archive  []byte

	LanguageID           int
	CompilerOptions      *string
	CommandLineArguments *string
	CallbackURL          *string

	RedirectStderr, PerProcessTime, PerProcessMemory bool

	NumberOfRuns, CPUTime, CPUExtraTime, WallTime, Memory, Stack, Processes, MaxFileSize float64
}

// request is the run that s asks for; the error is about the attribute field.
//
// Processor time is cpu_time_limit and cpu_extra_time together, as far as wall_time_limit lets it: a program that takes longer
// here than on Judge0's machine, by less than the extra, is not failed for it. Memory is memory_limit above what the interpreter occupies before it begins,
// which on a machine of its own would be less. Each of stdout and stderr may be max_file_size long, 0 meaning no limit of the
// caller's, as for isolate; files that the program makes have the greatest limits there are. stack_limit and
// max_processes_and_or_threads have nothing to limit.
func (s *submission) request() (r problem.RunRequest, field string, err error) {
	r = problem.RunRequest{Language: "python", Source: string(s.Source), Stdin: string(s.Stdin)}
	seconds := s.WallTime
	if s.CPUTime > 0 { // 0 is no limit, for isolate
		seconds = min(s.CPUTime+s.CPUExtraTime, s.WallTime)
	}
	r.Limits = server.ForeignLimits(seconds, s.Memory/1024+problem.MinMemoryMB)
	if s.MaxFileSize > 0 {
		r.Limits.OutputKB = int(math.Min(s.MaxFileSize, server.ForeignOutputKB))
	}
	if s.CommandLineArguments != nil {
		if r.Args, err = words(*s.CommandLineArguments); err != nil {
			return r, "command_line_arguments", err
		}
	}
	if s.Archive != nil {
		if r.Files, err = unpack(s.Archive); err != nil {
			return r, "additional_files", err
		}
		if _, taken := r.Files["main.py"]; taken { // which is what the sandbox calls a program; Judge0 calls it so:
			r.Files["script.py"] = s.Source
			server.ForeignScript(&r, "script.py")
		}
	}
	return r, "", nil
}
