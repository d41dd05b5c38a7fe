package piston

import (
	"errors"
	"net/http/httptest"
	"path"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// FuzzJob: whatever a body holds, it is refused with a message, or its files lie in the working folder.
func FuzzJob(f *testing.F) {
	for _, seed := range []string{
		"", "[]", "null", `{"language":"py","version":"*","files":[{"content":"print(1)"}]}`,
		`{"language":"python","version":"^3 || 2.x","files":[{"name":"../a","content":"00ff","encoding":"hex"},{"content":"\ud800"}],"stdin":"x","args":["a",1,null],"run_timeout":1e3,"run_memory_limit":-1}`,
		`{"language":"cf_python3","version":"1","files":[{"name":"/a//b/../c","content":"eA==","encoding":"base64"},{"name":"main.py","content":""},{"name":"d/e","content":""}],"run_cpu_time":0.5}`,
	} {
		f.Add([]byte(seed))
	}
	a := &api{runtimes: runtimesOf("3.13.5")}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/api/v2/execute", nil)
		r.Header.Set("Content-Type", "application/json")
		c := echo.New().NewContext(r, httptest.NewRecorder())
		var v fields
		err := read(c, body, &v)
		var j *job
		if err == nil {
			j, err = a.job(&v)
		}
		if err != nil {
			var (
				w wrong
				u unread
				x thrown
			)
			if !errors.As(err, &w) && !errors.As(err, &u) && !errors.As(err, &x) {
				t.Errorf("%T %v", err, err)
			}
			return
		}
		for name := range j.request.Files {
			if path.Clean("/"+name) != "/"+name || strings.Contains("/"+name, "/../") {
				t.Errorf("file %q", name)
			}
		}
		if err := j.request.Limits.Validate(""); err != nil {
			t.Error(err)
		}
		if !strings.HasSuffix(j.request.Stdin, "\n") {
			t.Errorf("stdin %q", j.request.Stdin)
		}
	})
}
