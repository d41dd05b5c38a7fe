package verify

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
)

// leaves are the names of all fields below t: Check.Cases.Stdin.
func leaves(t reflect.Type, at string) (names []string) {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		if t = t.Elem(); t == reflect.TypeFor[problem.Check]() || t == reflect.TypeFor[sandbox.Spec]() {
			return []string{at} // what it holds is of its own kind again
		}
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[problem.Start]() || t == reflect.TypeFor[sandbox.Spec]() && at != "" {
		return []string{at}
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			names = append(names, leaves(f.Type, at)...)
			continue
		}
		names = append(names, leaves(f.Type, strings.TrimPrefix(at+"."+f.Name, "."))...)
	}
	return names
}

// TestRunKey: each field of a spec changes the key, unless a record says what it comes to.
func TestRunKey(t *testing.T) {
	base := func() *sandbox.Spec {
		return &sandbox.Spec{
			Steps: []sandbox.Step{step("main.py", []byte("a")), step("tests.py", []byte("b"))}, Stdin: []byte("in"), Args: []string{"main.py"},
			Files: map[string][]byte{"f": []byte("x")}, Fetch: []string{"f"}, Limits: sandbox.Limits{Fuel: 1, Virtual: 1, Memory: 1, Output: 1, Files: 1, FileBytes: 1, Wall: 1},
		}
	}
	table := map[string]struct {
		differs bool
		change  func(*sandbox.Spec)
	}{
		"Steps.Name":       {true, func(s *sandbox.Spec) { s.Steps[1].Name = "x" }},
		"Steps.Source":     {true, func(s *sandbox.Spec) { s.Steps[1].Source = nil }},
		"Stdin":            {true, func(s *sandbox.Spec) { s.Stdin = nil }},
		"MoreStdin":        {true, func(s *sandbox.Spec) { s.MoreStdin = true }},
		"Files":            {true, func(s *sandbox.Spec) { s.Files["f"] = nil }},
		"Fetch":            {true, func(s *sandbox.Spec) { s.Fetch = nil }},
		"Args":             {true, func(s *sandbox.Spec) { s.Args = append(s.Args, "") }},
		"Seed":             {true, func(s *sandbox.Spec) { s.Seed = 1 }},
		"Start":            {true, func(s *sandbox.Spec) { s.Start = sandbox.DefaultStart.Add(1) }},
		"Limits.Memory":    {true, func(s *sandbox.Spec) { s.Limits.Memory++ }},
		"Limits.Files":     {true, func(s *sandbox.Spec) { s.Limits.Files++ }},
		"Limits.FileBytes": {true, func(s *sandbox.Spec) { s.Limits.FileBytes++ }},
		"Limits.Fuel":      {false, func(s *sandbox.Spec) { s.Limits.Fuel++ }},
		"Limits.Virtual":   {false, func(s *sandbox.Spec) { s.Limits.Virtual++ }},
		"Limits.Output":    {false, func(s *sandbox.Spec) { s.Limits.Output++ }},
		"Limits.Wall":      {false, func(s *sandbox.Spec) { s.Limits.Wall++ }}, // an error, never a result
		"default start":    {false, func(s *sandbox.Spec) { s.Start = sandbox.DefaultStart.In(time.FixedZone("", 3600)) }},
		"Channel":          {true, func(s *sandbox.Spec) { s.Channel = []byte("x") }},
		"empty channel":    {true, func(s *sandbox.Spec) { s.Channel = []byte{} }},
		"Tails.Name":       {true, func(s *sandbox.Spec) { s.Tails = []sandbox.Step{step("x", nil)} }},
		"Tails.Source":     {true, func(s *sandbox.Spec) { s.Tails = []sandbox.Step{step("", []byte("x"))} }},
		"a step as a tail": {true, func(s *sandbox.Spec) { s.Steps, s.Tails = s.Steps[:1], s.Steps[1:] }},
		"Marked":           {true, func(s *sandbox.Spec) { s.Marked = true }},
		"Each.Fuel":        {true, func(s *sandbox.Spec) { s.Each.Fuel = 1 }},
		"Each.Virtual":     {true, func(s *sandbox.Spec) { s.Each.Virtual = 1 }},
		"Join":             {true, func(s *sandbox.Spec) { s.Join = sandbox.JoinStdio }},
		"Peer":             {true, func(s *sandbox.Spec) { s.Peer = &sandbox.Spec{} }},
		"peer's stdin":     {true, func(s *sandbox.Spec) { s.Peer = &sandbox.Spec{Stdin: []byte("x")} }},
	}
	for _, name := range leaves(reflect.TypeFor[sandbox.Spec](), "") {
		if table[name].change == nil {
			t.Errorf("%s: does it change what a run does?", name)
		}
	}
	first := runKey("id", base())
	if runKey("id", base()) != first {
		t.Error("one spec has two keys")
	}
	if runKey("id2", base()) == first {
		t.Error("two identities have one key")
	}
	seen := map[Key]string{}
	for name, c := range table {
		s := base()
		c.change(s)
		k := runKey("id", s)
		if (k != first) != c.differs {
			t.Errorf("%s: the key differs: %v, want %v", name, k != first, c.differs)
		}
		if other, ok := seen[k]; ok && c.differs {
			t.Errorf("%s and %s have one key", name, other)
		}
		seen[k] = name
	}

	// Of more than one run, the limits of each do too, but for the one that makes no results.
	for name, join := range map[string]func(*sandbox.Spec){
		"tails": func(s *sandbox.Spec) { s.Tails = []sandbox.Step{step("x", nil)} },
		"peer":  func(s *sandbox.Spec) { s.Peer, s.Join = base(), sandbox.JoinStdio },
	} {
		s := base()
		join(s)
		first := runKey("id", s)
		for limit, change := range map[string]func(*sandbox.Limits){
			"fuel":    func(l *sandbox.Limits) { l.Fuel++ },
			"virtual": func(l *sandbox.Limits) { l.Virtual++ },
			"output":  func(l *sandbox.Limits) { l.Output++ },
		} {
			for _, of := range []func(*sandbox.Spec) *sandbox.Limits{
				func(s *sandbox.Spec) *sandbox.Limits { return &s.Limits },
				func(s *sandbox.Spec) *sandbox.Limits {
					if s.Peer == nil {
						return &s.Limits
					}
					return &s.Peer.Limits
				},
			} {
				s := base()
				join(s)
				change(of(s))
				if runKey("id", s) == first {
					t.Errorf("%s: another limit on %s has the same key", name, limit)
				}
			}
		}
		s.Limits.Wall++
		if runKey("id", s) != first {
			t.Errorf("%s: the wall-clock ceiling changes the key", name)
		}
	}
}

// variants is a Runner whose identity depends on the guest alone, as a runtime's does.
type variants struct{ runner }

func (r *variants) Identity(_ context.Context, g languages.Guest) (string, error) {
	return fmt.Sprint("fake ", g), nil
}

// newer is a checker in its next version.
type newer struct{ checker }

func (n newer) version() string { return n.checker.version() + "1" }
func (n newer) runsNothing() bool {
	r, ok := n.checker.(runless)
	return ok && r.runsNothing()
}

// TestVerdictKey: what can change a verdict changes its key, and nothing else does, for each field of a problem.
func TestVerdictKey(t *testing.T) {
	// It passes alone, as one of a pair, and as what lists the names that tests use.
	all := func(context.Context, int64) (sandbox.Result, error) {
		r := passes
		r.Stdout, r.Peer = []byte("{}"), &passes
		return r, nil
	}
	v := New(Config{Runner: &variants{runner{do: all}}, Runs: NewMemory(0), Verdicts: NewMemory(0)})
	type question struct {
		problem.Problem
		sample problem.Sample
		judge  func(*judge) // a change of borel itself
	}
	key := func(t *testing.T, q question) string {
		j, err := v.judge(&q.Problem, false)
		if err != nil {
			t.Fatal(err)
		}
		if q.judge != nil {
			q.judge(j)
		}
		d, err := j.verdict(t.Context(), q.sample)
		if err != nil {
			t.Fatal(err)
		}
		if d.Key == "" || d.Error != "" {
			t.Fatalf("no key: %+v", d)
		}
		return d.Key
	}
	const differs, same = true, false
	type change struct {
		differs bool
		change  func(*question)
	}
	run := map[string]change{ // of every check that runs programs
		"ID":               {same, func(q *question) { q.ID = "other" }},
		"Prompt":           {same, func(q *question) { q.Prompt = "other" }}, // it shows in the program, or does not matter
		"Language":         {same, func(q *question) { q.Language = "python" }},
		"Check.EntryPoint": {same, func(q *question) { q.Check.EntryPoint = "f" }},
		"Limits.Seconds":   {differs, func(q *question) { q.Limits.Seconds = 1 }},
		"Limits.MemoryMB":  {differs, func(q *question) { q.Limits.MemoryMB = 100 }},
		"Limits.OutputKB":  {differs, func(q *question) { q.Limits.OutputKB = 100 }},
		"Limits.Files":     {differs, func(q *question) { q.Limits.Files = 100 }},
		"Limits.FileKB":    {differs, func(q *question) { q.Limits.FileKB = 100 }},
		"Seed":             {differs, func(q *question) { q.Seed = 1 }},
		"HashSeed":         {differs, func(q *question) { q.HashSeed = 1 }},
		"Start":            {differs, func(q *question) { q.Start.Time = problem.MinStart }},
		"default limits":   {same, func(q *question) { q.Limits = problem.DefaultLimits }},
		"default start":    {same, func(q *question) { q.Start.Time = sandbox.DefaultStart }},
		"the program":      {differs, func(q *question) { q.sample = problem.Program("y") }},
		"the same in text": {same, func(q *question) { q.sample = problem.Completion("x") }},
		"the checker":      {differs, func(q *question) { q.judge = func(j *judge) { j.check = newer{j.check} } }},
	}
	of := func(common, own map[string]change) map[string]change {
		all := map[string]change{}
		for _, m := range []map[string]change{common, own} {
			for name, c := range m {
				all[name] = c
			}
		}
		return all
	}
	unit := of(run, map[string]change{
		"Check.Tests":     {differs, func(q *question) { q.Check.Tests = "other" }},
		"Check.Isolation": {differs, func(q *question) { q.Check.Isolation = "split" }},
		"shared":          {same, func(q *question) { q.Check.Isolation = "shared" }},
	})
	prompt := "def g(): pass\ndef f(): pass\n"
	split := of(run, map[string]change{
		"Check.Tests":      {differs, func(q *question) { q.Check.Tests = "other" }},
		"Check.EntryPoint": {differs, func(q *question) { q.Check.EntryPoint = "g" }},
		"Prompt":           {differs, func(q *question) { q.Prompt = "x = 1\n" + prompt }},
		"its end":          {same, func(q *question) { q.Prompt = prompt + "    # other\n" }},
		"Check.Fallback":   {differs, func(q *question) { q.Check.Fallback = "shared" }},
		"default fallback": {same, func(q *question) { q.Check.Fallback = "none" }},

		"Reference.Program":    {differs, func(q *question) { q.Reference = new(problem.Program("y")) }},
		"Reference.Completion": {differs, func(q *question) { q.Reference = new(problem.Completion("    return 1\n")) }},
		"Reference.Text":       {differs, func(q *question) { q.Reference = new(problem.Text("def f(): return 2\n")) }},
	})
	delete(split, "the same in text") // the prompt becomes part of it
	calls := of(run, map[string]change{
		"Check.EntryPoint":          {differs, func(q *question) { q.Check.EntryPoint = "g" }},
		"Check.Cases.Args":          {differs, func(q *question) { q.Check.Cases[0].Args = []byte("[2]") }},
		"Check.Cases.Kwargs":        {differs, func(q *question) { q.Check.Cases[0].Kwargs = []byte(`{"a":1}`) }},
		"Check.Cases.Want":          {differs, func(q *question) { q.Check.Cases[0].Want = []byte("2") }},
		"Check.Cases.ArgsLiteral":   {differs, func(q *question) { q.Check.Cases[0].Args, q.Check.Cases[0].ArgsLiteral = nil, "[(1,)]" }},
		"Check.Cases.KwargsLiteral": {differs, func(q *question) { q.Check.Cases[0].KwargsLiteral = "{'a': 2}" }},
		"Check.Cases.WantLiteral":   {differs, func(q *question) { q.Check.Cases[0].Want, q.Check.Cases[0].WantLiteral = nil, "(1,)" }},
		"Check.Cases.Raises":        {differs, func(q *question) { q.Check.Cases[0].Want, q.Check.Cases[0].Raises = nil, "KeyError" }},
		"Check.Cases.Points":        {differs, func(q *question) { q.Check.Cases[0].Points = 2 }},
		"default points":            {same, func(q *question) { q.Check.Cases[0].Points = 1 }},
		"one value otherwise":       {same, func(q *question) { q.Check.Cases[0].Args, q.Check.Cases[0].ArgsLiteral = nil, "(0x1,)" }},
		"Check.Compare":             {differs, func(q *question) { q.Check.Compare = "unordered" }},
		"default compare":           {same, func(q *question) { q.Check.Compare = "exact" }},
		"Check.AllCases":            {differs, func(q *question) { q.Check.AllCases = true }},
		"Check.Checker":             {differs, func(q *question) { q.Check.Checker = &problem.Code{Source: "x"} }},
		"Check.Checker.Source":      {differs, func(q *question) { q.Check.Checker = &problem.Code{Source: "y"} }},
		"another case":              {differs, func(q *question) { q.Check.Cases = append(q.Check.Cases, problem.Case{Want: []byte("1")}) }},
	})
	stdio := of(run, map[string]change{
		"Check.Cases.Stdin":  {differs, func(q *question) { q.Check.Cases[0].Stdin = "other" }},
		"Check.Cases.Stdout": {differs, func(q *question) { q.Check.Cases[0].Stdout = "other" }},
		"Check.Compare":      {differs, func(q *question) { q.Check.Compare = "exact" }},
		"Check.AllCases":     {differs, func(q *question) { q.Check.AllCases = true }},
		"default compare":    {same, func(q *question) { q.Check.Compare = "tokens" }},
		"another case":       {differs, func(q *question) { q.Check.Cases = append(q.Check.Cases, problem.Case{}) }},
		"shifted":            {differs, func(q *question) { q.Check.Cases[0] = problem.Case{Stdin: "ab"} }},
		"unit":               {differs, func(q *question) { q.Check = problem.Check{Kind: problem.KindUnit} }},
		"Check.Cases.Points": {differs, func(q *question) { q.Check.Cases[0].Points = 2 }},
		"default points":     {same, func(q *question) { q.Check.Cases[0].Points = 1 }},
		"Check.Checker":      {differs, func(q *question) { q.Check.Checker = &problem.Code{Source: "pass"} }},
		"Check.Interactor":   {differs, func(q *question) { q.Check.Interactor = &problem.Code{Source: "pass"} }},
	})
	coded := of(run, map[string]change{
		"Check.Checker.Source":    {differs, func(q *question) { q.Check.Checker = &problem.Code{Source: "pass # other"} }},
		"Check.Checker.Language":  {same, func(q *question) { q.Check.Checker = &problem.Code{Source: "pass", Language: "python"} }},
		"Check.Interactor.Source": {differs, func(q *question) { q.Check.Checker, q.Check.Interactor = nil, &problem.Code{Source: "pass # other"} }},
		"an interactor":           {differs, func(q *question) { q.Check.Checker, q.Check.Interactor = nil, &problem.Code{Source: "pass"} }},
		"none":                    {differs, func(q *question) { q.Check.Checker = nil }},
		"Check.Cases.Stdout":      {differs, func(q *question) { q.Check.Cases[0].Stdout = "other" }},
		"Check.Compare":           {same, func(q *question) { q.Check.Compare = "exact" }}, // the checker decides
	})
	interactive := of(run, map[string]change{
		"Check.Interactor.Language": {same, func(q *question) { q.Check.Interactor = &problem.Code{Source: "pass", Language: "python"} }},
		"Check.Interactor.Source":   {differs, func(q *question) { q.Check.Interactor = &problem.Code{Source: "pass # other"} }},
	})
	answer := map[string]change{
		"Check.Answer":  {differs, func(q *question) { q.Check.Answer = "2" }},
		"Check.Equal":   {differs, func(q *question) { q.Check.Equal = "number" }},
		"Check.Marker":  {differs, func(q *question) { q.Check.Marker = "#" }},
		"default equal": {same, func(q *question) { q.Check.Equal = "string" }},
		"the text":      {differs, func(q *question) { q.sample = problem.Text("y") }},
		"another form":  {same, func(q *question) { q.sample = problem.Program("x") }},
		"the checker":   {differs, func(q *question) { q.judge = func(j *judge) { j.check = newer{j.check} } }},
	}
	for name := range run { // nothing is run
		if c := run[name]; answer[name].change == nil && name != "the program" && name != "the same in text" {
			answer[name] = change{same, c.change}
		}
	}
	agreement := of(run, map[string]change{
		"Check.EntryPoint":     {differs, func(q *question) { q.Check.EntryPoint = "g" }}, // it says which asserts are tests
		"Check.GeneratedTests": {differs, func(q *question) { q.Check.GeneratedTests = []string{"other"} }},
		"one test more":        {differs, func(q *question) { q.Check.GeneratedTests = []string{"a", "b", ""} }},
		"shifted":              {differs, func(q *question) { q.Check.GeneratedTests = []string{"ab", ""} }},
		"Check.Select":         {differs, func(q *question) { q.Check.Select = problem.SelectMBR }},
		"another selection":    {differs, func(q *question) { q.Check.Select = problem.SelectCluster }},
		"default selection":    {same, func(q *question) { q.Check.Select = problem.SelectCodeT }},
	})
	covered := map[string]bool{"Check.Kind": true} // a table each
	for _, c := range []struct {
		base  question
		table map[string]change
	}{
		{question{Problem: problem.Problem{Check: problem.Check{Kind: problem.KindUnit, Tests: "t"}}, sample: problem.Program("x")}, unit},
		{question{Problem: problem.Problem{Prompt: prompt, Check: problem.Check{Kind: problem.KindUnit, Isolation: problem.Split, EntryPoint: "f", Tests: "t"}}, sample: problem.Program("x")}, split},
		{question{Problem: problem.Problem{Check: problem.Check{Kind: problem.KindCalls, EntryPoint: "f", Cases: []problem.Case{{Args: []byte("[1]"), Want: []byte("1")}}}}, sample: problem.Program("x")}, calls},
		{question{Problem: problem.Problem{Check: problem.Check{Kind: problem.KindStdio, Cases: []problem.Case{{Stdin: "a", Stdout: "b"}}}}, sample: problem.Program("x")}, stdio},
		{question{Problem: problem.Problem{Check: problem.Check{Kind: problem.KindStdio, Checker: &problem.Code{Source: "pass"}, Cases: []problem.Case{{Stdin: "a", Stdout: "b"}}}}, sample: problem.Program("x")}, coded},
		{question{Problem: problem.Problem{Check: problem.Check{Kind: problem.KindStdio, Interactor: &problem.Code{Source: "pass"}, Cases: []problem.Case{{Stdin: "a", Stdout: "b"}}}}, sample: problem.Program("x")}, interactive},
		{question{Problem: problem.Problem{Check: problem.Check{Kind: problem.KindAnswer, Answer: "1"}}, sample: problem.Text("x")}, answer},
		{question{Problem: problem.Problem{Check: problem.Check{Kind: problem.KindAgreement, EntryPoint: "f", GeneratedTests: []string{"a", "b"}}}, sample: problem.Program("x")}, agreement},
	} {
		t.Run(c.base.Check.Kind+c.base.Check.Isolation, func(t *testing.T) {
			first := key(t, c.base)
			seen := map[string]string{}
			for name, change := range c.table {
				covered[name] = true
				q := c.base
				q.Check.Cases = append([]problem.Case{}, q.Check.Cases...)
				change.change(&q)
				k := key(t, q)
				if (k != first) != change.differs {
					t.Errorf("%s: the key differs: %v, want %v", name, k != first, change.differs)
				}
				if other, ok := seen[k]; ok && change.differs {
					t.Errorf("%s and %s have one key", name, other)
				}
				seen[k] = name
			}
		})
	}
	for _, name := range leaves(reflect.TypeFor[problem.Problem](), "") {
		if covered[name] || slices.ContainsFunc([]string{
			"Check.HeldOut", "Check.Selector", "Check.Score", // judged apart
			"Check.Checker.Language", "Check.System", "Check.Theorem", "Check.Statement", // in proof_test.go; there is one language
		}, func(apart string) bool { return strings.HasPrefix(name, apart) }) {
			continue
		}
		if !covered[name] {
			t.Errorf("%s: does it change a verdict?", name)
		}
	}
}

// FuzzKey: unequal sequences of fields give unequal hash input, and a text is not a list of texts.
func FuzzKey(f *testing.F) {
	f.Add([]byte("a\x00b\x00"), []byte("a\x00\x00b"))
	f.Add([]byte(""), []byte("\x00"))
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x00x\x00"), []byte("\x00x"))
	f.Fuzz(func(t *testing.T, x, y []byte) {
		// The fields are what stands between NULs; with a length before each, the same bytes can be made.
		key := func(b []byte) Key {
			w := newKey("fuzz")
			for _, field := range bytes.Split(b, []byte{0}) {
				w.bytes(field)
			}
			return w.sum()
		}
		if kx, ky := key(x), key(y); (kx == ky) != bytes.Equal(x, y) {
			t.Errorf("%q and %q: keys %s and %s", x, y, kx, ky)
		}
		list := newKey("fuzz")
		list.bytes(x)
		list.bytes(y)
		joined := newKey("fuzz")
		joined.bytes(append(append([]byte{}, x...), y...))
		if list.sum() == joined.sum() {
			t.Errorf("%q and %q have the key of both joined", x, y)
		}
		// A key in hexadecimal is read as it was written, and nothing else is a key.
		k := key(x)
		var back Key
		if err := back.UnmarshalText([]byte(k.String())); err != nil || back != k {
			t.Errorf("%s is read as %s: %v", k, back, err)
		}
		if err := back.UnmarshalText(y); err == nil && !strings.EqualFold(back.String(), string(y)) {
			t.Errorf("%q is read as the key %s", y, back)
		}
	})
}
