package main

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"strings"
	"unsafe"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"borel/engine/fuzz/module"
	"borel/sandbox"
)

// runner runs modules in one mode.
type runner struct {
	rt    wazero.Runtime
	mem   *memory
	ctx   context.Context
	clean bool // see host
}

// modes are the ways to run a module; a binary without the patches knows the first two, one with them the first and the
// others.
var modes = []sandbox.Mode{sandbox.Interpreted, sandbox.Stock, sandbox.Safe, sandbox.Guarded}

func configOf(mode sandbox.Mode) (wazero.RuntimeConfig, error) {
	rc := wazero.NewRuntimeConfigCompiler()
	patched, ok := rc.(interface {
		WithFixedMemory(guarded bool) wazero.RuntimeConfig
	})
	switch {
	case mode == sandbox.Interpreted:
		return wazero.NewRuntimeConfigInterpreter(), nil
	case mode == sandbox.Stock && !ok:
		return rc, nil
	case mode == sandbox.Safe && ok:
		return patched.WithFixedMemory(false), nil
	case mode == sandbox.Guarded && ok:
		return patched.WithFixedMemory(true), nil
	}
	return nil, fmt.Errorf("this binary has no mode %q (patches: %q)", mode, sandbox.Patches())
}

func newRunner(ctx context.Context, mode sandbox.Mode) (*runner, error) {
	rc, err := configOf(mode)
	if err != nil {
		return nil, err
	}
	mem, err := newMemory()
	if err != nil {
		return nil, err
	}
	r := &runner{rt: wazero.NewRuntimeWithConfig(ctx, rc.WithDebugInfoEnabled(false)), mem: mem, clean: mode == sandbox.Interpreted}
	r.ctx = experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(func(_, _ uint64) experimental.LinearMemory { return mem }))
	return r, instantiateHost(ctx, r.rt)
}

// nothing is a source of no randomness, which is quicker to make than the default.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, io.EOF }

// address is where the memory of modules begins.
func (r *runner) address() uintptr { return uintptr(unsafe.Pointer(&r.mem.b[0])) }

// outcome is what a module did.
type outcome struct {
	Trap    string   // that it ended in; empty: none
	Calls   []string // results of each function, of which the last may have trapped
	Host    string   // calls of imported functions
	Memory  string
	Globals []string
	Fuel    uint64
}

// line is the outcome on one line: the trap, and a checksum of the rest.
func (o *outcome) line() string {
	trap := strings.ReplaceAll(o.Trap, " ", "-")
	if trap == "" {
		trap = "ok"
	}
	return fmt.Sprintf("%s %08x %s", trap, crc32.Checksum(fmt.Appendf(nil, "%q %q %q %d", o.Calls, o.Globals, o.Host, o.Fuel), table), o.Memory)
}

// run runs module i of a seed. An error says that the module could not be run.
func (r *runner) run(seed, i uint64, skip func(int) bool) (*outcome, error) {
	m := module.Without(seed, i, skip)
	source := rand.New(rand.NewPCG(seed, ^i))
	code, metered := m.Code, false
	if !m.Plain {
		var err error
		if code, err = sandbox.Instrument(code); err != nil {
			return nil, err
		}
		metered = true
	}
	compiled, err := r.rt.CompileModule(r.ctx, code)
	if err != nil {
		return nil, err
	}
	defer compiled.Close(r.ctx)
	h := &host{m: m, slice: 1 << 40, clean: r.clean}
	if source.IntN(2) == 0 {
		h.slice = uint64(1 + source.IntN(30))
	}
	ctx := context.WithValue(r.ctx, hostKey{}, h)
	if h.mod, err = r.rt.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName("").WithRandSource(nothing{})); err != nil {
		return nil, err
	}
	defer h.mod.Close(ctx)
	fill(h.mod.Memory(), source)
	if metered {
		h.mod.ExportedGlobal("borel:floor").(api.MutableGlobal).Set(1 << 63) // the least number: entries never trap
		h.refill()
	}
	o := &outcome{}
	for n := range m.Funcs {
		h.mod.ExportedGlobal("budget").(api.MutableGlobal).Set(uint64(m.Budget()))
		results, err := h.call(ctx, n, source)
		if err != nil {
			if o.Trap, err = trapOf(err); err != nil {
				return nil, err
			}
			break
		}
		o.Calls = append(o.Calls, fmt.Sprintf("%x", results))
	}
	o.Host = fmt.Sprintf("%d %08x", h.calls, h.seen)
	b, _ := h.mod.Memory().Read(0, h.mod.Memory().Size())
	o.Memory = fmt.Sprintf("%d %08x", len(b)>>16, crc32.Checksum(b, table))
	for _, g := range module.Globals {
		if g.Type == module.V128 {
			continue // which the API cannot read
		}
		o.Globals = append(o.Globals, fmt.Sprintf("%x", canonical(g.Type, h.mod.ExportedGlobal(g.Name).Get())))
	}
	if metered {
		o.Fuel = h.granted - h.mod.ExportedGlobal("borel:fuel").Get()
	}
	return o, nil
}

// fill puts bytes at some places of a memory.
func fill(mem api.Memory, source *rand.Rand) {
	for at := uint32(0); at < mem.Size(); at += 1 << 15 {
		for k := uint32(0); k < 2048; k += 8 {
			mem.WriteUint64Le(at+k, source.Uint64()>>(source.UintN(3)*24))
		}
	}
}

// trapOf tells traps from faults of the engine.
func trapOf(err error) (string, error) {
	const prefix = "wasm error: "
	for e := err; e != nil; e = errors.Unwrap(e) {
		first, _, _ := strings.Cut(e.Error(), "\n")
		if i := strings.LastIndex(first, prefix); i >= 0 {
			trap, _, _ := strings.Cut(first[i+len(prefix):], " (recovered")
			return trap, nil
		}
	}
	return "", err
}
