package judge0

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// The types that the description shows; what is sent is read more loosely: see scalar.

type submissionBody struct {
	SourceCode           string  `json:"source_code" doc:"the program"`
	LanguageID           int     `json:"language_id" doc:"of Python 3: see /languages"`
	CompilerOptions      *string `json:"compiler_options,omitempty" doc:"for compiled languages, of which there is none"`
	CommandLineArguments *string `json:"command_line_arguments,omitempty" doc:"words, as a shell splits them" maxLength:"512"`
	Stdin                *string `json:"stdin,omitempty"`
	ExpectedOutput       *string `json:"expected_output,omitempty" doc:"compared with stdout, but for white space at the end of lines; without it every program that ends well is accepted"`
	NumberOfRuns         int     `json:"number_of_runs,omitempty" doc:"one run stands for all, which would be equal" minimum:"1" maximum:"20"`
	CPUTimeLimit         float64 `json:"cpu_time_limit,omitempty" doc:"seconds of work; default 5" minimum:"0" maximum:"15"`
	CPUExtraTime         float64 `json:"cpu_extra_time,omitempty" doc:"seconds more before the program is stopped; default 1" minimum:"0" maximum:"5"`
	WallTimeLimit        float64 `json:"wall_time_limit,omitempty" doc:"seconds of the program's clock; default 10" minimum:"1" maximum:"20"`
	MemoryLimit          float64 `json:"memory_limit,omitempty" doc:"kilobytes, beside what the interpreter takes; default 128000" minimum:"2048" maximum:"512000"`
	StackLimit           int     `json:"stack_limit,omitempty" doc:"of no effect" minimum:"0" maximum:"128000"`
	Processes            int     `json:"max_processes_and_or_threads,omitempty" doc:"of no effect" minimum:"1" maximum:"120"`
	PerProcessTime       *bool   `json:"enable_per_process_and_thread_time_limit,omitempty" doc:"of no effect"`
	PerProcessMemory     *bool   `json:"enable_per_process_and_thread_memory_limit,omitempty" doc:"of no effect"`
	MaxFileSize          int     `json:"max_file_size,omitempty" doc:"kilobytes on each of stdout and stderr; default 1024" minimum:"0" maximum:"4096"`
	RedirectStderr       *bool   `json:"redirect_stderr_to_stdout,omitempty"`
	CallbackURL          *string `json:"callback_url,omitempty" doc:"gets the end of the run by PUT; only where the server lists its host"`
	AdditionalFiles      *string `json:"additional_files,omitempty" doc:"a zip archive in base64, unpacked into the working folder"`
	EnableNetwork        *bool   `json:"enable_network,omitempty" doc:"there is none"`
}

type submissionBatch struct {
	Submissions []submissionBody `json:"submissions" minItems:"1" maxItems:"20" nullable:"false"`
}

type tokenAnswer struct {
	Token string `json:"token"`
}

type conversionAnswer struct {
	Error string `json:"error"`
	Token string `json:"token"`
}

// submissionAnswer is what is told by default; with fields, those.
type submissionAnswer struct {
	Token         string        `json:"token,omitempty"`
	Time          *string       `json:"time,omitempty" doc:"seconds of the program's clock"`
	Memory        *int64        `json:"memory,omitempty" doc:"kilobytes"`
	Stdout        *string       `json:"stdout,omitempty"`
	Stderr        *string       `json:"stderr,omitempty"`
	CompileOutput *string       `json:"compile_output,omitempty"`
	Message       *string       `json:"message,omitempty"`
	Status        *statusObject `json:"status,omitempty"`
}

type submissionBatchAnswer struct {
	Submissions []any `json:"submissions" doc:"in the order of the tokens; null where there is no such submission"`
}

type statusObject struct {
	ID          int    `json:"id"`
	Description string `json:"description"`
}

type languageName struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// refusal is every error there is, for the description: of a request, of the attributes of a submission, and of a batch.
type refusal struct{}

// Schema is huma's.
func (refusal) Schema(r huma.Registry) *huma.Schema {
	attributes := &huma.Schema{
		Type: huma.TypeObject, Description: "what is wrong with each attribute",
		AdditionalProperties: &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}},
	}
	return &huma.Schema{OneOf: []*huma.Schema{
		r.Schema(reflect.TypeFor[judgeError](), true, ""), attributes, {Type: huma.TypeArray, Description: "of each submission of a batch", Items: attributes},
	}}
}
