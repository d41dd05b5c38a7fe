package sandboxfusion

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"

	"borel/problem"
	"borel/server"
	"borel/server/pydantic"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"
)

// Dataset is one that callers ask for by its name. It has problems, or rows as the original has them.
type Dataset struct {
	Name     string
	Problems []Problem

	Class string           // of the rows, such as CommonOJDataset
	Rows  []jsontext.Value // objects

	// Completes says that models continue the prompt, unless config.extra.is_freeform asks for an answer in words.
	Completes bool
}

// Problem is a problem of a dataset, and how a model is asked it in a chat.
type Problem struct {
	problem.Problem
	Chat string
}

// Classes are those of the original that are here.
var Classes = []string{"AutoEvalDataset", "CommonOJDataset", "HumanEvalDataset", "LiveCodeBenchDataset", "MBPPDataset"}

// Prompt is what a model is asked.
type Prompt struct {
	ID     any    `json:"id" doc:"a number or a string"`
	Prompt string `json:"prompt"`
	Labels any    `json:"labels"`
}

// GetPromptsRequest asks for all prompts of a dataset, or for their ids.
type GetPromptsRequest struct {
	Dataset string     `json:"dataset"`
	Config  TestConfig `json:"config"`
	Offset  int        `json:"offset,omitempty"`
	Limit   int        `json:"limit,omitempty" doc:"default 1000000"`
}

// GetPromptByIDRequest asks for one prompt.
type GetPromptByIDRequest struct {
	Dataset string     `json:"dataset"`
	Config  TestConfig `json:"config"`
	ID      any        `json:"id" doc:"a number or a string"`
}

// GetMetricsRequest is the results of a dataset.
type GetMetricsRequest struct {
	Dataset string       `json:"dataset"`
	Config  TestConfig   `json:"config"`
	Results []EvalResult `json:"results"`
}

// GetMetricsFunctionRequest asks for the function that makes metrics of results.
type GetMetricsFunctionRequest struct {
	Dataset string     `json:"dataset"`
	Config  TestConfig `json:"config"`
}

// GetMetricsFunctionResult is that function, in Python: null.
type GetMetricsFunctionResult struct {
	Function *string `json:"function"`
}

// class is how rows of a kind are asked and judged.
type class interface {
	// prompt is what a model is asked. The error is the caller's fault.
	prompt(r row, c *testConfig) (Prompt, error)
	// submit judges a completion.
	submit(ctx context.Context, r row, s *submission) (*EvalResult, error)
}

// submission is a completion to judge.
type submission struct {
	f          *fusion
	dataset    string
	id         jsontext.Value
	completion string
	config     *testConfig
}

func classOf(name string) class {
	switch name {
	case "CommonOJDataset":
		return commonOJ{}
	case "AutoEvalDataset":
		return autoEval{}
	case "HumanEvalDataset":
		return humanEval{}
	case "MBPPDataset":
		return mbpp{}
	case "LiveCodeBenchDataset":
		return liveCodeBench{}
	}
	return nil
}

// find is the dataset of a name, and the class of its rows; of one that is not known here, the request's own.
func (f *fusion) find(name string, c *testConfig) (*Dataset, class, error) {
	for i := range f.cfg.Datasets {
		if d := &f.cfg.Datasets[i]; d.Name == name {
			return d, classOf(d.Class), nil
		}
	}
	if c.class == "" {
		return nil, nil, bad("no eval class found for dataset %s", name)
	}
	k := classOf(c.class)
	if k == nil {
		return nil, nil, bad("eval class %s not found", c.class)
	}
	return nil, k, nil
}

func (f *fusion) listDatasets(c echo.Context, _ []byte) error {
	names := []string{}
	for _, d := range f.cfg.Datasets {
		names = append(names, d.Name)
	}
	return server.Answer(c, http.StatusOK, names)
}

func (f *fusion) getPrompts(_ echo.Context, m *pydantic.Model) (any, error) {
	prompts, err := f.prompts(m)
	if err != nil {
		return nil, err
	}
	return prompts, nil
}

func (f *fusion) listIDs(_ echo.Context, m *pydantic.Model) (any, error) {
	prompts, err := f.prompts(m)
	ids := []any{}
	for _, p := range prompts {
		ids = append(ids, p.ID)
	}
	return ids, err
}

func (f *fusion) prompts(m *pydantic.Model) ([]Prompt, error) {
	name, c := m.Needed("dataset").Short(problem.MaxSource), config(m)
	offset, limit := m.Given("offset").Int(0), m.Given("limit").Int(1_000_000)
	if err := m.Err(); err != nil {
		return nil, err
	}
	d, k, err := f.find(name, c)
	if err != nil {
		return nil, err
	}
	prompts := []Prompt{}
	switch {
	case c.oneSet:
		return nil, bad("request.config.provided_data should be a list of str -> str | int")
	case c.rowsN && k == nil:
		return nil, takesNone(name)
	case c.rowsN:
		for _, r := range c.rows {
			p, err := k.prompt(r, c)
			if err != nil {
				return nil, err
			}
			prompts = append(prompts, p)
		}
		return prompts, nil
	case d == nil:
		return nil, bad("the dataset %s is not here, and config.provided_data has no rows", name)
	}
	n := len(d.Problems) + len(d.Rows)
	from := int(min(max(offset, 0), float64(n)))
	to := n
	if limit >= 0 {
		to = int(min(float64(from)+limit, float64(n)))
	}
	for i := from; i < to; i++ {
		p, err := d.prompt(i, k, c)
		if err != nil {
			return nil, err
		}
		prompts = append(prompts, p)
	}
	return prompts, nil
}

// prompt is what a model is asked as problem i.
func (d *Dataset) prompt(i int, k class, c *testConfig) (Prompt, error) {
	if i < len(d.Problems) {
		p := &d.Problems[i]
		text := p.Chat
		if d.Completes && !c.extra.flag("is_freeform") {
			text = p.Prompt
		}
		return Prompt{ID: p.ID, Prompt: text, Labels: map[string]any{}}, nil
	}
	return k.prompt(objectOf(d.Rows[i-len(d.Problems)]), c)
}

func (f *fusion) getPromptByID(_ echo.Context, m *pydantic.Model) (any, error) {
	name, c, id := m.Needed("dataset").Short(problem.MaxSource), config(m), m.Needed("id").IntOrText()
	if err := m.Err(); err != nil {
		return nil, err
	}
	d, k, err := f.find(name, c)
	if err != nil {
		return nil, err
	}
	switch r, err := c.row(); {
	case err != nil:
		return nil, err
	case r != nil && k == nil:
		return nil, takesNone(name)
	case r != nil:
		return k.prompt(r, c)
	}
	i, err := d.index(name, id)
	if err != nil {
		return nil, err
	}
	return d.prompt(i, k, c)
}

func takesNone(name string) error {
	return bad("the dataset %s has problems of its own and takes no rows", name)
}

// row is the row that a request brings along for one problem; nil where it brings none.
func (c *testConfig) row() (row, error) {
	if c.rowsN {
		return nil, bad("request.config.provided_data should be a dict with str -> str | int")
	}
	if c.oneSet {
		return c.one, nil
	}
	return nil, nil
}

// index is the place of a problem in d, which may be nil: a dataset that is not here.
func (d *Dataset) index(name string, id jsontext.Value) (int, error) {
	if d == nil {
		return 0, bad("the dataset %s is not here, and config.provided_data has no row", name)
	}
	want := shownID(id)
	at := slices.IndexFunc(d.Problems, func(p Problem) bool { return p.ID == want })
	if at < 0 {
		at = slices.IndexFunc(d.Rows, func(v jsontext.Value) bool {
			r := objectOf(v)
			for _, name := range []string{"id", "task_id", "name"} {
				if r[name] != nil {
					return shownID(r[name]) == want
				}
			}
			return false
		})
		if at >= 0 {
			at += len(d.Problems)
		}
	}
	if at < 0 {
		return 0, &server.Failure{Status: http.StatusNotFound, Detail: fmt.Sprintf("the dataset %s has no problem %s", name, want)}
	}
	return at, nil
}

// shownID is an id as text.
func shownID(v jsontext.Value) string {
	if v.Kind() == '"' {
		return pydantic.Unquoted(v)
	}
	return string(v)
}

// metrics answers what the original does for these classes.
func (f *fusion) metrics(of func(m *pydantic.Model)) func(echo.Context, *pydantic.Model) (any, error) {
	return func(_ echo.Context, m *pydantic.Model) (any, error) {
		name, c := m.Needed("dataset").Short(problem.MaxSource), config(m)
		if of != nil {
			of(m)
		}
		if err := m.Err(); err != nil {
			return nil, err
		}
		if _, _, err := f.find(name, c); err != nil {
			return nil, err
		}
		if of == nil {
			return GetMetricsFunctionResult{}, nil
		}
		return map[string]any{}, nil
	}
}

// results reads the results of a dataset, of which nothing is made.
func results(m *pydantic.Model) {
	for _, e := range m.Needed("results").List(math.MaxInt) {
		r := e.Object()
		r.Needed("id").IntOrText()
		r.Needed("accepted").Truth()
		r.Needed("extracted_code").Text()
		r.Needed("tests").List(math.MaxInt)
	}
}

// idOf is what an answer has as id.
func idOf(v jsontext.Value) any {
	if v == nil {
		return nil
	}
	if v.Kind() == '"' {
		return pydantic.Unquoted(v)
	}
	if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
		return n
	}
	return v
}
