package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"borel/problem"
)

// passThrough measures what the OpenAI API adds to a request that it passes on: an endpoint of recorded answers is asked
// directly and through a server, in turns. A stream has an event for each of its forty lines.
func (b *bench) passThrough(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "borel-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p := problem.Problem{ID: "say", Prompt: "say", Check: problem.Check{Kind: problem.KindAnswer, Answer: "1"}}
	line, err := json.Marshal(map[string]any{"problem": p, "samples": []problem.Sample{problem.Text(strings.Repeat("some words of an answer\n", 40))}})
	if err != nil {
		return err
	}
	tape := filepath.Join(dir, "samples.jsonl")
	if err := os.WriteFile(tape, line, 0o600); err != nil {
		return err
	}
	quiet := *b.m
	quiet.Stderr = io.Discard
	endpoint, err := startSelf(ctx, &quiet, "replay", "--samples", tape)
	if err != nil {
		return err
	}
	defer endpoint.stop()
	front, err := startSelf(ctx, &quiet, "serve", "--data", filepath.Join(dir, "data"), "--endpoint", endpoint.url+"/v1")
	if err != nil {
		return err
	}
	defer front.stop()
	if err := front.ready(ctx); err != nil {
		return err
	}
	for _, way := range []struct{ name, body string }{
		{"openai/pass-through", `{"model":"m","messages":[{"role":"user","content":"say"}]}`},
		{"openai/pass-through-stream", `{"model":"m","messages":[{"role":"user","content":"say"}],"stream":true}`},
	} {
		var direct, through []float64
		for i := range 2000 {
			for _, to := range []struct {
				url  string
				took *[]float64
			}{{endpoint.url, &direct}, {front.url, &through}} {
				d, err := millis(func() error { return complete(ctx, to.url, way.body) })
				if err != nil {
					return err
				}
				if i >= 100 { // connections are open, caches warm
					*to.took = append(*to.took, d)
				}
			}
		}
		b.add(measured{Name: way.name, Value: median(through) - median(direct), Unit: fmt.Sprintf("ms more than the endpoint's own %.2g", median(direct))})
	}
	return nil
}

// complete asks for a chat completion and reads all of it.
func complete(ctx context.Context, url, body string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/chat/completions", strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || !bytes.Contains(text, []byte("some words"))) {
		err = fmt.Errorf("%s answered %d: %s", url, resp.StatusCode, lastBytes(text, 300))
	}
	return err
}
