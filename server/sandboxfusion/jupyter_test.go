package sandboxfusion_test

import (
	"strings"
	"testing"

	"borel/internal/servertest"
)

// The answers of /run_jupyter, exactly.
func TestRunJupyter(t *testing.T) {
	f := open(t, servertest.Verifier(t), nil)
	driver := func(status, code string) string {
		return `"driver":{"status":"` + status + `","execution_time":T,"return_code":` + code + `,"stdout":"","stderr":""}`
	}
	for _, c := range []struct{ name, body, want string }{
		{"cells", servertest.Object("cells", []string{"a = 20", "a + 1", "1 / 0", "import sys\nprint(a)\nsys.stderr.write('e')"}),
			`{"status":"Success","message":"",` + driver("Finished", "0") + `,"cells":[` +
				`{"stdout":"","stderr":"","display":[],"error":[]},` +
				`{"stdout":"","stderr":"","display":[{"text/plain":"21"}],"error":[]},` +
				`{"stdout":"","stderr":"","display":[],"error":[{"traceback":["Traceback (most recent call last):","  File \"<cell 3>\", line 1, in <module>","    1 / 0","    ~~^~~","ZeroDivisionError: division by zero"],"ename":"ZeroDivisionError","evalue":"division by zero"}]},` +
				`{"stdout":"20\n","stderr":"e","display":[{"text/plain":"1"}],"error":[]}],"executor_pod_name":null,"files":{}}`},
		{"none", servertest.Object("cells", []string{}), `{"status":"Success","message":"",` + driver("Finished", "0") + `,"cells":[],"executor_pod_name":null,"files":{}}`},
		{"displayed", servertest.Object("cells", []string{"display(1)\n2"}),
			`{"status":"Success","message":"",` + driver("Finished", "0") + `,"cells":[{"stdout":"","stderr":"","display":[{"text/plain":"1"},{"text/plain":"2"}],"error":[]}],"executor_pod_name":null,"files":{}}`},
		{"files", servertest.Object("cells", []string{"open('o','w').write(open('i').read())\nNone"}, "files", map[string]string{"i": "YWI="}, "fetch_files", []string{"o"}),
			`{"status":"Success","message":"",` + driver("Finished", "0") + `,"cells":[{"stdout":"","stderr":"","display":[],"error":[]}],"executor_pod_name":null,"files":{"o":"YWI="}}`},
		{"too long", servertest.Object("cells", []string{"print(1)", "while True: pass", "print(2)"}, "total_timeout", 0.2),
			`{"status":"Failed","message":"",` + driver("TimeLimitExceeded", "null") + `,"cells":[{"stdout":"1\n","stderr":"","display":[],"error":[]},{"stdout":"","stderr":"","display":[],"error":[]}],"executor_pod_name":null,"files":{}}`},
		{"a cell too long", servertest.Object("cells", []string{"print(1)", "while True: pass"}, "cell_timeout", 0.2),
			`{"status":"Failed","message":"",` + driver("TimeLimitExceeded", "null") + `,"cells":[{"stdout":"1\n","stderr":"","display":[],"error":[]},{"stdout":"","stderr":"","display":[],"error":[]}],"executor_pod_name":null,"files":{}}`},
		{"no time", servertest.Object("cells", []string{"print(1)"}, "total_timeout", -1),
			`{"status":"Failed","message":"",` + driver("TimeLimitExceeded", "null") + `,"cells":[],"executor_pod_name":null,"files":{}}`},
		{"a file elsewhere", servertest.Object("cells", []string{}, "files", map[string]string{"../i": ""}),
			`{"status":"SandboxError","message":"the file \"../i\": its path leads out of the working folder, or into one of the image's","driver":null,"cells":[],"executor_pod_name":null,"files":{}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := f.Post(t, "/run_jupyter", c.body)
			if text := strings.TrimSpace(took.ReplaceAllString(got.Body, `"execution_time":T`)); got.Status != 200 || text != c.want {
				t.Errorf("got %d %s\nwant %s", got.Status, text, c.want)
			}
		})
	}
}
