package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"borel/sandbox"
	"borel/wasm"
)

// Every way to ask how programs are compiled has the same answer, for each way to have them compiled.
func TestEngineIsTold(t *testing.T) {
	if _, err := wasm.Python(); err != nil {
		t.Skip(err)
	}
	patched := sandbox.Patches() != ""
	mode := func(m string) string {
		if !patched {
			return "stock"
		}
		return m
	}
	for _, c := range []struct{ flag, mode string }{
		{"--engine=guarded", mode("guarded")},
		{"--engine=safe", mode("safe")},
		{"--isolation=none", mode("safe")},
	} {
		var d struct {
			Engine struct{ Mode, Patches string }
		}
		_, report, _ := run(t.Context(), "", "doctor", "--json", c.flag, "--data", t.TempDir())
		if err := json.Unmarshal([]byte(report), &d); err != nil {
			t.Fatal(err)
		}
		if got := d.Engine; got.Mode != c.mode || got.Patches != sandbox.Patches() {
			t.Errorf("%s: doctor says %+v, want %s", c.flag, got, c.mode)
		}
	}
	url := serving(t, "--workers", "1")
	var ready struct {
		Sandbox struct{ Engine string }
	}
	status, answer := ask(t, url+"/readyz", "")
	if err := json.Unmarshal([]byte(answer), &ready); err != nil || status != 200 {
		t.Fatal(status, answer, err)
	}
	_, metrics := ask(t, url+"/metrics", "")
	want := fmt.Sprintf("borel_engine_info{mode=%q,patches=%q} 1\n", mode("guarded"), sandbox.Patches())
	if got := cmp.Or(ready.Sandbox.Engine, "nothing"); got != mode("guarded") || !strings.Contains(metrics, want) {
		t.Errorf("/readyz says %s, /metrics lacks %s", got, want)
	}
}
