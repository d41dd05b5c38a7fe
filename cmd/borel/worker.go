package main

import (
	"os"
	"os/signal"
	"syscall"

	"borel/worker"
)

// workerCmd is what worker.Pool starts: it runs programs for the process that started it, and ends with it.
type workerCmd struct {
	CacheDir   string
	HashSeed   uint32
	Namespaces string
}

func (c *workerCmd) Run() error {
	signal.Reset(os.Interrupt, syscall.SIGTERM) // nothing here is worth finishing
	return worker.Serve(worker.ServeConfig{CacheDir: c.CacheDir, HashSeed: c.HashSeed, Namespaces: c.Namespaces})
}
