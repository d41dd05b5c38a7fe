package execute_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"borel/problem"
	"borel/server"
)

const (
	sum     = `"code":"print(sum(map(int,input().split())))"`
	rest    = `"timeout":10,"memory_limit_bytes":2000000000000`
	right   = `{"correct":true}`
	wrong   = `{"correct":false}`
	onePair = `"input_expected_output_pairs":[["1 2","3"]]`
)

func TestLLMonk(t *testing.T) {
	post := func(name, body string, status int, answer string) exchange {
		return exchange{name, "POST", "/execute", body, status, answer}
	}
	run := func(name, code, in, out, answer string) exchange {
		return post(name, fmt.Sprintf(`{"code":%q,"input_expected_output_pairs":[[%q,%q]],%s}`, code, in, out, rest), 200, answer)
	}
	open(t, llmonk).table(t, []exchange{
		{"ping", "GET", "/ping", "", 200, `"pong"`},
		post("right", `{`+sum+`,"input_expected_output_pairs":[["1 2","3"],["4 5","9"]],`+rest+`}`, 200, right),
		post("the second pair is wrong", `{`+sum+`,"input_expected_output_pairs":[["1 2","3"],["4 5","8"]],`+rest+`}`, 200, wrong),
		post("no pairs", `{"code":"1/0","input_expected_output_pairs":[],`+rest+`}`, 200, right),
		run("white space and case", "print(' YES\\n\\n')", "", "yes", right),
		run("numbers are near enough", "print(0.1 + 0.2)", "", "0.3", right),
		run("right, then raises", "print(1)\n1/0", "", "1", right),
		run("raises", "1/0", "", "1", wrong),
		run("does not compile", "print(", "", "1", wrong),
		run("not UTF-8", "import sys; sys.stdout.buffer.write(b'\\xff')", "", "\\xff", wrong),
		run("input is as it came", "import sys; print(repr(sys.stdin.read()))", "a\r\nb", "'a\\r\\nb'", right),
		run("input without an end of line", "import sys; print(repr(sys.stdin.read()))", "a\nb", "'a\\nb'", right),
		post("time limit", `{"code":"while True: pass","input_expected_output_pairs":[["",""]],"timeout":0.5,"memory_limit_bytes":1e9}`, 200, wrong),
		post("sleep", `{"code":"import time; time.sleep(2); print(1)","input_expected_output_pairs":[["","1"]],"timeout":1,"memory_limit_bytes":1e9}`, 200, wrong),
		post("memory limit", `{"code":"x = bytes(10**9); print(1)","input_expected_output_pairs":[["","1"]],"timeout":1,"memory_limit_bytes":268435456}`, 200, wrong),
		post("memory below what an interpreter takes", `{"code":"print(1)","input_expected_output_pairs":[["","1"]],"timeout":1,"memory_limit_bytes":1}`, 200, right),
		post("numbers in strings, unknown fields", `{"x":[],"code":"print(1)","input_expected_output_pairs":[["","1"]],"timeout":"1","memory_limit_bytes":1e9}`, 200, right),
		post("60 seconds", `{`+sum+`,`+onePair+`,"timeout":60,"memory_limit_bytes":1}`, 200, right),

		post("more than 60 seconds", `{`+sum+`,`+onePair+`,"timeout":60.5,"memory_limit_bytes":1}`, 400, `{"detail":"Timeout must be less than 60 seconds"}`),
		post("nothing", ``, 422, `{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}`),
		post("a list", `[1]`, 422, `{"detail":[{"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","input":[1]}]}`),
		post("not JSON", `{"code":}`, 422, `{"detail":[{"type":"json_invalid","loc":["body",8],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}}]}`),
		post("not UTF-8 itself", "{\"code\":\"\xff\"}", 400, `{"detail":"There was an error parsing the body"}`),
		post("nothing in it", `{}`, 422, `{"detail":[{"type":"missing","loc":["body","code"],"msg":"Field required","input":{}},`+
			`{"type":"missing","loc":["body","input_expected_output_pairs"],"msg":"Field required","input":{}},`+
			`{"type":"missing","loc":["body","timeout"],"msg":"Field required","input":{}},`+
			`{"type":"missing","loc":["body","memory_limit_bytes"],"msg":"Field required","input":{}}]}`),
		post("wrong types", `{"code":null,"input_expected_output_pairs":[["1",2],["1"],["1","2","3"],"4"],"timeout":"x","memory_limit_bytes":0.5}`, 422, `{"detail":[`+
			`{"type":"string_type","loc":["body","code"],"msg":"Input should be a valid string","input":null},`+
			`{"type":"string_type","loc":["body","input_expected_output_pairs",0,1],"msg":"Input should be a valid string","input":2},`+
			`{"type":"missing","loc":["body","input_expected_output_pairs",1,1],"msg":"Field required","input":["1"]},`+
			`{"type":"too_long","loc":["body","input_expected_output_pairs",2],"msg":"Tuple should have at most 2 items after validation, not 3","input":["1","2","3"],"ctx":{"actual_length":3,"field_type":"Tuple","max_length":2}},`+
			`{"type":"tuple_type","loc":["body","input_expected_output_pairs",3],"msg":"Input should be a valid tuple","input":"4"},`+
			`{"type":"float_parsing","loc":["body","timeout"],"msg":"Input should be a valid number, unable to parse string as a number","input":"x"},`+
			`{"type":"int_from_float","loc":["body","memory_limit_bytes"],"msg":"Input should be a valid integer, got a number with a fractional part","input":0.5}]}`),
		post("too many pairs", `{`+sum+`,"input_expected_output_pairs":[`+strings.Repeat(`["",""],`, problem.MaxCases)+`["",""]],`+rest+`}`, 422,
			`{"detail":[{"type":"too_long","loc":["body","input_expected_output_pairs"],"msg":"List should have at most 10000 items after validation, not 10001","input":"(80009 bytes)","ctx":{"actual_length":10001,"field_type":"List","max_length":10000}}]}`),
		post("too long a program", `{"code":"`+strings.Repeat("#", problem.MaxSource+1)+`",`+onePair+`,`+rest+`}`, 422, `{"detail":"sample.program: has 16777217 bytes, the limit is 16777216"}`),
		{"another method", "GET", "/execute", "", 405, `{"detail":"Method Not Allowed"}`},
	})
}

// Its harness asks with up to 512 threads.
func TestLLMonkParallel(t *testing.T) {
	f := open(t, llmonk)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			want := right
			if i%2 == 1 {
				want = wrong
			}
			body := fmt.Sprintf(`{%s,"input_expected_output_pairs":[["%d 2","%d"]],%s}`, sum, i, i+2+i%2, rest)
			if status, got := f.ask(t, "POST", "/execute", body); status != 200 || got != want {
				t.Errorf("%d: %d %s, want 200 %s", i, status, got, want)
			}
		})
	}
	wg.Wait()
}

// unsure knows no verdict.
type unsure struct{ server.Verifier }

func (unsure) Verify(context.Context, *problem.Problem, problem.Sample, bool) (problem.Verdict, error) {
	return problem.Verdict{Status: problem.Unknown, Error: "a worker crashed"}, nil
}

// What is not known is no verdict: its client tries again after any status but 200.
func TestLLMonkUnknown(t *testing.T) {
	openWith(t, server.Config{Verifier: unsure{}, APIs: llmonk}).table(t, []exchange{
		{"unknown", "POST", "/execute", `{` + sum + `,` + onePair + `,` + rest + `}`, 500, `{"detail":"a worker crashed"}`},
	})
}
