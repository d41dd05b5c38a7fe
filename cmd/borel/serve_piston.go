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
func pistonAPI(_ *serveCmd, _ *sampler.Sampler, cfg server.Config, v server.Verifier) server.API {
	own := piston.Config{Verifier: v, Logger: cfg.Logger}
	if image, err := wasm.Python(); err == nil { // without an image, the server is never ready
		own.Python = image.Version
	}
	if python, ok := languages.Find(""); ok {
		own.Work = func(fuel int64) time.Duration {
			return time.Duration(python.Seconds(fuel) * float64(time.Second))
		}
	}
	return piston.New(own)
}
