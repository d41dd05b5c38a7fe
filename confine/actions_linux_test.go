package confine

import "testing"

type action struct {
	before func()
	do     func(arg string) (string, error)
}

var actions map[string]action

func init() {
	actions = map[string]action{
		"programs": {load, runPrograms},
		"nothing":  {nil, func(string) (string, error) { return "done", nil }},
	}
}

func hide([]string) {}

func TestPrograms(t *testing.T) {
	e := start(t, order{Do: "programs"}, nil)
	for _, l := range e.report {
		t.Logf("%+v", l)
	}
	if e.result != "42 512 deep y" {
		t.Errorf("%q, refused %q, signal %v\n%s", e.result, e.refused, e.signal, e.stderr)
	}
}
