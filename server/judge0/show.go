package judge0

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// errText says that an attribute is not UTF-8 and was not asked for in base64.
var errText = errors.New("not UTF-8")

// defaultFields are what is told of a submission where no fields are asked for.
var defaultFields = []string{"token", "time", "memory", "stdout", "stderr", "compile_output", "message", "status"}

// allFields are what * stands for.
var allFields = []string{
	"source_code", "language_id", "stdin", "expected_output", "stdout", "status_id", "created_at", "finished_at", "time", "memory", "stderr", "token",
	"number_of_runs", "cpu_time_limit", "cpu_extra_time", "wall_time_limit", "memory_limit", "stack_limit", "max_processes_and_or_threads",
	"enable_per_process_and_thread_time_limit", "enable_per_process_and_thread_memory_limit", "max_file_size", "compile_output", "exit_code", "exit_signal",
	"message", "wall_time", "compiler_options", "command_line_arguments", "redirect_stderr_to_stdout", "callback_url", "additional_files", "enable_network",
	"status", "language",
}

// laterFields are told to who names them: they came after the version that this is, and the SDK of that version fails at
// fields that it does not know.
var laterFields = []string{"started_at", "queued_at", "updated_at", "queue_host", "execution_host"}

// sentFields are those for which the submission itself is read.
var sentFields = []string{
	"source_code", "stdin", "expected_output", "number_of_runs", "cpu_time_limit", "cpu_extra_time", "wall_time_limit", "memory_limit", "stack_limit",
	"max_processes_and_or_threads", "enable_per_process_and_thread_time_limit", "enable_per_process_and_thread_memory_limit", "max_file_size",
	"compiler_options", "command_line_arguments", "redirect_stderr_to_stdout", "callback_url", "additional_files",
}

// fieldsOf reads the parameter fields.
func fieldsOf(parameter string) (fields []string, err error) {
	var unknown []string
	for f := range strings.SplitSeq(parameter, ",") {
		switch {
		case f == "*":
			return allFields, nil
		case f == "":
		case slices.Contains(allFields, f), slices.Contains(laterFields, f):
			fields = append(fields, f)
		default:
			unknown = append(unknown, f)
		}
	}
	if unknown != nil {
		return nil, refused(400, "invalid fields: ["+strings.Join(unknown, ", ")+"]")
	}
	if fields == nil {
		fields = defaultFields
	}
	return fields, nil
}

// view is how a submission is shown.
type view struct {
	base64 bool
	fields []string
}

// long reports whether a submission that is shown so can take as much room as it holds.
func (v view) long() bool {
	return slices.ContainsFunc(v.fields, func(f string) bool {
		return f == "source_code" || f == "stdin" || f == "expected_output" || f == "additional_files" || f == "stdout" || f == "stderr"
	})
}

// tell reads what is asked for of a submission. The error may be errText.
func (d *door) tell(e *entry, st *state, v view) (map[string]any, error) {
	var s submission
	var out output
	if slices.ContainsFunc(v.fields, func(f string) bool { return slices.Contains(sentFields, f) }) {
		if err := d.book.read(e, kindSubmission, &s); err != nil {
			return nil, err
		}
	}
	if st.ended() && (slices.Contains(v.fields, "stdout") || slices.Contains(v.fields, "stderr")) {
		if err := d.book.read(e, kindOutput, &out); err != nil && !errors.Is(err, errAbsent) { // it has none where its end is not kept
			return nil, err
		}
	}
	shown := map[string]any{}
	for _, f := range v.fields {
		value, err := d.field(f, v.base64, &s, st, &out)
		if err != nil {
			return nil, err
		}
		shown[f] = value
	}
	return shown, nil
}

func (d *door) field(name string, base64 bool, s *submission, st *state, out *output) (any, error) {
	text := func(b []byte) (any, error) {
		switch {
		case b == nil:
			return nil, nil
		case base64:
			return encode64(b), nil
		case !utf8.Valid(b):
			return nil, errText
		}
		return string(b), nil
	}
	for _, n := range numbers {
		if n.name == name {
			if n.fractional {
				return decimal(*n.to(s)), nil
			}
			return int64(*n.to(s)), nil
		}
	}
	switch name {
	case "source_code":
		return text(s.Source)
	case "stdin":
		return text(s.Stdin)
	case "expected_output":
		return text(s.Expected)
	case "stdout":
		return text(out.Stdout)
	case "stderr":
		return text(out.Stderr)
	case "message":
		if st.Message == nil {
			return nil, nil
		}
		return text([]byte(*st.Message))
	case "additional_files":
		if s.Archive == nil {
			return nil, nil
		}
		return encode64(s.Archive), nil
	case "token":
		return st.Token, nil
	case "status_id":
		return st.Status, nil
	case "status":
		return statusObject{st.Status, statuses[st.Status-1]}, nil
	case "language_id":
		return st.LanguageID, nil
	case "language":
		return languageName{st.LanguageID, d.languageName()}, nil
	case "created_at", "queued_at":
		return moment(&st.Created), nil
	case "updated_at":
		return moment(&st.Updated), nil
	case "started_at":
		return moment(st.Started), nil
	case "finished_at":
		return moment(st.Finished), nil
	case "time", "wall_time":
		if st.Seconds == nil {
			return nil, nil
		}
		return decimal(math.Round(*st.Seconds*1000) / 1000), nil
	case "memory":
		return st.Memory, nil
	case "exit_code":
		return st.ExitCode, nil
	case "exit_signal":
		return st.ExitSignal, nil
	case "compiler_options":
		return s.CompilerOptions, nil
	case "command_line_arguments":
		return s.CommandLineArguments, nil
	case "callback_url":
		return s.CallbackURL, nil
	case "redirect_stderr_to_stdout":
		return s.RedirectStderr, nil
	case "enable_per_process_and_thread_time_limit":
		return s.PerProcessTime, nil
	case "enable_per_process_and_thread_memory_limit":
		return s.PerProcessMemory, nil
	case "enable_network":
		return false, nil
	}
	return nil, nil // compile_output and the hosts: there are none
}

// decimal writes a number as Judge0 does: a string with a point in it.
func decimal(v float64) string {
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// moment writes a time with milliseconds, null for none.
func moment(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
