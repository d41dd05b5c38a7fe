package execute

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"borel/problem"
	"borel/server"
	"borel/server/pydantic"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"
)

// batchHold is how long a batch waits where every slot is taken: its client has no time limit, and breaks off on any status
// but 200.
const batchHold = 5 * time.Minute

// Bounds on a batch.
const (
	maxScripts = 1000
	maxPrinted = 128 << 20 // bytes of JSON that its scripts print and show
)

// batchBody is a request of open-r1's router.
type batchBody struct {
	Scripts        []string `json:"scripts" maxItems:"1000"`
	Languages      []string `json:"languages,omitempty" maxItems:"1000" doc:"of each script; scripts beyond them are left out"`
	Language       string   `json:"language,omitempty" doc:"instead of languages: that of all"`
	Timeout        int      `json:"timeout" doc:"seconds that each script may take"`
	RequestTimeout int      `json:"request_timeout" doc:"not used: nothing is asked of another server"`
}

// batchEntry is what a script did. The text is for clients of the other router, MorphCloud's.
type batchEntry struct {
	Execution *batchExecution `json:"execution" doc:"null where the script did not come to an end"`
	Exception *string         `json:"exception_str" doc:"why it did not"`
	Text      string          `json:"text" doc:"the value of the last expression, else what was printed"`
}

// batchExecution is E2B's Execution.
type batchExecution struct {
	Results []e2bShown `json:"results"`
	Logs    batchLogs  `json:"logs"`
	Error   *e2bRaised `json:"error"`
	Count   int        `json:"execution_count"`
}

type batchLogs struct {
	Stdout []string `json:"stdout"`
	Stderr []string `json:"stderr"`
}

// OpenR1 is the API of open-r1's batch router.
func OpenR1(v server.Verifier) server.API {
	return server.API{
		Name: "open-r1", Fail: fail, Error: pydantic.Error{},
		Routes: []server.Route{
			{
				Method: "POST", Path: "/execute_batch", Runs: true, Hold: batchHold, Handle: pydantic.Handler(batches{v, maxPrinted}.execute),
				Summary: "Run scripts as cells of notebooks, each in one of its own", Request: batchBody{}, Answer: []batchEntry{},
				Example: `{"scripts":["1 + 1"],"languages":["python"],"timeout":30,"request_timeout":28}`,
			},
			{
				Method: "GET", Path: "/health", Summary: "That the server is there", Answer: batchHealth{},
				Handle: func(c echo.Context, _ []byte) error { return server.Answer(c, http.StatusOK, batchHealth{"ok"}) },
			},
		},
	}
}

type batchHealth struct {
	Status string `json:"status"`
}

type batches struct {
	v       server.Verifier
	printed int64 // bytes of JSON that the scripts of one may print and show
}

func (b batches) execute(c echo.Context, f *pydantic.Model) error {
	scripts := f.Needed("scripts").Texts(maxScripts)
	var languages []string
	if one := f.Optional("language").Text(); one != "" && !f.Given("languages").There() {
		for range scripts {
			languages = append(languages, one)
		}
	} else {
		languages = f.Needed("languages").Texts(maxScripts)
	}
	seconds := f.Needed("timeout").Int(0)
	f.Needed("request_timeout").Int(0)
	if err := f.Err(); err != nil {
		return err
	}
	if seconds > 0 {
		seconds++ // that much longer the original waits
	}
	entries := make([]batchEntry, min(len(scripts), len(languages)))
	var printed atomic.Int64
	g, ctx := errgroup.WithContext(c.Request().Context())
	g.SetLimit(2 * runtime.GOMAXPROCS(0))
	for i := range entries {
		g.Go(func() error {
			e, err := b.run(ctx, scripts[i], languages[i], seconds)
			if n := e.size(); n > 0 && printed.Add(n) > b.printed {
				e = failed(fmt.Sprintf("the scripts of this batch printed more than %d bytes as JSON, the limit: send fewer of them at once", b.printed))
			}
			entries[i] = e
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return server.Answer(c, http.StatusOK, entries)
}

// run runs one script. The error is ctx's own: what fails by our fault is told in the entry, and the others stand.
func (b batches) run(ctx context.Context, script, language string, seconds float64) (batchEntry, error) {
	if why := foreign(language); why != "" {
		return failed("500 Internal Server Error: " + why), nil
	}
	run, err := b.v.Run(ctx, problem.RunRequest{Cells: []string{script}, Limits: server.ForeignLimits(seconds, 0)})
	if err != nil {
		if ctx.Err() != nil {
			return batchEntry{}, err
		}
		return failed(err.Error()), nil
	}
	o := last(&run, 1)
	if o.late {
		return failed("Execution timed out — the 'timeout' option can be used to increase this timeout"), nil
	}
	e := batchEntry{Execution: &batchExecution{
		Results: append([]e2bShown{}, o.results...), Logs: batchLogs{list(o.stdout), list(o.stderr)}, Error: o.err, Count: 1,
	}, Text: o.stdout}
	if text := o.text(); text != nil && *text != "" {
		e.Text = *text
	}
	return e, nil
}

// size is about how many bytes it takes as JSON.
func (e *batchEntry) size() (n int64) {
	if e.Execution == nil {
		return 0
	}
	n = int64(server.ForeignSize(e.Text) + server.ForeignSize(e.Execution.Logs.Stdout...) + server.ForeignSize(e.Execution.Logs.Stderr...))
	for _, r := range e.Execution.Results {
		n += r.bytes
	}
	if raised := e.Execution.Error; raised != nil {
		n += int64(server.ForeignSize(raised.Value, raised.Traceback))
	}
	return n
}

func failed(why string) batchEntry { return batchEntry{Exception: &why} }

// list is what was written to a stream, in pieces of which there is at most one.
func list(s string) []string {
	if s == "" {
		return []string{}
	}
	return []string{s}
}

// foreign says why there is no interpreter for a language, "" where there is one: for Python, under its name or none.
func foreign(language string) string {
	switch strings.ToLower(strings.TrimSpace(language)) {
	case "", python, "python3":
		return ""
	}
	return fmt.Sprintf("Failed to create context: no language %.100q here; python is", language)
}

const python = "python"
