package server

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCoverageAsks(t *testing.T) {
	addr := start(t, Config{})
	const counts = `"counts":[{"problem":"a","n":100,"c":60},{"problem":"b","n":100,"c":12},{"problem":"c","n":100,"c":3,"unknown":2},{"problem":"d","n":100,"c":0}]`
	many := `"counts":[` + strings.TrimSuffix(strings.Repeat(`{"n":1000,"c":1},`, 3000), ",") + `]`
	for _, c := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"level", counts + `,"level":0.5`, 200, `"level":0.5,"over":"samples","method":"analytic","meaning":"50 % interval`},
		{"over", counts + `,"over":"problems"`, 200, `"over":"problems"`},
		{"unknown", counts + `,"k":[1]`, 200, `"problems":4,"unknown":2,"coverage":[{"k":1,"pass":0.18749999999999997,`},
		{"bounds", counts + `,"k":[1]`, 200, `"bounds":[{"k":1,"pass":0.18749999999999997,"low":0.187352`},
		{"pass^k", counts + `,"k":[2],"pass_hat":true`, 200, `"pass_hat":[{"k":2,"pass":0.09`},
		{"fit", counts + `,"fit":true`, 200, `"fit":{"a":-`},
		{"forecast", counts + `,"forecast":[1000]`, 200, `"forecast":{"from":100,`},
		{"difficulty", counts + `,"difficulty":true`, 200, `"never":{"unsolved":1,`},
		{"advice", counts + `,"advice":{"reach":0.5,"budget":100,"cost":{"axis":"dollars","each":0.5}}`, 200, `"advice":{"axis":"dollars",`},
		{"against", counts + `,"k":[1,100],"against":[{"problem":"b","n":50,"c":1},{"problem":"e","n":50,"c":1}]`, 200, `"differences":[{"k":1,"a":0.02,"b":0.12,"difference":0.0`},
		{"fit with intervals", counts + `,"fit_interval":true`, 200, `"interval":{"level":0.95,"over":"samples","a_low":-`},
		{"posteriors", counts + `,"posteriors":true`, 200, `"posteriors":[{"problem":"a","mean":0.5`},
		{"the better buy", counts + `,"advice":{"budget":8,"cost":{"axis":"dollars","each":1}},"against_cost":{"axis":"dollars","each":2},"against":[{"problem":"a","n":100,"c":1},{"problem":"b","n":100,"c":1},{"problem":"c","n":100,"c":1},{"problem":"d","n":100,"c":0}]`, 200, `"budget":{"buy":"b",`},
		{"costs of two axes", counts + `,"advice":{"budget":8},"against_cost":{"axis":"dollars","each":2},"against":[{"problem":"a","n":100,"c":1},{"problem":"b","n":100,"c":1}]`, 422, "body.against_cost.axis"},
		{"the cost of nothing", counts + `,"against_cost":{"each":2}`, 422, "body.against_cost"},
		{"too many to refit", many[:len(many)-1] + strings.Repeat(`,{"n":1000,"c":1}`, MaxRefitted) + `],"fit_interval":true`, 422, "body.fit_interval"},
		{"against others", counts + `,"against":[{"problem":"e","n":50,"c":1}]`, 422, "body.against"},
		{"level out of range", counts + `,"level":2`, 422, "body.level"},
		{"over unheard-of", counts + `,"over":"models"`, 422, "body.over"},
		{"method unheard-of", counts + `,"method":"guess"`, 422, "body.method"},
		{"seed below 0", counts + `,"seed":-1`, 422, "body.seed"},
		{"forecast of nothing", counts + `,"forecast":[0]`, 422, "body.forecast"},
		{"too many k of a forecast", counts + `,"forecast":[` + strings.Repeat("1,", MaxK) + `1]`, 422, "body.forecast"},
		{"advice about nothing", counts + `,"advice":{}`, 422, "body.advice.reach"},
		{"cost below 0", counts + `,"advice":{"reach":0.5,"cost":{"each":-1}}`, 422, "body.advice.cost.each"},
		{"field unheard-of", counts + `,"advice":{"reach":0.5,"price":1}`, 422, "body.advice.price"},
		{"too many resamples", many + `,"method":"bootstrap"`, 422, "body.resamples"},
		{"too many draws", many + `,"method":"bayes"`, 422, "body.resamples"},
		{"against c > n", counts + `,"against":[{"problem":"e","n":1,"c":0},{"problem":"a","n":1,"c":2}]`, 422, "body.against[1].c"},
		{"too many samples to forecast", `"counts":[` + strings.TrimSuffix(strings.Repeat(`{"n":10000000,"c":1},`, 11), ",") + `],"forecast":[1]`, 422, "body.forecast"},
		{"stopped, and pass^k", `"counts":[{"n":2,"c":1,"stopped":"first_accepted"}],"estimate":"inverse_sampling","pass_hat":true`, 422, "body.pass_hat"},
	} {
		got := post(t, addr, "/v1/coverage", "{"+c.body+"}")
		if got.status != c.status || !strings.Contains(got.body, c.want) {
			t.Errorf("%s: %d %.600s\nwant %d %s", c.name, got.status, got.body, c.status, c.want)
		}
	}
}

// No request may take long: the dearest that the limits allow, of each kind.
func BenchmarkCoverageAsks(b *testing.B) {
	srv, err := New(Config{Verifier: fake{}})
	if err != nil {
		b.Fatal(err)
	}
	list := func(problems, n int) string {
		var s strings.Builder
		for i := range problems {
			fmt.Fprintf(&s, `{"n":%d,"c":%d},`, n, i%n)
		}
		return `{"counts":[` + strings.TrimSuffix(s.String(), ",") + `]`
	}
	for name, body := range map[string]string{
		"forecast":   list(10_000, MaxForecast/10_000) + `,"forecast":[1000000]}`,
		"advice":     list(10_000, MaxForecast/10_000) + `,"advice":{"reach":1}}`,
		"difficulty": list(MaxDifficult, 1000) + `,"difficulty":true}`,
		"fit":        list(1_000_000, 1000) + `,"fit":true,"k":[1]}`,
		"pass_hat":   list(1_000_000, 1000) + `,"pass_hat":true,"k":[1,10,100]}`,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest("POST", "/v1/coverage", strings.NewReader(body))
				r.Host = "localhost"
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				if srv.Handler().ServeHTTP(w, r); w.Code != 200 {
					b.Fatalf("%d %.200s", w.Code, w.Body)
				}
			}
		})
	}
}

// A selection takes time for each sample at each k.
func TestBoundSelect(t *testing.T) {
	for _, test := range []struct {
		samples, ks int
		want        string
	}{
		{MaxSelected, 0, ""},
		{MaxSelected, 100, ""},
		{MaxSelected, 101, "k: 101 values for the 100000 samples among which is selected are 10100000, the limit is 10000000"},
		{MaxSelected + 1, 0, "select: reads each of 100001 samples, the limit is 100000"},
	} {
		got := ""
		if err := boundSelect(test.samples, test.ks); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%d samples, %d k: %q, want %q", test.samples, test.ks, got, test.want)
		}
	}
}
