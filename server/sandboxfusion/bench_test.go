package sandboxfusion_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"borel/internal/servertest"
	"borel/server"
	"borel/server/sandboxfusion"
)

// BenchmarkRunCode is /run_code beside /v1/runs: the same program and input, through the whole server but its sockets. In
// cached every run is known already, in fresh none is. What the first costs more than the second is this package's.
func BenchmarkRunCode(b *testing.B) {
	srv, err := server.New(server.Config{Verifier: servertest.Verifier(b), APIs: func(v server.Verifier) []server.API {
		return []server.API{sandboxfusion.New(sandboxfusion.Config{Verifier: v})}
	}})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	const code = "print(sum(map(int, input().split())))"
	for _, c := range []struct{ path, body string }{
		{"/v1/runs", `{"language":"python","source":"` + code + `","stdin":"STDIN","limits":{"seconds":10,"memory_mb":1024,"output_kb":32768,"files":10000,"file_kb":262144}}`},
		{"/run_code", `{"compile_timeout":10,"run_timeout":10,"code":"` + code + `","stdin":"STDIN","memory_limit_MB":1024,"language":"python","files":{},"fetch_files":[]}`},
	} {
		for _, how := range []string{"cached", "fresh"} {
			b.Run(how+c.path, func(b *testing.B) {
				for b.Loop() {
					stdin := "1 2"
					if how == "fresh" {
						n++
						stdin = fmt.Sprint(n, " 2")
					}
					r := httptest.NewRequest("POST", "http://localhost"+c.path, strings.NewReader(strings.Replace(c.body, "STDIN", stdin, 1)))
					r.Header.Set("Content-Type", "application/json")
					w := httptest.NewRecorder()
					srv.Handler().ServeHTTP(w, r)
					if w.Code != 200 || !strings.Contains(w.Body.String(), `"stdout":"`) {
						b.Fatalf("got %d %s", w.Code, w.Body)
					}
				}
			})
		}
	}
}
