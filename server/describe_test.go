package server

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"

	"borel/coverage"
	"borel/eval"
	"borel/problem"
)

func logTo(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// The document says what the server does: its paths, and schemas without a dangling reference.
func TestOpenAPI(t *testing.T) {
	addr := start(t, Config{Version: "1.2.3"})
	got := call1(t, "GET", addr, "/openapi.json", "")
	var doc struct {
		OpenAPI string
		Info    struct{ Title, Version string }
		Paths   map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct{ Schema map[string]any }
			}
			Responses map[string]struct {
				Description string
				Content     map[string]struct{ Schema map[string]any }
			}
		}
		Components struct{ Schemas map[string]map[string]any }
	}
	if err := json.Unmarshal([]byte(got.body), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" || doc.Info.Version != "1.2.3" {
		t.Errorf("got %s %v", doc.OpenAPI, doc.Info)
	}
	for path, method := range map[string]string{
		"/v1/runs": "post", "/v1/verify": "post", "/v1/solve": "post", "/v1/coverage": "post",
		"/v1/verdicts/{key}": "get", "/v1/verdicts/{key}/replay": "post",
		"/v1/evals": "post", "/v1/evals/{id}": "delete", "/v1/evals/{id}/events": "get", "/v1/evals/{id}/regrade": "post",
		"/healthz": "get", "/readyz": "get", "/metrics": "get", "/openapi.json": "get", "/docs": "get",
	} {
		o, ok := doc.Paths[path][method]
		if !ok {
			t.Fatalf("%s is not described", path)
		}
		for _, r := range o.Responses {
			if r.Description == "" {
				t.Errorf("%s: a response without description", path)
			}
		}
	}
	kinds := []string{"string", "number", "integer", "boolean", "object", "array", "null", "http"}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				if name, _ := strings.CutPrefix(ref, "#/components/schemas/"); doc.Components.Schemas[name] == nil {
					t.Errorf("nothing at %s", ref)
				}
			}
			switch kind := v["type"].(type) {
			case string:
				if !slices.Contains(kinds, kind) {
					t.Errorf("type %q in %v", kind, v)
				}
			case []any:
				for _, k := range kind {
					if !slices.Contains(kinds, fmt.Sprint(k)) {
						t.Errorf("type %q in %v", k, v)
					}
				}
			}
			for _, x := range v {
				walk(x)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	var all any
	if err := json.Unmarshal([]byte(got.body), &all); err != nil {
		t.Fatal(err)
	}
	walk(all)

	for name, fields := range map[string][]string{
		"VerifyAnswer": {"counts", "coverage", "verdicts"}, "VerdictLine": {"fuel", "index", "status", "type"}, "AttemptLine": {"text", "type", "verdict"},
		"VerifyReportLine": {"counts", "coverage", "type"}, "ProblemDocument": {"detail", "errors", "instance", "status", "title"},
	} {
		properties, _ := doc.Components.Schemas[name]["properties"].(map[string]any)
		for _, f := range fields {
			if properties[f] == nil {
				t.Errorf("%s lacks %s", name, f)
			}
		}
	}

	run := doc.Components.Schemas["RunRequest"]
	if run["additionalProperties"] != false || len(run["anyOf"].([]any)) != 2 {
		t.Errorf("RunRequest: %v", run)
	}
	if one := doc.Paths["/v1/runs"]["post"].RequestBody.Content["application/json"].Schema["oneOf"]; len(one.([]any)) != 2 {
		t.Errorf("one or many: %v", one)
	}
	if _, ok := doc.Paths["/v1/verify"]["post"].Responses["200"].Content[ndjson]; !ok {
		t.Error("the stream of verdicts is not described")
	}
}

// The examples of the description are requests that the server answers.
func TestDocs(t *testing.T) {
	f := fake{make(chan struct{}, 1)}
	addr := start(t, Config{Verifier: f, Solver: f, Evals: engine(t)})
	decoded[eval.Job](t, post(t, addr, "/v1/evals", evalBody), 202) // eval-1
	page := call1(t, "GET", addr, "/docs", "")
	if page.status != 200 || !strings.Contains(page.header.Get("Content-Type"), "text/html") || !strings.Contains(page.body, "POST /v1/verify") {
		t.Errorf("got %d %s", page.status, page.body)
	}
	if strings.Contains(page.body, "<script") || strings.Contains(page.body, "//") && strings.Contains(page.body, "http") && strings.Contains(page.body, "src=") {
		t.Error("the page loads something")
	}
	var doc struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct{ Example json.RawMessage }
			}
		}
	}
	if err := json.Unmarshal([]byte(call1(t, "GET", addr, "/openapi.json", "").body), &doc); err != nil {
		t.Fatal(err)
	}
	n := 0
	for path, o := range doc.Paths {
		if example := o["post"].RequestBody.Content["application/json"].Example; example != nil {
			n++
			path = strings.Replace(path, "{id}", "eval-1", 1)
			if got := post(t, addr, path, string(example)); got.status != 200 && got.status != 202 {
				t.Errorf("%s: got %d %s", path, got.status, got.body)
			}
		}
	}
	if n != 7 {
		t.Errorf("got %d examples, want 7", n)
	}
}

// Types of one name in two packages are two schemas, whichever comes first.
func TestSchemaNames(t *testing.T) {
	names := schemaNames{}
	for _, c := range []struct {
		of   any
		want string
	}{
		{problem.Difference{}, "Difference"}, {&coverage.Difference{}, "CoverageDifference"}, {problem.Difference{}, "Difference"},
		{coverage.Difference{}, "CoverageDifference"}, {state{}, "State"},
	} {
		if got := names.name(reflect.TypeOf(c.of), ""); got != c.want {
			t.Errorf("%T: got %s, want %s", c.of, got, c.want)
		}
	}
}
