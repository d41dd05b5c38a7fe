package piston

import (
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// runtime is what programs can be run in, as the original lists it.
type runtime struct {
	Language string   `json:"language"`
	Version  string   `json:"version"`
	Aliases  []string `json:"aliases"`
	Runtime  string   `json:"runtime,omitempty" doc:"the package that it comes with, where that has another name"`

	parsed *semver.Version
}

// posed are versions of Python's packages that clients have written into their requests. The one interpreter that there is runs
// those too.
var posed = []string{"3.12.0", "3.10.0"}

// runtimesOf lists them, given the version of the interpreter.
func runtimesOf(python string) (list []runtime) {
	for _, version := range append([]string{python}, posed...) {
		v, err := semver.StrictNewVersion(version)
		if err != nil {
			continue
		}
		minor := version[:strings.LastIndexByte(version, '.')]
		list = append(list, runtime{Language: "python", Version: version, Aliases: []string{"py", "py3", "python3", "python" + minor}, parsed: v})
	}
	return append(list, runtime{Language: codeforces, Version: "1.0.0", Aliases: []string{}, Runtime: "codeforces", parsed: semver.MustParse("1.0.0")})
}

// selected reads a selector of versions as npm's semver does, where an empty alternative allows every version and there is
// no !=. What it cannot read allows none.
func selected(selector string) (*semver.Constraints, bool) {
	if strings.Contains(selector, "!") {
		return nil, false
	}
	alternatives := strings.Split(selector, "||")
	for i, a := range alternatives {
		if strings.TrimSpace(a) == "" {
			alternatives[i] = "*"
		}
	}
	c, err := semver.NewConstraint(strings.Join(alternatives, "||"))
	return c, err == nil
}

// find is the newest runtime of a language that a selector of versions allows.
func (a *api) find(language, selector string) (best *runtime) {
	constraint, ok := selected(selector)
	if !ok {
		return nil
	}
	for i := range a.runtimes {
		r := &a.runtimes[i]
		if r.Language != language && !slices.Contains(r.Aliases, language) || !constraint.Check(r.parsed) {
			continue
		}
		if best == nil || r.parsed.GreaterThan(best.parsed) {
			best = r
		}
	}
	return best
}
