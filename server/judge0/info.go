package judge0

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"borel/server"

	"github.com/labstack/echo/v4"
)

// languages are the ids by which Judge0, in its releases and in its cloud, means Python 3: 3.8.1, 3.11.2, 3.12.5, 3.13.2 and
// 3.14.0. All are the one interpreter that is here, and its name tells its version. Those with libraries for machine learning
// are left out, as the libraries are not here.
var languages = []int64{71, 92, 100, 109, 113}

func known(id int64) bool { return slices.Contains(languages, id) }

func (d *door) languageName() string { return "Python (" + cmp.Or(d.cfg.Python, "3") + ")" }

type language struct {
	ID         int64   `json:"id"`
	Name       string  `json:"name"`
	IsArchived bool    `json:"is_archived"`
	SourceFile string  `json:"source_file"`
	CompileCmd *string `json:"compile_cmd"`
	RunCmd     string  `json:"run_cmd"`
}

func (d *door) information() []server.Route {
	get := func(path, summary string, answer any, handle func(echo.Context) error) server.Route {
		return server.Route{Method: "GET", Path: path, Summary: summary, Answer: answer, Hold: hold, Handle: func(c echo.Context, _ []byte) error { return handle(c) }}
	}
	return []server.Route{
		get("/languages", "The languages", []languageName{}, d.languages),
		get("/languages/all", "The languages, with those no longer in use", []languageSeen{}, d.allLanguages),
		get("/languages/:id", "A language", language{}, d.language),
		get("/statuses", "What becomes of submissions", []statusObject{}, d.statuses),
		get("/config_info", "Limits and what is switched on", map[string]any{}, d.config),
		get("/about", "The version of the API", aboutAnswer{}, d.about),
		{Method: "GET", Path: "/version", Handle: text(Version), Summary: "The version of the API, as text", Kind: "text/plain"},
		{Method: "GET", Path: "/isolate", Handle: text("borel " + d.cfg.Build), Summary: "What programs run in, as text", Kind: "text/plain"},
		get("/system_info", "The machine", map[string]string{}, d.system),
		get("/workers", "Who runs submissions", []workersAnswer{}, d.workers),
		get("/statistics", "What is kept", statisticsAnswer{}, d.statistics),
	}
}

func (d *door) languages(c echo.Context) error {
	list := []languageName{}
	for _, id := range languages {
		list = append(list, languageName{int(id), d.languageName()})
	}
	return server.Answer(c, http.StatusOK, list)
}

type languageSeen struct {
	ID         int    `json:"id"`
	Name       string `json:"name"`
	IsArchived bool   `json:"is_archived"`
}

func (d *door) allLanguages(c echo.Context) error {
	list := []languageSeen{}
	for _, id := range languages {
		list = append(list, languageSeen{ID: int(id), Name: d.languageName()})
	}
	return server.Answer(c, http.StatusOK, list)
}

func (d *door) language(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || !known(id) {
		return errAbsent
	}
	return server.Answer(c, http.StatusOK, language{ID: id, Name: d.languageName(), SourceFile: "script.py", RunCmd: "python3 script.py"})
}

func (d *door) statuses(c echo.Context) error {
	list := []statusObject{}
	for i, s := range statuses {
		list = append(list, statusObject{i + 1, s})
	}
	return server.Answer(c, http.StatusOK, list)
}
