package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzDecode: whatever a body holds, each request is either valid, within its bounds, or refused with a 4xx that says
// where and why; nothing panics.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		`{"source":"a","stdin":"b","args":["c"],"seed":1,"files":{"d":"eW8="},"fetch":["d"],"limits":{"seconds":1,"memory_mb":64},"fresh":true,"hash_seed":1,"start":0}`,
		`{"runs":[{"source":"a"},{"source":"b","start":"2026-01-01T00:00:00Z"}]}`,
		`{"problem":{"id":"f","check":{"kind":"unit","tests":"t"}},"samples":[{"program":"x"},{"text":"y"}],"k":[1,2],"hash_seed":7}`,
		`{"items":[{"problem":{"check":{"kind":"stdio","cases":[{"stdin":"","stdout":""}]}},"sample":{"completion":""}}]}`,
		`{"problem":{"check":{"kind":"answer","answer":"1"}},"model":"m","n":2,"stop":["a"],"temperature":0}`,
		`{"counts":[{"problem":"a","n":100,"c":3}],"k":[1],"fit":true}`,
		`{"source":"a","source":"b"}`, `{"source":null}`, `{}`, `[]`, `null`, ``, `{"source":"` + "\xff" + `"}`, `{"start":1e999}`,
		`{"samples":` + strings.Repeat("[", 11_000) + `}`, `{"problem":` + strings.Repeat(`{"a":`, 1000),
		`{"runs":[` + strings.Repeat(`{"source":""},`, MaxRuns) + `{"source":""}]}`,
		`{"problem":{"limits":{"seconds":1e308}}}`, `{"source":"","hash_seed":4294967296}`, `{"k":[1.5]}`, `{"files":{"a":"?"}}`, `{"source":"\ud800"}`,
	} {
		f.Add([]byte(body))
	}
	requests := map[string]func([]byte) error{
		"runs": func(body []byte) error {
			var b runsBody
			if err := decode(body, &b); err != nil {
				return err
			}
			if b.Runs == nil {
				r, err := b.request("")
				if err == nil && (len(r.Files) > 10_000 || r.Limits.Seconds > 600) {
					return fmt.Errorf("accepted beyond the bounds: %+v", r.Limits)
				}
				return err
			}
			list, err := b.list()
			if err == nil && (len(list) == 0 || len(list) > MaxRuns) {
				return fmt.Errorf("accepted %d runs", len(list))
			}
			return err
		},
		"verify": func(body []byte) error {
			var b verifyBody
			if err := decode(body, &b); err != nil {
				return err
			}
			w, err := b.work()
			if err == nil && (len(w.samples) == 0 || len(w.samples) > MaxSamples || len(w.problems) == 0) {
				return fmt.Errorf("accepted %d samples of %d problems", len(w.samples), len(w.problems))
			}
			return err
		},
		"solve": func(body []byte) error {
			var b solveBody
			if err := decode(body, &b); err != nil {
				return err
			}
			_, err := b.request()
			return err
		},
		"coverage": func(body []byte) error {
			var b coverageBody
			return decode(body, &b)
		},
		"replay": func(body []byte) error { return decode(body, &replayBody{}) },
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for name, read := range requests {
			err := read(body)
			if err == nil {
				if !json.Valid(body) || !utf8.Valid(body) {
					t.Errorf("%s: accepted %q, which is not JSON", name, body)
				}
				continue
			}
			doc, _ := problemOf(err)
			switch {
			case doc == nil:
				t.Errorf("%s: %q is answered as a fault of ours: %v", name, body, err)
			case doc.Status < 400 || doc.Status > 499 || doc.Detail == "":
				t.Errorf("%s: %q is answered %d %q", name, body, doc.Status, doc.Detail)
			case doc.Status == 422 && (len(doc.Errors) != 1 || !strings.HasPrefix(doc.Errors[0].Location, "body")):
				t.Errorf("%s: %q is answered 422 without a field: %+v", name, body, doc)
			}
		}
	})
}
