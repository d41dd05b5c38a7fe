package piston_test

import (
	"strings"
	"testing"

	"borel/internal/servertest"
	"borel/server"
	"borel/server/piston"
)

// TestRefused: status and body of what is refused, as the original has them.
func TestRefused(t *testing.T) {
	f := open(t, servertest.Verifier(t), func(c *server.Config, _ *piston.Config) { c.MaxBody = 1 << 20 })
	says := func(m string) string { return servertest.Object("message", m) }
	with := func(pairs ...any) string { return program("print(1)", pairs...) }
	file := func(pairs ...any) string {
		return `{"language":"python","version":"*","files":[` + servertest.Object(pairs...) + `]}`
	}
	const execute = "/api/v2/execute"
	tests := []struct {
		name, method, path, body string
		status                   int
		want                     string
		headers                  []string
	}{
		{"no body", "POST", execute, "", 400, says("language is required as a string"), nil},
		{"empty", "POST", execute, "{}", 400, says("language is required as a string"), nil},
		{"list", "POST", execute, "[]", 400, says("language is required as a string"), nil},
		{"language is a number", "POST", execute, `{"language":1}`, 400, says("language is required as a string"), nil},
		{"language is empty", "POST", execute, `{"language":""}`, 400, says("language is required as a string"), nil},
		{"language is null", "POST", execute, `{"language":null,"version":"*","files":[]}`, 400, says("language is required as a string"), nil},
		{"no version", "POST", execute, `{"language":"python"}`, 400, says("version is required as a string"), nil},
		{"version is a number", "POST", execute, `{"language":"python","version":3}`, 400, says("version is required as a string"), nil},
		{"no files", "POST", execute, `{"language":"python","version":"*"}`, 400, says("files is required as an array"), nil},
		{"files is an object", "POST", execute, `{"language":"python","version":"*","files":{}}`, 400, says("files is required as an array"), nil},
		{"no content", "POST", execute, `{"language":"python","version":"*","files":[{"content":""},{"name":"b"}]}`, 400, says("files[1].content is required as a string"), nil},
		{"a file is a string", "POST", execute, `{"language":"python","version":"*","files":["x"]}`, 400, says("files[0].content is required as a string"), nil},
		{"a file is null", "POST", execute, `{"language":"python","version":"*","files":[null]}`, 400, `{}`, nil},
		{"content comes first", "POST", execute, `{"language":"nope","version":"*","files":[{}]}`, 400, says("files[0].content is required as a string"), nil},
		{"unknown language", "POST", execute, `{"language":"nope","version":"*","files":[]}`, 400, says("nope-* runtime is unknown"), nil},
		{"no C++", "POST", execute, `{"language":"c++17","version":"*","files":[]}`, 400, says("c++17-* runtime is unknown"), nil},
		{"no IOI", "POST", execute, `{"language":"cms_ioi","version":"*","files":[]}`, 400, says("cms_ioi-* runtime is unknown"), nil},
		{"unknown version", "POST", execute, `{"language":"python","version":"2.7.18","files":[]}`, 400, says("python-2.7.18 runtime is unknown"), nil},
		{"no selector", "POST", execute, `{"language":"python","version":"latest","files":[]}`, 400, says("python-latest runtime is unknown"), nil},
		{"no file", "POST", execute, `{"language":"python","version":"*","files":[]}`, 400, says("files must include at least one utf8 encoded file"), nil},
		{"no text", "POST", execute, file("content", "", "encoding", "base64"), 400, says("files must include at least one utf8 encoded file"), nil},
		{"encoding in capitals", "POST", execute, file("content", "", "encoding", "UTF8"), 400, says("files must include at least one utf8 encoded file"), nil},
		{"timeout is a string", "POST", execute, with("run_timeout", "1000"), 400, says("If specified, run_timeout must be a number"), nil},
		{"timeout is true", "POST", execute, with("compile_timeout", true), 400, says("If specified, compile_timeout must be a number"), nil},
		{"memory is a list", "POST", execute, with("run_memory_limit", []any{}), 400, says("If specified, run_memory_limit must be a number"), nil},
		{"timeout too great", "POST", execute, with("run_timeout", 600_001), 400, says("run_timeout cannot exceed the configured limit of 600000"), nil},
		{"CPU time too great", "POST", execute, with("compile_cpu_time", 1e300), 400, says("compile_cpu_time cannot exceed the configured limit of 600000"), nil},
		{"timeout without end", "POST", execute, strings.Replace(with("run_cpu_time", 77), "77", "1e999", 1), 400, says("run_cpu_time cannot exceed the configured limit of 600000"), nil},
		{"negative timeout", "POST", execute, with("run_timeout", -1), 400, says("run_timeout must be non-negative"), nil},
		{"memory comes first", "POST", execute, with("run_timeout", -1, "run_memory_limit", "x"), 400, says("If specified, run_memory_limit must be a number"), nil},
		{"stdin is a number", "POST", execute, with("stdin", 5), 400, `{}`, nil},
		{"args is a number", "POST", execute, with("args", 5), 400, says("args is required as an array"), nil},
		{"args has a list", "POST", execute, with("args", []any{"a", []any{}}), 400, says("args[1] is required as a string"), nil},
		{"out of the folder", "POST", execute, file("content", "", "name", "../x"), 400, says(`File path "../x" tries to escape parent directory: ../x`), nil},
		{"out of a folder", "POST", execute, file("content", "", "name", "/a/../../x"), 400, says(`File path "/a/../../x" tries to escape parent directory: ../x`), nil},
		{"two dots", "POST", execute, file("content", "", "name", "..x"), 400, says(`File path "..x" tries to escape parent directory: ..x`), nil},
		{"a folder", "POST", execute, file("content", "", "name", "a/"), 400, says(`File path "a/" is not the name of a file`), nil},
		{"NUL", "POST", execute, file("content", "", "name", "a\x00"), 400, says(`File path "a\x00" is not the name of a file`), nil},
		{"name is a number", "POST", execute, file("content", "", "name", 5), 400, says("files[0].name must be a string"), nil},
		{"file and folder", "POST", execute, `{"language":"python","version":"*","files":[{"name":"a","content":""},{"name":"a/b","content":""}]}`, 400, says(`files: path "a" is a file and a folder at once`), nil},
		{"too many files", "POST", execute, `{"language":"python","version":"*","files":[` + strings.Repeat("1,", 10_000) + `1]}`, 400, says("files has 10001 entries, the limit is 10000"), nil},

		{"no JSON", "POST", execute, `{"language":}`, 400, `{"stack":"SyntaxError: Unexpected token } in JSON at position 12"}`, nil},
		{"cut off", "POST", execute, `{"language":"py`, 400, `{"stack":"SyntaxError: Unexpected end of JSON input"}`, nil},
		{"a number", "POST", execute, `7`, 400, `{"stack":"SyntaxError: Unexpected token 7 in JSON at position 0"}`, nil},
		{"null", "POST", execute, ` null`, 400, `{"stack":"SyntaxError: Unexpected token n in JSON at position 1"}`, nil},
		{"words", "POST", execute, `language=python`, 400, `{"stack":"SyntaxError: Unexpected token l in JSON at position 0"}`, nil},
		{"bytes", "POST", execute, "\xff\xfe", 400, `{"stack":"SyntaxError: Unexpected token ` + "\uFFFD" + ` in JSON at position 0"}`, nil},
		{"deep", "POST", execute, `{"language":` + strings.Repeat("[", 100_000), 400, `{"stack":"SyntaxError: Unexpected token [ in JSON at position 10011"}`, nil},
		{"deep in a field that is passed over", "POST", execute, `{"x":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + `}`, 400, says("language is required as a string"), nil},
		{"too large", "POST", execute, strings.Repeat(" ", 2<<20), 400, `{"stack":"PayloadTooLargeError: request entity too large: the body has more than 1048576 bytes, the limit"}`, nil},
		{"another type", "POST", execute, "{}", 415, says("requests must be of type application/json"), []string{"Content-Type", "text/plain"}},
		{"no type", "POST", execute, "{}", 415, says("requests must be of type application/json"), []string{"Content-Type", ""}},
		{"a form", "DELETE", "/api/v2/packages", "a=b", 415, says("requests must be of type application/json"), []string{"Content-Type", "application/x-www-form-urlencoded"}},
		{"with a charset", "POST", execute, "{}", 400, says("language is required as a string"), []string{"Content-Type", "application/json; charset=utf-8"}},

		{"GET execute", "GET", execute, "", 404, says("Not Found"), nil},
		{"unknown path", "GET", "/api/v2/nothing/here", "", 404, says("Not Found"), nil},
		{"POST to an unknown path", "POST", "/api/v2/nothing", "{}", 404, says("Not Found"), nil},
		{"POST to an unknown path, untyped", "POST", "/api/v2/nothing", "", 415, says("requests must be of type application/json"), []string{"Content-Type", ""}},
		{"PUT packages", "PUT", "/api/v2/packages", "{}", 404, says("Not Found"), nil},
		{"POST runtimes", "POST", "/api/v2/runtimes", "{}", 404, says("Not Found"), nil},
		{"HEAD", "HEAD", "/api/v2/runtimes", "", 200, "", nil},
		{"HEAD of an unknown path", "HEAD", "/api/v2/nothing", "", 404, "", nil},
		{"root", "GET", "/", "", 200, says("Piston v3.1.1"), nil},

		{"runtimes", "GET", "/api/v2/piston/runtimes", "", 200, `[{"language":"python","version":"3.13.5","aliases":["py","py3","python3","python3.13"]},` +
			`{"language":"python","version":"3.12.0","aliases":["py","py3","python3","python3.12"]},{"language":"python","version":"3.10.0","aliases":["py","py3","python3","python3.10"]},` +
			`{"language":"cf_python3","version":"1.0.0","aliases":[],"runtime":"codeforces"}]`, nil},
		{"packages", "GET", "/api/v2/packages", "", 200, `[{"language":"python","language_version":"3.13.5","installed":true},{"language":"python","language_version":"3.12.0","installed":true},` +
			`{"language":"python","language_version":"3.10.0","installed":true},{"language":"codeforces","language_version":"1.0.0","installed":true}]`, nil},
		{"a slash at the end", "POST", execute + "/", "{}", 400, says("language is required as a string"), nil},
		{"install", "POST", "/api/v2/packages", `{"language":"python","version":"3.x"}`, 500, says("Already installed"), nil},
		{"install another", "POST", "/api/v2/packages", `{"language":"cms_ioi","version":"1.0.0"}`, 404, says("Requested package cms_ioi-1.0.0 does not exist"), nil},
		{"install nothing", "POST", "/api/v2/packages", `{"language":[1,null,"a"]}`, 404, says("Requested package 1,,a-undefined does not exist"), nil},
		{"uninstall", "DELETE", "/api/v2/packages", `{"language":"codeforces","version":"*"}`, 500, says("This package is part of the server and cannot be removed"), nil},
		{"uninstall another", "DELETE", "/api/v2/packages", `{"language":"gcc","version":"10.2.0"}`, 404, says("Requested package gcc-10.2.0 does not exist"), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := f.Do(t, test.method, test.path, test.body, test.headers...)
			if got.Status != test.status || strings.TrimSpace(got.Body) != test.want {
				t.Errorf("got  %d %.300s\nwant %d %s", got.Status, got.Body, test.status, test.want)
			}
			if kind := got.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
				t.Errorf("Content-Type is %q", kind)
			}
		})
	}
}

// TestSelectors: versions as npm's semver selects them; recorded from its version 7.
func TestSelectors(t *testing.T) {
	f := open(t, servertest.Verifier(t), nil)
	for selector, want := range map[string]string{
		"*": "3.13.5", "x": "3.13.5", "X": "3.13.5", " ": "3.13.5", "||": "3.13.5", "3": "3.13.5", "3.x": "3.13.5", "3.*": "3.13.5", "^3": "3.13.5",
		"3.13": "3.13.5", "^3.10": "3.13.5", ">=3": "3.13.5", ">3.12.0": "3.13.5", "> 3.10": "3.13.5", "1 || *": "3.13.5", "3.10.0 || ": "3.13.5", "~3.10.0 || ^3.12": "3.13.5",
		"3.10.x || 3.12.x": "3.12.0", "3.10.0 - 3.12.0": "3.12.0",
		"3.10": "3.10.0", "3.10.0": "3.10.0", "~3.10": "3.10.0", "~>3.10": "3.10.0", ">=3.10 <3.12": "3.10.0", "=3.10.0": "3.10.0", "v3.10.0": "3.10.0", " 3.10.0 ": "3.10.0", "<=3.10.0": "3.10.0",
		"3.9": "", "2.7.18": "", "latest": "", "3.13.5-beta": "", "!=3.13.5": "", "3.10.0,3.12.0": "",
	} {
		got := f.Do(t, "POST", "/api/v2/execute", servertest.Object("language", "python3", "version", selector, "files", []any{map[string]any{"content": ""}}))
		switch {
		case want == "" && (got.Status != 400 || !strings.Contains(got.Body, " runtime is unknown")),
			want != "" && (got.Status != 200 || !strings.Contains(got.Body, `"version":"`+want+`"`)):
			t.Errorf("%q: want %q, got %d %s", selector, want, got.Status, got.Body)
		}
	}
}
