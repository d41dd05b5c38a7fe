package piston_test

import (
	"testing"
	"time"

	"borel/internal/servertest"
	"borel/languages"
	"borel/server"
	"borel/server/piston"
)

func work(fuel int64) time.Duration {
	python, _ := languages.Find("")
	return time.Duration(python.Seconds(fuel) * float64(time.Second))
}

// open serves Piston's API until the test ends; change, where it is not nil, changes what the server is made of.
func open(t testing.TB, v server.Verifier, change func(*server.Config, *piston.Config)) *servertest.Server {
	t.Helper()
	own := piston.Config{Python: "3.13.5", Work: work}
	cfg := server.Config{Verifier: v}
	if change != nil {
		change(&cfg, &own)
	}
	cfg.APIs = func(v server.Verifier) []server.API {
		own.Verifier = v
		return []server.API{piston.New(own)}
	}
	return servertest.Start(t, cfg)
}
