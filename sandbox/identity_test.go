package sandbox

import (
	"context"
	"log/slog"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// The identity says which wazero it is; the constant must not lag behind go.mod.
func TestWazeroVersion(t *testing.T) {
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for line := range strings.Lines(string(mod)) {
		if line, _, _ = strings.Cut(line, "//"); !strings.Contains(line, "wazero") {
			continue
		}
		lines++
		if f := strings.Fields(line); f[len(f)-1] != wazeroVersion {
			t.Errorf("go.mod has %q, wazeroVersion is %s", strings.TrimSpace(line), wazeroVersion)
		}
	}
	if lines == 0 {
		t.Error("go.mod does not mention wazero")
	}
}

// TestIdentity: what can change a result changes the identity, and nothing else does. Each field of Image and Config
// must have its place here.
func TestIdentity(t *testing.T) {
	type setting struct {
		Config
		Image
	}
	base := func() setting {
		return setting{Config{Parallel: 2}, Image{Name: "test", Module: bytesOf(testGuest), Rate: 1_000_000, Harness: []byte("harness")}}
	}
	// Another byte at the marker.
	otherGuest := []byte(strings.Replace(string(testGuest), "\x01M", "\x01N", 1))
	identity := func(change func(*setting)) string {
		s := base()
		change(&s)
		e, err := New(t.Context(), s.Config)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close(context.Background())
		tpl, err := e.Load(t.Context(), s.Image)
		if err != nil {
			t.Fatal(err)
		}
		defer tpl.Close(context.Background())
		return tpl.Identity()
	}
	table := map[string]struct {
		differs bool
		change  func(*setting)
	}{
		"Config.CacheDir":    {false, func(s *setting) { s.CacheDir = t.TempDir() }},
		"Config.Parallel":    {false, func(s *setting) { s.Parallel = 1 }},
		"Config.Portable":    {false, func(s *setting) { s.Portable = true }},
		"Config.Logger":      {false, func(s *setting) { s.Logger = slog.New(slog.DiscardHandler) }},
		"Config.Guarded":     {false, func(s *setting) { s.Guarded = true }},
		"Config.Interpreter": {true, func(s *setting) { s.Interpreter = true }},
		"Config.Unmetered":   {true, func(s *setting) { s.Unmetered = true }},
		"Image.Name":         {true, func(s *setting) { s.Name = "other" }},
		"Image.Digest":       {true, func(s *setting) { s.Digest[31] = 1 }},
		"Image.Module":       {true, func(s *setting) { s.Module = bytesOf(otherGuest) }},
		"Image.Rate":         {true, func(s *setting) { s.Rate++ }},
		"Image.Base":         {true, func(s *setting) { s.Base = 1 }},
		"Image.Harness":      {true, func(s *setting) { s.Harness = []byte("harnest") }},
		"Image.Warm":         {true, func(s *setting) { s.Warm = []Spec{{Steps: []Step{{Name: "x", Source: []byte("m\x00")}}}} }},
		"Image.Setup":        {false, func(s *setting) { s.Setup = []byte("x") }}, // of call stacks that are far from their ends
		"Image.Files":        {false, func(s *setting) { s.Files = NewTree() }},   // in Digest, which is the image's maker's to tell
		"Image.HashSeed":     {false, func(s *setting) { s.HashSeed = 1 }},        // where the guest does not look; Python does
		"Image.Frozen": {false, func(s *setting) { // nil where the system has no memory files
			var err error
			cfg := s.Config
			cfg.CacheDir = t.TempDir()
			if s.Frozen, err = frozenBy(t, cfg, s.Image); err != nil {
				t.Fatal(err)
			}
			if s.Frozen != nil {
				t.Cleanup(func() { s.Frozen.Close() })
			}
		}},
		"nothing": {false, func(*setting) {}},
	}
	for _, of := range []any{Config{}, Image{}} {
		typ := reflect.TypeOf(of)
		for i := range typ.NumField() {
			if name := typ.Name() + "." + typ.Field(i).Name; table[name].change == nil {
				t.Errorf("%s: does it change what a run does?", name)
			}
		}
	}
	first := identity(func(*setting) {})
	seen := map[string]string{}
	for name, c := range table {
		id := identity(c.change)
		if (id != first) != c.differs {
			t.Errorf("%s: the identity differs: %v, want %v\n%s\n%s", name, id != first, c.differs, id, first)
		}
		if other, ok := seen[id]; ok && c.differs {
			t.Errorf("%s and %s have one identity", name, other)
		}
		seen[id] = name
	}
	for _, part := range []string{" wazero/" + wazeroVersion, " instrument/" + instrumentVersion, " " + runtime.GOARCH + " "} {
		if !strings.Contains(first, part) {
			t.Errorf("%q lacks %q", first, part)
		}
	}
}
