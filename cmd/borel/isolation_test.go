package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"borel/confine"
	"borel/wasm"
)

// /readyz tells how many workers are up and what confines them.
func TestReadyzTellsOfWorkers(t *testing.T) {
	url := serving(t, "--workers", "1")
	status, answer := ask(t, url+"/readyz", "")
	var ready struct {
		Status  string
		Sandbox struct {
			Workers, Ready, Ended int
			Isolation             map[string]any
		}
	}
	if err := json.Unmarshal([]byte(answer), &ready); err != nil || status != 200 {
		t.Fatal(status, answer, err)
	}
	if s := ready.Sandbox; ready.Status != "ready" || s.Workers != 1 || s.Ready != 1 || s.Isolation["mode"] != "process" {
		t.Errorf("got %s", answer)
	}
	for _, layer := range confine.Names() {
		if _, ok := ready.Sandbox.Isolation[layer].(bool); !ok {
			t.Errorf("layer %s is not in %s", layer, answer)
		}
	}
}

// Workers that cannot start make the server say so, for as long as it lasts: /readyz is 503 with the cause, and so is a run.
func TestReadyzIsRed(t *testing.T) {
	if _, err := wasm.Python(); err != nil {
		t.Skip(err)
	}
	// A cache folder that cannot be made: each worker dies at its start.
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", file)
	ctx, cancel := context.WithCancel(t.Context())
	listens, ended := make(chan string, 1), make(chan int, 1)
	var stderr output
	m := &Main{Stdin: strings.NewReader(""), Stdout: &stderr, Stderr: &stderr, Listening: func(addr string) { listens <- addr }}
	go func() {
		ended <- m.Run(ctx, []string{"serve", "--addr", "127.0.0.1:0", "--grace", "1ns", "--workers", "1", "--data", t.TempDir()})
	}()
	url := "http://" + <-listens
	const cause = "not a directory"
	for {
		status, answer := ask(t, url+"/readyz", "")
		if status != 503 {
			t.Fatalf("got %d %s", status, answer)
		}
		if strings.Contains(answer, cause) {
			break
		}
	}
	if status, answer := ask(t, url+"/v1/runs", `{"source":"print(1)"}`); status != 503 || !strings.Contains(answer, cause) {
		t.Errorf("got %d %s", status, answer)
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if code := <-ended; code != 0 || !strings.Contains(stderr.String(), "cannot run programs, and keeps trying: a worker does not start") {
		t.Errorf("ended with %d: %s", code, &stderr)
	}
	code, _, said := run(t.Context(), "", "run", file, "--data", t.TempDir())
	if code != exitFault || !strings.Contains(said, cause) {
		t.Errorf("borel run: got %d %s", code, said)
	}
}

// What is required and missing ends a command, by name. A binary with the race detector is never confined wholly.
func TestRequireIsolation(t *testing.T) {
	if testing.Short() {
		t.Skip("starts program after program")
	}
	if _, err := wasm.Python(); err != nil {
		t.Skip(err)
	}
	file := t.TempDir() + "/a.py"
	if err := os.WriteFile(file, []byte("print(1)"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, report, _ := run(t.Context(), "", "doctor", "--json", "--data", t.TempDir())
	var d struct{ Isolation map[string]any }
	if err := json.Unmarshal([]byte(report), &d); err != nil {
		t.Fatal(err)
	}
	var missing []string
	for _, layer := range confine.Names() {
		if d.Isolation[layer] != true {
			missing = append(missing, layer)
		}
	}
	code, stdout, stderr := run(t.Context(), "", "run", file, "--require-isolation", "--data", t.TempDir())
	if len(missing) == 0 {
		if code != 0 || stdout != "1\n" {
			t.Errorf("every layer is there: got %d %s", code, stderr)
		}
		return
	}
	if code != exitFault || !strings.Contains(stderr, "this system does not give: "+strings.Join(missing, ", ")) {
		t.Errorf("%v are missing: got %d %s%s", missing, code, stdout, stderr)
	}
	code, _, stderr = run(t.Context(), "", "serve", "--addr", "127.0.0.1:0", "--require-isolation", "--data", t.TempDir())
	if code != exitError || !strings.Contains(stderr, "this system does not give: "+strings.Join(missing, ", ")) {
		t.Errorf("serve: got %d %s", code, stderr)
	}
}
