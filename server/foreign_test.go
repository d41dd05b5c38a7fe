package server

import (
	"errors"
	"testing"

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
