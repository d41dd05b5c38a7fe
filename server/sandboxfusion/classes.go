package sandboxfusion

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"borel/problem"
	"borel/server"
)

// The classes of datasets. Their fields and rules are the original's (sandbox/datasets/*.py); the words of prompts are not.

// labels are a row's, an object.
func (r row) labels() (row, error) {
	labels := row{}
	return labels, r.decode("labels", &labels)
}

// asked is the prompt of a row with these fields.
func (r row) asked(text string) (Prompt, error) {
	labels, err := r.labels()
	if err == nil && r["id"] == nil {
		err = lacks("id")
	}
	return Prompt{idOf(r["id"]), text, labels}, err
}

// commonOJ are programs that read standard input: id, content, labels, test.
type commonOJ struct{}

type stdioTest struct {
	Input  map[string]string `json:"input"`
	Output map[string]string `json:"output"`
}

func (commonOJ) prompt(r row, c *testConfig) (Prompt, error) {
	text, err := r.text("content")
	if err != nil {
		return Prompt{}, err
	}
	how := "Write a complete program in " + c.language + " that reads its input from standard input and writes its output to standard output."
	switch {
	case c.locale == "zh" && c.language != "":
		how = "请用 " + c.language + " 编写完整的程序，从标准输入读取输入，并将结果写到标准输出。"
	case c.language == "":
		how = "Write a complete program that reads its input from standard input and writes its output to standard output."
	case c.language == "python":
		how = "Write a complete Python program that reads its input from standard input and writes its output to standard output."
	}
	return r.asked(text + "\n\n" + how)
}

func (commonOJ) submit(ctx context.Context, r row, s *submission) (*EvalResult, error) {
	if s.config.language == "" {
		return nil, bad("config.language field must exist for CommonOJDataset, got None")
	}
	if err := python(s.config.language); err != nil {
		return nil, err
	}
	var tests []stdioTest
	if err := r.decode("test", &tests); err != nil {
		return nil, err
	}
	check := problem.Check{Kind: problem.KindStdio, Compare: "sandboxfusion", AllCases: s.config.extra.flag("run_all_cases")}
	for i, t := range tests {
		in, there := t.Input["stdin"]
		out, also := t.Output["stdout"]
		if !there || !also {
			return nil, bad("test %d has no input.stdin or no output.stdout", i)
		}
		check.Cases = append(check.Cases, problem.Case{Stdin: in, Stdout: out})
	}
	if len(tests) == 0 {
		return nil, bad("the row has no tests: every completion would be accepted")
	}
	code, how, err := s.extracted(ctx)
	if err != nil {
		return nil, err
	}
	v, err := s.judge(ctx, &problem.Problem{ID: "submit", Language: "python", Check: check, Limits: s.limits(defaultSeconds)}, problem.Program(code))
	if err != nil {
		return nil, err
	}
	result := s.result(code, how)
	result.Accepted = v.Status == problem.Accepted
	size := 0
	for i, c := range v.Cases {
		exec, err := s.f.execute(ctx, s.program(code, tests[i].Input["stdin"], defaultSeconds)) // it was run: the cache has it
		if err != nil {
			return nil, err
		}
		if size += exec.size(); size > server.ForeignAnswer {
			exec.shorten()
		}
		passed := c.Status == problem.Accepted
		if passed && !s.config.extra.flag("return_full_case") {
			tests[i].shorten()
		}
		result.Tests = append(result.Tests, EvalTestCase{passed, *exec, tests[i]})
	}
	return result, nil
}

// shorten keeps the ends of what is long.
func (t *stdioTest) shorten() {
	for _, m := range []map[string]string{t.Input, t.Output} {
		for k, v := range m {
			m[k] = shortened(v)
		}
	}
}

// shortened is the ends of what is long.
func shortened(s string) string {
	const kept = 498 // characters, at each end
	if len(s) <= 1000 || len(s) <= 1000*utf8.UTFMax && utf8.RuneCountInString(s) <= 1000 {
		return s
	}
	from, to := 0, len(s)
	for range kept {
		_, n := utf8.DecodeRuneInString(s[from:])
		_, m := utf8.DecodeLastRuneInString(s[:to])
		from, to = from+n, to-m
	}
	return s[:from] + "..." + s[to:]
}

// size is about how many bytes of JSON a program's output takes.
func (r *RunCodeResponse) size() int {
	if r.RunResult == nil {
		return 0
	}
	return server.ForeignSize(*r.RunResult.Stdout, *r.RunResult.Stderr)
}

// shorten keeps the ends of what a program wrote, where the tests before it have filled the answer.
func (r *RunCodeResponse) shorten() {
	if p := r.RunResult; p != nil {
		*p.Stdout, *p.Stderr = shortened(*p.Stdout), shortened(*p.Stderr)
	}
}

// mbpp are functions with asserts: id, content, test, labels.test_setup_code.
type mbpp struct{}

func (mbpp) prompt(r row, _ *testConfig) (Prompt, error) {
	text, err := r.text("content")
	if err != nil {
		return Prompt{}, err
	}
	var tests []string
	if err := r.decode("test", &tests); err != nil {
		return Prompt{}, err
	}
	return r.asked(text + " The code must pass these tests:\n\n" + strings.Join(tests[:min(1, len(tests))], "\n"))
}

func (mbpp) submit(ctx context.Context, r row, s *submission) (*EvalResult, error) {
	labels, err := r.labels()
	if err != nil {
		return nil, err
	}
	setup, err := labels.text("test_setup_code")
	if err != nil {
		return nil, err
	}
	var list []string
	if err := r.decode("test", &list); err != nil {
		return nil, err
	}
	tests := strings.Join(list, "\n")
	if strings.TrimSpace(tests) == "" {
		return nil, bad("the row has no tests: every completion would be accepted")
	}
	code, how, err := s.extracted(ctx)
	if err != nil {
		return nil, err
	}
	result := s.result(code, how)
	return result, s.unit(ctx, result, code, setup+"\n"+tests, code+"\n"+setup+"\n"+tests)
}

// humanEval are functions that models continue or write anew: prompt, and test with entry_point or tests.
type humanEval struct{}

func (humanEval) prompt(r row, c *testConfig) (Prompt, error) {
	text, err := r.text("prompt")
	if err != nil {
		return Prompt{}, err
	}
	id := r["task_id"]
	if id == nil {
		id = r["name"]
	}
	if id == nil {
		return Prompt{}, lacks("task_id")
	}
	if c.extra.flag("is_freeform") {
		how := "Complete the code above as its docstring asks. Answer with the whole code in one fenced block of Markdown, and without anything that runs it."
		if c.locale == "zh" {
			how = "请按照 docstring 的要求补全上面的代码。请用 markdown 代码块给出完整的代码，不要包含运行它的部分。"
		}
		text = "```python\n" + text + "\n```\n\n" + how
	}
	labels := row{}
	for k, v := range r {
		if k != "prompt" {
			labels[k] = v
		}
	}
	return Prompt{idOf(id), text, labels}, nil
}

// helpers are imported before every program of HumanEval, as far as they are here.
const helpers = `import math
import re
import sys
import copy
import datetime
import itertools
import collections
import heapq
import statistics
import functools
import hashlib
import string
from typing import *
from collections import *
`

var usesNumPy = regexp.MustCompile(`\b(?:np|numpy)\b`)

func (h humanEval) submit(ctx context.Context, r row, s *submission) (*EvalResult, error) {
	tests, multi := r.optional("tests"), r["tests"] != nil
	if !multi {
		var err error
		if tests, err = r.text("test"); err != nil {
			return nil, err
		}
	}
	if lang := r.optional("language"); multi && lang != "" && lang != "py" {
		if err := python(strings.Split(lang, ".")[0]); err != nil {
			return nil, err
		}
	}
	if strings.TrimSpace(tests) == "" {
		return nil, bad("the row has no tests: every completion would be accepted")
	}
	if entry := r.optional("entry_point"); !multi && entry != "" {
		tests += "\ncheck(" + entry + ")"
	}
	var code, how, program string
	if s.config.extra.flag("is_freeform") {
		code, how = extract(s.completion, nil)
		program = code
	} else {
		prompt, err := r.text("prompt")
		if err != nil {
			return nil, err
		}
		if code = s.completion; multi {
			code = r.stopped(code)
		} else {
			code = trimmed(code)
		}
		program = prompt + "\n" + code
	}
	program = helpers + program
	if usesNumPy.MatchString(program + tests) {
		program = "import numpy\nimport numpy as np\n" + program
	}
	result := s.result(code, how)
	return result, s.unit(ctx, result, program, tests, program+"\n"+tests)
}

// stopped is a completion up to the first of a row's stop tokens, blank lines aside.
func (r row) stopped(completion string) string {
	var tokens []string
	if r["stop_tokens"] == nil || r.decode("stop_tokens", &tokens) != nil {
		return completion
	}
	for _, t := range tokens {
		if t == "\n\n" || t == "" {
			continue
		}
		if pattern, ok := strings.CutPrefix(t, "re:"); ok {
			re, err := regexp.Compile(strings.TrimSpace(pattern))
			if err != nil { // one that looks ahead, as Python's may: that of HumanEval
				completion = trimmed(completion)
			} else if at := re.FindStringIndex(completion); at != nil {
				completion = completion[:at[0]]
			}
			continue
		}
		completion, _, _ = strings.Cut(completion, t)
	}
	return completion
}

// autoEval are programs with test code: id, content, labels.programming_language, test.code, test.asset.
type autoEval struct{}

func (autoEval) prompt(r row, c *testConfig) (Prompt, error) {
	question, err := r.text("content")
	if err != nil {
		return Prompt{}, err
	}
	labels, err := r.labels()
	if err != nil {
		return Prompt{}, err
	}
	given := func(name string) string {
		if c.extra[name] != nil {
			return c.extra.optional(name)
		}
		return labels.optional(name)
	}
	background, template, examples := given("context"), given("prompt_template"), ""
	if c.fewshot {
		if examples = given("fewshot"); examples == "" {
			return Prompt{}, bad("the row has no fewshot")
		}
	}
	if template != "" {
		return r.asked(substituted(template, map[string]string{"question": question, "fewshot": examples, "context": background, "locale": c.locale}))
	}
	if background == "" && examples == "" {
		return r.asked(question)
	}
	asks, answers := "Question:", "Answer:"
	if c.locale == "zh" {
		asks, answers = "问题：", "答案："
	}
	parts := []string{background, "----------------", examples, asks + question, answers + "\n"}
	if background == "" || examples == "" {
		parts = []string{background + examples, asks + question, answers + "\n"}
	}
	return r.asked(strings.Join(parts, "\n\n"))
}

var placeholder = regexp.MustCompile(`\$(?:\$|([_a-zA-Z][_a-zA-Z0-9]*)|\{([_a-zA-Z][_a-zA-Z0-9]*)\})`)

// substituted is a template of Python's string.Template with these values; what it does not know stays.
func substituted(template string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(template, func(m string) string {
		if m == "$$" {
			return "$"
		}
		if v, ok := values[strings.Trim(m, "${}")]; ok {
			return v
		}
		return m
	})
}

const insert = "#<INSERT>" // in tests: here stands the program

func (autoEval) submit(ctx context.Context, r row, s *submission) (*EvalResult, error) {
	labels, err := r.labels()
	if err != nil {
		return nil, err
	}
	test := row{}
	if err := r.decode("test", &test); err != nil {
		return nil, err
	}
	tests, err := test.text("code")
	if err != nil {
		return nil, err
	}
	assets := map[string]*string{}
	if k := test["asset"].Kind(); k == '{' || k == '"' {
		if err := test.decode("asset", &assets); err != nil {
			return nil, err
		}
	}
	written, err := labels.text("programming_language")
	if err != nil {
		return nil, err
	}
	if err := python(written); err != nil {
		return nil, err
	}
	runs := "python"
	if labels["execution_language"] != nil {
		runs = labels.optional("execution_language")
	}
	if !slices.Contains(runnable, runs) {
		return nil, python(runs)
	}
	all, index, err := s.config.autoEvalMode()
	if err != nil {
		return nil, err
	}
	code, how := freeform(s.completion, all, index)
	before, after, inside := strings.Cut(tests, insert)
	after, _, _ = strings.Cut(after, insert) // the original takes two parts
	placed := code
	if !inside {
		placed, _, _ = strings.Cut(code, beginsMain)
	}
	if s.config.extra.flag("repr_code") {
		placed = strconv.QuoteToASCII(placed)
	}
	result := s.result(code, how)
	full := before + placed + after
	if !inside {
		if full = placed + "\n" + tests; runs == "python" && len(assets) == 0 && !s.config.extra.flag("append_flag") {
			return result, s.unit(ctx, result, placed, tests, full)
		}
	}
	p := s.program(full, "", defaultSeconds)
	p.run.Language = runs
	files := map[string]string{}
	for name, content := range assets {
		if content != nil {
			files[name] = *content
		}
	}
	if err := p.put(files); err != nil {
		return nil, bad("%v", err)
	}
	mayLeave := leaves.MatchString(tests) && !s.config.extra.flag("append_flag")
	return result, s.whole(ctx, result, p, tests, mayLeave)
}

// autoEvalMode is which blocks of a completion are taken: all, or the one at index; otherwise the first.
func (c *testConfig) autoEvalMode() (all bool, index *int, err error) {
	if v := c.extra["autoeval_extract_code_mode"]; v != nil {
		switch c.extra.optional("autoeval_extract_code_mode") {
		case "all":
			all = true
		case "first":
		default:
			return false, nil, bad("Invalid autoeval_extract_code_mode: %s", shownID(v))
		}
	}
	if v := c.extra["code_block_idx"]; v != nil && v.Kind() != 'n' {
		i, err := strconv.Atoi(string(v))
		if err != nil {
			i = -1 << 30 // no such block
		}
		index = &i
	}
	return all, index, nil
}
