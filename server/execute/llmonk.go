package execute

import (
	"fmt"
	"net/http"

	"borel/problem"
	"borel/server"

	"github.com/go-json-experiment/json/jsontext"
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

func (m monkeys) execute(c echo.Context, body []byte) error {
	f, err := read(body)
	if err != nil {
		return err
	}
	return m.judge(c, f)
}

func (m monkeys) judge(c echo.Context, f *form) error {
	var p problem.Problem
	p.ID, p.Check = "llmonk", problem.Check{Kind: problem.KindStdio, Compare: "llmonk"}
	code := f.text("code", true)
	longest := 0
	f.list("input_expected_output_pairs", true, problem.MaxCases, func(v jsontext.Value, at ...any) {
		pair := f.pair(v, at...)
		p.Check.Cases = append(p.Check.Cases, problem.Case{Stdin: pair[0], Stdout: pair[1]})
		longest = max(longest, len(pair[1]))
	})
	seconds, bytes := f.number("timeout"), f.whole("memory_limit_bytes")
	if refused, err := f.refused(c); refused {
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

// pair reads a tuple of two strings.
func (f *form) pair(v jsontext.Value, at ...any) (pair [2]string) {
	n, before := 0, len(f.faults)
	f.entries("tuple_type", "Input should be a valid tuple", v, len(pair), func(e jsontext.Value, at ...any) {
		pair[n] = f.string(e, at...)
		n++
	}, at...)
	for ; n < len(pair) && len(f.faults) == before; n++ {
		f.fault("missing", "Field required", v, nil, append(append([]any(nil), at...), n)...)
	}
	return pair
}

func ping(c echo.Context, _ []byte) error { return c.JSONBlob(http.StatusOK, []byte(`"pong"`)) }
