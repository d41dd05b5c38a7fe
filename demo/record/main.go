// Record draws the samples of the demo from a real model and writes demo/samples.jsonl. Run it from the repository's root:
//
//	go run ./demo/record -endpoint http://127.0.0.1:8080/v1 -model smollm2-135m
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"borel/demo"
	"borel/problem"
	"borel/sampler"
)

func main() {
	endpoint := flag.String("endpoint", "", "`URL` of an OpenAI-compatible server, up to /v1")
	model := flag.String("model", "", "`name` of the model to ask for")
	seed := flag.Int64("seed", 0, "`seed`: sample i is drawn with seed × 2^20 + i")
	out := flag.String("o", filepath.Join("demo", "samples.jsonl"), "`file` to write")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := record(ctx, *endpoint, *model, *seed, *out); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

// record writes the file out once everything is drawn.
func record(ctx context.Context, endpoint, model string, seed int64, out string) error {
	e, err := sampler.ParseEndpoint(endpoint)
	if err != nil {
		return err
	}
	s, err := sampler.New(sampler.Config{Endpoints: []sampler.Endpoint{e}, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return err
	}
	defer s.Close()
	items, err := demo.Problems()
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	enc := json.NewEncoder(&lines)
	enc.SetEscapeHTML(false)
	for _, it := range items {
		start := time.Now()
		it.Draw.Model, it.Draw.Seed = model, seed
		samples := make([]problem.Sample, it.Draw.N)
		var used problem.Usage
		for drawn, err := range s.Samples(ctx, it.Draw) {
			if err != nil {
				return fmt.Errorf("%s: %w", it.Problem.ID, err)
			}
			samples[drawn.Index] = drawn.Sample
			used.Add(drawn.Usage)
		}
		if err := enc.Encode(demo.Recorded{Problem: it.Problem, Samples: samples}); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%-22s %3d samples, %2d requests, at least %5d tokens, %.1f s\n", it.Problem.ID, len(samples), used.Requests, used.CompletionTokens, time.Since(start).Seconds())
	}
	return os.WriteFile(out, lines.Bytes(), 0o644)
}
