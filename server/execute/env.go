package execute

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxEnv is how many environment variables a request may set.
const maxEnv = 1000

// variable is one of them.
type variable struct{ name, value string }

// env reads the environment variables, in the order of their names.
func (f *form) env() (all []variable) {
	v := f.given("env_vars", false)
	if v == nil {
		return nil
	}
	var values map[string]jsontext.Value
	if v.Kind() != '{' || decode(v, &values) != nil {
		f.fault("dict_type", "Input should be a valid dictionary", v, nil, "env_vars")
		return nil
	}
	if len(values) > maxEnv {
		f.fault("too_long", fmt.Sprintf("Dictionary should have at most %d items after validation, not %d", maxEnv, len(values)), v,
			map[string]any{"field_type": "Dictionary", "max_length": maxEnv, "actual_length": len(values)}, "env_vars")
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all = append(all, variable{name, f.string(values[name], "env_vars", name)})
	}
	return all
}

// withEnv is code with a line before it that takes back the environment variables of the cell before, and sets its own: as
// the original does it, and as deep as the code is indented.
func withEnv(code string, set, unset []variable) string {
	if len(set)+len(unset) == 0 {
		return code
	}
	var b strings.Builder
	for line := range strings.Lines(code) {
		if text := strings.TrimLeft(line, " \t"); strings.TrimSpace(text) != "" {
			b.WriteString(line[:len(line)-len(text)])
			break
		}
	}
	b.WriteString("import os")
	for _, v := range unset {
		fmt.Fprintf(&b, "; os.environ.pop(%s, None)", literal(v.name))
	}
	for _, v := range set {
		fmt.Fprintf(&b, "; os.environ[%s] = %s", literal(v.name), literal(v.value))
	}
	return b.String() + "\n" + code
}

// literal writes s as Python does.
func literal(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // strings have JSON, which is a literal of Python too
	}
	return strings.TrimSuffix(b.String(), "\n")
}
