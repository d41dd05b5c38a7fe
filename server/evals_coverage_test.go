package server

import (
	"encoding/json"
	"strings"
	"testing"

	"borel/coverage"
	"borel/eval"
)

// A job's coverage is what POST /v1/coverage answers on its counts, to the last digit, whatever is asked.
func TestEvalCoverageAsks(t *testing.T) {
	addr := start(t, Config{Evals: engine(t), Solver: fake{}})
	make := func(body string) string {
		id := decoded[eval.Job](t, post(t, addr, "/v1/evals", body), 202).ID
		events(t, addr, id, "")
		return "/v1/evals/" + id
	}
	at := make(evalBody)
	small := make(strings.NewReplacer(`"n":9`, `"n":3`, `"answer":"7"`, `"answer":"2"`).Replace(evalBody))
	early := make(strings.Replace(evalBody, `"n":9`, `"n":9,"until":"first_accepted"`, 1))
	const counts = `{"counts":[{"problem":"a","n":9,"c":3},{"problem":"b","n":9,"c":3},{"problem":"c","n":9,"c":0}]`
	against := `"against":[{"problem":"a","n":3,"c":1},{"problem":"b","n":3,"c":1},{"problem":"c","n":3,"c":1}]`
	other := strings.TrimPrefix(small, "/v1/evals/")
	for query, body := range map[string]string{
		"k=1,9":                   `"k":[1,9]`,
		"level=0.5&over=problems": `"level":0.5,"over":"problems"`,
		"method=bootstrap&seed=7": `"method":"bootstrap","seed":7`,
		"method=bayes":            `"method":"bayes"`,
		"over=problems&method=bayes&resamples=500":  `"over":"problems","method":"bayes","resamples":500`,
		"pass_hat=true&fit=1":                       `"pass_hat":true,"fit":true`,
		"forecast=20,100":                           `"forecast":[20,100]`,
		"difficulty=true":                           `"difficulty":true`,
		"reach=0.6&budget=50&cost=0.5&axis=dollars": `"advice":{"reach":0.6,"budget":50,"cost":{"axis":"dollars","each":0.5}}`,
		"against=" + other:                          against,
		"method=bootstrap&against=" + other:         `"method":"bootstrap",` + against,
	} {
		got := decoded[coverage.Report](t, call1(t, "GET", addr, at+"/coverage?"+query, ""), 200)
		want := decoded[coverage.Report](t, post(t, addr, "/v1/coverage", counts+","+body+"}"), 200)
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if string(a) != string(b) || len(got.Coverage) == 0 {
			t.Errorf("%s:\n%s\nwant\n%s", query, a, b)
		}
	}
	for _, c := range []struct {
		path   string
		status int
		says   string
	}{
		{early + "/coverage", 200, `"biased":"samples were drawn until`},
		{early + "/coverage?estimate=inverse_sampling&k=1", 200, `"estimate":"inverse_sampling","coverage":[{"k":1,`},
		{early + "/coverage?over=null", 422, "query.over: must be one of samples, problems"}, // nothing is counted
		{early + "/coverage?estimate=inverse_sampling&method=bayes", 422, "query.method: needs the estimate unbiased"},
		{at + "/coverage?against=" + strings.TrimPrefix(early, "/v1/evals/"), 422, "query.against"},
		{at + "/coverage?against=eval-77", 404, "eval-77"},
		{at + "/coverage?against=x", 404, "no such"},
		{at + "/coverage?level=NaN", 422, "query.level"},
		{at + "/coverage?level=1e999", 422, "query.level"},
		{at + "/coverage?seed=-1", 422, "query.seed"},
		{at + "/coverage?fit=maybe", 422, "query.fit"},
		{at + "/coverage?method=guess", 422, "query.method"},
		{at + "/coverage?over=models", 422, "query.over"},
		{at + "/coverage?resamples=1&method=bootstrap", 422, "query.resamples"},
		{at + "/coverage?forecast=0", 422, "query.forecast"},
		{at + "/coverage?reach=NaN", 422, "query.reach"},
		{at + "/coverage?budget=Inf", 422, "query.budget"},
		{at + "/coverage?cost=1", 422, "query.reach"},
		{at + "/coverage?reach=0.5&cost=-1", 422, "query.cost"},
		{at + "/coverage?k=9&against=" + other, 422, "query.k"},
	} {
		got := call1(t, "GET", addr, c.path, "")
		if got.status != c.status || !strings.Contains(got.body, c.says) {
			t.Errorf("%s: %d %s\nwant %d %s", c.path, got.status, got.body, c.status, c.says)
		}
	}
}
