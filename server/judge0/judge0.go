// Package judge0 is the API of Judge0 in front of borel: a client of Judge0 changes its base URL and its programs are run
// here. [New] gives the API to put into [server.Config]:
//
//	api := judge0.New(judge0.Config{Verifier: v, Store: s.Submissions(), Python: "3.13.5"})
//
// # What happens to a submission
//
// A submission is validated, named by a token, kept, and queued: at most [MaxQueue] wait, all that have not ended hold at
// most [MaxOpen] bytes, and as many run as there are processors. Its end is kept too, so that its token can be asked for
// later, also after a restart; what had not ended then is run again. With wait=true the request is held until the end; a client that goes away leaves its submission to run. The
// oldest are forgotten beyond [MaxKept], [MaxBytes] and [MaxAge].
//
// Nothing that goes wrong here is told as a fault of the program: that is status 13, Internal Error, or no status at all.
//
// # What differs from the original
//
// There is Python 3 and nothing else. One run decides where number_of_runs asks for many, as all would be equal. Limits are
// mapped so that a program that Judge0 lets pass is let pass: see request. A missing base64_encoded means false, as its
// documentation says, and as its code does with disable_implicit_base64_encoding, which /config_info shows. Output that is
// UTF-8 needs no base64. What Judge0 would leave out in silence (a broken archive, a network that is not there) is refused.
// Deleting and listing are refused as Judge0 refuses them where nobody is authorised, which is its default.
//
// # What it refuses
//
// It calls nobody back whom Config.Callbacks does not list, and no internal address that is not listed itself.
package judge0

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"borel/server"

	"github.com/labstack/echo/v4"
)

// Bounds on what is queued and kept.
const (
	MaxQueue = 100                // submissions that wait
	MaxBatch = 20                 // submissions of one request
	MaxOpen  = 256 << 20          // bytes of those that have not ended, beyond which the queue is full too
	MaxKept  = 50_000             // submissions that are kept
	MaxBytes = 1 << 30            // what they hold, in bytes
	MaxAge   = 7 * 24 * time.Hour // since they were made
)

// Version is that of the API that is spoken; clients choose language ids by it.
const Version = "1.13.1"

// Config is what the API needs. The zero value of every field but Verifier means its default.
type Config struct {
	Verifier  server.Verifier
	Store     Store                       // keeps submissions; default: memory
	Wait      func(context.Context) error // returns once programs can be run, or with ctx's error; default: at once
	Python    string                      // version of the interpreter, for its name
	Build     string                      // version of this program, for /isolate
	Callbacks []string                    // HOST or HOST:PORT that may be called back; default: none
	Logger    *slog.Logger                // default: discards
}

type door struct {
	cfg       Config
	log       *slog.Logger
	book      *book
	callbacks *callbacks
}

// hold is how long a request waits for a slot, before it is answered 504.
const hold = 10 * time.Second

// New returns the API. Submissions run while its Work does.
func New(cfg Config) server.API {
	cfg.Logger = cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler))
	if cfg.Store == nil {
		cfg.Store = newMemory()
	}
	if cfg.Wait == nil {
		cfg.Wait = func(context.Context) error { return nil }
	}
	d := &door{cfg: cfg, log: cfg.Logger, book: newBook(cfg.Store, cfg.Logger), callbacks: newCallbacks(cfg.Callbacks)}
	api := server.API{Name: "Judge0", Fail: fail, Error: refusal{}, Work: d.work, Routes: []server.Route{
		{
			Method: "POST", Path: "/submissions", Runs: true, Hold: hold, Handle: d.create, Status: http.StatusCreated,
			Summary: "Run a program, as Judge0 has it", Request: submissionBody{}, Answer: submissionAnswer{}, Query: []server.Query{queryBase64, queryWait, queryFields},
			Text:    "Answers a token, or with wait=true the end of the run.",
			Example: `{"source_code":"print(int(input())+1)","language_id":71,"stdin":"4","expected_output":"5"}`,
		},
		{
			Method: "POST", Path: "/submissions/batch", Runs: true, Hold: hold, Handle: d.createBatch, Status: http.StatusCreated,
			Summary: "Run programs, as Judge0 has it", Request: submissionBatch{}, Answer: []any{}, Query: []server.Query{queryBase64},
			Text: "Answers a token for each, or what is wrong with it.",
		},
		{
			Method: "GET", Path: "/submissions/batch", Hold: hold, Handle: d.showBatch, Answer: submissionBatchAnswer{},
			Summary: "What became of submissions", Query: []server.Query{{Name: "tokens", Text: "tokens with commas between them"}, queryBase64, queryFields},
		},
		{Method: "GET", Path: "/submissions/:token", Hold: hold, Handle: d.show, Answer: submissionAnswer{}, Summary: "What became of a submission", Query: []server.Query{queryBase64, queryFields}},
		{Method: "GET", Path: "/submissions", Handle: unauthorised, Summary: "The list of submissions, which nobody is authorised to see", Status: http.StatusForbidden, Kind: "text/plain"},
		{Method: "DELETE", Path: "/submissions/:token", Handle: unauthorised, Summary: "Delete a submission, for which nobody is authorised", Status: http.StatusForbidden, Kind: "text/plain"},
		{Method: "POST", Path: "/authorize", Handle: unauthorised},
		{Method: "POST", Path: "/authenticate", Handle: func(c echo.Context, _ []byte) error { return c.NoContent(http.StatusOK) }},
	}}
	api.Routes = append(api.Routes, d.information()...)
	return api
}

// unauthorised answers what needs an authorisation, which nobody has: as Judge0 without AUTHZ_TOKEN.
func unauthorised(c echo.Context, _ []byte) error { return c.NoContent(http.StatusForbidden) }

// judgeError is an error about a whole request.
type judgeError struct {
	Error  string `json:"error" doc:"for people"`
	Status int    `json:"status,omitempty" doc:"the HTTP status"`
}

// fail answers f. Judge0's own refusals carry no status in their body; what the framework answers does.
func fail(c echo.Context, f server.Failure) error {
	switch {
	case c.Response().Committed:
		return nil
	case f.Status == http.StatusUnauthorized:
		return c.NoContent(f.Status)
	case f.Code == own:
		return server.Answer(c, f.Status, judgeError{Error: f.Detail})
	}
	return server.Answer(c, f.Status, judgeError{f.Detail, f.Status})
}

// own marks a failure that Judge0 words itself.
const own = "judge0"

func refused(status int, message string) error {
	return &server.Failure{Status: status, Detail: message, Code: own}
}
