package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"borel/wasm"
)

func TestAnswer(t *testing.T) {
	if _, err := wasm.Python(); errors.Is(err, wasm.ErrMissing) {
		t.Skip(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "program.py")
	if err := os.WriteFile(program, []byte("print(sum(range(100000)))\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := answer(t.Context(), filepath.Join(cache, "borel", "code"), strings.NewReader(program+"\n"+program+"\n"), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("got %q; want the mode, and a line a run", lines)
	}
	const want = `^\d+\.\d{3} (\d+) 5c7c129a$` // "4999950000\n"
	first, second := regexp.MustCompile(want).FindStringSubmatch(lines[1]), regexp.MustCompile(want).FindStringSubmatch(lines[2])
	if first == nil || second == nil || first[1] != second[1] {
		t.Errorf("got %q; want milliseconds, the same fuel, and %s", lines[1:], want)
	}
}

func TestShare(t *testing.T) {
	a := &build{least: map[string]float64{"x": 50, "y": 200}}
	b := &build{least: map[string]float64{"x": 100, "y": 100}}
	c := &build{least: map[string]float64{"x": 100, "y": 200}}
	d := &build{wrong: errors.New("printed something else")}
	for _, s := range []struct {
		got, want, name string
	}{
		{a.share(b), "1.000", "half and twice"},
		{a.share(c), "0.707", "half and the same"},
		{a.share(d), "wrong", "of one that is wrong"},
		{d.share(a), "wrong", "of one that is right"},
	} {
		if s.got != s.want {
			t.Errorf("%s: got %s, want %s", s.name, s.got, s.want)
		}
	}
}
