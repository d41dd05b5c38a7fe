// Package sandbox runs a WebAssembly guest under limits, from a frozen start, as a pure function of what it is given.
//
//	engine, err := sandbox.New(ctx, sandbox.Config{CacheDir: dir})
//	tpl, err := engine.Load(ctx, image)      // compiles, starts and freezes the guest; some tenths of a second
//	res, err := tpl.Run(ctx, spec)           // a fraction of a millisecond
//
// An error means that the service failed, or that ctx ended, and says nothing about the program. What the program did,
// however badly, is a [Result], and the host's own counters decide its [Reason].
//
// The package knows no problems and no languages. It refuses modules that it cannot restore, and it gives a guest
// nothing of the host: no files, no clock, no randomness, no environment, no network.
//
// # A run
//
// A [Template] is a guest whose memory was frozen. Each run takes an instance that stands there, gives it a file system,
// a clock and a stream of randomness of its own, calls the guest's functions, and puts the instance back. A program that
// is run again with other input is not compiled again (see again.go).
//
// # More than one run
//
// One [Spec] may hold more. Its Tails each continue, as runs of their own, where its Steps ended: a program is run once for
// hundreds of tests. Its Peer is a second program on an instance of its own; the two take turns and speak over descriptor
// [ChannelFD] or their standard streams: a test and the functions that it calls, a problem and its interactor. Results are
// as deterministic as those of single runs, to the last unit of fuel.
//
// # Fuel
//
// Work is counted in fuel by instructions that are added to the module before it is compiled: see instrument.go. Limits,
// cancellation and the wall-clock ceiling act where the guest asks for its next slice, every few milliseconds.
// The guest's clock is a function of fuel and sleep.
//
// # The guest ABI
//
// A guest imports nothing but WASI preview 1 and exports its memory and
//
//	_initialize()                 optional, as WASI's reactors have it
//	init() i32                    starts the guest; 0, or what went wrong
//	harness(src, n i32) i32       before freezing: runs the image's harness
//	freeze() i32                  optional, before freezing: makes the guest ready for it; 0, or what went wrong
//	alloc(n i32) i32              room for n bytes, which belong to the guest from then on; 0 where there is none
//	begin() i32                   a run begins: reads the arguments
//	compile(name, nn, src, sn i32) i32
//	                              a step: makes source text, which tracebacks call name, ready to run; 0 where it can
//	exec() i32                    runs what was compiled last; 0 where it ran to its end
//	finish() i32                  the run ends: exit handlers, flushing
//
// What begin, compile, exec and finish answer besides 0 is the language's business. wasm/python/reactor.c is such a guest.
package sandbox
