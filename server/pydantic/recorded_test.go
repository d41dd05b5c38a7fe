package pydantic_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"

	"borel/server"
	"borel/server/sandboxfusion"

	"github.com/labstack/echo/v4"
)

// testdata/recorded.jsonl is what FastAPI 0.165 with pydantic 2.14 answers on CPython 3.11, where the models have the fields of
// SandboxFusion's: path, body (each character a byte), status, answer. LANGS stands for the list of languages.
const langs = "'python', 'cpp', 'nodejs', 'go', 'go_test', 'java', 'php', 'csharp', 'bash', 'typescript', 'sql', 'rust', 'cuda', 'lua', 'R', 'perl', 'D_ut', 'ruby', 'scala', 'julia', 'pytest', 'junit', 'kotlin_script', 'jest', 'verilog', 'python_gpu', 'lean', 'swift' or 'racket'"

// The bodies are read by the handlers of SandboxFusion's API, whose models they were recorded with. None gets as far as running
// a program.
func TestRecorded(t *testing.T) {
	api := sandboxfusion.New(sandboxfusion.Config{})
	routes := map[string]server.Route{}
	for _, r := range api.Routes {
		routes[r.Path] = r
	}
	file, err := os.Open("testdata/recorded.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	n := 0
	for lines := bufio.NewScanner(file); lines.Scan(); n++ {
		var path, body, answer string
		var status int
		if err := json.Unmarshal(lines.Bytes(), &[]any{&path, &body, &status, &answer}); err != nil {
			t.Fatal(err)
		}
		sent := make([]byte, 0, len(body))
		for _, r := range body {
			sent = append(sent, byte(r))
		}
		if body == "DEEP" {
			sent = []byte(strings.Repeat("[", 100_000))
		}
		t.Run(path+" "+body, func(t *testing.T) {
			w := httptest.NewRecorder()
			c := echo.New().NewContext(httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, nil), w)
			err := routes[path].Handle(c, sent)
			if f, ok := errors.AsType[*server.Failure](err); ok {
				err = api.Fail(c, *f)
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.ReplaceAll(answer, "LANGS", langs); w.Code != status || !sameJSON(t, w.Body.String(), want) {
				t.Errorf("got %d %s\nwant %d %s", w.Code, w.Body, status, want)
			}
		})
	}
	if n < 60 {
		t.Errorf("%d lines", n)
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var va, vb any
	if err := json.Unmarshal([]byte(a), &va); err != nil {
		t.Fatalf("%v: %s", err, a)
	}
	if err := json.Unmarshal([]byte(b), &vb); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return reflect.DeepEqual(va, vb)
}
