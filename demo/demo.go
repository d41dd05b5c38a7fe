// Package demo is the problems that borel shows itself on, with samples recorded from a real model.
//
// Eight are arithmetic word problems, as completions after two solved ones; four are small Python functions, as chat.
// SmolLM2-135M-Instruct is small enough that one sample rarely suffices and two hundred often do: they were
// chosen, among more, so that coverage rises with k, and say nothing else about that model.
//
// The samples are recorded by
//
//	go run ./demo/record -endpoint http://127.0.0.1:8080/v1 -model smollm2-135m
//
// against llama.cpp's server with 16 slots (-np 16 -c 32768) and the Q4_1 weights. samples.jsonl has the form that
// borel replay --samples reads.
package demo

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"borel/problem"
)

//go:embed problems.jsonl
var problems string

//go:embed samples.jsonl
var samples string

// Item is a problem, how its samples are drawn, and those that were.
type Item struct {
	Problem problem.Problem
	Draw    problem.Draw // without Model
	Samples []problem.Sample
}

// Recorded is a line of samples.jsonl.
type Recorded struct {
	Problem problem.Problem  `json:"problem"`
	Samples []problem.Sample `json:"samples"`
}

// Problems returns the items of problems.jsonl, without samples.
func Problems() ([]Item, error) {
	type line struct {
		Problem problem.Problem `json:"problem"`
		Draw    struct {
			Mode        string   `json:"mode"`
			N           int      `json:"n"`
			Temperature *float64 `json:"temperature"`
			MaxTokens   int      `json:"max_tokens"`
			Stop        []string `json:"stop"`
		} `json:"draw"`
	}
	lines, err := decode[line]("problems.jsonl", problems)
	if err != nil {
		return nil, err
	}
	var items []Item
	for _, l := range lines {
		if err := l.Problem.Validate("problem."); err != nil {
			return nil, fmt.Errorf("problems.jsonl: %s: %w", l.Problem.ID, err)
		}
		d := l.Draw
		items = append(items, Item{Problem: l.Problem, Draw: problem.Draw{
			Mode: d.Mode, Prompt: l.Problem.Prompt, N: d.N, Temperature: d.Temperature, MaxTokens: d.MaxTokens, Stop: d.Stop}})
	}
	return items, nil
}

// Items returns the items with their samples, as many as Draw.N of each. The error is a fault of the embedded files: they do
// not belong together.
func Items() ([]Item, error) {
	items, err := Problems()
	if err != nil {
		return nil, err
	}
	recorded, err := decode[Recorded]("samples.jsonl", samples)
	if err != nil {
		return nil, err
	}
	if len(recorded) != len(items) {
		return nil, fmt.Errorf("samples.jsonl has %d problems, problems.jsonl %d", len(recorded), len(items))
	}
	for i, r := range recorded {
		it := &items[i]
		if !reflect.DeepEqual(r.Problem, it.Problem) || len(r.Samples) != it.Draw.N {
			return nil, fmt.Errorf("samples.jsonl, line %d: not %d samples of problem %s as it is now; record them again", i+1, it.Draw.N, it.Problem.ID)
		}
		it.Samples = r.Samples
	}
	return items, nil
}

// Recording is samples.jsonl as it stands, for borel replay.
func Recording() string { return samples }

// decode reads JSON lines.
func decode[T any](name, text string) (out []T, err error) {
	s := bufio.NewScanner(strings.NewReader(text))
	s.Buffer(nil, problem.MaxSource)
	for n := 1; s.Scan(); n++ {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", name, n, err)
		}
		out = append(out, v)
	}
	return out, s.Err()
}
