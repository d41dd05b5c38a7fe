package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"borel/confine"
	"borel/languages"
	"borel/sandbox"
)

// ServeConfig is what a worker is started with.
type ServeConfig struct {
	CacheDir   string // of compiled code; empty keeps none
	HashSeed   uint32 // of the guests it runs
	Namespaces string // that it was started in: what confine.Prepare returned
}

// socketFD is the worker's end of the socket to its supervisor.
const socketFD = 3

// handover is how long a run takes before another goroutine listens for its cancellation. Most runs are shorter, and then
// no goroutine has to be woken.
const handover = 2 * time.Millisecond

// Serve is a worker's life: it loads the images, confines this process for ever, says hello and answers requests until
// its supervisor closes the socket. It is to be called once, by a process that a Pool started, and the process is to
// end when it returns: a program may still be running then.
func Serve(cfg ServeConfig) error {
	return serve(os.NewFile(socketFD, "socket"), cfg, func() (confine.Report, error) {
		return confine.Apply(confine.Options{Keep: []int{0, 1, 2, socketFD}, Namespaces: cfg.Namespaces})
	})
}

func serve(socket *os.File, cfg ServeConfig, apply func() (confine.Report, error)) error {
	ctx := context.Background()
	rt, hello, err := load(ctx, cfg)
	if err == nil {
		hello.Isolation, err = apply()
	}
	if err != nil {
		// The supervisor tells its user why; should it have gone, stderr does.
		return errors.Join(err, Encode(socket, &Answer{Fault: &Fault{classService, cut(err.Error())}}))
	}
	if err := Encode(socket, &Answer{Hello: hello}); err != nil {
		return err
	}
	s := &server{rt: rt, seed: cfg.HashSeed, in: bufio.NewReaderSize(socket, 64<<10), out: socket, ended: make(chan error, 2)}
	go s.listen()
	return <-s.ended
}

// load makes ready whatever a run needs, and runs a program of each language: what is done lazily would be forbidden
// later.
func load(ctx context.Context, cfg ServeConfig) (*languages.Runtime, *Hello, error) {
	rt, err := languages.New(ctx, languages.Config{CacheDir: cfg.CacheDir, Parallel: 1})
	if err != nil {
		return nil, nil, err
	}
	hello := &Hello{Protocol: Protocol, Identities: map[string]string{}}
	for _, name := range languages.Names() {
		g := languages.Guest{Language: name, HashSeed: cfg.HashSeed}
		if hello.Identities[name], err = rt.Identity(ctx, g); err != nil {
			return nil, nil, err
		}
		res, err := rt.Run(ctx, g, control(name))
		if err == nil {
			err = passed(res)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("language %s: the first run: %w", name, err)
		}
	}
	return rt, hello, nil
}

// server is a worker at work. One goroutine at a time listens: it alone uses in.
type server struct {
	rt    *languages.Runtime
	seed  uint32
	in    *bufio.Reader
	out   io.Writer
	ended chan error

	mu     sync.Mutex
	number uint64             // under mu: of the run under way; 0: none
	cancel context.CancelFunc // under mu: of that run
}

// listen reads requests and runs them. While it runs a long one another goroutine takes its place.
func (s *server) listen() {
	for {
		var r Request
		if err := Decode(s.in, MaxFrame, &r); err != nil {
			if err == io.EOF {
				err = nil
			}
			s.ended <- err
			return
		}
		if r.Cancel {
			s.mu.Lock()
			if r.Number == s.number {
				s.cancel()
			}
			s.mu.Unlock()
			continue
		}
		ctx, cancel := context.WithCancel(context.Background())
		s.mu.Lock()
		busy := s.number != 0
		s.number, s.cancel = r.Number, cancel
		s.mu.Unlock()
		if busy {
			cancel()
			s.ended <- errors.New("a second run was asked for while one was under way")
			return
		}
		successor := time.AfterFunc(handover, s.listen)
		err := s.run(ctx, &r)
		cancel()
		if err != nil {
			s.ended <- err
			return
		}
		if !successor.Stop() {
			return
		}
	}
}

// run answers r.
func (s *server) run(ctx context.Context, r *Request) error {
	a := Answer{Number: r.Number}
	res, err := sandbox.Result{}, error(nil)
	if r.Guest.HashSeed != s.seed {
		err = fmt.Errorf("hash seed %d is not this worker's, which is %d", r.Guest.HashSeed, s.seed)
	} else if res, err = s.rt.Run(ctx, r.Guest, r.Spec); err == nil {
		err = fits(&r.Spec, &res)
	}
	switch {
	case err == nil:
		a.Result = &res
	case errors.Is(err, sandbox.ErrWall):
		a.Fault = &Fault{classWall, ""}
	case ctx.Err() != nil:
		a.Fault = &Fault{classCancelled, ""}
	default:
		a.Fault = &Fault{classService, cut(err.Error())}
	}
	// The next request may come as soon as the answer is out.
	s.mu.Lock()
	s.number = 0
	s.mu.Unlock()
	return Encode(s.out, &a)
}

// fits makes a result fit for its frame.
func fits(s *sandbox.Spec, res *sandbox.Result) error {
	n := int64(len(res.Stdout) + len(res.Stderr))
	for name, b := range res.Files {
		n += int64(len(name) + len(b))
	}
	if limit := room(s) - answerFrame; n > limit {
		return fmt.Errorf("the result has %d bytes, the limit is %d", n, limit)
	}
	res.Trap = cut(res.Trap)
	return nil
}
