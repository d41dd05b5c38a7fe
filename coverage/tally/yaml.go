package tally

import (
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// maxDepth is how deep a YAML file may be nested: those of large_language_monkeys have three levels.
const maxDepth = 32

// maxMarks is how many bytes of a YAML file may be of those that a node begins or ends with: a node takes 200 bytes of memory,
// and a file of commas would take a hundred times its size.
const maxMarks = 4_000_000

var errMarks = fmt.Errorf("has more than %d commas, colons, brackets, hyphens and lines, the limit of a YAML file; write it as JSON", maxMarks)

var isMark = [256]bool{',': true, ':': true, '[': true, '{': true, '-': true, '?': true, '\n': true, '\r': true}

// yaml reads documents that hold a problem with its samples each. A document is kept while it is read, as nodes: the library's
// own way into Go types compares every key with every other, and follows aliases, of which a few lines can stand for terabytes.
func (r *reader) yaml(in io.Reader, file *pieces) error {
	r.line, file.yaml = 1, true
	loader, err := yaml.NewLoader(in, yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if err != nil {
		return r.fault(1, err)
	}
	for {
		var doc yaml.Node
		if err := loader.Load(&doc); errors.Is(err, io.EOF) {
			return nil
		} else if file.fault != nil {
			return r.fault(r.line, file.fault)
		} else if err != nil {
			return r.fault(r.line, fmt.Errorf("is no JSON, no table with problem, n and c, and no YAML that is known: %w", err))
		}
		r.line = max(doc.Line, 1)
		if err := r.document(&doc); err != nil {
			return r.fault(r.line, err)
		}
	}
}

func (r *reader) document(doc *yaml.Node) error {
	if doc.Kind == yaml.DocumentNode && len(doc.Content) == 1 {
		doc = doc.Content[0]
	}
	fields := map[string]*yaml.Node{}
	if doc.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(doc.Content); i += 2 {
			key := doc.Content[i].Value
			if _, ok := fields[key]; ok {
				return fmt.Errorf("has %.60q twice", key)
			}
			fields[key] = doc.Content[i+1]
		}
	}
	samples, corrects := fields["samples"], fields["is_corrects"]
	switch {
	case corrects == nil && samples != nil:
		return errUngraded
	case corrects == nil:
		return errors.New("is no JSON, no table with problem, n and c, and no YAML with samples and is_corrects")
	case corrects.Kind != yaml.SequenceNode:
		return errors.New("is_corrects: wants a list; aliases are not followed")
	}
	var t [3]int
	for _, v := range corrects.Content {
		var b bool
		switch {
		case v.Kind != yaml.ScalarNode, v.Tag != "!!null" && (v.Tag != "!!bool" || v.Decode(&b) != nil):
			return errors.New("is_corrects: holds something else than true, false and null")
		case v.Tag == "!!null":
			t[unknown]++
		default:
			t[of(b)]++
		}
	}
	id := r.Name // of the file: that is how the scripts name problems
	if id == "" {
		rec := record{name: scalar(fields["theorem_name"]), place: scalar(fields["orig_dset_idx"])}
		rec.Problem = scalar(fields["problem"])
		id = rec.id()
	}
	texts := 0
	if samples != nil {
		texts = len(samples.Content)
	}
	return r.graded(id, samples != nil, texts, t, YAML)
}

// scalar is the text of a node; "" of any other than text and numbers.
func scalar(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}
