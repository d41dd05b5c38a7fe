package main

import (
	"slices"

	"borel/sampler"
	"borel/server"
	"borel/server/execute"
)

// Two of these share the path /execute: where only one is on, it has it alone.

func llmonkAPI(c *serveCmd, _ *sampler.Sampler, _ server.Config, v server.Verifier) server.API {
	return execute.LLMonk(v, c.speaks("e2b"))
}

func e2bAPI(c *serveCmd, _ *sampler.Sampler, _ server.Config, v server.Verifier) server.API {
	return execute.E2B(v, c.speaks("llmonk"))
}

func openR1API(_ *serveCmd, _ *sampler.Sampler, _ server.Config, v server.Verifier) server.API {
	return execute.OpenR1(v)
}

// speaks reports whether an API is on.
func (c *serveCmd) speaks(name string) bool { return len(c.API) == 0 || slices.Contains(c.API, name) }
