package sandbox_test

import "testing"

// BenchmarkChild: a child with input and captured output, its parent's part counted in.
func BenchmarkChild(b *testing.B) {
	tpl := python(b)
	s := childSpec(`for i in range(int(input())): assert subprocess.run(["python3", "-c", "print(int(input()) + 1)"], input=str(i), text=True, capture_output=True).stdout == f"{i + 1}\n"`)
	s.Stdin = []byte("100\n")
	for b.Loop() {
		if res := run(b, tpl, s); !res.Passed() {
			b.Fatalf("%+v", res)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(100*b.N), "ms/child")
}
