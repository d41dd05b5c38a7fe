package server

import (
	"encoding/json"
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json/jsontext"
)

// shapes are the Go types of the description, and what huma does not read off them: a pointer that is always written is
// null where there is nothing, and a JSON value of any kind is no base64.
type shapes map[reflect.Type]bool

// add notes t and what it is made of.
func (s shapes) add(t reflect.Type) {
	if t == nil || s[t] {
		return
	}
	s[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		s.add(t.Elem())
	case reflect.Struct:
		for f := range written(t) {
			s.add(f.Type)
		}
	}
}

// nulls are the fields that may be null although they are always there, by the name of their schema.
func (s shapes) nulls(names schemaNames) map[string][]string {
	null := map[string][]string{}
	s.each(names, func(schema, field string, f reflect.StructField) {
		if f.Type.Kind() == reflect.Pointer && !strings.Contains(f.Tag.Get("json"), ",omit") {
			null[schema] = append(null[schema], field)
		}
	})
	return null
}

// refine puts right the schemas of JSON values.
func (s shapes) refine(all map[string]*huma.Schema, names schemaNames) {
	s.each(names, func(schema, field string, f reflect.StructField) {
		if f.Type != reflect.TypeFor[jsontext.Value]() && f.Type != reflect.TypeFor[json.RawMessage]() {
			return
		}
		if object := all[schema]; object != nil && object.Properties[field] != nil {
			object.Properties[field] = &huma.Schema{Description: f.Tag.Get("doc")}
		}
	})
}

// each calls do with every field of every struct.
func (s shapes) each(names schemaNames, do func(schema, field string, f reflect.StructField)) {
	for t := range s {
		if t.Kind() != reflect.Struct || t.Name() == "" {
			continue
		}
		for f := range written(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			do(names.name(t, ""), name, f)
		}
	}
}

// written are the fields of a struct that have a name in JSON, those of embedded structs too.
func written(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.IsExported() && !f.Anonymous && name != "" && name != "-" && !yield(f) {
				return
			}
		}
	}
}

// schemaNames are the names of schemas, which the whole description shares, by the type that has each. Of two types of one
// name the first keeps it, and the other has its package in front.
type schemaNames map[string]reflect.Type

func (s schemaNames) name(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name, pkg := huma.DefaultSchemaNamer(t, hint), t.PkgPath()
	if _, api, ok := strings.Cut(pkg, "borel/server/"); ok {
		name = capital(path.Base(api)) + name // other APIs have their own words for the same
	}
	if t.Kind() != reflect.Struct || t.Name() == "" {
		return name // it is written where it stands
	}
	for s[name] != nil && s[name] != t && pkg != "." {
		name, pkg = capital(path.Base(pkg))+name, path.Dir(pkg)
	}
	s[name] = t
	return name
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
