package judge0_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// What becomes of a program, as it is told where the request waits.
func TestVerdicts(t *testing.T) {
	f := open(t)
	const accepted, wrong = `"status":{"id":3,"description":"Accepted"}`, `"status":{"id":4,"description":"Wrong Answer"}`
	for name, c := range map[string]struct{ program, more, want string }{
		"accepted":             {"print(int(input())+1)", `,"stdin":"4","expected_output":"5"`, `{"stdout":"5\n","stderr":null,"compile_output":null,"message":null,` + accepted + `}`},
		"wrong":                {"print(1)", `,"expected_output":"2"`, `{"stdout":"1\n",` + wrong + `}`},
		"nothing expected":     {"print(1)", ``, `{` + accepted + `}`},
		"space at line ends":   {"print('a  \\nb\\t\\n\\n')", `,"expected_output":"a\nb"`, `{` + accepted + `}`},
		"space at line starts": {"print(' a')", `,"expected_output":"a"`, `{` + wrong + `}`},
		"case":                 {"print('A')", `,"expected_output":"a"`, `{` + wrong + `}`},
		"no output expected":   {"pass", `,"expected_output":""`, `{"stdout":null,` + accepted + `}`},
		"stdin byte for byte":  {"import sys; print(repr(sys.stdin.read()))", `,"stdin":"a\nb"`, `{"stdout":"'a\\nb'\n"}`},
		"exception":            {"1/0", `,"expected_output":""`, `{"stdout":null,"message":"Exited with error status 1","status":{"id":11,"description":"Runtime Error (NZEC)"}}`},
		"exit code":            {"import sys; print(1); sys.exit(7)", `,"expected_output":"1"`, `{"stdout":"1\n","message":"Exited with error status 7","status":{"id":11,"description":"Runtime Error (NZEC)"}}`},
		"syntax error":         {"print(", ``, `{"compile_output":null,"status":{"id":11,"description":"Runtime Error (NZEC)"}}`},
		"work without end":     {"while True: pass", `,"cpu_time_limit":0.1,"cpu_extra_time":0,"wall_time_limit":1`, `{"time":"0.1","message":"Time limit exceeded","status":{"id":5,"description":"Time Limit Exceeded"}}`},
		"sleep without end":    {"import time\nwhile True: time.sleep(1)", ``, `{"time":"10.0","message":"Time limit exceeded (wall clock)","status":{"id":5,"description":"Time Limit Exceeded"}}`},
		"sleep for a while":    {"import time; time.sleep(9); print(1)", ``, `{"stdout":"1\n",` + accepted + `}`},
		"memory":               {"x = bytearray(1 << 30)", ``, `{"message":"Caught fatal signal 9","status":{"id":12,"description":"Runtime Error (Other)"}}`},
		"memory just enough":   {"x = bytearray(120 << 20); print(len(x))", ``, `{"stdout":"125829120\n",` + accepted + `}`},
		"least memory":         {"print(1)", `,"memory_limit":2048`, `{` + accepted + `}`},
		"output":               {"print('x' * (2 << 20))", ``, `{"message":"Caught fatal signal 25","status":{"id":8,"description":"Runtime Error (SIGXFSZ)"}}`},
		"arguments":            {"import sys; print(sys.argv[1:])", `,"command_line_arguments":"a 'b c' \"d\\\\\" e\\ f $HOME"`, `{"stdout":"['a', 'b c', 'd\\\\', 'e f', 'HOME']\n"}`},
		"both streams":         {"import sys; print(1, flush=True); print(2, file=sys.stderr)", `,"redirect_stderr_to_stdout":true,"expected_output":"1\n2"`, `{"stdout":"1\n2\n","stderr":null,` + accepted + `}`},
		"stderr":               {"import sys; print(2, file=sys.stderr)", ``, `{"stdout":null,"stderr":"2\n",` + accepted + `}`},
		"loosely typed":        {"print(1)", `,"number_of_runs":"3","cpu_time_limit":"2","memory_limit":128000.5,"redirect_stderr_to_stdout":"0","enable_network":false,"unknown":[{}]`, `{` + accepted + `}`},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := f.post(t, "/submissions?wait=true", source(c.program, c.more))
			if status != 201 {
				t.Fatalf("%d %s", status, body)
			}
			has(t, name, body, c.want)
		})
	}
}

// What is refused, with the answers of the original.
func TestRefused(t *testing.T) {
	f := open(t)
	ok := source("print(1)", "")
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/submissions", ``, 422, `{"language_id":["can't be blank","language with id  doesn't exist"],"source_code":["can't be blank"]}`},
		{"POST", "/submissions", `{}`, 422, `{"language_id":["can't be blank","language with id  doesn't exist"],"source_code":["can't be blank"]}`},
		{"POST", "/submissions", `{"source_code":" \n","language_id":71}`, 422, `{"source_code":["can't be blank"]}`},
		{"POST", "/submissions", `{"source_code":["x"],"language_id":71}`, 422, `{"source_code":["can't be blank"]}`},
		{"POST", "/submissions", `{"source_code":"x","language_id":150000}`, 422, `{"language_id":["language with id 150000 doesn't exist"]}`},
		{"POST", "/submissions", `{"source_code":"x","language_id":70}`, 422, `{"language_id":["language with id 70 doesn't exist"]}`},
		{"POST", "/submissions", `{"source_code":"x","language_id":"python"}`, 422, `{"language_id":["language with id 0 doesn't exist"]}`},
		{"POST", "/submissions", `{"source_code":"x","language_id":1e300}`, 422, `{"language_id":["language with id 9007199254740992 doesn't exist"]}`},
		{"POST", "/submissions", source("x", `,"wall_time_limit":100000`), 422, `{"wall_time_limit":["must be less than or equal to 20.0"]}`},
		{"POST", "/submissions", source("x", `,"wall_time_limit":0.5`), 422, `{"wall_time_limit":["must be greater than or equal to 1"]}`},
		{"POST", "/submissions", source("x", `,"cpu_time_limit":15.01,"cpu_extra_time":-1`), 422, `{"cpu_extra_time":["must be greater than or equal to 0"],"cpu_time_limit":["must be less than or equal to 15.0"]}`},
		{"POST", "/submissions", source("x", `,"memory_limit":2047,"number_of_runs":0,"max_file_size":4097`), 422, `{"max_file_size":["must be less than or equal to 4096"],"memory_limit":["must be greater than or equal to 2048"],"number_of_runs":["must be greater than 0"]}`},
		{"POST", "/submissions", source("x", `,"number_of_runs":21,"stack_limit":"many","cpu_time_limit":true,"wall_time_limit":"0x10"`), 422, `{"cpu_time_limit":["is not a number"],"number_of_runs":["must be less than or equal to 20"],"stack_limit":["is not a number"],"wall_time_limit":["is not a number"]}`},
		{"POST", "/submissions", source("x", `,"compiler_options":"-O2"`), 422, `{"compiler_options":["setting compiler options is only allowed for compiled languages"]}`},
		{"POST", "/submissions", source("x", `,"command_line_arguments":"`+strings.Repeat("é", 513)+`"`), 422, `{"command_line_arguments":["is too long (maximum is 512 characters)"]}`},
		{"POST", "/submissions", source("x", `,"command_line_arguments":"'a"`), 422, `{"command_line_arguments":["has a quote that is not closed"]}`},
		{"POST", "/submissions", source("x", `,"enable_network":true`), 422, `{"enable_network":["enabling network is not allowed"]}`},
		{"POST", "/submissions", source("x", `,"callback_url":"http://example.com/"`), 422, `{"callback_url":["setting callback is not allowed"]}`},
		{"POST", "/submissions", source("x", `,"additional_files":"bm8gemlw"`), 422, `{"additional_files":["is not a zip archive in base64"]}`},
		{"POST", "/submissions?fields=stdout,nope,*x", ok, 400, `{"error":"invalid fields: [nope, *x]"}`},
		{"POST", "/submissions", `{"source_code":`, 400, `{"error":"the body is not JSON: unexpected EOF at byte 15","status":400}`},
		{"POST", "/submissions/batch", `{}`, 400, `{"error":"there should be at least one submission in a batch"}`},
		{"POST", "/submissions/batch", `{"submissions":{}}`, 400, `{"error":"there should be at least one submission in a batch"}`},
		{"POST", "/submissions/batch", `{"submissions":[` + strings.Repeat("{},", 20) + `{}]}`, 400, `{"error":"number of submissions in a batch should be less than or equal to 20"}`},
		{"POST", "/submissions/batch", `{"submissions":[1,{"language_id":1,"source_code":"x"}]}`, 422, `[{"language_id":["can't be blank","language with id  doesn't exist"],"source_code":["can't be blank"]},{"language_id":["language with id 1 doesn't exist"]}]`},
		{"GET", "/submissions/batch", ``, 400, `{"error":"there should be at least one submission in a batch"}`},
		{"GET", "/submissions/batch?tokens=" + strings.Repeat("a,", 21), ``, 400, `{"error":"number of submissions in a batch should be less than or equal to 20"}`},
		{"GET", "/submissions/batch?tokens=a,b", ``, 200, `{"submissions":[null,null]}`},
		{"GET", "/submissions/nope", ``, 404, `{"error":"Not Found","status":404}`},
		{"GET", "/submissions", ``, 403, ``},
		{"DELETE", "/submissions/nope", ``, 403, ``},
		{"POST", "/authorize", ``, 403, ``},
		{"POST", "/authenticate", ``, 200, ``},
		{"GET", "/languages/70", ``, 404, `{"error":"Not Found","status":404}`},
		{"GET", "/languages/x", ``, 404, `{"error":"Not Found","status":404}`},
	} {
		if status, body := f.ask(t, c.method, c.path, c.body); status != c.status || body != c.want {
			t.Errorf("%s %s %.100s: %d %s\nwant %d %s", c.method, c.path, c.body, status, body, c.status, c.want)
		}
	}
	// Huge, deep, and no JSON at all.
	for name, c := range map[string]struct{ body, want string }{
		"a long program":   {source(strings.Repeat("#", 16<<20+1), ""), `{"source_code":["has 16777217 bytes, the limit is 16777216"]}`},
		"a long input":     {source("pass", `,"stdin":"`+strings.Repeat("x", 16<<20+1)+`"`), `{"stdin":["has 16777217 bytes, the limit is 16777216"]}`},
		"deep":             {`{"source_code":` + strings.Repeat("[", 100_000), `"status":400}`},
		"not UTF-8":        {source("pass", ",\"stdin\":\"\xff\""), `"status":400}`},
		"half a surrogate": {source("pass", `,"stdin":"\ud800"`), `"status":400}`},
		"a list":           {`[1]`, `"status":422}`},
		"beyond the limit": {strings.Repeat(" ", 65<<20), `"status":413}`},
	} {
		if status, body := f.post(t, "/submissions?wait=true", c.body); status/100 != 4 || !strings.HasSuffix(body, c.want) {
			t.Errorf("%s: %d %.200s", name, status, body)
		}
	}
	if status, body := f.ask(t, "POST", "/submissions", "source_code=x", "Content-Type", "application/x-www-form-urlencoded"); status != 415 || !strings.Contains(body, `"error":`) {
		t.Errorf("a form: %d %s", status, body)
	}
}

func TestTokens(t *testing.T) {
	f := open(t, func(s *setup) { s.server.Tokens = []string{"secret"} })
	for name, want := range map[string]int{"": 401, "wrong": 401, "secret": 200} {
		if status, body := f.ask(t, "GET", "/languages", "", "X-Auth-Token", name); status != want || want == 401 && body != "" {
			t.Errorf("token %q: %d %s, want %d", name, status, body, want)
		}
	}
}

// A submission by its token, with all that can be told of it.
func TestFields(t *testing.T) {
	f := open(t)
	status, body := f.post(t, "/submissions", source("import sys; print(input()); print('e', file=sys.stderr)", `,"stdin":"in","expected_output":"in","cpu_time_limit":2,"number_of_runs":2,"command_line_arguments":"a"`))
	token, _ := object(t, body)["token"].(string)
	if status != 201 || len(object(t, body)) != 1 || len(token) != 36 {
		t.Fatalf("%d %s", status, body)
	}
	all := f.ended(t, token, "?fields=*")
	has(t, "all", all, `{"source_code":"import sys; print(input()); print('e', file=sys.stderr)","language_id":71,"stdin":"in","expected_output":"in",
		"stdout":"in\n","stderr":"e\n","status_id":3,"status":{"id":3,"description":"Accepted"},"language":{"id":71,"name":"Python (3.13.5)"},"time":"0.0","wall_time":"0.0",
		"number_of_runs":2,"cpu_time_limit":"2.0","cpu_extra_time":"1.0","wall_time_limit":"10.0","memory_limit":128000,"stack_limit":64000,"max_processes_and_or_threads":60,
		"enable_per_process_and_thread_time_limit":false,"enable_per_process_and_thread_memory_limit":false,"max_file_size":1024,"compile_output":null,"exit_code":0,"exit_signal":null,
		"message":null,"compiler_options":null,"command_line_arguments":"a","redirect_stderr_to_stdout":false,"callback_url":null,"additional_files":null,"enable_network":false,
		"token":"`+token+`"}`)
	has(t, "what came later", f.ended(t, token, "?fields=status_id,queue_host,execution_host"), `{"queue_host":null,"execution_host":null,"status_id":3}`)
	if n := len(object(t, all)); n != 35 {
		t.Errorf("%d fields", n)
	}
	if got := object(t, f.ended(t, token, "?fields=stdout,status_id")); !reflect.DeepEqual(got, map[string]any{"stdout": "in\n", "status_id": 3.0}) {
		t.Errorf("two fields: %v", got)
	}
	status, body = f.ask(t, "GET", "/submissions/batch?tokens=x,"+token+"&fields=stderr", "")
	if want := `{"submissions":[null,{"stderr":"e\n"}]}`; status != 200 || body != want {
		t.Errorf("batch: %d %s, want %s", status, body, want)
	}
	status, body = f.ask(t, "GET", "/submissions/batch?fields=token", "", "tokens", token)
	if want := `{"submissions":[{"token":"` + token + `"}]}`; status != 200 || body != want {
		t.Errorf("batch by header: %d %s, want %s", status, body, want)
	}
}

func TestBase64(t *testing.T) {
	f := open(t)
	enc := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	program := "import sys; b = sys.stdin.buffer.read(); sys.stdout.buffer.write(b * 30)"
	body := fmt.Sprintf(`{"source_code":%q,"language_id":71,"stdin":%q,"expected_output":%q}`, enc(program), enc("\xfe\xff"), enc(strings.Repeat("\xfe\xff", 30)))
	status, got := f.post(t, "/submissions?wait=true&base64_encoded=true&fields=stdout,stderr,message,status_id,stdin", body)
	want := `{"message":null,"status_id":3,"stderr":null,"stdin":"/v8=\n","stdout":"` + strings.Repeat("/v/+//7/", 7) + `/v/+\n//7/` + strings.Repeat("/v/+//7/", 2) + `\n"}`
	if status != 201 || got != want {
		t.Errorf("%d %s\nwant %s", status, got, want)
	}
	// Without base64 the bytes cannot be told.
	const conversion = "some attributes for this submission cannot be converted to UTF-8, use base64_encoded=true query parameter"
	status, got = f.post(t, "/submissions?wait=true", source("import sys; sys.stdout.buffer.write(b'\\xfe')", ""))
	o := object(t, got)
	token, _ := o["token"].(string)
	if status != 201 || o["error"] != conversion || token == "" {
		t.Fatalf("%d %s", status, got)
	}
	for path, c := range map[string]struct {
		status int
		want   string
	}{
		"/submissions/" + token:                                             {400, `{"error":"` + conversion + `"}`},
		"/submissions/batch?tokens=" + token:                                {400, `{"error":"some attributes for one or more submissions cannot be converted to UTF-8, use base64_encoded=true query parameter"}`},
		"/submissions/" + token + "?fields=status_id":                       {200, `{"status_id":3}`},
		"/submissions/" + token + "?fields=stdout&base64_encoded=true":      {200, `{"stdout":"/g==\n"}`},
		"/submissions/" + token + "?fields=source_code&base64_encoded=TRUE": {200, `{"source_code":"import sys; sys.stdout.buffer.write(b'\\xfe')"}`},
	} {
		if status, body := f.ask(t, "GET", path, ""); status != c.status || body != c.want {
			t.Errorf("%s: %d %s, want %d %s", path, status, body, c.status, c.want)
		}
	}
	// Text that is UTF-8 is told, and invalid base64 is read as Ruby reads it.
	status, got = f.post(t, "/submissions?wait=true&fields=stdout", source("print('é')", ""))
	if status != 201 || got != `{"stdout":"é\n"}` {
		t.Errorf("UTF-8: %d %s", status, got)
	}
	status, got = f.post(t, "/submissions?wait=true&base64_encoded=true&fields=stdout", `{"source_code":"!cHJp\nbnQo MSk=ignored","language_id":"109"}`)
	if status != 201 || got != `{"stdout":"MQo=\n"}` {
		t.Errorf("invalid base64: %d %s", status, got)
	}
}

func TestBatch(t *testing.T) {
	f := open(t)
	status, body := f.post(t, "/submissions/batch", `{"submissions":[`+source("print(1)", "")+`,{"language_id":71},`+source("print(2)", "")+`]}`)
	var got []map[string]any
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 201 || len(got) != 3 || !reflect.DeepEqual(got[1], map[string]any{"source_code": []any{"can't be blank"}}) {
		t.Fatalf("%d %s", status, body)
	}
	for i, want := range map[int]string{0: "1\n", 2: "2\n"} {
		has(t, "batch", f.ended(t, got[i]["token"].(string), ""), `{"stdout":`+fmt.Sprintf("%q", want)+`}`)
	}
}

// archive is a zip archive in base64.
func archive(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err == nil {
			_, err = w.Write([]byte(files[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func TestAdditionalFiles(t *testing.T) {
	f := open(t)
	files := archive(t, "data.txt", "1 2", "pkg/", "", "pkg/mod.py", "x = 40", "data.txt", "second")
	status, body := f.post(t, "/submissions?wait=true&fields=stdout,stderr", source("from pkg.mod import x; print(open('data.txt').read(), x)", `,"additional_files":"`+files+`"`))
	if want := `{"stderr":null,"stdout":"1 2 40\n"}`; status != 201 || body != want {
		t.Errorf("%d %s, want %s", status, body, want)
	}
	files = archive(t, "main.py", "v = 42", "script.py", "no")
	status, body = f.post(t, "/submissions?wait=true&fields=stdout,stderr", source("import main, sys; print(main.v, sys.argv)", `,"additional_files":"`+files+`"`))
	if want := `{"stderr":null,"stdout":"42 ['script.py']\n"}`; status != 201 || body != want {
		t.Errorf("main.py: %d %s, want %s", status, body, want)
	}
	for _, c := range []struct{ name, want string }{
		{"../out.txt", `path \"../out.txt\" leads out of the working folder`},
		{"a/../../out.txt", `path \"a/../../out.txt\" leads out of the working folder`},
		{`..\\out.txt`, `path \"..\\\\\\\\out.txt\" leads out of the working folder`},
		{"/etc/passwd", `path \"/etc/passwd\" leads out of the working folder`},
		{"a\x00b", `path \"a\\x00b\" contains a NUL byte`},
	} {
		status, body := f.post(t, "/submissions", source("pass", `,"additional_files":"`+archive(t, c.name, "x")+`"`))
		if want := `{"additional_files":["` + c.want + `"]}`; status != 422 || body != want {
			t.Errorf("%q: %d %s\nwant %s", c.name, status, body, want)
		}
	}
}

func TestInformation(t *testing.T) {
	f := open(t)
	const names = `[{"id":71,"name":"Python (3.13.5)"},{"id":92,"name":"Python (3.13.5)"},{"id":100,"name":"Python (3.13.5)"},{"id":109,"name":"Python (3.13.5)"},{"id":113,"name":"Python (3.13.5)"}]`
	for path, want := range map[string]string{
		"/languages":     names,
		"/languages/all": strings.ReplaceAll(names, `"}`, `","is_archived":false}`),
		"/languages/92":  `{"id":92,"name":"Python (3.13.5)","is_archived":false,"source_file":"script.py","compile_cmd":null,"run_cmd":"python3 script.py"}`,
		"/about":         `{"version":"1.13.1","homepage":null,"source_code":null,"maintainer":null}`,
		"/version":       `1.13.1`,
	} {
		if status, body := f.ask(t, "GET", path, ""); status != 200 || body != want {
			t.Errorf("%s: %d %s, want %s", path, status, body, want)
		}
	}
	_, body := f.ask(t, "GET", "/config_info", "")
	has(t, "config_info", body, `{"max_queue_size":100,"cpu_time_limit":5,"max_cpu_time_limit":15,"max_wall_time_limit":20,"memory_limit":128000,"enable_callbacks":false,
		"allow_enable_network":false,"enable_submission_delete":false,"disable_implicit_base64_encoding":true,"max_submission_batch_size":20,"max_max_file_size":4096}`)
	if status, body := f.ask(t, "GET", "/statuses", ""); status != 200 || !strings.HasPrefix(body, `[{"id":1,"description":"In Queue"},{"id":2,`) || !strings.HasSuffix(body, `{"id":14,"description":"Exec Format Error"}]`) {
		t.Errorf("statuses: %d %s", status, body)
	}
	f.post(t, "/submissions?wait=true", source("1/0", ""))
	_, body = f.ask(t, "GET", "/statistics", "")
	has(t, "statistics", body, `{"languages":[{"language":{"id":71,"name":"Python (3.13.5)"},"count":1}],"statuses":[{"status":{"id":11,"name":"Runtime Error (NZEC)"},"count":1}]}`)
	var workers []map[string]any
	_, body = f.ask(t, "GET", "/workers", "")
	if err := json.Unmarshal([]byte(body), &workers); err != nil || len(workers) != 1 || workers[0]["size"] != 0.0 || workers[0]["working"] != 0.0 || workers[0]["idle"] != workers[0]["available"] {
		t.Errorf("workers: %s", body)
	}
}
