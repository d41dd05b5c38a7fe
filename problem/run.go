package problem

import (
	"fmt"
	"strings"
)

// RunRequest is one program to execute, without any check.
type RunRequest struct {
	Language string            `json:"language,omitempty" doc:"default python"`
	Source   string            `json:"source" doc:"the program"`
	Stdin    string            `json:"stdin,omitempty"`
	Args     []string          `json:"args,omitempty" doc:"arguments after the program's name"`
	Files    map[string][]byte `json:"files,omitempty" doc:"files in the working folder before the run: relative path to base64 content"`
	Fetch    []string          `json:"fetch,omitempty" doc:"files to return afterwards"`
	Limits   Limits            `json:"limits,omitzero"`
	Variant
	Fresh bool `json:"fresh,omitempty" doc:"run again, whatever the cache holds"`
}

// Run is what one execution did, as the outside sees it. It is a pure function of the request.
type Run struct {
	Reason         string            `json:"reason" doc:"how it ended: finished, exited, fuel, sleep, memory, output, files or trap"`
	ExitCode       int               `json:"exit_code" doc:"as a process would have left; -1 where it was stopped"`
	Stdout         string            `json:"stdout" doc:"bytes that are not UTF-8 appear as U+FFFD"`
	Stderr         string            `json:"stderr"`
	Files          map[string][]byte `json:"files" doc:"the fetched files that exist: path to base64 content"`
	Fuel           int64             `json:"fuel"`
	VirtualSeconds float64           `json:"virtual_seconds"`
	MemoryBytes    int64             `json:"memory_bytes" doc:"greatest linear memory"`
	WallMS         float64           `json:"wall_ms" doc:"milliseconds of real time; of this answer, not of the run when cached"`
	Cached         bool              `json:"cached"`
	Key            string            `json:"key,omitempty" doc:"names the run in the cache, in hexadecimal"`
	Error          string            `json:"error,omitempty" doc:"set where the service failed: nothing is known of the program"`
}

// Bounds on what a run request may hold.
const (
	MaxArgs      = 1000
	MaxArgBytes  = 1 << 20
	MaxPathBytes = 1024
	maxElement   = 255
)

// Validate reports the first fault of r, as an *[Invalid] whose field begins with at.
func (r *RunRequest) Validate(at string) error {
	if len(r.Source) > MaxSource {
		return Invalidf(at+"source", "has %d bytes, the limit is %d", len(r.Source), MaxSource)
	}
	if len(r.Stdin) > MaxSource {
		return Invalidf(at+"stdin", "has %d bytes, the limit is %d", len(r.Stdin), MaxSource)
	}
	if len(r.Args) > MaxArgs {
		return Invalidf(at+"args", "has %d entries, the limit is %d", len(r.Args), MaxArgs)
	}
	total := 0
	for i, a := range r.Args {
		if strings.ContainsRune(a, 0) {
			return Invalidf(fmt.Sprintf("%sargs[%d]", at, i), "contains a NUL byte")
		}
		if total += len(a); total > MaxArgBytes {
			return Invalidf(at+"args", "has more than %d bytes in all", MaxArgBytes)
		}
	}
	if err := r.Limits.Validate(at + "limits."); err != nil {
		return err
	}
	if err := r.Variant.Validate(at); err != nil {
		return err
	}
	l := r.Limits.WithDefaults()
	if len(r.Files) > l.Files {
		return Invalidf(at+"files", "has %d entries, the limit is %d", len(r.Files), l.Files)
	}
	bytes, folders := 0, map[string]bool{}
	for name, data := range r.Files {
		if err := validPath(at+"files", name); err != nil {
			return err
		}
		if bytes += len(data); bytes > l.FileKB<<10 {
			return Invalidf(at+"files", "has more than %d kilobytes of content", l.FileKB)
		}
		for i, c := range name {
			if c == '/' {
				folders[name[:i]] = true
			}
		}
	}
	for name := range folders {
		if _, ok := r.Files[name]; ok {
			return Invalidf(at+"files", "path %q is a file and a folder at once", name)
		}
	}
	if len(r.Files)+len(folders) > l.Files {
		return Invalidf(at+"files", "has %d entries and folders, the limit is %d", len(r.Files)+len(folders), l.Files)
	}
	if len(r.Fetch) > l.Files {
		return Invalidf(at+"fetch", "has %d entries, the limit is %d", len(r.Fetch), l.Files)
	}
	for _, name := range r.Fetch {
		if err := validPath(at+"fetch", name); err != nil {
			return err
		}
	}
	return nil
}

// validPath wants a relative slash-separated path that stays inside the working folder.
func validPath(at, name string) error {
	switch {
	case name == "", len(name) > MaxPathBytes:
		return Invalidf(at, "a path has %d bytes; 1 to %d are allowed", len(name), MaxPathBytes)
	case strings.ContainsRune(name, 0):
		return Invalidf(at, "path %q contains a NUL byte", name)
	case strings.HasPrefix(name, "/"):
		return Invalidf(at, "path %q is absolute; paths are relative to the working folder", name)
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." || part == ".." {
			return Invalidf(at, "path %q is not clean (empty, . or .. element)", name)
		}
		if len(part) > maxElement {
			return Invalidf(at, "path %q has an element of %d bytes, the limit is %d", name, len(part), maxElement)
		}
	}
	return nil
}
