package sandboxfusion

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"borel/problem"
	"borel/server"
	"borel/server/pydantic"
)

// Whatever the bytes: a body is refused in one of the original's ways, with an answer that is JSON and no longer than some
// times the body, or it is a run that has what encoding/json reads in the same fields.
func FuzzReadProgram(f *testing.F) {
	f.Add([]byte(`{"compile_timeout":10,"run_timeout":"1_0","code":"print(1)\u00e9","stdin":"a\r\n","memory_limit_MB":1024.0,"language":"python","files":{"a/b":"YQ==","n":null},"fetch_files":["a"]}`))
	f.Add([]byte(`{"code":1,"language":"nope","files":[],"args":{"a":[{}]}}`))
	f.Add([]byte(`{"code":"\ud800","language":"python","run_timeout":NaN}`))
	f.Add([]byte(`{"code":"a","code":"b","language":"pytest","args":["-k"]} x`))
	f.Add([]byte("\ufeff[1"))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := pydantic.Read(body)
		var p *program
		if err == nil {
			p, err = readProgram(m)
		}
		wrong, bad := errors.AsType[*pydantic.Invalid](err)
		_, no := errors.AsType[refused](err)
		failure, _ := errors.AsType[*server.Failure](err)
		switch {
		case bad:
			b, err := json.Marshal(wrong.Details)
			if n := len(wrong.Details); err != nil || !json.Valid(b) || n == 0 || n > 100 || len(b) > 9000*n+10*len(body) {
				t.Fatalf("%v: %s", err, b)
			}
			return
		case no:
			return
		case err != nil && (failure == nil || failure.Status != 400):
			t.Fatal(err)
		case err != nil:
			return
		}
		r := p.run
		if l := r.Limits; l.Seconds <= 0 || l.Seconds > problem.MaxLimits.Seconds || math.IsNaN(l.Seconds) || l.MemoryMB < problem.MinMemoryMB || l.Validate("") != nil || p.wait < patience {
			t.Fatalf("got %+v, %v", l, p.wait)
		}
		if !utf8.ValidString(r.Source) || !utf8.ValidString(r.Stdin) {
			t.Fatalf("got %q, %q", r.Source, r.Stdin)
		}
		var want map[string]any
		if json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &want) != nil {
			t.Fatalf("read %q", body)
		}
		if r.Source != want["code"] || want["stdin"] != nil && r.Stdin != want["stdin"] || r.Language != want["language"] {
			t.Fatalf("got %+v of %q", r, body)
		}
		for path := range r.Files {
			if strings.HasPrefix(path, "../") || strings.Contains(path, "/../") {
				t.Fatalf("path %q", path)
			}
		}
	})
}
