package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"borel/dataset"
	"borel/sampler/replay"
)

type replayCmd struct {
	Problems string `placeholder:"FILE" help:"Problems, where they do not stand with the samples."`
	Samples  string `required:"" placeholder:"FILE" help:"Recorded samples, as borel verify reads them; each problem needs its prompt."`
	Once     bool   `help:"Refuse what would be a sample a second time, instead of beginning again behind the last."`
	Addr     string `default:"127.0.0.1:8000" help:"Where to listen."`
}

func (c *replayCmd) Run(ctx context.Context, m *Main) (err error) {
	recording, closeRecording, err := m.openRecording(c.Problems, c.Samples, dataset.Options{Unchecked: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeRecording()) }()
	tapes := make([]replay.Record, len(recording.Problems))
	for i, r := range recording.Problems {
		tapes[i] = replay.Record{Problem: r.Problem, Samples: r}
	}
	h, err := replay.New(tapes)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Samples, err)
	}
	h.Once = c.Once
	ln, err := listen(c.Addr)
	if err != nil {
		return err
	}
	m.say("replays %d samples of %d problems at http://%s/v1, model %s or any other name (one for each file: borel eval keeps samples under it)", recording.Samples, len(recording.Problems), ln.Addr(), replay.Model)
	m.listening(ln)
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(ln) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.Shutdown(last); err != nil {
		return errors.Join(err, s.Close())
	}
	return nil
}

// listen opens addr; the error says what to do.
func listen(addr string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%w; choose another address with --addr", err)
	}
	return ln, nil
}

func (m *Main) listening(ln net.Listener) {
	if m.Listening != nil {
		m.Listening(ln.Addr().String())
	}
}
