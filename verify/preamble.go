package verify

import "strings"

// complete adds to program what it needs of the prompt, and says so in the form of suffixes to the rule.
func (x *extractor) complete(program string) (completed, suffix string) {
	if !x.definesEntry(program) {
		if x.open && isBody(program) {
			return strings.TrimRight(x.prompt, " \t\r\n") + "\n" + program, "+prompt"
		}
		return program, ""
	}
	added, imports, helpers := x.missing(program)
	if imports {
		suffix += "+imports"
	}
	if helpers {
		suffix += "+helpers"
	}
	at := futureEnd(program) // before which no other statement may stand
	return program[:at] + added + program[at:], suffix
}

// item is a statement of the prompt that a program may need: an import, or a definition with its body.
type item struct {
	span
	names    []string // that it binds
	imported bool
}

// preamble lists the items of the prompt before the entry point.
func (x *extractor) preamble() []item {
	var items []item
	decorated := -1  // where the decorators of the next definition begin
	growing := false // the last item's body goes on
	for s := range statements(x.prompt) {
		statement := x.prompt[s.start:s.end]
		if !topLevel(statement) {
			if growing {
				items[len(items)-1].end = s.end
			}
			continue
		}
		growing = false
		if statement[0] == '@' {
			if decorated < 0 {
				decorated = s.start
			}
			continue
		}
		if decorated >= 0 {
			s.start = decorated
			decorated = -1
		}
		name := definedName(statement)
		switch {
		case name == x.entry:
			return items
		case isImport(statement):
			items = append(items, item{s, boundNames(statement), true})
		case name != "":
			items = append(items, item{s, []string{name}, false})
			growing = true
		}
	}
	return items
}

// missing is the text of those items of the prompt that program, or the tests, name and program does not bind.
func (x *extractor) missing(program string) (text string, imported, helpers bool) {
	items := x.preamble()
	if len(items) == 0 {
		return "", false, false
	}
	named := map[string]bool{"*": true}
	for _, it := range items {
		for _, name := range it.names {
			if name != "*" {
				named[name] = false
			}
		}
	}
	mark := func(source string) {
		for word := range words(source) {
			if _, ok := named[word]; ok {
				named[word] = true
			}
		}
	}
	mark(program)
	mark(x.tests)
	bound := map[string]bool{}
	for s := range statements(program) {
		statement := program[s.start:s.end]
		if name := definedName(statement); name != "" {
			if _, ok := named[name]; ok {
				bound[name] = true
			}
		} else if isImport(statement) {
			for _, name := range boundNames(statement) {
				bound[name] = name != "*" // an import of all may bind anything
			}
		}
	}
	// From the last to the first: what a helper names must be there before it.
	for i := len(items) - 1; i >= 0; i-- {
		it := items[i]
		source := x.prompt[it.start:it.end]
		for _, name := range it.names {
			if !named[name] || bound[name] {
				continue
			}
			text = strings.TrimRight(source, "\r\n") + "\n" + text
			if it.imported {
				imported = true
			} else {
				helpers = true
				mark(source)
			}
			break
		}
	}
	return text, imported, helpers
}
