package execute_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"borel/server"
	"borel/server/execute"
)

func openR1(v server.Verifier) []server.API { return []server.API{execute.OpenR1(v)} }

// batch is a request for Python scripts.
func batch(seconds int, scripts ...string) string {
	type body struct {
		Scripts        []string `json:"scripts"`
		Languages      []string `json:"languages"`
		Timeout        int      `json:"timeout"`
		RequestTimeout int      `json:"request_timeout"`
	}
	b := body{Scripts: append([]string{}, scripts...), Languages: []string{}, Timeout: seconds, RequestTimeout: 28}
	for range scripts {
		b.Languages = append(b.Languages, "python")
	}
	j, err := json.Marshal(b)
	if err != nil {
		panic(err)
	}
	return string(j)
}

// executed is the entry of a script: what its last expression is as text, what it printed, and its exception.
func executed(result, stdout, stderr, exception, text string) string {
	list := func(s string) string {
		if s == "" {
			return `[]`
		}
		return `["` + s + `"]`
	}
	results := ""
	if result != "" {
		results = `{"text":"` + result + `","html":null,"markdown":null,"svg":null,"png":null,"jpeg":null,"pdf":null,"latex":null,"json":null,"javascript":null,"data":null,"chart":null,"extra":{},"is_main_result":true}`
	}
	if exception == "" {
		exception = "null"
	}
	return `{"execution":{"results":[` + results + `],"logs":{"stdout":` + list(stdout) + `,"stderr":` + list(stderr) + `},"error":` + exception + `,"execution_count":1},"exception_str":null,"text":"` + text + `"}`
}

func notExecuted(why string) string {
	return `{"execution":null,"exception_str":"` + why + `","text":""}`
}

const timedOut = "Execution timed out — the 'timeout' option can be used to increase this timeout"

func TestBatch(t *testing.T) {
	post := func(name, body string, status int, answer string) exchange {
		return exchange{name, "POST", "/execute_batch", body, status, answer}
	}
	run := func(name, script, answer string) exchange {
		return post(name, batch(30, script), 200, "["+answer+"]")
	}
	exception := func(name, value, trace string) string {
		return fmt.Sprintf(`{"name":%q,"value":%q,"traceback":%q}`, name, value, trace)
	}
	open(t, openR1).table(t, []exchange{
		{"health", "GET", "/health", "", 200, `{"status":"ok"}`},
		run("value", "1 + 1", executed("2", "", "", "", "2")),
		run("printed", "print(2)", executed("", `2\n`, "", "", `2\n`)),
		run("both", "import sys\nprint('a'); print('b', file=sys.stderr)\n0.5", executed("0.5", `a\n`, `b\n`, "", "0.5")),
		run("raises", "1/0", executed("", "", "", exception("ZeroDivisionError", "division by zero",
			"Traceback (most recent call last):\n  File \"<cell 1>\", line 1, in <module>\n    1/0\n    ~^~\nZeroDivisionError: division by zero\n"), "")),
		run("a string", "'it'", executed("it", "", "", "", "it")),
		run("nothing", "", executed("", "", "", "", "")),
		run("indented, as open-r1 sends it", "\n    x = 1\n    if x:\n        x = 3\n    x\n    ", executed("3", "", "", "", "3")),
		run("breaks", "print(1)\nimport os; os._exit(0)", executed("", `1\n`, "", exception("ContextRestarting", "Context was restarted", ""), `1\n`)),
		post("time limit", batch(1, "print(1)\nwhile True: pass", "2"), 200, "["+notExecuted(timedOut)+","+executed("2", "", "", "", "2")+"]"),
		post("sleep", batch(1, "import time; time.sleep(3)"), 200, "["+notExecuted(timedOut)+"]"),
		post("each in an interpreter of its own", batch(30, "x = 1\nx", "x"), 200, "["+executed("1", "", "", "", "1")+","+executed("", "", "", exception("NameError", "name 'x' is not defined",
			"Traceback (most recent call last):\n  File \"<cell 1>\", line 1, in <module>\n    x\nNameError: name 'x' is not defined\n"), "")+"]"),
		post("one language for all", `{"scripts":["1","2"],"language":"python","timeout":30,"request_timeout":30}`, 200, "["+executed("1", "", "", "", "1")+","+executed("2", "", "", "", "2")+"]"),
		post("fewer languages than scripts", `{"scripts":["1","2"],"languages":["Python"],"timeout":30,"request_timeout":30}`, 200, "["+executed("1", "", "", "", "1")+"]"),
		post("another language", `{"scripts":["1"],"languages":["javascript"],"timeout":30,"request_timeout":30}`, 200, "["+notExecuted(`500 Internal Server Error: Failed to create context: no language \"javascript\" here; python is`)+"]"),
		post("no scripts", batch(30), 200, `[]`),
		post("beyond the longest time", batch(100000, "7"), 200, "["+executed("7", "", "", "", "7")+"]"),

		post("a field is missing", `{"scripts":[],"timeout":1}`, 422, `{"detail":[{"type":"missing","loc":["body","languages"],"msg":"Field required","input":{"scripts":[],"timeout":1}},`+
			`{"type":"missing","loc":["body","request_timeout"],"msg":"Field required","input":{"scripts":[],"timeout":1}}]}`),
		post("a script is none", `{"scripts":[{"code":"1"}],"languages":["python"],"timeout":1,"request_timeout":1}`, 422,
			`{"detail":[{"type":"string_type","loc":["body","scripts",0],"msg":"Input should be a valid string","input":{"code":"1"}}]}`),
		post("scripts are none", `{"scripts":"1","languages":null,"timeout":1.5,"request_timeout":"x"}`, 422,
			`{"detail":[{"type":"list_type","loc":["body","scripts"],"msg":"Input should be a valid list","input":"1"},`+
				`{"type":"list_type","loc":["body","languages"],"msg":"Input should be a valid list","input":null},`+
				`{"type":"int_from_float","loc":["body","timeout"],"msg":"Input should be a valid integer, got a number with a fractional part","input":1.5},`+
				`{"type":"int_parsing","loc":["body","request_timeout"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"x"}]}`),
		post("too many", `{"scripts":[`+strings.Repeat(`"12",`, 1000)+`"12"],"language":"python","timeout":1,"request_timeout":1}`, 422,
			`{"detail":[{"type":"too_long","loc":["body","scripts"],"msg":"List should have at most 1000 items after validation, not 1001","input":"(5006 bytes)","ctx":{"actual_length":1001,"field_type":"List","max_length":1000}}]}`),
	})
}

func TestBatchParallel(t *testing.T) {
	f := open(t, openR1)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			a, b := fmt.Sprint(i), fmt.Sprint(2*i)
			want := "[" + executed(a, "", "", "", a) + "," + executed(b, "", "", "", b) + "]"
			if status, got := f.ask(t, "POST", "/execute_batch", batch(30, a, "2 * "+a)); status != 200 || got != want {
				t.Errorf("%d: %d %s\nwant %s", i, status, got, want)
			}
		})
	}
	wg.Wait()
}
