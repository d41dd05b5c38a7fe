// Package openai is the OpenAI API in front of borel: an application that changes its base URL gets the best of N
// samples instead of the first, or exactly what its endpoint says.
//
// [New] gives the API to put into [server.Config]:
//
//	api := openai.New(openai.Config{Upstream: draws.Pool(), Solver: s, Models: models})
//	srv, err := server.New(server.Config{Verifier: v, APIs: func(server.Verifier) []server.API { return []server.API{api} }})
//
// # Passing on
//
// A request that does not ask for the best of N goes to an endpoint as it came, byte for byte, and so does the answer:
// fields that this package does not know, tools, logprobs and images travel untouched. What it adds is on the edges: a
// stream is asked for its usage, which is counted, and taken out again where the client did not ask; choices that an
// endpoint leaves out of n are asked for; a stream's headers go out with its first chunk, so that what fails before is
// an HTTP error; what fails later, or comes as an error inside an answer of 200, is told as an error and never looks
// like a short success.
//
// # Best of N
//
// A model named best-of-16/MODEL, a field borel in the body, or the headers X-Borel-N and X-Borel ask for the best of N:
// see [Options]. [server.Solver] draws, judges and selects; the answer is the winner as its endpoint gave it, with a
// field borel that says what chose it and how far that can be trusted.
//
// # What it refuses
//
// It retries nothing and balances nothing: that is its Upstream's. It keeps nothing. Embeddings, files and the other
// calls of that API are not here.
package openai

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"borel/server"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
)

// Config is what the API needs. The zero value of every field means its default; without Upstream every call is answered
// that no endpoint is configured.
type Config struct {
	// Upstream takes requests to an endpoint, such as the sampler's pool: of a URL only the path counts, relative to the
	// endpoint's (/chat/completions). Retries, timeouts, health and the endpoint's key are its own. Its errors, and the Solver's, may
	// have a method HTTP() (status int, after time.Duration, body []byte): what an endpoint, or it itself, has to say.
	Upstream http.RoundTripper
	Solver   server.Solver
	Models   func(ctx context.Context) ([]Model, error) // what the endpoints serve; what some list is given with the error of others
	Ready    func() error                               // why programs cannot be run yet; default: always ready

	Logger *slog.Logger // default: discards
}

// Model is one that an endpoint serves.
type Model struct {
	ID      string
	Created int64 // Unix seconds
	OwnedBy string
}

// Limits that no caller has needed to change.
const (
	maxAnswer = 64 << 20 // bytes of an answer that is no stream
	maxEvent  = 8 << 20  // bytes of one event of a stream
	modelTime = 15 * time.Second
	restTime  = time.Second // from [DONE] to the end of the answer
	maxRest   = 64 << 10    // bytes between them
)

type door struct {
	cfg    Config
	log    *slog.Logger
	tokens *prometheus.CounterVec
	broken prometheus.Counter
	chosen *prometheus.CounterVec
}

// New returns the API.
func New(cfg Config) server.API {
	cfg.Logger = cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler))
	if cfg.Ready == nil {
		cfg.Ready = func() error { return nil }
	}
	d := &door{
		cfg: cfg, log: cfg.Logger,
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "borel_openai_tokens_total", Help: "Tokens of answers, as endpoints count them, by how they were asked for (pass, best) and kind (prompt, completion).",
		}, []string{"asked", "kind"}),
		broken: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "borel_openai_broken_streams_total", Help: "Streams that ended in an error event.",
		}),
	}
	d.chosen = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "borel_openai_best_total", Help: "Answers with the best of N, by the kind of evidence that chose it.",
	}, []string{"evidence"})
	api := server.API{
		Name: "OpenAI", Fail: d.fail, Error: errorBody{},
		Collectors: []prometheus.Collector{d.tokens, d.broken, d.chosen},
		Routes: []server.Route{
			{
				Method: "POST", Path: "/v1/chat/completions", Proxy: true, Handle: d.complete(chat),
				Summary: "Chat, as OpenAI has it", Request: chatBody{}, Answer: answerBody{},
				Text: "Passed on to an endpoint as it is; with a model best-of-N/MODEL, a field borel, or the headers X-Borel-N or X-Borel, the best of N samples. " +
					"With stream, server-sent events. Fields that are not listed travel on.",
			},
			{
				Method: "POST", Path: "/v1/completions", Proxy: true, Handle: d.complete(completion),
				Summary: "Completions, as OpenAI has them", Request: completionBody{}, Answer: answerBody{},
				Text: "As /v1/chat/completions, of a prompt.",
			},
			{Method: "GET", Path: "/v1/models", Proxy: true, Handle: d.models, Summary: "The models of all endpoints", Answer: modelList{}},
			{Method: "GET", Path: "/v1/models/*", Proxy: true, Handle: d.model, Summary: "One model", Answer: modelObject{}},
		},
	}
	for _, path := range elsewhere {
		api.Routes = append(api.Routes, server.Route{Path: path, Handle: notHere})
	}
	return api
}

// elsewhere are calls of the OpenAI API that are not answered here.
var elsewhere = []string{
	"/v1/embeddings", "/v1/moderations", "/v1/responses", "/v1/responses/*", "/v1/images/*", "/v1/audio/*", "/v1/files", "/v1/files/*",
	"/v1/batches", "/v1/batches/*", "/v1/fine_tuning/*", "/v1/assistants", "/v1/threads", "/v1/vector_stores", "/v1/realtime", "/v1/realtime/*", "/v1/uploads",
	"/v1/chat/completions/*",
}

func notHere(c echo.Context, _ []byte) error {
	return &server.Failure{Status: http.StatusNotFound, Code: "unknown_url",
		Detail: "there is no " + c.Request().URL.Path + " here; chat completions, completions and models are"}
}

// complete answers a request of either API.
func (d *door) complete(m *mode) func(c echo.Context, body []byte) error {
	return func(c echo.Context, body []byte) error {
		if d.cfg.Upstream == nil {
			return errNoEndpoint
		}
		r, err := parse(body)
		if err != nil {
			return err
		}
		asked, err := r.best(c.Request().Header)
		switch {
		case err != nil:
			return err
		case asked == nil:
			return d.pass(c, m, r)
		}
		return d.best(c, m, r, asked)
	}
}
