package execute

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"borel/problem"
	"borel/server"
	"borel/server/pydantic"

	"github.com/labstack/echo/v4"
)

// e2bBody is a request of E2B's code interpreter.
type e2bBody struct {
	Code      string            `json:"code" doc:"a cell"`
	ContextID string            `json:"context_id,omitempty" doc:"of POST /contexts; without it the cell has an interpreter of its own"`
	Language  string            `json:"language,omitempty" enum:"python" doc:"not beside context_id"`
	EnvVars   map[string]string `json:"env_vars,omitempty" doc:"environment variables of this cell"`
}

type e2bContextBody struct {
	Language string `json:"language,omitempty" enum:"python"`
	Cwd      string `json:"cwd,omitempty" enum:"/home/user,/sandbox" doc:"the working folder; there is one, which goes by the names /home/user and /sandbox"`
}

// interpreter answers E2B's clients.
type interpreter struct {
	v         server.Verifier
	monkeys   *monkeys // who answers llmonk's requests on the same path; nil: nobody
	contexts  contexts
	keepalive time.Duration // after which a line is written while nothing is to be told
}

// E2B is the API of E2B's code interpreter. With shared, it hands llmonk's requests to /execute on, whose API was told the
// same.
func E2B(v server.Verifier, shared bool) server.API {
	i := &interpreter{v: v, contexts: contexts{all: map[string]*session{}}, keepalive: 5 * time.Second}
	if shared {
		i.monkeys = &monkeys{v}
	}
	return i.api()
}

func (i *interpreter) api() server.API {
	run := server.Route{
		Method: "POST", Path: "/execute", Runs: true, Hold: hold, Handle: pydantic.Handler(i.execute),
		Summary: "Run a cell of a notebook", Request: e2bBody{}, Lines: e2bLine{},
		Text: "The answer is lines of JSON: what the cell printed and showed, the exception that ended it, and a last one of type end_of_execution.",
	}
	if i.monkeys != nil {
		run.Summary, run.Request, run.Answer = "Run a cell of a notebook, or judge a program", executeBody{}, llmonkAnswer{}
		run.Text += " With input_expected_output_pairs, it is that of llmonk: a program is judged by pairs of input and output."
	}
	return server.API{
		Name: "E2B", Fail: fail, Error: pydantic.Error{}, Plain: []int{400, 404, 500},
		Routes: []server.Route{
			run,
			{Method: "POST", Path: "/contexts", Handle: pydantic.Handler(i.create), Summary: "Make a context", Request: e2bContextBody{}, Answer: e2bContext{}},
			{Method: "GET", Path: "/contexts", Handle: i.list, Summary: "The caller's contexts", Answer: []e2bContext{}},
			{Method: "POST", Path: "/contexts/:context/restart", Handle: i.restart, Summary: "Forget what a context's cells did", Answer: e2bNull{}},
			{Method: "DELETE", Path: "/contexts/:context", Handle: i.remove, Summary: "Remove a context", Answer: e2bNull{}},
		},
	}
}

func (i *interpreter) execute(c echo.Context, f *pydantic.Model) error {
	if i.monkeys != nil && f.Given("input_expected_output_pairs").There() {
		return i.monkeys.execute(c, f)
	}
	code, id, language := f.Needed("code").Text(), f.Optional("context_id").Text(), f.Optional("language").Text()
	env := variables(f.Optional("env_vars"))
	if err := f.Err(); err != nil {
		return err
	}
	switch why := foreign(language); {
	case id != "" && language != "":
		return c.String(http.StatusBadRequest, "Only one of context_id or language can be provided")
	case why != "":
		return c.String(http.StatusInternalServerError, why)
	}
	ctx := c.Request().Context()
	if id == "" || id == "default" {
		_, err := i.run(ctx, newStream(c), []string{withEnv(code, env, nil)})
		return err
	}
	x := i.contexts.find(ownerOf(c.Request().Header), id)
	if x == nil {
		return c.String(http.StatusNotFound, fmt.Sprintf("Context %s not found", id))
	}
	t, err := i.contexts.begin(ctx, func(wait func() error) error { return server.Aside(c, wait) }, x, code, env)
	if err != nil {
		return err
	}
	remember := false
	defer func() { i.contexts.end(t, remember) }()
	remember, err = i.run(ctx, newStream(c), t.cells)
	return err
}

// run runs the cells and tells what the last one did. The answer is whether that came to its end; the error is one that is
// not told yet.
func (i *interpreter) run(ctx context.Context, out *stream, cells []string) (ended bool, err error) {
	var run problem.Run
	limits := server.ForeignLimits(0, 0)
	limits.OutputKB = problem.MaxLimits.OutputKB // of all cells together
	done := make(chan struct{})
	go func() {
		defer close(done)
		run, err = i.v.Run(ctx, problem.RunRequest{Cells: cells, CellsGoOn: true, Limits: limits})
	}()
	tick := time.NewTicker(i.keepalive)
	defer tick.Stop()
	for waiting := true; waiting; {
		select {
		case <-done:
			waiting = false
		case <-tick.C:
			out.line(e2bPlain{"keepalive"})
		}
	}
	switch {
	case err != nil && !out.begun():
		return false, err
	case err != nil:
		out.line(e2bError{"error", e2bRaised{"UnexpectedEndOfExecution", "Connection to the execution was closed before the execution was finished", ""}})
		out.line(e2bPlain{"end_of_execution"})
		return false, nil
	}
	o := last(&run, len(cells))
	out.tell(len(cells), &o)
	return !o.stopped, nil
}

func (i *interpreter) create(c echo.Context, f *pydantic.Model) error {
	language, cwd := f.Optional("language").Text(), f.Optional("cwd").Text()
	if err := f.Err(); err != nil {
		return err
	}
	if why := foreign(language); why != "" {
		return c.String(http.StatusInternalServerError, why)
	}
	switch strings.TrimRight(cwd, "/") {
	case "":
		cwd = "/home/user"
	case "/home/user", server.WorkingFolder:
	default:
		return c.String(http.StatusInternalServerError, "Failed to set working directory")
	}
	return server.Answer(c, http.StatusOK, i.contexts.add(ownerOf(c.Request().Header), cwd))
}

func (i *interpreter) list(c echo.Context, _ []byte) error {
	return server.Answer(c, http.StatusOK, i.contexts.list(ownerOf(c.Request().Header)))
}

func (i *interpreter) restart(c echo.Context, _ []byte) error {
	return i.done(c, i.contexts.clear(ownerOf(c.Request().Header), c.Param("context")))
}

func (i *interpreter) remove(c echo.Context, _ []byte) error {
	return i.done(c, i.contexts.remove(ownerOf(c.Request().Header), c.Param("context")))
}

func (i *interpreter) done(c echo.Context, found bool) error {
	if !found {
		return c.String(http.StatusNotFound, fmt.Sprintf("Context %s not found", c.Param("context")))
	}
	return c.JSONBlob(http.StatusOK, []byte("null"))
}
