package server

import (
	"bytes"
	"cmp"
	_ "embed"
	"html/template"
	"path"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html
var docsHTML string

var docsTemplate = template.Must(template.New("docs").Parse(docsHTML))

// docsPage is one page without scripts: it shows in a browser that reaches nothing else.
func docsPage(version string, apis []API, off []string, calls []call, schemas huma.Registry) []byte {
	type field struct{ Name, Type, Text string }
	type object struct {
		Name   string
		Fields []field
	}
	type route struct{ Method, Path, Summary, Text, Example string }
	var data struct {
		Version string
		On, Off []string // APIs besides our own
		Routes  []route
		Types   []object
	}
	data.Version, data.Off = version, off
	for _, a := range apis {
		data.On = append(data.On, a.Name)
	}
	for _, c := range calls {
		data.Routes = append(data.Routes, route{cmp.Or(c.method, "POST"), c.path, c.summary, c.text, c.example})
	}
	for name, s := range schemas.Map() {
		o := object{Name: name}
		for name, f := range s.Properties {
			kind := typeName(f)
			if slices.Contains(s.Required, name) {
				kind += ", required"
			}
			o.Fields = append(o.Fields, field{name, kind, f.Description})
		}
		slices.SortFunc(o.Fields, func(a, b field) int { return cmp.Compare(a.Name, b.Name) })
		data.Types = append(data.Types, o)
	}
	slices.SortFunc(data.Types, func(a, b object) int { return cmp.Compare(a.Name, b.Name) })
	var b bytes.Buffer
	if err := docsTemplate.Execute(&b, data); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func typeName(s *huma.Schema) string {
	switch {
	case s.Ref != "":
		return path.Base(s.Ref)
	case len(s.AnyOf) > 0:
		return typeName(s.AnyOf[0])
	case s.Items != nil:
		return "list of " + typeName(s.Items)
	case s.Format == "base64" || s.ContentEncoding == "base64":
		return "string in base64"
	}
	return s.Type
}
