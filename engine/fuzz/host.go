package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"borel/engine/fuzz/module"
)

// host is what the imported functions of one module have to do with.
type host struct {
	m       *module.Module
	mod     api.Module
	seen    uint32 // checksum of what they were called with
	calls   int
	nested  int    // calls of back that are open
	slice   uint64 // fuel that refill grants
	granted uint64
	clean   bool // parameters of 32 bits have nothing in the upper half: wazero's interpreter relies on it
}

type hostKey struct{}

const maxNested = 2 // a call back from a call back

func (h *host) note(v uint64) {
	h.calls++
	h.seen = crc32.Update(h.seen, table, binary.LittleEndian.AppendUint64(nil, v))
}

var table = crc32.MakeTable(crc32.Castagnoli)

// canonical is v as far as the specification determines it: without the upper half that a 32-bit value leaves to
// chance, and with the same bits for all NaN.
func canonical(t byte, v uint64) uint64 {
	switch t {
	case module.I32:
		return v & 0xffffffff
	case module.F32:
		if f := math.Float32frombits(uint32(v)); f != f {
			return 0x7fc00000
		}
		return v & 0xffffffff
	case module.F64:
		if f := math.Float64frombits(v); f != f {
			return 0x7ff8 << 48
		}
	}
	return v
}

// dirty puts bits where a 32-bit parameter has none, which compiled code must not see.
func (h *host) dirty(v uint64) uint64 {
	if h.clean {
		return v & 0xffffffff
	}
	return v&0xffffffff | v*0x9e3779b97f4a7c15<<32
}

// instantiateHost gives rt the modules that generated ones import from.
func instantiateHost(ctx context.Context, rt wazero.Runtime) error {
	b := rt.NewHostModuleBuilder("env")
	for i, f := range module.Imports {
		b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(ctx context.Context, _ api.Module, stack []uint64) {
			h := ctx.Value(hostKey{}).(*host)
			args := [4]uint64{uint64(i)}
			for k, t := range f.Params {
				stack[k] = canonical(t, stack[k])
				args[k] = stack[k]
				h.note(stack[k])
			}
			switch f.Name {
			case "mix":
				stack[0] = args[0] ^ args[1]<<1 ^ args[2]<<2 ^ args[3]<<3
			case "grow":
				was, ok := h.mod.Memory().Grow(uint32(args[0]))
				if !ok {
					was = math.MaxUint32
				}
				stack[0] = uint64(was)
			case "peek":
				v, _ := h.mod.Memory().ReadUint64Le(uint32(args[0]))
				h.mod.Memory().WriteByte(uint32(args[0]), byte(h.calls))
				stack[0] = v
			case "back":
				stack[0] = uint64(uint32(h.back(ctx, args[0], args[1])))
			}
		}), f.Params, f.Results).Export(f.Name)
	}
	if _, err := b.Instantiate(ctx); err != nil {
		return err
	}
	refill := api.GoFunc(func(ctx context.Context, _ []uint64) { ctx.Value(hostKey{}).(*host).refill() })
	_, err := rt.NewHostModuleBuilder("borel").NewFunctionBuilder().WithGoFunction(refill, nil, nil).Export("refill").Instantiate(ctx)
	return err
}

// back calls an exported function from within a call. A trap there goes on to who called.
func (h *host) back(ctx context.Context, which, arg uint64) uint64 {
	if h.nested == maxNested {
		return 1
	}
	h.nested++
	n := which % uint64(len(h.m.Funcs))
	results, err := h.call(ctx, int(n), rand.New(rand.NewPCG(arg, 1)))
	h.nested--
	if err != nil {
		panic(err)
	}
	for i, v := range results {
		h.note(v)
		if i == 0 {
			return v
		}
	}
	return 0
}

// call calls an exported function with parameters of that source, and returns its results as far as they are determined.
func (h *host) call(ctx context.Context, n int, source *rand.Rand) ([]uint64, error) {
	s := h.m.Funcs[n]
	var args []uint64
	for _, t := range s.Params {
		v := source.Uint64() >> (source.UintN(4) * 16)
		switch t {
		case module.I32:
			v = h.dirty(v)
		case module.F32:
			v = h.dirty(uint64(math.Float32bits(float32(int64(v)))))
		case module.F64:
			v = math.Float64bits(float64(int64(v)))
		case module.V128:
			args = append(args, v)
			v = source.Uint64()
		}
		args = append(args, v)
	}
	results, err := h.mod.ExportedFunction(fmt.Sprintf("f%d", n)).Call(ctx, args...)
	if err != nil {
		return nil, err
	}
	k := 0
	for _, t := range s.Results {
		results[k] = canonical(t, results[k])
		if k++; t == module.V128 {
			k++
		}
	}
	return results, nil
}

// refill grants fuel to a module that asks for it.
func (h *host) refill() {
	h.granted += h.slice
	fuel := h.mod.ExportedGlobal("borel:fuel").(api.MutableGlobal)
	fuel.Set(fuel.Get() + h.slice)
}
