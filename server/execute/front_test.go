package execute_test

import (
	"strings"
	"testing"

	"borel/internal/servertest"
	"borel/server"
	"borel/server/execute"
)

// front is a server with these APIs in front of the real sandbox.
type front struct{ *servertest.Server }

// open serves until the test ends.
func open(t *testing.T, apis func(server.Verifier) []server.API) *front {
	t.Helper()
	return openWith(t, server.Config{Verifier: servertest.Verifier(t), APIs: apis})
}

func openWith(t *testing.T, cfg server.Config) *front {
	t.Helper()
	return &front{servertest.Start(t, cfg)}
}

func llmonk(v server.Verifier) []server.API { return []server.API{execute.LLMonk(v, false)} }

// ask sends a request; headers are pairs of name and value.
func (f *front) ask(t *testing.T, method, path, body string, headers ...string) (status int, answer string) {
	t.Helper()
	got, err := f.Ask(t.Context(), method, path, body, headers...)
	if err != nil {
		t.Error(err)
	}
	return got.Status, strings.TrimSuffix(got.Body, "\n")
}

// exchange is a request with what is to be answered.
type exchange struct {
	name, method, path, body string
	status                   int
	answer                   string
}

func (f *front) table(t *testing.T, all []exchange) {
	t.Helper()
	for _, x := range all {
		t.Run(x.name, func(t *testing.T) {
			status, got := f.ask(t, x.method, x.path, x.body)
			if status != x.status || got != x.answer {
				t.Errorf("%s %s %.200s\ngot  %d %s\nwant %d %s", x.method, x.path, x.body, status, got, x.status, x.answer)
			}
		})
	}
}
