package server

import (
	"context"
	"errors"
	"math"
	"path"
	"strings"
	"unicode/utf8"

	"borel/problem"

	experiment "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"
)

// What the APIs of other projects need, each in its own words.

// Decode reads one JSON object into v, strictly: unknown fields, wrong types and lists beyond their limits are errors
// that name the field, as in the bodies of the server's own routes.
func Decode(body []byte, v any) error { return decode(body, v) }

// DecodeLoose is Decode for bodies in which unknown fields are passed over, and the last one of a name counts, as in most
// servers.
func DecodeLoose(body []byte, v any) error { return decodeWith(loose, body, v) }

var loose = experiment.JoinOptions(strict, experiment.RejectUnknownMembers(false), jsontext.AllowDuplicateNames(true))

// Answer writes v as JSON, as the server's own answers are written.
func Answer(c echo.Context, status int, v any) error { return answerWith(c, status, v) }

// ForeignOutputKB is the limit of each stream for callers whose API has none.
const ForeignOutputKB = 32 << 10

// ForeignAnswer is how many bytes what a program wrote may take in an answer of another API, as JSON, where a control
// character is six: 32 MiB of NUL bytes would be 192, three times over in Piston's.
const ForeignAnswer = 48 << 20

// ForeignSize is how many bytes text takes as JSON, about.
func ForeignSize[T string | []byte](texts ...T) (n int) {
	for _, t := range texts {
		n += len(t)
		for i := range len(t) {
			n += escaped(t[i])
		}
	}
	return n
}

// escaped is how many bytes c takes in JSON beyond one. What is not UTF-8 becomes U+FFFD.
func escaped(c byte) int {
	switch {
	case c == '\n', c == '\r', c == '\t', c == '\b', c == '\f', c == '"', c == '\\':
		return 1
	case c < ' ':
		return 5
	}
	return 0
}

// foreign is the Verifier of the other APIs. A run that wrote more than an answer may hold has met the limit of output, as if
// that were its own: what it is told of depends on the program alone.
type foreign struct{ Verifier }

func (v foreign) Run(ctx context.Context, r problem.RunRequest) (problem.Run, error) {
	run, err := v.Verifier.Run(ctx, r)
	if o := &run.Output; err == nil && len(run.Cells) == 0 && 6*(len(o.Stdout)+len(o.Stderr)) > ForeignAnswer && ForeignSize(o.Stdout, o.Stderr) > ForeignAnswer {
		o.Stdout, o.Stderr = beginning(o.Stdout, ForeignAnswer/2), beginning(o.Stderr, ForeignAnswer/2)
		run.Stdout, run.Stderr = strings.ToValidUTF8(string(o.Stdout), "\uFFFD"), strings.ToValidUTF8(string(o.Stderr), "\uFFFD")
		run.Reason, run.ExitCode = "output", -1
	}
	return run, err
}

// beginning is as much of text as is limit bytes of JSON, in whole characters.
func beginning(text []byte, limit int) []byte {
	for i, c := range text {
		if limit -= 1 + escaped(c); limit < 0 {
			for n := 0; n < utf8.UTFMax && i > 0 && !utf8.RuneStart(text[i]); n++ {
				i--
			}
			return text[:i]
		}
	}
	return text
}

// ForeignLimits are the limits of a run that are closest to those of another API and never below them: seconds of work
// above the greatest we have become the greatest, megabytes below what an interpreter takes the least. Zero and less means
// that the caller sets none: then it is the greatest too.
func ForeignLimits(seconds, megabytes float64) problem.Limits {
	l := problem.Limits{Seconds: problem.MaxLimits.Seconds, MemoryMB: problem.MaxLimits.MemoryMB, OutputKB: ForeignOutputKB, Files: problem.MaxLimits.Files, FileKB: problem.MaxLimits.FileKB}
	if seconds > 0 {
		l.Seconds = min(seconds, l.Seconds)
	}
	if megabytes > 0 {
		l.MemoryMB = int(math.Ceil(min(max(megabytes, problem.MinMemoryMB), float64(l.MemoryMB))))
	}
	return l
}

// WorkingFolder is where programs run, the same in each.
const WorkingFolder = "/sandbox"

var errPath = errors.New("leads out of the working folder, or into one of the image's")

// ForeignPath is name as a run request has it: relative for what lies in the working folder, otherwise absolute. Whether it
// may be there is for the request's own check. The error is a relative path that leaves the working folder, or no path.
func ForeignPath(name string) (string, error) {
	if strings.HasPrefix(name, "/") {
		clean := path.Clean(name)
		if rest, ok := strings.CutPrefix(clean, WorkingFolder+"/"); ok {
			return rest, nil
		}
		if clean == "/" || clean == WorkingFolder || clean == "/usr" || strings.HasPrefix(clean, "/usr/") {
			return "", errPath
		}
		return clean, nil
	}
	clean := path.Clean(name)
	if name == "" || clean == "." || clean == ".." || strings.HasPrefix(clean, "../") {
		return "", errPath
	}
	return clean, nil
}
