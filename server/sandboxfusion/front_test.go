package sandboxfusion_test

import (
	"testing"

	"borel/internal/servertest"
	"borel/server"
	"borel/server/sandboxfusion"
)

// open serves SandboxFusion's API until the test ends; change, where it is not nil, changes what the server is made of.
func open(t testing.TB, v server.Verifier, change func(*server.Config)) *servertest.Server {
	t.Helper()
	cfg := server.Config{Verifier: v, APIs: func(v server.Verifier) []server.API {
		return []server.API{sandboxfusion.New(sandboxfusion.Config{Verifier: v})}
	}}
	if change != nil {
		change(&cfg)
	}
	return servertest.Start(t, cfg)
}
