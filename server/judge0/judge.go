package judge0

import (
	"bytes"
	"fmt"
	"strings"

	"borel/problem"
)

// Statuses of Judge0.
const (
	statusQueue      = 1
	statusProcessing = 2
	statusAccepted   = 3
	statusWrong      = 4
	statusTime       = 5
	statusFileSize   = 8
	statusAbort      = 10
	statusNonZero    = 11
	statusOther      = 12
	statusInternal   = 13
)

// statuses are what Judge0 calls them, from 1.
var statuses = []string{
	"In Queue", "Processing", "Accepted", "Wrong Answer", "Time Limit Exceeded", "Compilation Error", "Runtime Error (SIGSEGV)",
	"Runtime Error (SIGXFSZ)", "Runtime Error (SIGFPE)", "Runtime Error (SIGABRT)", "Runtime Error (NZEC)", "Runtime Error (Other)",
	"Internal Error", "Exec Format Error",
}

// Signals that a program on a machine of its own would have been ended by.
const (
	sigABRT = 6
	sigKILL = 9
	sigXFSZ = 25
)

// judge tells a run as Judge0 tells it.
func (s *submission) judge(r *problem.Run, st *state) (out output) {
	out = output{some(r.Output.Stdout), some(r.Output.Stderr)}
	if s.RedirectStderr {
		out = output{Stdout: some(r.Output.Both())}
	}
	st.Seconds, st.Memory, st.ExitCode = new(r.VirtualSeconds), new(r.MemoryBytes/1024), new(0)
	signal := func(status, number int) {
		st.Status, st.ExitSignal, st.Message = status, &number, new(fmt.Sprintf("Caught fatal signal %d", number))
	}
	switch r.Reason {
	case "finished", "exited":
		switch {
		case r.ExitCode != 0:
			st.Status, *st.ExitCode, st.Message = statusNonZero, r.ExitCode, new(fmt.Sprintf("Exited with error status %d", r.ExitCode))
		case s.Expected == nil || bytes.Equal(strip(s.Expected), strip(out.Stdout)):
			st.Status = statusAccepted
		default:
			st.Status = statusWrong
		}
	case "fuel":
		st.Status, st.Message = statusTime, new("Time limit exceeded")
	case "sleep":
		st.Status, st.Message = statusTime, new("Time limit exceeded (wall clock)")
	case "memory":
		signal(statusOther, sigKILL) // of the kernel, as a process whose group has no memory left
	case "output", "files":
		signal(statusFileSize, sigXFSZ)
	case "trap":
		signal(statusAbort, sigABRT)
	default:
		st.Status, st.Message = statusInternal, new("the run ended by "+r.Reason)
	}
	return out
}

// some is b, nil where it is empty: Judge0 tells no output as null.
func some(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}

const space = " \t\n\v\f\r\x00" // of Ruby's rstrip

// strip is text without white space at the end of its lines, and of itself. (Judge0 finds no output different from an expected
// output of nothing; here both are nothing.)
func strip(text []byte) []byte {
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, space)
	}
	return []byte(strings.TrimRight(strings.Join(lines, "\n"), space))
}
