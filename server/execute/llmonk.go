package execute

import (
	"fmt"
	"net/http"

	"borel/problem"
	"borel/server"
	"borel/server/pydantic"

	"github.com/labstack/echo/v4"
)

// llmonkMaxSeconds is the original's MAX_TIMEOUT.
const llmonkMaxSeconds = 60

// llmonkBody is a request of the execution server of Large Language Monkeys.
type llmonkBody struct {
	Code    string      `json:"code" doc:"a program"`
	Pairs   [][2]string `json:"input_expected_output_pairs" doc:"pairs of stdin and expected stdout"`
	Timeout float64     `json:"timeout" doc:"seconds for each pair, at most 60"`
	Memory  int64       `json:"memory_limit_bytes"`
}

type llmonkAnswer struct {
	Correct bool `json:"correct"`
}

// monkeys answers a request for a verdict: the pairs are run one after the other up to the first that is wrong, the expected
// outputs stay outside of the sandbox.
type monkeys struct{ v server.Verifier }

func (m monkeys) execute(c echo.Context, f *pydantic.Model) error {
	var p problem.Problem
	p.ID, p.Check = "llmonk", problem.Check{Kind: problem.KindStdio, Compare: "llmonk"}
	code := f.Needed("code").Text()
	longest := 0
	for _, v := range f.Needed("input_expected_output_pairs").List(problem.MaxCases) {
		pair := v.Tuple(2)
		in, out := pair[0].Text(), pair[1].Text()
		p.Check.Cases = append(p.Check.Cases, problem.Case{Stdin: in, Stdout: out})
		longest = max(longest, len(out))
	}
	seconds, bytes := f.Needed("timeout").Float(0), f.Needed("memory_limit_bytes").Int(0)
	if err := f.Err(); err != nil {
		return err
	}
	if seconds > llmonkMaxSeconds {
		return &server.Failure{Status: http.StatusBadRequest, Detail: fmt.Sprintf("Timeout must be less than %d seconds", llmonkMaxSeconds)}
	}
	if len(p.Check.Cases) == 0 {
		return server.Answer(c, http.StatusOK, llmonkAnswer{true})
	}
	p.Limits = server.ForeignLimits(seconds, bytes/(1<<20))
	p.Limits.OutputKB = min(max(p.Limits.OutputKB, 2*longest>>10), problem.MaxLimits.OutputKB)
	v, err := m.v.Verify(c.Request().Context(), &p, problem.Program(code), false)
	if err != nil {
		return err
	}
	if v.Status == problem.Unknown { // its client tries again after everything but 200
		return &server.Failure{Status: http.StatusInternalServerError, Detail: v.Error}
	}
	return server.Answer(c, http.StatusOK, llmonkAnswer{v.Status == problem.Accepted})
}

func ping(c echo.Context, _ []byte) error { return c.JSONBlob(http.StatusOK, []byte(`"pong"`)) }
