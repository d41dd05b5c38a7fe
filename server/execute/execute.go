// Package execute speaks three small APIs that run programs, each for clients that know nothing of borel:
//
//   - [LLMonk]: the execution server of Large Language Monkeys, POST /execute with pairs of input and expected output and
//     GET /ping. It answers a verdict.
//   - [E2B]: the code interpreter of E2B, POST /execute with code and the routes of contexts. It answers lines of JSON, as
//     a notebook would show the cell.
//   - [OpenR1]: the batch router of open-r1, POST /execute_batch and GET /health.
//
// The first two share a path; a body with the field input_expected_output_pairs is llmonk's.
//
// # State
//
// A run is a pure function of its request, and nothing of one reaches another. What E2B's clients call a context is the
// list of the cells that were executed in it: one more is executed by running all of them again, and only what the
// last one did is shown. Without a context each request is a run of its own: a server that many callers share has no
// default context.
//
// # Faults
//
// What failed by the service's fault is never a program's: llmonk's clients get a status that they try again after, E2B's
// an error status or, in a stream that has begun, its UnexpectedEndOfExecution, and the batch router's an execution that is
// null.
package execute

import (
	"time"

	"borel/server"
	"borel/server/pydantic"

	"github.com/labstack/echo/v4"
)

// hold is how long a caller waits where every slot is taken.
const hold = 10 * time.Second

// LLMonk is the API of the execution server of Large Language Monkeys. With shared, /execute is E2B's to answer, who was told
// the same.
func LLMonk(v server.Verifier, shared bool) server.API {
	m := monkeys{v}
	api := server.API{
		Name: "llmonk", Fail: fail, Error: pydantic.Error{},
		Routes: []server.Route{{Method: "GET", Path: "/ping", Handle: ping, Summary: "pong", Answer: ""}},
	}
	if !shared {
		api.Routes = append(api.Routes, server.Route{
			Method: "POST", Path: "/execute", Runs: true, Hold: hold, Handle: pydantic.Handler(m.execute),
			Summary: "Judge a program by pairs of input and output", Request: llmonkBody{}, Answer: llmonkAnswer{},
		})
	}
	return api
}

// fail answers as FastAPI does, which all three of the originals are made with. A stream that has begun is ended by who
// writes it.
func fail(c echo.Context, f server.Failure) error {
	if c.Response().Committed {
		return nil
	}
	return pydantic.Fail(c, f)
}
