package execute_test

import (
	"strings"
	"testing"

	"borel/server"
	"borel/server/execute"
)

// Where only one of the two APIs is on, the path is its own: it takes the other's requests as what they are to it.
func TestAlone(t *testing.T) {
	open(t, llmonk).table(t, []exchange{
		{"E2B's to llmonk", "POST", "/execute", `{"code":"1"}`, 422, `{"detail":[{"type":"missing","loc":["body","input_expected_output_pairs"],"msg":"Field required","input":{"code":"1"}},` +
			`{"type":"missing","loc":["body","timeout"],"msg":"Field required","input":{"code":"1"}},{"type":"missing","loc":["body","memory_limit_bytes"],"msg":"Field required","input":{"code":"1"}}]}`},
	})
	open(t, e2b).table(t, []exchange{
		{"llmonk's to E2B", "POST", "/execute", `{"code":"1","input_expected_output_pairs":[],"timeout":1,"memory_limit_bytes":1}`, 200, first + result("1") + end},
	})
	_, err := server.New(server.Config{Verifier: broken{}, APIs: func(v server.Verifier) []server.API {
		return []server.API{execute.LLMonk(v, false), execute.E2B(v, false)}
	}})
	if err == nil || !strings.Contains(err.Error(), "POST /execute") {
		t.Errorf("both have the path: %v", err)
	}
}
