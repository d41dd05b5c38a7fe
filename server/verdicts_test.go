package server

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestVerdicts(t *testing.T) {
	addr := start(t, Config{})
	long := strings.Repeat("a", 10_000)
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		at, want                 string // errors[0].location, and part of the answer
	}{
		{"known", "GET", known, "", 200, "", `{"index":0,"status":"accepted","reward":1,"message":"","fuel":0,"virtual_seconds":0,"cached":true,"key":"` + known + `"}`},
		{"never heard of", "GET", strings.Repeat("00", 32), "", 404, "", "no verdict is kept under this key"},
		{"not a key", "GET", "xyz", "", 400, "path.key", "path.key: has 3 characters"},
		{"a long one", "GET", long, "", 400, "path.key", "has 10000 characters"},
		{"a broken store", "GET", strings.Repeat("0c", 32), "", 500, "", "request id"},
		{"no key", "GET", "", "", 404, "", "no such route"},
		{"replay", "POST", known + "/replay", "{}", 200, "", `"key":"` + known + `","same":false,"differs":[{"what":"runs[0].fuel","was":"1","is":"2"}]}`},
		{"replay without a body", "POST", known + "/replay", "", 200, "", `"same":false`},
		{"replay of half a record", "POST", half + "/replay", "{}", 409, "", "was forgotten"},
		{"replay of nothing", "POST", strings.Repeat("00", 32) + "/replay", "{}", 404, "", "no verdict is kept under this key"},
		{"replay of no key", "POST", "xyz/replay", "{}", 400, "path.key", "has 3 characters"},
		{"replay with a field", "POST", known + "/replay", `{"fresh":true}`, 422, "body.fresh", "is not a field of this request"},
		{"replay with a list", "POST", known + "/replay", `[]`, 422, "body", "wants an object, has a list"},
		{"replay with half a body", "POST", known + "/replay", `{`, 400, "", "not JSON"},
		{"replay by GET", "GET", known + "/replay", "", 405, "", "Method Not Allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := call1(t, c.method, addr, "/v1/verdicts/"+c.path, c.body)
			var doc struct {
				Errors []struct{ Location string }
			}
			if err := json.Unmarshal([]byte(got.body), &doc); err != nil {
				t.Fatalf("%v: %s", err, got.body)
			}
			at := ""
			if len(doc.Errors) > 0 {
				at = doc.Errors[0].Location
			}
			if got.status != c.status || at != c.at || !strings.Contains(got.body, c.want) {
				t.Errorf("got %d at %q: %s\nwant %d at %q: %s", got.status, at, got.body, c.status, c.at, c.want)
			}
		})
	}
}

func TestRegrade(t *testing.T) {
	addr := start(t, Config{})
	for _, c := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"all", `{}`, 200, `"verdicts":10002,"changed":10001,`},
		{"a comparator", `{"kind":"stdio","change":{"compare":"float:1e-4"}}`, 200, `{"changes":[{"key":"` + known},
		{"an unknown kind", `{"kind":"votes"}`, 422, "body.kind"},
		{"an unknown comparator", `{"change":{"compare":"same"}}`, 422, "body.change.compare"},
		{"two kinds of checks", `{"change":{"compare":"exact","equal":"number"}}`, 422, "body.change.equal"},
		{"an unknown field", `{"changes":{}}`, 422, "body.changes"},
		{"a broken store", `{"kind":"proof"}`, 500, "request id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := call1(t, "POST", addr, "/v1/regrade", c.body)
			if got.status != c.status || !strings.Contains(got.body, c.want) {
				t.Errorf("got %d: %.300s\nwant %d: %s", got.status, got.body, c.status, c.want)
			}
			if got.status == 200 && strings.Count(got.body, `"new_key"`) != MaxChanges {
				t.Errorf("%d changes are told, want %d", strings.Count(got.body, `"new_key"`), MaxChanges)
			}
		})
	}
}
