package pydantic

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// List is the elements of the list that the value must be, at most limit of them.
func (v Value) List(limit int) []Value {
	return v.list(limit, "list_type", "Input should be a valid list", "List")
}

// Texts is the list of strings that the value must be, at most limit of them.
func (v Value) Texts(limit int) []string {
	list := v.List(limit)
	if list == nil {
		return nil
	}
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = e.Text()
	}
	return texts
}

// Tuple is the elements of the list of n values that the value must be; those that are not there are told.
func (v Value) Tuple(n int) []Value {
	before := len(*v.details)
	list := v.list(n, "tuple_type", "Input should be a valid tuple", "Tuple")
	told := len(*v.details) > before
	for i := len(list); i < n; i++ {
		e := Value{nil, &v, i, v.details}
		if v.There() && !told {
			e.tell(missing, missingMsg, v.JSON, nil)
		}
		list = append(list, e)
	}
	return list
}

func (v Value) list(limit int, kind, msg, what string) []Value {
	if !v.There() {
		return nil
	}
	var values []jsontext.Value
	if v.JSON.Kind() != '[' || json.Unmarshal(v.JSON, &values, lenient) != nil {
		v.Wrong(kind, msg, nil)
		return nil
	}
	if v.tooMany(what, len(values), limit) {
		return nil
	}
	list := make([]Value, len(values))
	for i, e := range values {
		list[i] = Value{e, &v, i, v.details}
	}
	return list
}

func (v Value) tooMany(what string, n, limit int) bool {
	if n <= limit {
		return false
	}
	v.Wrong("too_long", fmt.Sprintf("%s should have at most %d items after validation, not %d", what, limit, n),
		map[string]any{"field_type": what, "max_length": limit, "actual_length": n})
	return true
}

// Member is one entry of a dictionary.
type Member struct {
	Name string
	Value
}

// Members is the entries of the dictionary that the value must be, in its order, at most limit of them.
func (v Value) Members(limit int) []Member {
	if !v.There() {
		return nil
	}
	names, values := Fields(v.JSON)
	if values == nil {
		v.Wrong("dict_type", "Input should be a valid dictionary", nil)
		return nil
	}
	if v.tooMany("Dictionary", len(names), limit) {
		return nil
	}
	list := make([]Member, len(names))
	for i, name := range names {
		list[i] = Member{name, Value{values[name], &v, name, v.details}}
	}
	return list
}

// Fields is what an object has: its names in order, and of each the last value. Values is nil where v is no object.
func Fields(v jsontext.Value) (names []string, values map[string]jsontext.Value) {
	if v.Kind() != '{' {
		return nil, nil
	}
	values = map[string]jsontext.Value{}
	d := jsontext.NewDecoder(bytes.NewBuffer(v), lenient)
	if _, err := d.ReadToken(); err != nil {
		return nil, nil
	}
	for d.PeekKind() == '"' {
		token, err := d.ReadToken()
		if err != nil {
			return nil, nil
		}
		name := token.String()
		value, err := d.ReadValue()
		if err != nil {
			return nil, nil
		}
		if values[name] == nil {
			names = append(names, name)
		}
		values[name] = value.Clone()
	}
	if d.PeekKind() != '}' {
		return nil, nil
	}
	return names, values
}

// Object is the object that the value must be. Of the fields of what is none, nothing is told.
func (v Value) Object() *Model {
	m := &Model{self: &v, details: v.details}
	if _, m.fields = Fields(v.JSON); m.fields == nil {
		if v.There() {
			v.Wrong(notAnObject, notAnObjectMsg, nil)
		}
		m.details = new([]Detail)
	}
	return m
}
