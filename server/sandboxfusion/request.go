package sandboxfusion

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"borel/problem"
	"borel/server"
	"borel/server/pydantic"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// testConfig is the config of a request for a dataset.
type testConfig struct {
	class         string // of the dataset, where its name is not known here
	language      string
	locale        string
	fewshot       bool
	seconds       float64 // 0: the dataset's default
	custom        string  // extraction logic
	extra         row
	rows          []row // provided_data, as a list
	one           row   // provided_data, as an object
	rowsN, oneSet bool
}

// TestConfig is how a dataset is to be read and judged.
type TestConfig struct {
	DatasetType    *string        `json:"dataset_type,omitempty" doc:"CommonOJDataset, AutoEvalDataset, HumanEvalDataset, MBPPDataset or LiveCodeBenchDataset, where the dataset's name is not known"`
	Language       *string        `json:"language,omitempty"`
	Locale         *string        `json:"locale,omitempty" doc:"of prompts: en or zh"`
	IsFewshot      *bool          `json:"is_fewshot,omitempty"`
	CompileTimeout *float64       `json:"compile_timeout,omitempty"`
	RunTimeout     *float64       `json:"run_timeout,omitempty" doc:"seconds of a run; default 20, of LiveCodeBench 6"`
	CustomExtract  *string        `json:"custom_extract_logic,omitempty" doc:"Python that calls submit_code_blocks; it runs in a sandbox"`
	ProvidedData   any            `json:"provided_data,omitempty" doc:"a row, or a list of rows where prompts are asked for"`
	Extra          map[string]any `json:"extra,omitempty" doc:"run_all_cases, return_full_case, is_freeform, append_flag, repr_code, code_block_idx, autoeval_extract_code_mode"`
}

// row is a record of a dataset.
type row map[string]jsontext.Value

// config reads the config of m.
func config(m *pydantic.Model) *testConfig {
	in := m.Needed("config").Object()
	c := &testConfig{class: in.Optional("dataset_type").Short(problem.MaxSource)}
	c.language = in.Optional("language").Literal(languages)
	c.locale = in.Optional("locale").Short(problem.MaxSource)
	c.fewshot = in.Optional("is_fewshot").Truth()
	in.Optional("compile_timeout").Float(0) // nothing is compiled
	c.seconds = in.Optional("run_timeout").Float(0)
	c.custom = in.Optional("custom_extract_logic").Short(problem.MaxSource)
	c.provide(in.Optional("provided_data"))
	if v := in.Given("extra"); v.There() {
		c.extra = rowOf(v)
	}
	return c
}

// provide reads rows that a request brings along: one, or a list. None are as if the field were not there.
func (c *testConfig) provide(v pydantic.Value) {
	if !v.There() {
		return
	}
	if c.one = objectOf(v.JSON); c.one != nil {
		c.oneSet = len(c.one) > 0
		return
	}
	good := v.JSON.Kind() == '['
	for _, e := range v.In("list[dict[str,any]]").List(math.MaxInt) {
		r := rowOf(e)
		good = good && r != nil
		c.rows = append(c.rows, r)
	}
	if !good {
		rowOf(v.In("dict[str,any]"))
	}
	c.rowsN = len(c.rows) > 0
}

// rowOf is the row that v must be.
func rowOf(v pydantic.Value) row {
	r := objectOf(v.JSON)
	if r == nil {
		v.Wrong("dict_type", "Input should be a valid dictionary", nil)
	}
	return r
}

// objectOf is v where it is an object, else nil.
func objectOf(v jsontext.Value) row {
	_, fields := pydantic.Fields(v)
	return fields
}

// Readers of rows. What is wrong with a row is the caller's fault, as a row is theirs.

// text is the string that a field of a row must be.
func (r row) text(name string) (string, error) {
	v := r[name]
	if v == nil {
		return "", lacks(name)
	}
	if v.Kind() != '"' {
		return "", bad("the row's %s is no string", name)
	}
	return pydantic.Unquoted(v), nil
}

// optional is a string of a row, or "".
func (r row) optional(name string) string {
	if v := r[name]; v.Kind() == '"' {
		return pydantic.Unquoted(v)
	}
	return ""
}

// decode reads a field that is JSON, or JSON in a string, into v.
func (r row) decode(name string, v any) error {
	b := r[name]
	if b == nil {
		return lacks(name)
	}
	if b.Kind() == '"' {
		b = jsontext.Value(escapeControls(pydantic.Unquoted(b)))
	}
	if err := json.Unmarshal(b, v, jsontext.AllowDuplicateNames(true)); err != nil {
		return bad("the row's %s cannot be read: %v", name, err)
	}
	return nil
}

// escapeControls makes control characters inside the strings of JSON what JSON has for them: the original reads both.
func escapeControls(s string) string {
	if !bytes.ContainsFunc([]byte(s), func(r rune) bool { return r < ' ' }) {
		return s
	}
	var b bytes.Buffer
	in, escaped := false, false
	for i := range len(s) {
		c := s[i]
		switch {
		case in && c < ' ':
			fmt.Fprintf(&b, `\u%04x`, c)
			escaped = false
			continue
		case escaped:
			escaped = false
		case in && c == '\\':
			escaped = true
		case c == '"':
			in = !in
		}
		b.WriteByte(c)
	}
	return b.String()
}

// flag reports whether a field is what Python takes as true.
func (r row) flag(name string) bool {
	v := r[name]
	switch v.Kind() {
	case 't':
		return true
	case '0':
		f, _ := strconv.ParseFloat(string(v), 64)
		return f != 0 && !math.IsNaN(f)
	case '"':
		return len(v) > 2
	case '[', '{':
		return len(bytes.TrimSpace(v[1:len(v)-1])) > 0
	}
	return false
}

func lacks(name string) error { return bad("the row has no %s", name) }

// bad is a request that cannot be carried out as it is.
func bad(format string, a ...any) error {
	return &server.Failure{Status: http.StatusBadRequest, Detail: fmt.Sprintf(format, a...)}
}

// theirs is err, told as the caller's fault where it is one.
func theirs(err error) error {
	if wrong, ok := errors.AsType[*problem.Invalid](err); ok {
		return bad("%v", wrong)
	}
	return err
}
