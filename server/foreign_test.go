package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"borel/problem"
)

func TestForeignLimits(t *testing.T) {
	most := problem.MaxLimits
	for _, c := range []struct {
		seconds, megabytes float64
		wantSeconds        float64
		wantMB             int
	}{
		{-1, -1, most.Seconds, most.MemoryMB},
		{0, 0, most.Seconds, most.MemoryMB},
		{0.1, 1024, 0.1, 1024},
		{10, 1, 10, problem.MinMemoryMB},
		{1e9, 1e9, most.Seconds, most.MemoryMB},
		{2.5, 128.01, 2.5, 129},
	} {
		l := ForeignLimits(c.seconds, c.megabytes)
		if l.Seconds != c.wantSeconds || l.MemoryMB != c.wantMB {
			t.Errorf("%g s, %g MB: got %+v", c.seconds, c.megabytes, l)
		}
		if err := l.Validate(""); err != nil {
			t.Error(err)
		}
	}
}

func TestForeignPath(t *testing.T) {
	for name, want := range map[string]string{
		"a": "a", "a/b": "a/b", "./a": "a", "a//b/../c": "a/c", "/sandbox/a": "a", "/sandbox/./a/../b": "b", "/etc/passwd": "/etc/passwd", "/sandbox/../etc/passwd": "/etc/passwd", "/sandboxes/a": "/sandboxes/a", "/tmp//a": "/tmp/a",
		"": "", ".": "", "..": "", "../a": "", "a/../../b": "", "/": "", "/sandbox": "", "/sandbox/": "", "/sandbox/..": "", "/usr": "", "/usr/bin/python3": "", "/tmp/../usr/a": "",
	} {
		got, err := ForeignPath(name)
		if got != want || (err != nil) != (want == "") || err != nil && !errors.Is(err, errPath) {
			t.Errorf("%q: got %q, %v", name, got, err)
		}
	}
}

func TestDecodeLoose(t *testing.T) {
	var v struct {
		A int `json:"a"`
	}
	if err := DecodeLoose([]byte(`{"a":1,"b":{"c":[]},"a":2}`), &v); err != nil || v.A != 2 {
		t.Errorf("got %+v, %v", v, err)
	}
	for _, body := range []string{`{"a":"x"}`, `{"a":1`, ``, "{\"a\":1,\"b\":\"\xff\"}", `[]`} {
		if err := DecodeLoose([]byte(body), &v); err == nil {
			t.Errorf("%q passes", body)
		}
	}
}

// writes is a verifier whose runs write this.
type writes struct {
	Verifier
	stdout, stderr []byte
}

func (w writes) Run(context.Context, problem.RunRequest) (problem.Run, error) {
	return problem.Run{Reason: "finished", Stdout: string(w.stdout), Stderr: string(w.stderr), Output: problem.Output{Stdout: w.stdout, Stderr: w.stderr}}, nil
}

// TestForeignAnswer: what is many times as long in JSON does not become an answer of hundreds of megabytes.
func TestForeignAnswer(t *testing.T) {
	if testing.Short() {
		t.Skip("one thing after another: nothing for the race detector")
	}
	const mega = 1 << 20
	for name, c := range map[string]struct {
		stdout, stderr []byte
		cut            bool
	}{
		"text":         {bytes.Repeat([]byte("x"), 20*mega), nil, false},
		"lines":        {bytes.Repeat([]byte("1\n"), 10*mega), nil, false},
		"both streams": {bytes.Repeat([]byte("x"), 20*mega), bytes.Repeat([]byte("é"), 10*mega), false},
		"NUL bytes":    {make([]byte, 20*mega), nil, true},
		"on stderr":    {nil, make([]byte, 20*mega), true},
		"characters":   {bytes.Repeat([]byte("\x01é"), 10*mega), bytes.Repeat([]byte("é"), 10*mega), true},
	} {
		t.Run(name, func(t *testing.T) {
			run, err := foreign{writes{nil, c.stdout, c.stderr}}.Run(t.Context(), problem.RunRequest{})
			if err != nil {
				t.Fatal(err)
			}
			if cut := run.Reason == "output" && run.ExitCode == -1; cut != c.cut || !cut && run.Reason != "finished" {
				t.Errorf("got %s, exit code %d; want cut: %v", run.Reason, run.ExitCode, c.cut)
			}
			whole := run.Stdout == string(c.stdout) && run.Stderr == string(c.stderr)
			if whole == c.cut || !bytes.HasPrefix(c.stdout, []byte(run.Stdout)) || !bytes.HasPrefix(c.stderr, []byte(run.Stderr)) || !utf8.Valid(run.Output.Stdout) {
				t.Errorf("got %d and %d bytes", len(run.Stdout), len(run.Stderr))
			}
			b, err := json.Marshal([]string{run.Stdout, run.Stderr})
			if err != nil || len(b) > ForeignAnswer+100 {
				t.Errorf("%d bytes of JSON, %v", len(b), err)
			}
		})
	}
}
