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

// object is the field of a name, which must be an object; m takes what is wrong with it.
func (m *model) object(name string) *model {
	v := m.needed(name)
	inner := &model{loc: append(append([]any{}, m.loc...), name), details: m.details}
	if v != nil && !inner.open(v) {
		d := notAnObject(v)
		m.wrong(d.Type, d.Msg, v, name)
	}
	if v == nil || inner.fields == nil {
		inner.fields = map[string]jsontext.Value{}
	}
	return inner
}

// config reads the config of m.
func (m *model) config() *testConfig {
	in := m.object("config")
	optional := func(name string) string {
		if v := in.given(name); !null(v) {
			return in.short(v, problem.MaxSource, name)
		}
		return ""
	}
	number := func(name string) float64 {
		if v := in.given(name); !null(v) {
			return in.float(v, name)
		}
		return 0
	}
	c := &testConfig{class: optional("dataset_type")}
	if v := in.given("language"); !null(v) {
		c.language = in.literal(v, languages, "language")
	}
	c.locale = optional("locale")
	if v := in.given("is_fewshot"); !null(v) {
		c.fewshot = in.truth(v, "is_fewshot")
	}
	number("compile_timeout") // nothing is compiled
	c.seconds = number("run_timeout")
	c.custom = optional("custom_extract_logic")
	if v := in.given("provided_data"); !null(v) {
		in.provided(v, c)
	}
	if v := in.given("extra"); v != nil {
		if c.extra = objectOf(v); c.extra == nil {
			in.wrong("dict_type", "Input should be a valid dictionary", v, "extra")
		}
	}
	return c
}

// provided reads rows that a request brings along. None are as if the field were not there.
func (m *model) provided(v jsontext.Value, c *testConfig) {
	const list, dict = "list[dict[str,any]]", "dict[str,any]"
	const name = "provided_data"
	if c.one = objectOf(v); c.one != nil {
		c.oneSet = len(c.one) > 0
		return
	}
	values, ok := elements(v)
	if !ok {
		m.wrong("list_type", "Input should be a valid list", v, name, list)
	}
	for i, e := range values {
		r := objectOf(e)
		if r == nil {
			m.wrong("dict_type", "Input should be a valid dictionary", e, name, list, i)
			ok = false
		}
		c.rows = append(c.rows, r)
	}
	if !ok {
		m.wrong("dict_type", "Input should be a valid dictionary", v, name, dict)
	}
	c.rowsN = len(c.rows) > 0
}

// objectOf is v where it is an object, else nil.
func objectOf(v jsontext.Value) row {
	r := row{}
	if v.Kind() != '{' || json.Unmarshal(v, &r, lenient) != nil {
		return nil
	}
	return r
}

// truth is a truth value, as pydantic takes one.
func (m *model) truth(v jsontext.Value, at ...any) bool {
	text := ""
	switch v.Kind() {
	case 't':
		return true
	case 'f':
		return false
	case '0':
		switch f, _ := strconv.ParseFloat(string(v), 64); f {
		case 0:
			return false
		case 1:
			return true
		}
	case '"':
		text = string(bytes.ToLower([]byte(unquoted(v))))
	default:
		m.wrong("bool_type", "Input should be a valid boolean", v, at...)
		return false
	}
	switch text {
	case "1", "t", "true", "y", "yes", "on":
		return true
	case "0", "f", "false", "n", "no", "off":
		return false
	}
	m.wrong("bool_parsing", "Input should be a valid boolean, unable to interpret input", v, at...)
	return false
}

// id reads the name of a problem, a whole number or a string.
func (m *model) id() jsontext.Value {
	v := m.needed("id")
	if v == nil || v.Kind() == '"' {
		return v
	}
	inner := &model{details: new([]detail)}
	n := inner.int(v)
	for _, d := range *inner.details {
		m.wrong(d.Type, d.Msg, v, "id", "int")
		m.wrong("string_type", "Input should be a valid string", v, "id", "str")
	}
	if v.Kind() == '0' && !bytes.ContainsAny(v, ".eE") {
		return v
	}
	return jsontext.Value(strconv.FormatFloat(n, 'f', 0, 64))
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
	return unquoted(v), nil
}

// optional is a string of a row, or "".
func (r row) optional(name string) string {
	if v := r[name]; v.Kind() == '"' {
		return unquoted(v)
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
		b = jsontext.Value(escapeControls(unquoted(b)))
	}
	if err := json.Unmarshal(b, v, lenient); err != nil {
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
