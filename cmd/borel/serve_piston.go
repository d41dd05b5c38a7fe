package main

import (
	"time"

	"borel/languages"
	"borel/sampler"
	"borel/server"
	"borel/server/piston"
	"borel/wasm"
)

// pistonAPI is Piston's API with the interpreter of the image as its runtime.
func pistonAPI(_ *serveCmd, _ *sampler.Sampler, _ server.Config, v server.Verifier) server.API {
	cfg := piston.Config{Verifier: v}
	if image, err := wasm.Python(); err == nil { // without an image, the server is never ready
		cfg.Python = image.Version
	}
	if python, ok := languages.Find(""); ok {
		cfg.Work = func(fuel int64) time.Duration {
			return time.Duration(python.Seconds(fuel) * float64(time.Second))
		}
	}
	return piston.New(cfg)
}
