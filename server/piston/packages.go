package piston

import (
	"fmt"
	"net/http"

	"borel/server"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"
)

// entry is a package, as the original lists it.
type entry struct {
	Language        string `json:"language"`
	LanguageVersion string `json:"language_version"`
	Installed       bool   `json:"installed"`
}

// packages lists what can be installed: nothing that is not.
func (a *api) packages(c echo.Context, _ []byte) error {
	list := []entry{}
	for _, r := range a.runtimes {
		list = append(list, entry{r.pkg(), r.Version, true})
	}
	return server.Answer(c, http.StatusOK, list)
}

func (r *runtime) pkg() string {
	if r.Runtime != "" {
		return r.Runtime
	}
	return r.Language
}

// change answers who would install or uninstall a package: the packages are part of the server.
func (a *api) change(why string) func(c echo.Context, body []byte) error {
	return func(c echo.Context, body []byte) error {
		var f struct {
			Language value `json:"language"`
			Version  value `json:"version"`
		}
		if err := read(c, body, &f); err != nil {
			return refuse(c, err)
		}
		language, version := spoken(f.Language), spoken(f.Version)
		r := a.packaged(language, version)
		if r == nil || kind(f.Version) == 0 {
			return server.Answer(c, http.StatusNotFound, message{Message: fmt.Sprintf("Requested package %s-%s does not exist", language, version)})
		}
		return server.Answer(c, http.StatusInternalServerError, message{Message: why})
	}
}

func (a *api) packaged(name, selector string) *runtime {
	for i := range a.runtimes {
		r := &a.runtimes[i]
		if c, ok := selected(selector); ok && r.pkg() == name && c.Check(r.parsed) {
			return r
		}
	}
	return nil
}

// spoken is a value as JavaScript puts it into a text.
func spoken(v value) string {
	switch kind(v) {
	case 0:
		return "undefined"
	case '"':
		return text(v)
	case '{':
		return "[object Object]"
	case '[':
		var list []value
		if err := json.Unmarshal(v, &list, lax); err != nil {
			return ""
		}
		s := ""
		for i, e := range list {
			if i > 0 {
				s += ","
			}
			if !missing(e) && kind(e) != '[' {
				s += spoken(e)
			}
		}
		return s
	}
	return string(v)
}
