package openai_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The client from PyPI, unmodified, in the interpreter that BOREL_OPENAI_PYTHON names.
func TestPython(t *testing.T) {
	python := os.Getenv("BOREL_OPENAI_PYTHON")
	if python == "" {
		t.Skip("BOREL_OPENAI_PYTHON names no Python that has the package openai")
	}
	left := make(chan bool, 1)
	f := open(t, asked(left), real(t))
	out, err := exec.CommandContext(t.Context(), python, "testdata/client.py", f.URL).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "ok ") {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
	<-left // the endless stream was left, or the test never ends
}

// asked is an endpoint whose models each do one thing.
func asked(left chan bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "GET" {
			says(200, "application/json", `{"object":"list","data":[{"id":"org/n","object":"model","created":2,"owned_by":"b"},{"id":"m","object":"model","created":1,"owned_by":"a"}]}`)(w)
			return
		}
		var q struct {
			Model  string
			N      int
			Seed   int
			Stream bool
		}
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &q); err != nil {
			says(400, "application/json", `{"error":{"message":"no JSON","type":"t"}}`)(w)
			return
		}
		text := strings.HasPrefix(r.URL.Path, "/v1/completions")
		call := `{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}`
		switch {
		case q.Model == "bad":
			says(400, "application/json", `{"error":{"message":"bad","type":"invalid_request_error","param":"p","code":"c"}}`)(w)
		case q.Model == "busy":
			says(429, "application/json", `{"error":{"message":"busy","type":"requests"}}`)(w)
		case q.Model == "inside":
			says(200, "application/json", `{"error":{"message":"overloaded","type":"t"}}`)(w)
		case q.Model == "breaks":
			stream(w, data(first))
		case q.Model == "endless":
			stream(w, data(first))
			<-r.Context().Done()
			left <- true
		case q.Model == "tools" && q.Stream:
			stream(w, data(`{"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[`+call+`]},"finish_reason":null}]}`),
				data(`{"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}`), data("[DONE]"))
		case q.Model == "tools":
			says(200, "application/json", `{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[`+
				call+`]},"finish_reason":"tool_calls"}],"asked":`+string(body)+`}`)(w)
		case q.Model == "add":
			var choices []string
			for i := range max(1, q.N) {
				sign := []string{"-", "*", "+", "/"}[(q.Seed+i)%4]
				choices = append(choices, fmt.Sprintf(`{"index":%d,"message":{"role":"assistant","content":"Sure:\n`+"```python\\ndef add(a, b):\\n    return a %s b\\n```"+`"},"finish_reason":"stop"}`, i, sign))
			}
			says(200, "application/json", fmt.Sprintf(`{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[%s],"usage":{"prompt_tokens":3,"completion_tokens":%d,"total_tokens":%[2]d}}`, strings.Join(choices, ","), 10*len(choices)))(w)
		case q.Stream:
			for _, part := range []string{"a", "b", "c"} {
				piece := `"delta":{"content":"` + part + `"}`
				if text {
					piece = `"text":"` + part + `"`
				}
				stream(w, data(`{"id":"x","object":"chunk","created":1,"model":"m","choices":[{"index":0,`+piece+`,"finish_reason":null}],"usage":null}`))
			}
			end := `"delta":{}`
			if text {
				end = `"text":""`
			}
			stream(w, data(`{"id":"x","object":"chunk","created":1,"model":"m","choices":[{"index":0,`+end+`,"finish_reason":"stop"}],"usage":null}`),
				data(`{"id":"x","object":"chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":3,"total_tokens":4}}`), data("[DONE]"))
		case text:
			says(200, "application/json", `{"id":"x","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"text","finish_reason":"stop","logprobs":null}]}`)(w)
		default:
			var choices []string
			for i := range max(1, q.N) {
				choices = append(choices, fmt.Sprintf(`{"index":%d,"message":{"role":"assistant","content":"choice %[1]d"},"finish_reason":"stop"}`, i))
			}
			says(200, "application/json", `{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[`+strings.Join(choices, ",")+`],"usage":{"prompt_tokens":3,"completion_tokens":6,"total_tokens":9}}`)(w)
		}
	})
}
