package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"

	"borel/confine"
	"borel/languages"
	"borel/sandbox"
)

// serveConfig is what a worker is started with.
type serveConfig struct {
	cacheDir   string // of compiled code; empty keeps none
	hashSeed   uint32 // of the guests it runs
	namespaces string // that it was started in: what confine.Prepare returned
	guarded    bool   // its guests' memory is, see sandbox.Config
	frozen     int    // descriptors from frozenFD on: frozen memories, in the order of languages.Names
}

// The descriptors that a worker is started with.
const (
	socketFD = 3 // its end of the socket to its supervisor
	frozenFD = 4
)

// addressSpace is what a worker may map besides what it has: room for each instance that one request can take beside the
// first, of a peer and of all that the two start, and 6 GiB for the rest.
func addressSpace(m sandbox.Mode) uint64 { return (1+sandbox.MaxChildren)*m.Room() + 6<<30 }

// arguments are the command line of a worker.
func arguments(c serveConfig) []string {
	return []string{c.cacheDir, strconv.FormatUint(uint64(c.hashSeed), 10), c.namespaces, strconv.FormatBool(c.guarded), strconv.Itoa(c.frozen)}
}

func parse(args []string) (c serveConfig, err error) {
	if len(args) != 5 {
		return c, errors.New("this command is for the server to start its workers with")
	}
	seed, err := strconv.ParseUint(args[1], 10, 32)
	if err != nil {
		return c, err
	}
	c = serveConfig{cacheDir: args[0], hashSeed: uint32(seed), namespaces: args[2]}
	if c.guarded, err = strconv.ParseBool(args[3]); err != nil {
		return c, err
	}
	c.frozen, err = strconv.Atoi(args[4])
	return c, err
}

// Serve is a worker's life: it loads the images, confines this process for ever, says hello and answers requests until
// its supervisor closes the socket. It is to be called once, by a process that a Pool started, with its arguments.
func Serve(args []string) error {
	cfg, err := parse(args)
	if err != nil {
		return err
	}
	told, err := listener(socketFD)
	if err != nil {
		return err
	}
	socket := os.NewFile(socketFD, "socket")
	rt, hello, err := load(context.Background(), cfg)
	if err == nil && hello.Mode == sandbox.Guarded {
		err = dieOfFaults()
	}
	if err == nil {
		hello.Isolation, err = confine.Apply(confine.Options{Keep: []int{0, 1, 2, socketFD}, Namespaces: cfg.namespaces, AddressSpace: addressSpace(hello.Mode)})
	}
	if err != nil {
		// The supervisor tells its user why; should it have gone, stderr does.
		if errSay := Encode(socket, &Answer{Fault: &Fault{classService, cut(err.Error())}}); errSay != nil {
			err = errors.Join(err, errSay)
		}
		return err
	}
	runtime.GOMAXPROCS(1) // one run at a time, and no thread that looks for more work
	if err := Encode(socket, &Answer{Hello: hello}); err != nil {
		return err
	}
	return answer(rt, cfg.hashSeed, bufio.NewReaderSize(socket, 64<<10), told, socket)
}

// load makes ready whatever a run needs, and runs a program of each language: what is done lazily would be forbidden
// later.
func load(ctx context.Context, cfg serveConfig) (*languages.Runtime, *Hello, error) {
	c := languages.Config{CacheDir: cfg.cacheDir, Parallel: 1, HashSeed: cfg.hashSeed, Guarded: cfg.guarded, Frozen: map[languages.Guest]*os.File{}}
	for i, name := range languages.Names() {
		if i < cfg.frozen {
			f := os.NewFile(uintptr(frozenFD+i), "frozen "+name)
			defer f.Close() // the runtime has a descriptor of its own
			c.Frozen[languages.Guest{Language: name, HashSeed: cfg.hashSeed}] = f
		}
	}
	rt, err := languages.New(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	if err := rt.Wait(ctx); err != nil {
		return nil, nil, err
	}
	hello := &Hello{Protocol: Protocol, Mode: rt.Mode(), Identities: map[string]string{}}
	for _, name := range languages.Names() {
		g := languages.Guest{Language: name, HashSeed: cfg.hashSeed}
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

// answer runs what is asked on in and answers on out, one program after the other, until in ends. told reports whether
// there are bytes to read where in reads.
func answer(rt *languages.Runtime, seed uint32, in *bufio.Reader, told func() bool, out io.Writer) error {
	ctx := hearing{context.Background(), func() bool { return in.Buffered() > 0 || told() }}
	for {
		var r Request
		if err := Decode(in, MaxFrame, &r); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if r.Cancel {
			continue // that run has ended
		}
		var failed error
		run(ctx, rt, seed, &r, func(res sandbox.Result, err error) {
			failed = Encode(out, answerOf(&r, res, err))
		})
		if failed != nil {
			return failed
		}
	}
}

// answerOf is what the supervisor hears of a run.
func answerOf(r *Request, res sandbox.Result, err error) *Answer {
	a := &Answer{Number: r.Number}
	if err == nil {
		err = fits(&r.Spec, &res)
	}
	switch {
	case err == nil:
		a.Result = &res
	case errors.Is(err, sandbox.ErrWall):
		a.Fault = &Fault{classWall, ""}
	case errors.Is(err, context.Canceled):
		a.Fault = &Fault{classCancelled, ""}
	default:
		a.Fault = &Fault{classService, cut(err.Error())}
	}
	return a
}

// hearing is the context of all runs of a worker: it has ended when the supervisor speaks during a run, or has gone. The
// sandbox asks it some hundred times a second; to have a goroutine listen would cost every run a wake-up.
type hearing struct {
	context.Context
	told func() bool
}

func (h hearing) Err() error {
	if h.told() {
		return context.Canceled
	}
	return nil
}

// run executes a request and tells what it did while the instance is still to be put back.
func run(ctx context.Context, rt *languages.Runtime, seed uint32, r *Request, tell func(sandbox.Result, error)) {
	if r.Guest.HashSeed != seed {
		tell(sandbox.Result{}, fmt.Errorf("hash seed %d is not this worker's, which is %d", r.Guest.HashSeed, seed))
		return
	}
	rt.Do(ctx, r.Guest, r.Spec, tell)
}

// fits makes a result fit for its frame.
func fits(s *sandbox.Spec, res *sandbox.Result) error {
	n := res.Size()
	res.Trap = cut(res.Trap)
	if p := res.Peer; p != nil {
		n += p.Size()
		p.Trap = cut(p.Trap)
	}
	for i := range res.Tails {
		n += res.Tails[i].Size()
		res.Tails[i].Trap = cut(res.Tails[i].Trap)
	}
	if limit := room(s) - answerFrame; n > limit {
		return fmt.Errorf("the result has %d bytes, the limit is %d", n, limit)
	}
	return nil
}
