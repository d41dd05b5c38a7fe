package demo_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"borel/demo"
	"borel/problem"
)

var number = regexp.MustCompile(`-?\d+(?:\.\d+)?`)

// The recorded arithmetic shows what the demo is for: a sample is seldom right, two hundred nearly always hold one.
func TestCoverageRises(t *testing.T) {
	items, err := demo.Items()
	if err != nil {
		t.Fatal(err)
	}
	problems, solved, right, drawn := 0, 0, 0, 0
	for _, it := range items {
		if it.Problem.Check.Kind != problem.KindAnswer {
			continue
		}
		want, err := strconv.ParseFloat(it.Problem.Check.Answer, 64)
		if err != nil {
			t.Fatal(err)
		}
		c := 0
		for _, s := range it.Samples {
			numbers := number.FindAllString(*s.Completion, -1)
			if len(numbers) == 0 {
				continue
			}
			if got, err := strconv.ParseFloat(numbers[len(numbers)-1], 64); err == nil && got == want {
				c++
			}
		}
		t.Logf("%-22s %3d of %d", it.Problem.ID, c, len(it.Samples))
		problems++
		right += c
		drawn += len(it.Samples)
		if c > 0 {
			solved++
		}
	}
	if problems != 8 || drawn != 1600 {
		t.Fatalf("%d problems with %d samples, want 8 with 1600", problems, drawn)
	}
	one, all := float64(right)/float64(drawn), float64(solved)/float64(problems)
	if one < 0.01 || one > 0.1 || all < 0.6 {
		t.Errorf("coverage rises from %.3f to %.3f, want from at most 0.1 to at least 0.6", one, all)
	}
}

// Each item can be drawn again and replayed: its draw asks for its own prompt, and its samples have the form of its mode.
func TestItems(t *testing.T) {
	items, err := demo.Items()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	bytes, code := 0, 0
	for _, it := range items {
		p := it.Problem
		if seen[p.ID] || seen[p.Prompt] {
			t.Errorf("%s: its id or prompt is another's too", p.ID)
		}
		seen[p.ID], seen[p.Prompt] = true, true
		if it.Draw.Prompt != p.Prompt || it.Draw.Temperature == nil || it.Draw.MaxTokens == 0 {
			t.Errorf("%s: its draw is %+v", p.ID, it.Draw)
		}
		chat := it.Draw.Mode == "chat"
		if chat {
			code++
			if !strings.Contains(p.Check.Tests, p.Check.EntryPoint+"(") || !strings.Contains(p.Prompt, p.Check.EntryPoint+"(") {
				t.Errorf("%s: prompt or tests do not name %q", p.ID, p.Check.EntryPoint)
			}
		}
		for i, s := range it.Samples {
			if (s.Text != nil) != chat || (s.Completion != nil) == chat {
				t.Fatalf("%s: sample %d is not of mode %s", p.ID, i, it.Draw.Mode)
			}
			bytes += len(s.Raw())
		}
	}
	if code != 4 {
		t.Errorf("%d code problems, want 4", code)
	}
	if bytes > 250_000 {
		t.Errorf("%d bytes of samples, more than a repository should carry", bytes)
	}
}
