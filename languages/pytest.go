package languages

import (
	"maps"
	"strings"

	"borel/sandbox"
)

// pytest runs a file of tests as the command of that name does.
var pytest = Language{Name: "pytest", rate: pythonRate, on: python.Name, whole: pytestSpec}

// pytestSpec makes the spec of `pytest FILE ARGS…`. FILE is main.py; where the program's files have one, test_main.py.
func pytestSpec(p Program) sandbox.Spec {
	source, name := strings.Join(p.Steps, "\n"), "main.py"
	for _, taken := p.Files[name]; taken; _, taken = p.Files[name] {
		name = "test_" + name
	}
	files := map[string][]byte{name: []byte(source)}
	maps.Copy(files, p.Files)
	p.Files, p.Args, p.Steps = files, append([]string{name}, p.Args...), nil
	p.Limits.Files++ // as with other languages, the source is not one of the program's files
	p.Limits.FileBytes += int64(len(source))
	s := python.Spec(p)
	s.Args[0] = "pytest"
	s.Steps = []sandbox.Step{{Name: "<pytest>", Source: []byte("import sys, pytest\nsys.exit(pytest.console_main())")}}
	return s
}
