package languages

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"borel/sandbox"
)

// Cells of a notebook: see python/cells.py.

// Cell is what one of Program.Cells did.
type Cell struct {
	Stdout, Stderr []byte
	Result         map[string]string // of the last expression, by media type; nil where there is nothing to show
	Display        []map[string]string
	Error          *CellError
}

// CellError is the exception that ended a cell.
type CellError struct{ Name, Value, Traceback string }

// Bounds on what a program can make us hold beside the bytes that its limits allow.
const (
	maxShown = 10_000 // values in a run
	maxForms = 32     // forms of each
)

// cells makes the cells of p steps of s.
func (l *Language) cells(s *sandbox.Spec, p *Program) {
	goOn := ""
	if p.GoOn {
		goOn = ", True"
	}
	for i, source := range p.Cells {
		s.Steps = append(s.Steps, sandbox.Step{
			Name:   fmt.Sprintf("<cell %d>", i+1),
			Source: fmt.Appendf(nil, `__import__("_borel_cells").run(%d, %s%s)`, i+1, strconv.Quote(strings.ToValidUTF8(source, "\uFFFD")), goOn),
		})
	}
	s.Marked, s.Channel = true, []byte{}
	if p.CellSeconds > 0 {
		s.Each = sandbox.StepLimits{
			Fuel: int64(math.Ceil(p.CellSeconds * float64(l.rate))), Virtual: time.Duration(math.Ceil(p.CellSeconds * float64(time.Second))),
		}
	}
}

// Cells is what those of n cells did that were begun. raised is true where the last of them ended by an exception that is no
// SystemExit; the step tells of an exit then.
func (l *Language) Cells(n int, r *sandbox.Result) (cells []Cell, raised bool) {
	shown := 0
	var from sandbox.Mark
	for i := range n {
		whole := i < len(r.Marks)
		to := sandbox.Mark{Stdout: int64(len(r.Stdout)), Stderr: int64(len(r.Stderr)), Channel: int64(len(r.Channel))}
		if whole {
			to = r.Marks[i]
		}
		c := Cell{Stdout: r.Stdout[from.Stdout:to.Stdout], Stderr: r.Stderr[from.Stderr:to.Stderr]}
		raised = c.read(r.Channel[from.Channel:to.Channel], &shown)
		cells = append(cells, c)
		if !whole { // it was stopped: what ended it is no exception
			cells[i].Error, raised = nil, false
			break
		}
		if v := r.Returned[i]; v != 0 {
			if last := &cells[i]; last.Error == nil && Kind(v>>8) != Exit { // it could not tell: there was no memory, or no channel any more
				name, value, _ := strings.Cut(lastLine(c.Stderr), ": ")
				last.Error, raised = &CellError{name, value, text(c.Stderr)}, true
			}
			break
		}
		from = to
	}
	return cells, raised
}

// read takes what the messages in b say. They are the program's to write: what makes no sense is left out.
func (c *Cell) read(b []byte, shown *int) (raised bool) {
	for {
		one, _ := Frames(b, 1)
		if len(one) == 0 {
			return raised
		}
		m := one[0]
		b = b[4+len(m):]
		if len(m) == 0 {
			continue
		}
		texts, ok := Frames(m[1:], 2*maxForms)
		if !ok {
			continue
		}
		switch kind := m[0]; {
		case (kind == 'e' || kind == 'x') && len(texts) == 3:
			c.Error = &CellError{text(texts[0]), text(texts[1]), text(texts[2])}
			raised = kind == 'e'
		case (kind == 'r' || kind == 'd') && len(texts) > 1 && *shown < maxShown:
			*shown++
			forms := map[string]string{}
			for i := 0; i+1 < len(texts); i += 2 {
				forms[text(texts[i])] = text(texts[i+1])
			}
			if kind == 'r' {
				c.Result = forms
			} else {
				c.Display = append(c.Display, forms)
			}
		}
	}
}

func text(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }
