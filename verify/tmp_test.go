package verify
import ("testing";"borel/problem";"fmt";"time";"slices";"os")
func TestTmp2(t *testing.T) {
	v := realVerifier(t)
	b, _ := os.ReadFile("/tmp/calls_prof.py")
	r, err := v.Run(t.Context(), problem.RunRequest{Source: string(b)})
	fmt.Println(err, r.Stdout, r.Stderr, r.Reason)
}
func TestTmp(t *testing.T) {
	v := realVerifier(t)
	med := func(p *problem.Problem, s problem.Sample) (float64, int64) {
		j, err := v.judge(p, true); if err != nil { t.Fatal(err) }
		var all []float64; var fuel int64
		for range 60 { b := time.Now(); d, err := j.verdict(t.Context(), s); if err != nil || d.Status != problem.Accepted { t.Fatal(err, d.Status, d.Message, d.Error) }; all = append(all, time.Since(b).Seconds()*1000); fuel = d.Fuel }
		slices.Sort(all); return all[10], fuel
	}
	for _, tests := range []string{"assert 1", "f(1)", "f(1);f(2)", "for i in range(10): f(i)", "for i in range(100): f(i)", "for i in range(1000): f(i)", "for i in range(100): f([i])", "for i in range(100): f((i,))", "for i in range(100): f([i]*100)", "for i in range(100): f({'a':[i]})"} {
		p := &problem.Problem{ID: "p", Check: problem.Check{Kind: problem.KindUnit, EntryPoint: "f", Tests: tests}}
		q := *p; q.Check.Isolation = problem.Split
		a, fa := med(p, problem.Program("def f(x): return x"))
		b, fb := med(&q, problem.Program("def f(x): return x"))
		fmt.Printf("%-40s unit %.3f ms %d   split %.3f ms %d\n", tests, a, fa, b, fb)
	}
}
