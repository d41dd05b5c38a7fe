package sandboxfusion_test

import (
	"encoding/json"
	"strings"
	"testing"

	"borel/internal/servertest"
)

// What pydantic answers that no recording has: bounds of our own in its words, what is too long to be repeated.
func TestInvalidOfOurs(t *testing.T) {
	f := open(t, servertest.Verifier(t), nil)
	long := strings.Repeat("x", 17<<20)
	many := "[" + strings.TrimSuffix(strings.Repeat("1,", 1000), ",") + "]"
	for _, c := range []struct{ name, path, body, want string }{
		{"a long program", "/run_code", servertest.Object("code", long, "language", "python"), `{"detail":[{"type":"string_too_long","loc":["body","code"],"msg":"String should have at most 16777216 characters","input":"(17825794 bytes)","ctx":{"max_length":16777216}}]}`},
		{"long input", "/run_code", servertest.Object("code", "", "language", "python", "stdin", long), `{"detail":[{"type":"string_too_long","loc":["body","stdin"],"msg":"String should have at most 16777216 characters","input":"(17825794 bytes)","ctx":{"max_length":16777216}}]}`},
		{"no number", "/run_code", `{"code":"","language":"python","run_timeout":"nan"}`, `{"detail":[{"type":"finite_number","loc":["body","run_timeout"],"msg":"Input should be a finite number","input":"nan"}]}`},
		{"many cells", "/run_jupyter", `{"cells":` + strings.ReplaceAll(many, "1", `"a","a"`) + `}`, `{"detail":[{"type":"too_long","loc":["body","cells"],"msg":"List should have at most 1000 items after validation, not 2000","input":"(8001 bytes)","ctx":{"actual_length":2000,"field_type":"List","max_length":1000}}]}`},
		{"half a character", "/run_code", `{"code":"\ud800","language":"python"}`, `{"detail":[{"type":"json_invalid","loc":["body",9],"msg":"JSON decode error","input":{},"ctx":{"error":"invalid surrogate pair ` + "`\\\\ud800\\\",\\\"lan`" + ` in string"}}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := f.Post(t, c.path, c.body); got.Status != 422 || strings.TrimSpace(got.Body) != c.want {
				t.Errorf("got %d %.1000s", got.Status, got.Body)
			}
		})
	}
	var e struct{ Detail []any }
	if got := f.Post(t, "/run_code", `{"code":"","language":"python","fetch_files":`+many+`}`); json.Unmarshal([]byte(got.Body), &e) != nil || len(e.Detail) != 100 {
		t.Errorf("got %d errors, want the first 100", len(e.Detail))
	}
	if got := f.Post(t, "/run_code", `{"code":"","language":"python"}`, "Content-Type", "text/plain"); got.Status != 422 || !strings.Contains(got.Body, `"type":"model_attributes_type"`) {
		t.Errorf("text: got %d %s", got.Status, got.Body)
	}
	if got := f.Post(t, "/v1/ping", ""); got.Status != 405 || strings.TrimSpace(got.Body) != `{"detail":"Method Not Allowed"}` {
		t.Errorf("a method: got %d %s", got.Status, got.Body)
	}
}
