package piston

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"

	"borel/problem"
	"borel/server"
)

// codeforces is the runtime that open-r1 asks to judge a Python solution of a problem of Codeforces on one test. Its package runs
// a shell script, whose doings are these: the solution reads input.txt, as its input or, where grader_config says
// INPUT_MODE=file, as a file; what it writes, to its output or to output.txt, is compared with correct_output.txt, by checker.py
// where there is one; 1 or 0 is written. Here the solution sees neither the right output nor the checker, and what it leaves
// behind reaches neither.
const codeforces = "cf_python3"

// Files of the script that the solution is not given.
const (
	inputFile   = "input.txt"
	outputFile  = "output.txt"
	correctFile = "correct_output.txt"
	checkerFile = "checker.py"
	configFile  = "grader_config"
)

// checkSeconds is what a checker may take, more than the script's 10 seconds: what it decides is not its own fate.
const checkSeconds = 60

// compiled is what the package's compile script does with Python.
func compiled() *stage {
	const text = "Skipping compile - python3\n"
	s := &stage{Stdout: text, Output: text}
	s.left(0)
	return s
}

// grading is the script at work. What it and its children write is gathered in the stage.
type grading struct {
	*api
	stage  stage
	time   string // TIME_LIMIT and MEMORY_LIMIT, as they were written
	memory string
	files  map[string][]byte
}

// judge does what the package's run script does.
func (a *api) judge(ctx context.Context, j *job) (stage, error) {
	g := grading{api: a, files: j.request.Files}
	config := settings(g.files[configFile])
	g.time, g.memory = config["TIME_LIMIT"], config["MEMORY_LIMIT"]
	byFile := config["INPUT_MODE"] == "file"

	input := unixLines(g.files[inputFile])
	correct, known := g.files[correctFile]
	r := j.request
	r.Files = maps.Clone(g.files)
	for _, name := range []string{correctFile, checkerFile, inputFile} {
		delete(r.Files, name)
	}
	r.Args = nil
	if byFile {
		if _, ok := g.files[inputFile]; ok {
			r.Files[inputFile] = input
		}
		r.Fetch = []string{outputFile}
	} else {
		r.Stdin = string(input)
	}
	limited := g.limit(&r.Limits)
	run, err := a.Verifier.Run(ctx, r)
	if err != nil {
		return stage{}, err
	}
	g.took(&run)
	if !byFile {
		g.write("", run.Stderr)
	}
	if !limited && (run.Reason == "fuel" || run.Reason == "sleep") { // the script itself was out of time
		g.stage.ended("TO", "SIGKILL", "Time limit exceeded")
		return g.stage, nil
	}
	if code := exitCode(&run); code != 0 {
		g.failed(code)
		return g.stage, nil
	}
	output := run.Output.Stdout
	if byFile {
		output = run.Files[outputFile]
	}
	output = withoutEmptyLines(output)
	switch checker, ok := g.files[checkerFile]; {
	case !known:
		g.write(strings.ToValidUTF8(string(output), "\uFFFD"), "")
		g.stage.left(0)
	case ok:
		return g.check(ctx, j, string(checker), input, rewritten(correct), output)
	case normal(output) == normal(rewritten(correct)):
		g.decide(true, "diff")
	default:
		g.write("", "Files /dev/fd/63 and /dev/fd/62 differ\n")
		g.decide(false, "diff")
	}
	return g.stage, nil
}

// limit gives the solution the limits of grader_config, and reports whether its time is the less.
func (g *grading) limit(l *problem.Limits) bool {
	whole := l.Seconds
	seconds, err := strconv.ParseFloat(g.time, 64)
	limited := err == nil && seconds > 0 && seconds <= whole
	if !limited {
		seconds = whole
	}
	megabytes, _ := strconv.ParseFloat(g.memory, 64) // none is no limit
	if megabytes <= 0 {
		megabytes = float64(l.MemoryMB)
	}
	*l = server.ForeignLimits(seconds, megabytes)
	return limited
}

// exitCode is the code that the script sees: that of the solution, or of a shell whose child was ended.
func exitCode(run *problem.Run) int {
	switch {
	case run.Reason == "fuel", run.Reason == "sleep":
		return 143
	case run.Reason == "memory":
		return 134
	case run.Reason == "output", run.Reason == "files":
		return 153
	case run.ExitCode < 0:
		return 139
	}
	return run.ExitCode
}

// failed is what the script says of a solution that left with code.
func (g *grading) failed(code int) {
	switch code {
	case 124, 137, 143:
		g.write("0\n", fmt.Sprintf("Time limit exceeded (%ss)\n", g.time))
		g.stage.left(124)
	case 134:
		g.write("0\n", fmt.Sprintf("Memory limit exceeded (%sMB)\n", g.memory))
		g.stage.left(134)
	default:
		g.write("0\n", fmt.Sprintf("Runtime error with exit code %d\n", code))
		g.stage.left(code)
	}
}

// check lets the checker decide.
func (g *grading) check(ctx context.Context, j *job, checker string, input, correct, output []byte) (stage, error) {
	const solution = "solution_output.txt"
	files := maps.Clone(g.files)
	delete(files, j.program)
	files[inputFile], files[correctFile], files[solution] = input, correct, output
	run, err := g.Verifier.Run(ctx, problem.RunRequest{
		Source: checker, Files: files, Args: []string{inputFile, correctFile, solution}, Limits: server.ForeignLimits(checkSeconds, 0),
	})
	if err != nil {
		return stage{}, err
	}
	g.took(&run)
	g.write("", run.Stderr)
	said := strings.Join(strings.Fields(run.Stdout), "")
	g.decide(said == "1" || said == "100", "checker")
	g.stage.left(exitCode(&run))
	return g.stage, nil
}

func (g *grading) decide(right bool, by string) {
	if right {
		g.write("1\n", "Output is correct ("+by+")\n")
	} else {
		g.write("0\n", "Output isn't correct ("+by+")\n")
	}
	g.stage.left(0)
}

func (g *grading) write(stdout, stderr string) {
	g.stage.Stdout += stdout
	g.stage.Stderr += stderr
	g.stage.Output += stdout + stderr
}

// took adds what a run took.
func (g *grading) took(run *problem.Run) {
	one := g.api.stage(&job{}, run)
	g.stage.Memory = max(g.stage.Memory, one.Memory)
	g.stage.CPUTime += one.CPUTime
	g.stage.WallTime += one.WallTime
}

var setting = regexp.MustCompile(`(?m)^[ \t]*(?:export[ \t]+)?([A-Z_]+)=["']?([^"'\s;#]*)`)

// settings reads assignments of the shell. Other commands are not carried out.
func settings(text []byte) map[string]string {
	m := map[string]string{}
	for _, found := range setting.FindAllSubmatch(text, -1) {
		m[string(found[1])] = string(found[2])
	}
	return m
}

// unixLines drops a carriage return at the end of each line.
func unixLines(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return bytes.TrimSuffix(b, []byte("\r"))
}

// rewritten is a file that the shell read, wrote again with one newline at its end, and rid of empty lines.
func rewritten(b []byte) []byte {
	b = bytes.TrimRight(bytes.ReplaceAll(b, []byte{0}, nil), "\n")
	return withoutEmptyLines(unixLines(append(bytes.Clone(b), '\n')))
}

func withoutEmptyLines(b []byte) []byte {
	var out []byte
	for line := range bytes.Lines(b) {
		if len(line) > 1 || line[0] != '\n' {
			out = append(out, line...)
		}
	}
	return out
}

var yesOrNo = regexp.MustCompile(`\b(?:[Yy][Ee][Ss]|[Nn][Oo])\b`)

// normal is what two outputs are compared by: words with one space between them, yes and no in capitals.
func normal(b []byte) string {
	words := strings.FieldsFunc(string(b), func(r rune) bool { return strings.ContainsRune(" \t\n\v\f\r", r) })
	return yesOrNo.ReplaceAllStringFunc(strings.Join(words, " "), strings.ToUpper)
}
