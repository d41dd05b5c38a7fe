package main

import (
	"context"
	"slices"
	"strings"

	"borel/sampler"
	"borel/server"
	"borel/server/judge0"
	"borel/server/openai"
)

// apiFlags say which APIs of other projects are spoken.
type apiFlags struct {
	API []string `name:"api" placeholder:"NAME" help:"APIs to speak besides borel's own: ${apis}, or none (default: all of them)."`

	SandboxfusionDataset []string `placeholder:"NAME=[CLASS:]FILE" help:"Datasets that SandboxFusion's API has: problems in any form that borel eval reads, or, with the CLASS of the original, its rows (default: none)."`

	Judge0Callback []string `name:"judge0-callback" env:"BOREL_JUDGE0_CALLBACK" placeholder:"HOST[:PORT]" help:"Hosts that callback_url of Judge0's API may name; addresses that are not public only as ADDRESS:PORT (default: none)."`
}

// api is one API of another project: its name for --api, and what makes it. v runs programs and judges.
type api struct {
	name string
	make func(c *serveCmd, draws *sampler.Sampler, cfg server.Config, v server.Verifier) server.API
}

var apis = []api{
	{"openai", func(_ *serveCmd, draws *sampler.Sampler, cfg server.Config, _ server.Verifier) server.API {
		return openai.New(frontDoor(draws, cfg))
	}},
	{"sandboxfusion", fusionAPI},
	{"piston", pistonAPI},
	{"judge0", func(c *serveCmd, _ *sampler.Sampler, cfg server.Config, v server.Verifier) server.API {
		return judge0.New(judge0.Config{
			Verifier: v, Store: c.engine.store.Submissions(), Wait: c.engine.started, Python: c.python, Build: cfg.Version,
			Callbacks: c.Judge0Callback, Logger: cfg.Logger,
		})
	}},
	{"llmonk", llmonkAPI},
	{"e2b", e2bAPI},
	{"openr1", openR1API},
}

// apiNames are the names for --api.
func apiNames() (names []string) {
	for _, a := range apis {
		names = append(names, a.name)
	}
	return names
}

type spokenAPIs struct {
	build func(server.Verifier) []server.API
	off   []string
}

// apis makes those that were asked for.
func (c *serveCmd) apis(draws *sampler.Sampler, cfg server.Config) (s spokenAPIs, err error) {
	for _, name := range c.API {
		if name != "none" && !slices.Contains(apiNames(), name) {
			return s, usage("api: %q is not known; known are %s and none", name, strings.Join(apiNames(), ", "))
		}
	}
	var on []api
	for _, a := range apis {
		if c.speaks(a.name) {
			on = append(on, a)
		} else {
			s.off = append(s.off, a.name)
		}
	}
	s.build = func(v server.Verifier) (made []server.API) {
		for _, a := range on {
			made = append(made, a.make(c, draws, cfg, v))
		}
		return made
	}
	return s, nil
}

// frontDoor is the OpenAI API in front of the endpoints; without any it says so.
func frontDoor(draws *sampler.Sampler, cfg server.Config) openai.Config {
	if draws == nil {
		return openai.Config{Logger: cfg.Logger}
	}
	return openai.Config{
		Upstream: draws.Pool(), Solver: cfg.Solver, Ready: cfg.Ready, Logger: cfg.Logger,
		Models: func(ctx context.Context) (list []openai.Model, err error) {
			models, err := draws.Models(ctx)
			for _, m := range models {
				list = append(list, openai.Model{ID: m.ID, Created: m.Created, OwnedBy: m.OwnedBy})
			}
			return list, err
		},
	}
}
