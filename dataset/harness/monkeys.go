package harness

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"borel/problem"
)

// monkeyBusiness is the form in which "Large Language Monkeys" releases its samples: each record once more, with is_corrects, in which
// a sample that is not decided is null. A file that is an array stays one; all else is a record a line.
var monkeyBusiness = &Format{
	Name:   "monkey_business",
	Forms:  []string{"samples"},
	Output: func(string) string { return "" },
	Stream: true,
	Write: func(to string, r *Results) error {
		return r.save(to, func(w io.Writer) error {
			before, after := "", "\n"
			if r.Recording.Array {
				before, after = "[\n", "\n]\n"
			}
			for e := range r.Recording.Entries() {
				raw, err := e.Raw()
				if err != nil {
					return err
				}
				object, err := with(raw, member{"is_corrects", corrects(r.Outcomes[e.Problem][e.First : e.First+e.N])})
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintf(w, "%s%s", before, object); err != nil {
					return err
				}
				if before = "\n"; r.Recording.Array {
					before = ",\n"
				}
			}
			_, err := io.WriteString(w, after)
			return err
		})
	},
}

// corrects are true, false and, of what is not decided, null.
func corrects(outcomes []Outcome) json.RawMessage {
	values := make([]json.RawMessage, len(outcomes))
	for i := range outcomes {
		values[i] = null
		if outcomes[i].Decided() {
			values[i] = truth(outcomes[i].Status == problem.Accepted)
		}
	}
	return list(values)
}

// llmonk is the form of the paper's scripts: a file NAME.yaml for each problem, or a folder of them. Its results are a file of the same
// name in another folder, with is_corrects, in which a sample that is not decided is null.
var llmonk = &Format{
	Name:   "llmonk",
	Forms:  []string{"samples"},
	Output: func(string) string { return "" },
	Folder: true,
	Write: func(to string, r *Results) error {
		for e := range r.Recording.Entries() {
			if e.Name == "" {
				return errors.New("llmonk: the samples are no files of YAML, whose names those of its results are")
			}
			stem := strings.TrimSuffix(filepath.Base(e.Name), filepath.Ext(e.Name))
			if !plainName.MatchString(stem) {
				return fmt.Errorf("%s: %q is no name for a file", e.Name, stem)
			}
			name := filepath.Join(to, stem+".yaml")
			if SameFile(name, e.Name) {
				return fmt.Errorf("%s: these are the samples themselves; name another folder with -o", name)
			}
			raw, err := e.Raw()
			if err != nil {
				return err
			}
			object, err := with(raw, member{"task_id", nil}, member{"is_corrects", corrects(r.Outcomes[e.Problem][e.First : e.First+e.N])})
			if err != nil {
				return err
			}
			if err := r.save(name, func(w io.Writer) error { return writeYAML(w, object) }); err != nil {
				return err
			}
		}
		return nil
	},
}

// writeYAML writes an object as YAML, its keys sorted as PyYAML sorts them: a list is an element a line, all else as in JSON, whose texts
// are YAML's in double quotes but for pairs of surrogates.
func writeYAML(w io.Writer, object []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(object, &fields); err != nil {
		return err
	}
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	var b bytes.Buffer
	for _, name := range names {
		v := fields[name]
		var items []json.RawMessage
		b.Write(yamlText(name))
		if v[0] != '[' || json.Unmarshal(v, &items) != nil || len(items) == 0 {
			b.WriteString(": ")
			b.Write(yamlValue(v))
			b.WriteByte('\n')
			continue
		}
		b.WriteString(":\n")
		for _, item := range items {
			b.WriteString("- ")
			b.Write(yamlValue(item))
			b.WriteByte('\n')
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// yamlValue is a value on one line.
func yamlValue(v json.RawMessage) []byte {
	switch v[0] {
	case '"':
		var s string
		if json.Unmarshal(v, &s) == nil {
			return yamlText(s)
		}
	case '[':
		var items []json.RawMessage
		if json.Unmarshal(v, &items) == nil {
			for i := range items {
				items[i] = yamlValue(items[i])
			}
			return list(items)
		}
	case '{':
		var fields map[string]json.RawMessage
		if json.Unmarshal(v, &fields) == nil {
			var all []json.RawMessage
			for name, v := range fields {
				all = append(all, slices.Concat(yamlText(name), []byte(": "), yamlValue(v)))
			}
			slices.SortFunc(all, func(a, b json.RawMessage) int { return bytes.Compare(a, b) })
			inner := list(all)
			inner[0], inner[len(inner)-1] = '{', '}'
			return inner
		}
	}
	return v
}

// yamlText is a text in double quotes, all of it ASCII.
func yamlText(s string) []byte {
	var b bytes.Buffer
	b.WriteByte('"')
	for _, r := range s {
		if r >= 0x10000 {
			fmt.Fprintf(&b, `\U%08x`, r)
			continue
		}
		quoted := text(string(r))
		b.Write(quoted[1 : len(quoted)-1])
	}
	b.WriteByte('"')
	return b.Bytes()
}
