package sandboxfusion

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"borel/problem"
	"borel/server"
	"borel/server/pydantic"

	"github.com/labstack/echo/v4"
)

// RunJupyterRequest is the cells of a notebook.
type RunJupyterRequest struct {
	Cells         []string          `json:"cells" doc:"run one after the other in one interpreter; an exception ends its cell only"`
	CellTimeout   float64           `json:"cell_timeout,omitempty" doc:"seconds of work and of virtual time that each cell may take; default 0: as long as all of them"`
	TotalTimeout  float64           `json:"total_timeout,omitempty" doc:"seconds that all cells may take; default 45, at most 600"`
	MemoryLimitMB int               `json:"memory_limit_MB,omitempty" doc:"default -1: 2048, the greatest; less than 64 is 64"`
	Kernel        string            `json:"kernel,omitempty" enum:"python3"`
	Files         map[string]string `json:"files,omitempty" doc:"path to base64 content"`
	FetchFiles    []string          `json:"fetch_files,omitempty" doc:"paths of files to return afterwards"`
}

// RunJupyterResponse is what became of them.
type RunJupyterResponse struct {
	Status          string            `json:"status" enum:"Success,Failed,SandboxError" doc:"Success: the cells came to their end, whatever they did; Failed: they were stopped"`
	Message         string            `json:"message" doc:"of a SandboxError"`
	Driver          *CommandRunResult `json:"driver" doc:"what ran the cells"`
	Cells           []CellRunResult   `json:"cells" doc:"those that were begun"`
	ExecutorPodName *string           `json:"executor_pod_name" doc:"null"`
	Files           map[string][]byte `json:"files" doc:"those that were asked for and exist: name to base64 content"`
}

// CellRunResult is what one cell did.
type CellRunResult struct {
	Stdout  string              `json:"stdout"`
	Stderr  string              `json:"stderr"`
	Display []map[string]string `json:"display" doc:"what it showed, and the value of its last expression: media type to text"`
	Error   []JupyterError      `json:"error" doc:"the exception that ended it, if one did"`
}

// JupyterError is an exception, as Jupyter tells it.
type JupyterError struct {
	Traceback []string `json:"traceback"`
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
}

func (f *fusion) runJupyter(c echo.Context, m *pydantic.Model) (any, error) {
	p, err := readCells(m)
	if err != nil {
		if why, ok := errors.AsType[refused](err); ok {
			return notebookError(string(why)), nil
		}
		return nil, err
	}
	ctx, cancel := p.deadline(c)
	defer cancel()
	return f.notebook(ctx, p)
}

func readCells(m *pydantic.Model) (*program, error) {
	cells := m.Needed("cells").Texts(problem.MaxCells)
	total := 0
	for _, cell := range cells {
		total += len(cell)
	}
	if total > problem.MaxSource {
		m.Given("cells").Wrong("string_too_long", fmt.Sprintf("Cells should have at most %d characters", problem.MaxSource), map[string]any{"max_length": problem.MaxSource})
	}
	each, all := m.Given("cell_timeout").Float(0), m.Given("total_timeout").Float(45)
	memory := m.Given("memory_limit_MB").Int(-1)
	m.Given("kernel").Literal([]string{"python3"})
	files := contents(m.Given("files"), false)
	fetch := m.Given("fetch_files").Texts(problem.MaxLimits.Files)
	if err := m.Err(); err != nil {
		return nil, err
	}
	p := &program{
		run:     problem.RunRequest{Language: "python", Cells: cells, CellsGoOn: true, Limits: server.ForeignLimits(all, memory)},
		timeout: all, wait: waiting(all),
	}
	if each > 0 {
		p.run.CellSeconds = min(each, problem.MaxLimits.Seconds)
	}
	p.fetch(fetch)
	return p, p.put(files)
}

func notebookError(message string) *RunJupyterResponse {
	return &RunJupyterResponse{Status: sandboxError, Message: message, Cells: []CellRunResult{}, Files: map[string][]byte{}}
}

// notebook runs the cells of p. The error is a fault of the service.
func (f *fusion) notebook(ctx context.Context, p *program) (*RunJupyterResponse, error) {
	if len(p.run.Cells) == 0 {
		p.run.Cells, p.run.CellsGoOn, p.run.CellSeconds = nil, false, 0
	}
	if p.timeout <= 0 {
		return &RunJupyterResponse{Status: failed, Driver: stopped("", "").RunResult, Cells: []CellRunResult{}, Files: map[string][]byte{}}, nil
	}
	run, err := f.cfg.Verifier.Run(ctx, p.run)
	if wrong, ok := errors.AsType[*problem.Invalid](err); ok {
		return notebookError(wrong.Error()), nil
	}
	if err != nil {
		return nil, cause(ctx, err)
	}
	if n := held(run.Files); n > maxFetched {
		return notebookError(tooMuch(n)), nil
	}
	did := fitting(run.Cells)
	if len(did) < len(run.Cells) {
		run.Reason, run.ExitCode = "output", -1
	}
	run.Stdout, run.Stderr = "", "" // they are the cells'
	told := p.tell(&run)
	r := &RunJupyterResponse{Status: failed, Driver: told.RunResult, Cells: []CellRunResult{}, Files: told.Files}
	if run.Reason == "finished" {
		r.Status = success
		zero := 0
		r.Driver.ReturnCode = &zero
	}
	for _, c := range did {
		r.Cells = append(r.Cells, cellOf(c))
	}
	return r, nil
}

// fitting is those of the cells, from the first, that an answer can hold.
func fitting(cells []problem.Cell) []problem.Cell {
	size := 0
	for i, c := range cells {
		if size += server.ForeignSize(c.Stdout, c.Stderr); c.Error != nil {
			size += 2 * server.ForeignSize(c.Error.Value, c.Error.Traceback)
		}
		for _, forms := range slices.Concat(c.Display, []map[string]string{c.Result}) {
			for kind, form := range forms {
				size += server.ForeignSize(kind, form)
			}
		}
		if size > server.ForeignAnswer {
			return cells[:i]
		}
	}
	return cells
}

func cellOf(c problem.Cell) CellRunResult {
	r := CellRunResult{Stdout: c.Stdout, Stderr: c.Stderr, Display: append([]map[string]string{}, c.Display...), Error: []JupyterError{}}
	if c.Result != nil {
		r.Display = append(r.Display, c.Result)
	}
	if e := c.Error; e != nil {
		r.Error = append(r.Error, JupyterError{strings.Split(strings.TrimSuffix(e.Traceback, "\n"), "\n"), e.Name, e.Value})
	}
	return r
}
