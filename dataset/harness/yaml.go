package harness

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// Bounds on a file of YAML, whose nodes take far more memory than their text.
const (
	maxDepth = 32
	maxMarks = 4_000_000 // bytes that a node may begin or end with
)

// jsonOf is a document of YAML in JSON: texts, numbers, truth values, null, lists and objects. Aliases are not followed.
func jsonOf(source []byte) ([]byte, error) {
	marks := 0
	for _, c := range source {
		if bytes.IndexByte([]byte(",:[{-?\n\r"), c) >= 0 {
			marks++
		}
	}
	if marks > maxMarks {
		return nil, fmt.Errorf("has more than %d commas, colons, brackets, hyphens and lines; write it as JSON", maxMarks)
	}
	loader, err := yaml.NewLoader(bytes.NewReader(source), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if err != nil {
		return nil, err
	}
	var doc, more yaml.Node
	if err := loader.Load(&doc); errors.Is(err, io.EOF) {
		return nil, errors.New("is empty")
	} else if err != nil {
		return nil, err
	}
	if err := loader.Load(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("has more than one document")
	}
	root := &doc
	if doc.Kind == yaml.DocumentNode && len(doc.Content) == 1 {
		root = doc.Content[0]
	}
	if root.Kind != yaml.MappingNode {
		return nil, errors.New("is no mapping")
	}
	return value(root)
}

func value(n *yaml.Node) (json.RawMessage, error) {
	switch n.Kind {
	case yaml.ScalarNode:
		return scalar(n)
	case yaml.SequenceNode:
		items := make([]json.RawMessage, len(n.Content))
		for i, c := range n.Content {
			var err error
			if items[i], err = value(c); err != nil {
				return nil, err
			}
		}
		return list(items), nil
	case yaml.MappingNode:
		var members []member
		known := map[string]bool{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode {
				return nil, fmt.Errorf("line %d: a key is no text", key.Line)
			}
			if known[key.Value] {
				return nil, fmt.Errorf("line %d: has %.60q twice", key.Line, key.Value)
			}
			known[key.Value] = true
			v, err := value(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			members = append(members, member{key.Value, v})
		}
		return objectOf(members...), nil
	}
	return nil, fmt.Errorf("line %d: aliases are not followed", n.Line)
}

func scalar(n *yaml.Node) (json.RawMessage, error) {
	switch n.Tag {
	case "!!str":
		return text(n.Value), nil
	case "!!null":
		return null, nil
	case "!!bool":
		var is bool
		err := n.Decode(&is)
		return truth(is), err
	case "!!int":
		if _, err := strconv.ParseInt(n.Value, 10, 64); err == nil && json.Valid([]byte(n.Value)) {
			return json.RawMessage(n.Value), nil
		}
	case "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return number(f), nil
		}
	}
	return text(n.Value), nil // dates and other spellings: no field that is read is one of them
}
