package main

import (
	"os"
	"os/signal"
	"syscall"

	"borel/worker"
)

// workerCmd is what worker.Pool starts: it runs programs for the process that started it, and ends with it.
type workerCmd struct {
	Args []string `arg:"" optional:"" passthrough:""`
}

func (c *workerCmd) Run() error {
	signal.Reset(os.Interrupt, syscall.SIGTERM) // nothing here is worth finishing
	return worker.Serve(c.Args)
}
