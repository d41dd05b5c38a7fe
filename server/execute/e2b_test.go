package execute_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"strings"
	"sync"
	"testing"

	"borel/internal/servertest"
	"borel/problem"
	"borel/server"
	"borel/server/execute"
)

func e2b(v server.Verifier) []server.API { return []server.API{execute.E2B(v, false)} }

// both are on the same path.
func both(v server.Verifier) []server.API {
	return []server.API{execute.LLMonk(v, true), execute.E2B(v, true)}
}

const (
	first = `{"type":"number_of_executions","execution_count":1}` + "\n"
	end   = `{"type":"end_of_execution"}`
)

func stdout(s string) string { return `{"type":"stdout","text":"` + s + `","timestamp":"T"}` + "\n" }
func stderr(s string) string { return `{"type":"stderr","text":"` + s + `","timestamp":"T"}` + "\n" }
func result(s string) string {
	return `{"type":"result","text":"` + s + `","extra":{},"is_main_result":true}` + "\n"
}
func raised(name, value, trace string) string {
	return fmt.Sprintf(`{"type":"error","name":%q,"value":%q,"traceback":%q}`+"\n", name, value, trace)
}

var timestamp = regexp.MustCompile(`"timestamp":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"`)

// cell is a request for one.
func cell(code string, more ...string) string {
	j, err := json.Marshal(code)
	if err != nil {
		panic(err)
	}
	return `{"code":` + string(j) + strings.Join(more, "") + `}`
}

// told asks, and answers without the times.
func (f *front) told(t *testing.T, path, body string, headers ...string) (int, string) {
	t.Helper()
	status, got := f.ask(t, "POST", path, body, headers...)
	return status, timestamp.ReplaceAllString(got, `"timestamp":"T"`)
}

func TestE2B(t *testing.T) {
	f := open(t, both)
	trace := func(line int, code, marks, what string) string {
		return fmt.Sprintf("Traceback (most recent call last):\n  File \"<cell 1>\", line %d, in <module>\n    %s\n%s%s\n", line, code, marks, what)
	}
	for _, c := range []struct {
		name, body string
		status     int
		answer     string
	}{
		{"printed", cell("print(1)"), 200, first + stdout(`1\n`) + end},
		{"value", cell("x = 1\nx + 1"), 200, first + result("2") + end},
		{"all", cell("import sys\nprint('a')\nprint('b', file=sys.stderr)\ndisplay('c')\n'd'"), 200,
			first + stdout(`a\n`) + stderr(`b\n`) + `{"type":"result","text":"c","extra":{},"is_main_result":false}` + "\n" + result("d") + end},
		{"forms", cell("class A:\n    def _repr_html_(self): return '<b>'\n    def _repr_json_(self): return {'a': 1}\n    def _repr_mimebundle_(self, **k): return {'x/y': 'z'}\n    def __repr__(self): return 'A'\nA()"), 200,
			first + `{"type":"result","text":"A","html":"<b>","json":{"a":1},"extra":{"x/y":"z"},"is_main_result":true}` + "\n" + end},
		{"raises", cell("print(1)\n1/0"), 200, first + stdout(`1\n`) + raised("ZeroDivisionError", "division by zero", trace(2, "1/0", "    ~^~\n", "ZeroDivisionError: division by zero")) + end},
		{"exits", cell("exit()"), 200, first + raised("SystemExit", "None", "Traceback (most recent call last):\n  File \"<cell 1>\", line 1, in <module>\n    exit()\n    ~~~~^^\n  File \"<frozen _sitebuiltins>\", line 26, in __call__\nSystemExit: None\n") + end},
		{"breaks", cell("print(1)\nimport os; os._exit(1)"), 200, first + stdout(`1\n`) + raised("ContextRestarting", "Context was restarted", "") + end},
		{"time limit", cell("print(1)\nimport time; time.sleep(601)"), 200, first + stdout(`1\n`) + raised("TimeLimitExceeded", "Execution timed out", "") + end},
		{"memory limit, caught", cell("try: bytes(2**31-99)\nexcept MemoryError: print('no')"), 200, first + stdout(`no\n`) + end},
		{"memory limit", cell("bytes(2**31-99)"), 200, first + raised("MemoryError", "", "Traceback (most recent call last):\n  File \"<cell 1>\", line 1, in <module>\n    bytes(2**31-99)\n    ~~~~~^^^^^^^^^^\nMemoryError\n") + end},
		{"nothing", cell(""), 200, first + end},
		{"Python by name", cell("1", `,"language":" Python "`), 200, first + result("1") + end},
		{"all fields null, and more", cell("1", `,"context_id":null,"language":null,"env_vars":null,"x":[]`), 200, first + result("1") + end},
		{"the default context", cell("1", `,"context_id":"default"`), 200, first + result("1") + end},
		{"environment", cell("    import os\n    os.environ['A'], os.environ['é']", `,"env_vars":{"é":"\"\\\n","A":"😀\u2028"}`), 200, first + result(`('😀\\u2028', '\"\\\\\\n')`) + end},
		{"llmonk", `{` + sum + `,` + onePair + `,` + rest + `}`, 200, right},
		{"llmonk, malformed", `{"input_expected_output_pairs":null}`, 422, `{"detail":[{"type":"missing","loc":["body","code"],"msg":"Field required","input":{"input_expected_output_pairs":null}},` +
			`{"type":"list_type","loc":["body","input_expected_output_pairs"],"msg":"Input should be a valid list","input":null},` +
			`{"type":"missing","loc":["body","timeout"],"msg":"Field required","input":{"input_expected_output_pairs":null}},` +
			`{"type":"missing","loc":["body","memory_limit_bytes"],"msg":"Field required","input":{"input_expected_output_pairs":null}}]}`},

		{"context and language", cell("1", `,"context_id":"a","language":"python"`), 400, "Only one of context_id or language can be provided"},
		{"another language", cell("1", `,"language":"r"`), 500, `Failed to create context: no language "r" here; python is`},
		{"no such context", cell("1", `,"context_id":"a"`), 404, "Context a not found"},
		{"nothing in it", `{}`, 422, `{"detail":[{"type":"missing","loc":["body","code"],"msg":"Field required","input":{}}]}`},
		{"wrong types", `{"code":1,"context_id":2,"language":[],"env_vars":{"a":1}}`, 422, `{"detail":[{"type":"string_type","loc":["body","code"],"msg":"Input should be a valid string","input":1},` +
			`{"type":"string_type","loc":["body","context_id"],"msg":"Input should be a valid string","input":2},` +
			`{"type":"string_type","loc":["body","language"],"msg":"Input should be a valid string","input":[]},` +
			`{"type":"string_type","loc":["body","env_vars","a"],"msg":"Input should be a valid string","input":1}]}`},
		{"environment is none", cell("1", `,"env_vars":"a"`), 422, `{"detail":[{"type":"dict_type","loc":["body","env_vars"],"msg":"Input should be a valid dictionary","input":"a"}]}`},
		{"deep", strings.Repeat("[", 100_000), 400, `{"detail":"There was an error parsing the body"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, got := f.told(t, "/execute", c.body); status != c.status || got != c.answer {
				t.Errorf("got  %d %s\nwant %d %s", status, got, c.status, c.answer)
			}
		})
	}
}

func TestContexts(t *testing.T) {
	f := open(t, e2b)
	mine := []string{"E2b-Sandbox-Id", "mine"}
	make := func(body string) string {
		t.Helper()
		status, got := f.told(t, "/contexts", body, mine...)
		var c struct{ ID, Language, Cwd string }
		if err := json.Unmarshal([]byte(got), &c); err != nil || status != 200 || c.Language != "python" || c.Cwd != "/home/user" || len(c.ID) != 36 {
			t.Fatalf("context: %d %s", status, got)
		}
		return c.ID
	}
	a, b := make(`{}`), make(`{"cwd":"/home/user","language":"Python"}`)
	run := func(name, id, code, want string) {
		t.Helper()
		if status, got := f.told(t, "/execute", cell(code, `,"context_id":"`+id+`"`), mine...); status != 200 || got != want {
			t.Errorf("%s: got %d %s\nwant %s", name, status, got, want)
		}
	}
	nth := func(n int) string { return fmt.Sprintf(`{"type":"number_of_executions","execution_count":%d}`+"\n", n) }
	run("first", a, "x = 1\nprint('once')", nth(1)+stdout(`once\n`)+end)
	run("the other has nothing of it", b, "'x' in globals()", nth(1)+result("False")+end)
	run("second", a, "x += 1\nx", nth(2)+result("2")+end)
	run("an exception", a, "x = 5\n1/0", nth(3)+raised("ZeroDivisionError", "division by zero", "Traceback (most recent call last):\n  File \"<cell 3>\", line 2, in <module>\n    1/0\n    ~^~\nZeroDivisionError: division by zero\n")+end)
	run("what it did before stays", a, "x", nth(4)+result("5")+end)
	run("an exit too", a, "x = 6\nexit()", nth(5)+raised("SystemExit", "None", "Traceback (most recent call last):\n  File \"<cell 5>\", line 2, in <module>\n    exit()\n    ~~~~^^\n  File \"<frozen _sitebuiltins>\", line 26, in __call__\nSystemExit: None\n")+end)
	run("what breaks the interpreter is undone", a, "x = 7\nimport os; os._exit(0)", nth(6)+raised("ContextRestarting", "Context was restarted", "")+end)
	run("the rest stays", a, "x", nth(6)+result("6")+end)
	run("files stay", a, "open('f', 'w').write('z')", nth(7)+result("1")+end)
	run("and are there", a, "open('f').read()", nth(8)+result("z")+end)

	list := func(want string, headers ...string) {
		t.Helper()
		if status, got := f.ask(t, "GET", "/contexts", "", headers...); status != 200 || got != want {
			t.Errorf("list: got %d %s\nwant %s", status, got, want)
		}
	}
	entry := func(id string) string { return `{"id":"` + id + `","language":"python","cwd":"/home/user"}` }
	list(`[`+entry(b)+`,`+entry(a)+`]`, mine...)
	list(`[]`)
	list(`[]`, "E2b-Sandbox-Id", "another")
	list(`[]`, append(mine, "X-Access-Token", "t")...)
	if status, got := f.told(t, "/execute", cell("x", `,"context_id":"`+a+`"`)); status != 404 || got != "Context "+a+" not found" {
		t.Errorf("another's: %d %s", status, got)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		answer             string
	}{
		{"POST", "/contexts/" + a + "/restart", "", 200, "null"},
		{"DELETE", "/contexts/" + b, "", 200, "null"},
		{"DELETE", "/contexts/" + b, "", 404, "Context " + b + " not found"},
		{"POST", "/contexts/" + b + "/restart", "", 404, "Context " + b + " not found"},
		{"POST", "/contexts", `{"language":"javascript"}`, 500, `Failed to create context: no language "javascript" here; python is`},
		{"POST", "/contexts", `{"cwd":"/tmp"}`, 500, "Failed to set working directory"},
		{"POST", "/contexts", ``, 422, `{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}`},
		{"POST", "/contexts", `{"cwd":1}`, 422, `{"detail":[{"type":"string_type","loc":["body","cwd"],"msg":"Input should be a valid string","input":1}]}`},
	} {
		if status, got := f.ask(t, c.method, c.path, c.body, mine...); status != c.status || got != c.answer {
			t.Errorf("%s %s: got %d %s\nwant %d %s", c.method, c.path, status, got, c.status, c.answer)
		}
	}
	run("restarted", a, "'x' in globals()", nth(1)+result("False")+end)

	for _, c := range []struct{ env, code, want string }{
		{`{"A":"1","B":"2"}`, "import os; e = os.environ; e.get('A'), e.get('B')", "('1', '2')"},
		{`{"B":"3"}`, "e.get('A'), e.get('B')", "(None, '3')"},
		{`{}`, "  e.get('A'), e.get('B')", "(None, None)"},
	} {
		if status, got := f.told(t, "/execute", cell(c.code, `,"context_id":"`+a+`","env_vars":`+c.env), mine...); status != 200 || !strings.Contains(got, result(c.want)) {
			t.Errorf("environment %s: got %d %s", c.env, status, got)
		}
	}
}

// One cell of a context after the other, whoever asks.
func TestContextParallel(t *testing.T) {
	f := open(t, e2b)
	_, got := f.told(t, "/contexts", `{}`)
	var c struct{ ID string }
	if err := json.Unmarshal([]byte(got), &c); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if status, got := f.told(t, "/execute", cell("n = globals().get('n', 0) + 1", `,"context_id":"`+c.ID+`"`)); status != 200 || !strings.HasSuffix(got, end) {
				t.Errorf("got %d %s", status, got)
			}
		})
	}
	wg.Wait()
	if _, got := f.told(t, "/execute", cell("n", `,"context_id":"`+c.ID+`"`)); got != `{"type":"number_of_executions","execution_count":65}`+"\n"+result("64")+end {
		t.Errorf("got %s", got)
	}
}

// A client that leaves gives up its turn.
func TestContextAbandoned(t *testing.T) {
	f := open(t, e2b)
	_, got := f.told(t, "/contexts", `{}`)
	var c struct{ ID string }
	if err := json.Unmarshal([]byte(got), &c); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { cancel() }})
		r, err := http.NewRequestWithContext(traced, "POST", f.URL+"/execute", strings.NewReader(cell("while True: pass", `,"context_id":"`+c.ID+`"`)))
		if err != nil {
			t.Fatal(err)
		}
		if a, err := http.DefaultClient.Do(r); !errors.Is(err, context.Canceled) {
			a.Body.Close()
			t.Errorf("%v, want cancelled", err)
		}
	}
	if _, got := f.told(t, "/execute", cell("1", `,"context_id":"`+c.ID+`"`)); got != first+result("1")+end {
		t.Errorf("got %s", got)
	}
}

// broken cannot run anything.
type broken struct{ server.Verifier }

func (broken) Run(context.Context, problem.RunRequest) (problem.Run, error) {
	return problem.Run{}, errors.New("a worker crashed")
}

// What fails by our fault is an error of the service.
func TestE2BFault(t *testing.T) {
	openWith(t, server.Config{Verifier: broken{}, APIs: e2b}).table(t, []exchange{
		{"fault", "POST", "/execute", cell("1"), 500, `{"detail":"a fault of this server; its log has the details under the request id"}`},
	})
}

func TestBatchFault(t *testing.T) {
	openWith(t, server.Config{Verifier: broken{}, APIs: openR1}).table(t, []exchange{
		{"fault", "POST", "/execute_batch", batch(1, "1"), 200, `[` + notExecuted("a worker crashed") + `]`},
	})
}

// Requests that wait for their turn in a context hold no slot.
func TestContextWaits(t *testing.T) {
	f := openWith(t, server.Config{Verifier: servertest.Verifier(t), Concurrency: 2, APIs: e2b})
	_, got := f.told(t, "/contexts", `{}`)
	var c struct{ ID string }
	if err := json.Unmarshal([]byte(got), &c); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 4 { // one of them runs for as long as its client waits
		wg.Go(func() {
			_, _ = f.Ask(ctx, "POST", "/execute", cell("while True: pass", `,"context_id":"`+c.ID+`"`))
		})
	}
	for range 20 {
		if status, got := f.told(t, "/execute", cell("1+1")); status != 200 || !strings.Contains(got, `"2"`) {
			t.Errorf("got %d %s", status, got)
		}
	}
	cancel()
	wg.Wait()
	if _, got := f.told(t, "/execute", cell("1", `,"context_id":"`+c.ID+`"`)); got != first+result("1")+end {
		t.Errorf("got %s", got)
	}
}
