package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"borel/dataset"
	"borel/eval"
	"borel/languages"
	"borel/problem"

	"golang.org/x/sync/errgroup"
)

// samplingFlags say how samples are drawn.
type samplingFlags struct {
	Model       string   `required:"" help:"The model, as the endpoint names it."`
	Mode        string   `default:"chat" enum:"chat,completion" help:"API of the endpoint: chat or completion."`
	Template    string   `placeholder:"FILE" help:"What is asked: a file, or a text, that holds {prompt} where the problem's prompt goes (default: that of the dataset's form; borel eval --dry-run shows it)."`
	System      string   `help:"chat: a system message before it."`
	Temperature *float64 `help:"Default: the endpoint's own."`
	TopP        *float64 `help:"Default: the endpoint's own."`
	MaxTokens   int      `help:"Default: the endpoint's own; of completions 1024, since most endpoints stop those after 16."`
	Seed        int64    `help:"Sample i is drawn with seed × 2^20 + i."`
	Stop        []string `sep:"none" help:"Texts that end a sample, instead of those of the dataset's form."`
	Field       []string `sep:"none" placeholder:"NAME=JSON" help:"Further fields of the endpoint's API, such as top_k=20."`
}

// completionTokens is the default of --max-tokens for completions.
const completionTokens = 1024

// sampling is what the flags say of problems of a form.
func (f samplingFlags) sampling(set *dataset.Set) (eval.Sampling, error) {
	t := dataset.For(set.Form, f.Mode)
	if f.Mode == "completion" && set.Stop != nil {
		t.Stop = set.Stop
	}
	switch {
	case strings.Contains(f.Template, dataset.Prompt):
		t.Text = f.Template
	case f.Template != "":
		b, err := os.ReadFile(f.Template)
		if err != nil {
			return eval.Sampling{}, usage("--template: %w", err)
		}
		if t.Text = string(b); !strings.Contains(t.Text, dataset.Prompt) {
			return eval.Sampling{}, usage("--template %s: holds no %s, which stands for the problem's prompt", f.Template, dataset.Prompt)
		}
	}
	if f.Stop != nil {
		t.Stop = f.Stop
	}
	if f.MaxTokens == 0 && f.Mode == "completion" {
		f.MaxTokens = completionTokens
	}
	s := eval.Sampling{
		Model: f.Model, Mode: f.Mode, Template: t.Text, System: f.System, Seed: f.Seed, Temperature: f.Temperature, TopP: f.TopP,
		MaxTokens: f.MaxTokens, Stop: t.Stop,
	}
	for _, field := range f.Field {
		name, value, ok := strings.Cut(field, "=")
		if !ok || name == "" || !json.Valid([]byte(value)) {
			return s, usage("--field %s: must be NAME=JSON, such as top_k=20 or guided_regex='\"[0-9]+\"'", field)
		}
		if s.Fields == nil {
			s.Fields = map[string]json.RawMessage{}
		}
		s.Fields[name] = json.RawMessage(value)
	}
	return s, nil
}

// spendFlags bound what a job may spend.
type spendFlags struct {
	BudgetSamples   int     `placeholder:"N" help:"Samples to draw at most, over all problems; given to the problems where one more is most likely to help."`
	BudgetTokens    int     `placeholder:"N" help:"Tokens to use at most."`
	BudgetUSD       float64 `name:"budget-usd" placeholder:"X" help:"Dollars to spend at most; needs a price."`
	BudgetFLOPs     float64 `name:"budget-flops" placeholder:"X" help:"Floating-point operations to spend at most; needs --price-params."`
	BudgetSeconds   float64 `placeholder:"S" help:"Seconds to take at most."`
	PricePrompt     float64 `placeholder:"USD" help:"What a million prompt tokens cost."`
	PriceCompletion float64 `placeholder:"USD" help:"What a million completion tokens cost."`
	PriceParams     float64 `placeholder:"N" help:"Parameters of the model, for FLOPs."`
}

func (f spendFlags) budget() problem.Budget {
	b := problem.Budget{Samples: f.BudgetSamples, Tokens: f.BudgetTokens, USD: f.BudgetUSD, FLOPs: f.BudgetFLOPs, Seconds: f.BudgetSeconds}
	if p := (problem.Price{PromptUSD: f.PricePrompt, CompletionUSD: f.PriceCompletion, Params: f.PriceParams}); p != (problem.Price{}) {
		b.Price = &p
	}
	return b
}

// choiceFlags say which problems of a dataset are meant.
type choiceFlags struct {
	Form          string   `help:"Form of the dataset, where its fields do not tell it: own, humaneval, evalplus, mbpp, multipl-e, gsm8k, math, apps, codecontests, livecodebench or monkey_business."`
	Where         []string `sep:"none" placeholder:"PATTERN" help:"Only problems whose id is like this (HumanEval/1*), or whose record has a field like it (level=5); several must all hold."`
	Limit         int      `placeholder:"N" help:"Only the first N of them."`
	FilterFailing bool     `help:"Leave out problems whose reference their check rejects."`
}

// choose leaves of set what is meant.
func (f choiceFlags) choose(set *dataset.Set) error {
	if f.Limit < 0 {
		return usage("--limit %d: must be positive", f.Limit)
	}
	for _, w := range f.Where {
		field, value, ok := strings.Cut(w, "=")
		if !ok {
			field, value = "", w
		}
		like := glob(value)
		before := len(set.Items)
		known := field == ""
		set.Items = slices.DeleteFunc(set.Items, func(p dataset.Item) bool {
			text, has := p.Fields[field]
			known = known || has
			if field == "" {
				text = p.ID
			}
			return !like.MatchString(text)
		})
		switch {
		case !known:
			return usage("--where %s: no problem has the field %q", w, field)
		case len(set.Items) == 0:
			return usage("--where %s: none of %d problems is like this", w, before)
		}
	}
	if f.Limit > 0 {
		set.Items = set.Items[:min(f.Limit, len(set.Items))]
	}
	for _, p := range set.Items {
		if l := p.Language; l != "" && p.Check.Kind != problem.KindAnswer && p.Check.Kind != problem.KindProof && !slices.Contains(languages.Names(), l) {
			return usage("problem %s is in %s; what can be run here is %s (see --where)", printable(p.ID), printable(l), strings.Join(languages.Names(), ", "))
		}
	}
	return nil
}

// glob is a pattern in which * stands for any text and ? for any character.
func glob(pattern string) *regexp.Regexp {
	p := regexp.QuoteMeta(pattern)
	p = strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(p)
	return regexp.MustCompile(`(?s)^` + p + `$`)
}

// sound leaves out problems whose reference is rejected, and tells which. One without a reference, and one whose reference
// could not be decided, stays.
func (f choiceFlags) sound(ctx context.Context, m *Main, j judge, list []problem.Problem) ([]problem.Problem, error) {
	if !f.FilterFailing {
		return list, nil
	}
	failing := make([]string, len(list))
	var bare, unknown atomic.Int64
	var mu sync.Mutex // guards bar
	bar := m.progress("references", len(list))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallelGroups())
	for i := range list {
		g.Go(func() error {
			p := &list[i]
			if p.Reference == nil {
				bare.Add(1)
				return nil
			}
			v, err := j.Verify(gctx, p, *p.Reference, false)
			if _, ok := errors.AsType[*problem.Invalid](err); ok {
				failing[i], err = err.Error(), nil
			}
			if err != nil {
				return err
			}
			switch v.Status {
			case problem.Accepted, "":
			case problem.Unknown:
				unknown.Add(1)
			default:
				failing[i] = cmp.Or(v.Message, string(v.Status))
			}
			mu.Lock()
			defer mu.Unlock()
			bar.step()
			return nil
		})
	}
	err := g.Wait()
	bar.end()
	if err != nil {
		return nil, err
	}
	var kept []problem.Problem
	for i, why := range failing {
		if why == "" {
			kept = append(kept, list[i])
			continue
		}
		if i-len(kept) < 10 {
			m.say("left out %s: its reference is rejected: %.200s", printable(list[i].ID), printable(why))
		}
	}
	m.say("%d of %d problems stay; %d have no reference, of %d it is unknown", len(kept), len(list), bare.Load(), unknown.Load())
	if len(kept) == 0 {
		return nil, errors.New("the reference of every problem is rejected")
	}
	return kept, nil
}

// plan is what --dry-run tells. Tokens are estimated: four bytes each.
type plan struct {
	Dataset          string   `json:"dataset"`
	Form             string   `json:"form"`
	Problems         int      `json:"problems"`
	Left             int      `json:"left_out,omitempty"`
	N                int      `json:"n"`
	Samples          int      `json:"samples"`
	Mode             string   `json:"mode"`
	Template         string   `json:"template"`
	Stop             []string `json:"stop,omitempty"`
	First            string   `json:"first"`  // problem
	Prompt           string   `json:"prompt"` // what is asked of it
	PromptTokens     int      `json:"prompt_tokens"`
	CompletionTokens int      `json:"completion_tokens,omitempty"` // at most; 0: not known
	USD              *float64 `json:"usd,omitempty"`               // at most; nil: not known
}

const bytesPerToken = 4

func newPlan(name string, set *dataset.Set, spec *eval.Spec) plan {
	p := plan{
		Dataset: name, Form: set.Form, Problems: len(spec.Problems), Left: len(set.Left), N: spec.N, Samples: spec.N * len(spec.Problems),
		Mode: spec.Mode, Template: spec.Template, Stop: spec.Stop, First: spec.Problems[0].ID,
	}
	t := dataset.Template{Text: spec.Template}
	p.Prompt = t.Render(spec.Problems[0].Prompt)
	for i := range spec.Problems {
		p.PromptTokens += (len(spec.System) + len(t.Render(spec.Problems[i].Prompt)) + bytesPerToken - 1) / bytesPerToken
	}
	if spec.Budget.Samples > 0 {
		p.Samples = min(p.Samples, spec.Budget.Samples)
	}
	p.CompletionTokens = p.Samples * spec.MaxTokens
	if price := spec.Budget.Price; price != nil && spec.MaxTokens > 0 {
		usd := (float64(p.PromptTokens)*price.PromptUSD + float64(p.CompletionTokens)*price.CompletionUSD) / 1e6
		p.USD = &usd
	}
	return p
}

func (p *plan) write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d problems of the form %s", p.Dataset, p.Problems, p.Form)
	if p.Left > 0 {
		fmt.Fprintf(&b, ", %d records left out", p.Left)
	}
	fmt.Fprintf(&b, "\n%d samples of each, %d in all, by the %s API\n", p.N, p.Samples, p.Mode)
	fmt.Fprintf(&b, "prompts: about %d tokens, each problem's once", p.PromptTokens)
	if p.CompletionTokens > 0 {
		fmt.Fprintf(&b, "; answers: %d tokens at most", p.CompletionTokens)
	}
	if p.USD != nil {
		fmt.Fprintf(&b, "; $%.4g at most", *p.USD)
	}
	if len(p.Stop) > 0 {
		fmt.Fprintf(&b, "\nan answer ends before %q", p.Stop)
	}
	fmt.Fprintf(&b, "\n\nasked of the first, %s:\n%s\n", printable(p.First), terminal(p.Prompt))
	_, err := io.WriteString(w, b.String())
	return err
}

// terminal is printable, line by line.
func terminal(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = printable(strings.ReplaceAll(lines[i], "\t", "    "))
	}
	return strings.Join(lines, "\n")
}

// title is a name for a job on a file.
func title(file, model string) string { return filepath.Base(file) + " " + model }
