package server

import (
	"errors"
	"math"
	"path"
	"strings"

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
