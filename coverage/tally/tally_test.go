package tally

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"borel/coverage"
)

func TestRead(t *testing.T) {
	got, err := Read(strings.NewReader(`{"problem":"a","n":100,"c":3}
{"problem":"v","sample":0,"status":"accepted","message":"","fuel":1,"virtual_seconds":0.001,"cached":false,"key":"00"}

{"problem":"b","n":5,"c":0,"unknown":2,"stopped":"all"}
{"problem":"v","sample":2,"status":"unknown","error":"disk full"}
{"problem":"w","sample":0,"status":"no_program"}
{"n":4,"c":4}
{"problem":"v","sample":1,"status":"time_limit_exceeded"}
{"n":7,"c":1}
{"problem":"f","sample":3,"status":"wrong_answer","stopped":"first_accepted"}
{"problem":"f","sample":2,"status":"accepted","stopped":"first_accepted"}
{"problem":"f","sample":4,"status":"accepted","stopped":"first_accepted"}
{"problem":"f","sample":0,"status":"wrong_answer","stopped":"first_accepted"}
{"problem":"f","sample":1,"status":"unknown","stopped":"first_accepted"}
{"problem":"g","n":9,"c":1,"stopped":"first_accepted"}
{"problem":"h","n":9,"c":3,"stopped":"adaptive"}`))
	want := []coverage.Count{
		{Problem: "a", N: 100, C: 3},
		{Problem: "v", N: 2, C: 1, Unknown: 1},
		{Problem: "b", N: 5, Unknown: 2, Stopped: "all"},
		{Problem: "w", N: 1},
		{N: 4, C: 4},
		{N: 7, C: 1},
		{Problem: "f", N: 2, C: 1, Unknown: 1, Stopped: coverage.FirstAccepted}, // wrong, unknown, accepted, and two that were under way
		{Problem: "g", N: 9, C: 1, Stopped: coverage.FirstAccepted},
		{Problem: "h", N: 9, C: 3, Stopped: coverage.Adaptive},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
}

func TestReadRefused(t *testing.T) {
	long := strings.NewReader(`{"problem":"a","n":1,"c":1}` + "\n" + `{"problem":"` + strings.Repeat("x", MaxPiece+1<<20))
	for _, test := range []struct {
		name, want string // want: part of the error
		file       io.Reader
	}{
		{"empty", "no lines", strings.NewReader("\n \n")},
		{"half a line", "line 2: unexpected end", strings.NewReader(`{"n":1,"c":1}` + "\n" + `{"n":1,`)},
		{"wrong type", "line 1: n: wants a whole number, has string", strings.NewReader(`{"problem":"a","n":"1","c":1}`)},
		{"not an object", "line 1: is no object", strings.NewReader(`[1]`)},
		{"neither", "line 1: is no record that is known", strings.NewReader(`{"problem":"a","n":1}`)},
		{"both", "line 1: is no record that is known", strings.NewReader(`{"problem":"a","n":1,"c":1,"sample":0,"status":"accepted"}`)},
		{"out of range", `line 1: c: problem "a": is 2; it must be between 0 and n, which is 1`, strings.NewReader(`{"problem":"a","n":1,"c":2}`)},
		{"stopped unheard-of", `line 1: stopped: is "late"`, strings.NewReader(`{"n":3,"c":1,"stopped":"late"}`)},
		{"verdict stopped unheard-of", `line 1: stopped: problem "a": is "late"`, strings.NewReader(`{"problem":"a","sample":0,"status":"accepted","stopped":"late"}`)},
		{"verdicts stopped in two ways", `line 2: problem "a" is stopped "" here, and "first_accepted" on line 1`,
			strings.NewReader(`{"problem":"a","sample":0,"status":"accepted","stopped":"first_accepted"}` + "\n" + `{"problem":"a","sample":1,"status":"accepted"}`)},
		{"too many samples", "line 1: n: ", strings.NewReader(`{"problem":"a","n":10000001,"c":2}`)},
		{"unnamed verdict", `line 1: a verdict needs its problem`, strings.NewReader(`{"sample":0,"status":"accepted"}`)},
		{"unheard-of status", `line 1: status "skipped" is not known`, strings.NewReader(`{"problem":"a","sample":0,"status":"skipped"}`)},
		{"counted twice", `line 3: problem "a" was counted before, on line 1`,
			strings.NewReader(`{"problem":"a","n":1,"c":1}` + "\n\n" + `{"problem":"a","n":1,"c":1}`)},
		{"counted and judged", `line 2: problem "a" was counted before, on line 1`,
			strings.NewReader(`{"problem":"a","n":1,"c":1}` + "\n" + `{"problem":"a","sample":0,"status":"accepted"}`)},
		{"judged and counted", `line 2: problem "a" was counted before, on line 1`,
			strings.NewReader(`{"problem":"a","sample":0,"status":"accepted"}` + "\n" + `{"problem":"a","n":1,"c":1}`)},
		{"judged twice", `line 2: sample 3 of problem "a" was judged before, on line 1`,
			strings.NewReader(`{"problem":"a","sample":3,"status":"accepted"}` + "\n" + `{"problem":"a","sample":3,"status":"unknown"}`)},
		{"nothing decided", `line 1: problem "a" has no decided sample, all 2 are unknown`,
			strings.NewReader(`{"problem":"a","sample":0,"status":"unknown"}` + "\n" + `{"problem":"a","sample":1,"status":"unknown"}`)},
		{"long line", "line 2: has a piece of more than 67108864 bytes", long},
		{"broken file", "line 1: disk on fire", iotest.ErrReader(errors.New("disk on fire"))},
	} {
		counts, err := Read(test.file)
		if err == nil || !strings.Contains(err.Error(), test.want) || counts != nil {
			t.Errorf("%s: %v, %v; want %s", test.name, counts, err, test.want)
		}
	}
}

// Whatever the bytes: counts that Curve takes, or an error.
func FuzzRead(f *testing.F) {
	f.Add(`{"problem":"a","n":100,"c":3}`)
	f.Add(`{"problem":"v","sample":0,"status":"accepted"}` + "\n" + `{"problem":"v","sample":1,"status":"unknown"}`)
	f.Fuzz(func(t *testing.T, file string) {
		counts, err := Read(strings.NewReader(file))
		if err != nil {
			return
		}
		if _, err := coverage.Curve(counts, coverage.DefaultK(counts), coverage.Options{}); err != nil {
			t.Fatalf("%q: %v", file, err)
		}
	})
}
