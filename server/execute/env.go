package execute

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"borel/server/pydantic"
)

// maxEnv is how many environment variables a request may set.
const maxEnv = 1000

// variable is one of them.
type variable struct{ name, value string }

// variables reads the environment variables, in the order of their names.
func variables(v pydantic.Value) (all []variable) {
	for _, m := range v.Members(maxEnv) {
		all = append(all, variable{m.Name, m.Text()})
	}
	slices.SortFunc(all, func(a, b variable) int { return strings.Compare(a.name, b.name) })
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
