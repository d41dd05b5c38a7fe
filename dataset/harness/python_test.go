package harness

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{0: "0.0", 1: "1.0", 0.5: "0.5", 1.0 / 3: "0.3333333333333333", 1e-5: "1e-05", 0.0001: "0.0001"} {
		if got := string(number(v)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// A text comes back from JSON and from YAML, and is ASCII there.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "a\"\\\n\r\t\b\f\x00\x7f", "é\u0085\u2028\ufeff\U0001F600", "- a: [b", "'", "~", "yes", "1e5", " "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip()
		}
		for name, b := range map[string][]byte{"json": text(s), "yaml": yamlText(s)} {
			if i := strings.IndexFunc(string(b), func(r rune) bool { return r < ' ' || r > '~' }); i >= 0 {
				t.Errorf("%s of %q is not ASCII at %d", name, s, i)
			}
		}
		var got string
		if err := json.Unmarshal(text(s), &got); err != nil || got != s {
			t.Errorf("json: %q, %v, want %q", got, err, s)
		}
		if err := yaml.Unmarshal(yamlText(s), &got); err != nil || got != s {
			t.Errorf("yaml: %q, %v, want %q", got, err, s)
		}
	})
}

// An object keeps what it has, under the same names, but for what is set.
func FuzzWith(f *testing.F) {
	f.Add(`{"a":1,"passed":true,"b":[1, 2.50,{"c":null}],"p\u0061ssed":3}`)
	f.Add("{\"a\":\n{\n}\n}")
	f.Add(`{}`)
	f.Fuzz(func(t *testing.T, object string) {
		var before, after map[string]any
		if json.Unmarshal([]byte(object), &before) != nil || before == nil {
			t.Skip()
		}
		b, err := with([]byte(object), member{"passed", truth(false)})
		if err != nil || strings.ContainsRune(string(b), '\n') {
			t.Fatalf("%q: %q, %v", object, b, err)
		}
		if err := json.Unmarshal(b, &after); err != nil || after["passed"] != false {
			t.Fatalf("%q: %q, %v", object, b, err)
		}
		delete(before, "passed")
		delete(after, "passed")
		x, _ := json.Marshal(before)
		y, _ := json.Marshal(after)
		if string(x) != string(y) {
			t.Errorf("%q: got %s, want %s", object, y, x)
		}
	})
}
