package sandboxfusion_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"borel/internal/servertest"
)

// took is what differs from run to run of the machine, or with the engine's version.
var took = regexp.MustCompile(`"execution_time":[0-9.e-]+`)

// The answers of /run_code, exactly.
func TestRunCode(t *testing.T) {
	f := open(t, servertest.Verifier(t), nil)
	ok := func(stdout string) string {
		return `{"status":"Success","message":"","compile_result":null,"run_result":{"status":"Finished","execution_time":T,"return_code":0,"stdout":` + quoted(stdout) + `,"stderr":""},"executor_pod_name":null,"files":{}}`
	}
	ended := func(code, stdout, stderr string) string {
		return `{"status":"Failed","message":"","compile_result":null,"run_result":{"status":"Finished","execution_time":T,"return_code":` + code + `,"stdout":` + quoted(stdout) + `,"stderr":` + quoted(stderr) + `},"executor_pod_name":null,"files":{}}`
	}
	for _, c := range []struct{ name, body, want string }{
		{"prints", servertest.Object("language", "python", "code", "print(1)"), ok("1\n")},
		{"as verl asks", `{"compile_timeout":10,"run_timeout":10,"code":"print(input())","stdin":"1 2","memory_limit_MB":1024,"language":"python","files":{},"fetch_files":[]}`, ok("1 2\n")},
		{"stdin byte for byte", servertest.Object("language", "python", "code", "import sys\nprint(repr(sys.stdin.read()))", "stdin", "a\r\nb\u00e9 "), ok(`'a\r\nbé '` + "\n")},
		{"no stdin", servertest.Object("language", "python", "code", "import sys\nprint(repr(sys.stdin.read()))", "stdin", nil), ok("''\n")},
		{"reads no stdin", servertest.Object("language", "python", "code", "print(1)", "stdin", strings.Repeat("x", 1<<20)), ok("1\n")},
		{"an exit code", servertest.Object("language", "python", "code", "import sys\nprint(1)\nsys.exit(3)"), ended("3", "1\n", "")},
		{"arguments are pytest's", servertest.Object("language", "python", "code", "import sys\nprint(len(sys.argv))", "args", []string{"a"}), ok("1\n")},
		{"fields nobody knows", servertest.Object("language", "python", "code", "print(1)", "nope", 1), ok("1\n")},
		{"what can be converted", `{"language":"python","code":"print(1)","run_timeout":"5","memory_limit_MB":"1024.0"}`, ok("1\n")},
		{"little memory", servertest.Object("language", "python", "code", "print(1)", "memory_limit_MB", 1), ok("1\n")},
		{"no time at all", servertest.Object("language", "python", "code", "print(1)", "run_timeout", 0),
			`{"status":"Failed","message":"","compile_result":null,"run_result":{"status":"TimeLimitExceeded","execution_time":T,"return_code":null,"stdout":"","stderr":""},"executor_pod_name":null,"files":{}}`},
		{"works too long", servertest.Object("language", "python", "code", "print(1, flush=True)\nwhile True: pass", "run_timeout", 0.1),
			`{"status":"Failed","message":"","compile_result":null,"run_result":{"status":"TimeLimitExceeded","execution_time":T,"return_code":null,"stdout":"1\n","stderr":""},"executor_pod_name":null,"files":{}}`},
		{"sleeps too long", servertest.Object("language", "python", "code", "import time\ntime.sleep(1000)", "run_timeout", 5),
			`{"status":"Failed","message":"","compile_result":null,"run_result":{"status":"TimeLimitExceeded","execution_time":T,"return_code":null,"stdout":"","stderr":""},"executor_pod_name":null,"files":{}}`},
		{"another language", servertest.Object("language", "cpp", "code", "int main(){}"),
			`{"status":"SandboxError","message":"programs in cpp cannot be run here; those in python and pytest can","compile_result":null,"run_result":null,"executor_pod_name":null,"files":{}}`},
		{"pytest", servertest.Object("language", "pytest", "code", "def test_a():\n    assert 1\ndef test_b():\n    assert 0", "args", []string{"-q", "-k", "test_a"}),
			ok(".                                                                        [100%]\n1 passed, 1 deselected in 0.00s\n")},
		{"files", `{"language":"python","code":"import os\nopen('d/o','w').write(open('a/i').read()*2)\nprint(sorted(os.listdir('.')))","files":{"a/i":"YWI=","/sandbox/d/x":"","IGNORE_THIS_FILE.py":"YQ==","none":null},"fetch_files":["d/o","./d/o","/sandbox/a/i","d","nope","../etc/passwd","/etc/passwd"]}`,
			strings.Replace(ok("['a', 'd', 'main.py']\n"), `"files":{}`, `"files":{"./d/o":"YWJhYg==","/sandbox/a/i":"YWI=","d/o":"YWJhYg=="}`, 1)},
		{"absolute paths", `{"language":"python","code":"open('/mnt/data/o','w').write(open('/mnt/data/i').read()*2)","files":{"/mnt/data/i":"YWI="},"fetch_files":["/mnt/data/o"]}`,
			strings.Replace(ok(""), `"files":{}`, `"files":{"/mnt/data/o":"YWJhYg=="}`, 1)},
		{"a file by the name that the program has in the sandbox", `{"language":"python","code":"import main, sys\nprint(main.v, sys.argv)","files":{"main.py":"dj00Mg=="},"fetch_files":["main.py"]}`,
			strings.Replace(ok("42 ['tmp.py']\n"), `"files":{}`, `"files":{"main.py":"dj00Mg=="}`, 1)},
		{"files that nobody can fetch", `{"language":"python","code":"print(1)","fetch_files":["/dev/null","/tmp","/","a\u0000b","` + strings.Repeat("x", 300) + `"]}`, ok("1\n")},
		{"the last of a name counts", `{"language":"python","code":"print(1)","code":"print(2)"}`, ok("2\n")},
		{"base64 as Python takes it", `{"language":"python","code":"print(open('i').read())","files":{"i":"Y\n W-I_=\n"}}`, ok("ab\n")},
		{"a file elsewhere", `{"language":"python","code":"print(1)","files":{"../x":"YQ=="}}`,
			`{"status":"SandboxError","message":"the file \"../x\": its path leads out of the working folder, or into one of the image's","compile_result":null,"run_result":null,"executor_pod_name":null,"files":{}}`},
		{"a file that is none", `{"language":"python","code":"print(1)","files":{"x":"YQ"}}`,
			`{"status":"SandboxError","message":"the file \"x\": incorrect padding","compile_result":null,"run_result":null,"executor_pod_name":null,"files":{}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := f.Post(t, "/run_code", c.body)
			if text := strings.TrimSpace(took.ReplaceAllString(got.Body, `"execution_time":T`)); got.Status != 200 || text != c.want {
				t.Errorf("got %d %s\nwant %s", got.Status, text, c.want)
			}
		})
	}
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}
