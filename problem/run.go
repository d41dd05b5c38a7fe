package problem

import (
	"fmt"
	"strings"
)

// RunRequest is one program to execute, without any check.
type RunRequest struct {
	Language string   `json:"language,omitempty" doc:"default python"`
	Source   string   `json:"source" doc:"the program"`
	Cells    []string `json:"cells,omitempty" doc:"instead of source: pieces of one program, run one after the other in one interpreter as a notebook runs its cells"`
	Stdin    string   `json:"stdin,omitempty"`
	// What a program does up to there depends on nothing else, so that the run with more input begins in the same way.
	MoreStdin   bool              `json:"more_stdin,omitempty" doc:"input may follow: a program that reads on where stdin has no further line ends with reason input"`
	Args        []string          `json:"args,omitempty" doc:"arguments after the program's name"`
	Files       map[string][]byte `json:"files,omitempty" doc:"files before the run: path, relative to the working folder or absolute, to base64 content"`
	Fetch       []string          `json:"fetch,omitempty" doc:"files to return afterwards"`
	Limits      Limits            `json:"limits,omitzero"`
	CellSeconds float64           `json:"cell_seconds,omitempty" doc:"seconds of work and of virtual time that each cell may take; default: those of the whole run"`
	CellsGoOn   bool              `json:"cells_go_on,omitempty" doc:"an exception ends its cell only: those after it are run"`
	Variant
	Fresh bool `json:"fresh,omitempty" doc:"run again, whatever the cache holds"`
}

// Run is what one execution did, as the outside sees it. It is a pure function of the request.
type Run struct {
	Reason         string            `json:"reason" doc:"how it ended: finished, exited, fuel, sleep, memory, output, files, input or trap"`
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
	Output         Output            `json:"-"`
	Cells          []Cell            `json:"cells,omitempty" doc:"what those did that were begun, in order; the run's own stdout and stderr hold what all of them wrote"`
	Error          string            `json:"error,omitempty" doc:"set where the service failed: nothing is known of the program"`
}

// Cell is what one cell did.
type Cell struct {
	Stdout  string              `json:"stdout"`
	Stderr  string              `json:"stderr"`
	Result  map[string]string   `json:"result,omitempty" doc:"the value of the last expression, where it is not None: media type to text; text/plain is its repr"`
	Display []map[string]string `json:"display,omitempty" doc:"what was given to display(), in the same form"`
	Error   *CellError          `json:"error,omitempty" doc:"the exception that ended it; no cell after it is begun, unless cells_go_on says so"`
}

// CellError is an exception that was not caught.
type CellError struct {
	Name      string `json:"name" doc:"of its class"`
	Value     string `json:"value" doc:"its str()"`
	Traceback string `json:"traceback"`
}

// Output is what a run wrote, byte for byte.
type Output struct {
	Stdout, Stderr []byte
	// Order is the lengths of the pieces in which they were written, of stdout and stderr in turn, beginning with stdout.
	Order []uint32
}

// Both is stdout and stderr in the order in which they were written.
func (o *Output) Both() []byte {
	both := make([]byte, 0, len(o.Stdout)+len(o.Stderr))
	rest := [2][]byte{o.Stdout, o.Stderr}
	for i, n := range o.Order {
		from := &rest[i%2]
		n := min(int(n), len(*from))
		both = append(both, (*from)[:n]...)
		*from = (*from)[n:]
	}
	return append(append(both, rest[0]...), rest[1]...)
}

// Bounds on what a run request may hold.
const (
	MaxCells     = 1000
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
	if err := r.validateCells(at); err != nil {
		return err
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
		above(name, folders)
	}
	for _, name := range r.Fetch {
		if strings.HasPrefix(name, "/") {
			above(name, folders)
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

func (r *RunRequest) validateCells(at string) error {
	switch total := 0; {
	case len(r.Cells) == 0 && (r.CellSeconds != 0 || r.CellsGoOn):
		return Invalidf(at+"cells", "is missing: cell_seconds and cells_go_on are about cells")
	case len(r.Cells) > 0 && r.Source != "":
		return Invalidf(at+"cells", "cannot stand beside source")
	case len(r.Cells) > MaxCells:
		return Invalidf(at+"cells", "has %d entries, the limit is %d", len(r.Cells), MaxCells)
	case !(r.CellSeconds >= 0 && r.CellSeconds <= MaxLimits.Seconds):
		return Invalidf(at+"cell_seconds", "must be between 0 (the default, those of the run) and %g", MaxLimits.Seconds)
	default:
		for _, c := range r.Cells {
			if total += len(c); total > MaxSource {
				return Invalidf(at+"cells", "has more than %d bytes in all", MaxSource)
			}
		}
	}
	return nil
}

// above adds the folders that a file needs.
func above(name string, folders map[string]bool) {
	for i, c := range name {
		if c == '/' && i > 0 {
			folders[name[:i]] = true
		}
	}
}

// Folders of the root that paths may not begin with: programs run in the first, the others are the image's.
const workingFolder, imageFolder, deviceFolder = "sandbox", "usr", "dev"

// validPath wants a clean slash-separated path: relative, which stays inside the working folder, or absolute and elsewhere.
func validPath(at, name string) error {
	switch {
	case name == "", len(name) > MaxPathBytes:
		return Invalidf(at, "a path has %d bytes; 1 to %d are allowed", len(name), MaxPathBytes)
	case strings.ContainsRune(name, 0):
		return Invalidf(at, "path %q contains a NUL byte", name)
	}
	name, absolute := strings.CutPrefix(name, "/")
	switch top, _, deeper := strings.Cut(name, "/"); {
	case absolute && (top == workingFolder || top == imageFolder || top == deviceFolder):
		return Invalidf(at, "path %q leads to /%s; paths in the working folder are relative, and those of the image cannot be changed", "/"+name, top)
	case absolute && top == "tmp" && !deeper:
		return Invalidf(at, "path %q is a folder", "/"+name)
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
