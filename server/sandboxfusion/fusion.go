// Package sandboxfusion is the API of SandboxFusion in front of borel: a trainer or a harness that runs its programs there
// changes the address, and nothing else.
//
// [New] gives the API to put into [server.Config]:
//
//	srv, err := server.New(server.Config{Verifier: v, APIs: func(v server.Verifier) []server.API {
//		return []server.API{sandboxfusion.New(sandboxfusion.Config{Verifier: v})}
//	}})
//
// # What is the same
//
// The routes, their fields and defaults, what of a body is converted and what is refused, with which words (422, as
// pydantic has it: see [pydantic.Model]), the status of an answer (200 whatever the program did), and how an answer tells what
// became of a program.
//
// # What differs
//
// Time is the program's own: work and virtual time, not that of a machine that also does other things; execution_time is
// that too. Output comes back whole, up to [server.ForeignOutputKB] a stream; a program that writes more is stopped, and
// shows as a process that was killed, with a line on stderr that says why. A fault of the service is no answer about a
// program: it is status 504, the one after which verl's client tries again. So is a run that cannot end while its caller
// still waits. Python alone can be run; every other language of the original is refused as SandboxError.
//
// # What it refuses
//
// Files outside the working folder. A program that comes together with its tests cannot be kept from tampering with them:
// /v1/verify can.
package sandboxfusion

import (
	"net/http"
	"time"

	"borel/server"
	"borel/server/pydantic"

	"github.com/labstack/echo/v4"
)

// Config is what the API needs.
type Config struct {
	Verifier server.Verifier
	Datasets []Dataset // that callers ask for by name; default: none, callers bring their rows along
}

const (
	hold = 10 * time.Second // a caller may be held where every slot is taken
	// Callers wait for both time limits of a request and ten seconds more. They are answered while they still listen.
	patience = 7 * time.Second
)

type fusion struct{ cfg Config }

// New returns the API.
func New(cfg Config) server.API {
	f := &fusion{cfg}
	return server.API{
		Name: "SandboxFusion", Fail: fail, Error: pydantic.Error{},
		Routes: []server.Route{
			{
				Method: "POST", Path: "/run_code", Runs: true, Hold: hold, Handle: decoded(f.runCode),
				Summary: "Run a program, as SandboxFusion does", Request: RunCodeRequest{}, Answer: RunCodeResponse{},
				Text:    "Always status 200, whatever the program did; 422 where the request is wrong, 504 where the service could not run it.",
				Example: `{"language":"python","code":"print(input())","stdin":"hi\n"}`,
			},
			{
				Method: "POST", Path: "/run_jupyter", Runs: true, Hold: hold, Handle: decoded(f.runJupyter),
				Summary: "Run the cells of a notebook, as SandboxFusion does", Request: RunJupyterRequest{}, Answer: RunJupyterResponse{},
				Text:    "As /run_code, with cells that share an interpreter; the value of a cell's last expression is displayed.",
				Example: `{"cells":["a = 20","a + 1","1 / 0","print(a)"]}`,
			},
			{
				Method: "GET", Path: "/list_datasets", Handle: f.listDatasets,
				Summary: "The datasets of SandboxFusion's API", Answer: []string{},
			},
			{
				Method: "POST", Path: "/list_ids", Handle: decoded(f.listIDs),
				Summary: "The ids of a dataset's problems", Request: GetPromptsRequest{}, Answer: []any{},
			},
			{
				Method: "POST", Path: "/get_prompts", Handle: decoded(f.getPrompts),
				Summary: "The prompts of a dataset", Request: GetPromptsRequest{}, Answer: []Prompt{},
			},
			{
				Method: "POST", Path: "/get_prompt_by_id", Handle: decoded(f.getPromptByID),
				Summary: "One prompt of a dataset", Request: GetPromptByIDRequest{}, Answer: Prompt{},
			},
			{
				Method: "POST", Path: "/submit", Runs: true, Hold: hold, Handle: decoded(f.submit),
				Summary: "Judge a completion, as SandboxFusion does", Request: SubmitRequest{}, Answer: EvalResult{},
				Text: "Of a dataset that is here, or of a row that the request brings along. What could not be judged is 504, never accepted=false.",
			},
			{
				Method: "POST", Path: "/get_metrics", Handle: decoded(f.metrics(results)),
				Summary: "What the original makes of a dataset's results: nothing", Request: GetMetricsRequest{}, Answer: map[string]any{},
			},
			{
				Method: "POST", Path: "/get_metrics_function", Handle: decoded(f.metrics(nil)),
				Summary: "A function that makes metrics of results: none", Request: GetMetricsFunctionRequest{}, Answer: GetMetricsFunctionResult{},
			},
			{
				Method: "GET", Path: "/v1/ping", Handle: func(c echo.Context, _ []byte) error { return server.Answer(c, http.StatusOK, "pong") },
				Summary: "Whether SandboxFusion's API is here", Answer: "",
			},
		},
	}
}

// fail answers f. What is no fault of the caller's is 504, after which callers try again.
func fail(c echo.Context, f server.Failure) error {
	if f.Status >= 500 || f.Status == http.StatusTooManyRequests {
		f.Status = http.StatusGatewayTimeout
	}
	return pydantic.Fail(c, f)
}

// decoded is the handler of a route whose body is an object: what handle returns is the answer.
func decoded(handle func(c echo.Context, m *pydantic.Model) (any, error)) func(c echo.Context, body []byte) error {
	return pydantic.Handler(func(c echo.Context, m *pydantic.Model) error {
		answer, err := handle(c, m)
		if err != nil {
			return err
		}
		return server.Answer(c, http.StatusOK, answer)
	})
}
