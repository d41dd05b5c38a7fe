package sandbox

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// instance is a guest ready to run.
type instance struct {
	mod     api.Module
	mem     *linearMemory
	fuel    api.MutableGlobal
	floor   api.MutableGlobal
	globals []api.MutableGlobal
	stack   []uint64
	guest
	settled [5]int // sizes of the call stacks with which every run begins
}

// guest are the functions of the guest ABI (see wasm/python/reactor.c).
type guest struct {
	alloc, begin, compile, exec, finish guestFunction
}

type guestFunction struct {
	f     api.Function
	stack []uint64 // scratch for parameters and results, shared by the functions of an instance
}

func (g guestFunction) call(ctx context.Context, params ...uint64) (uint32, error) {
	copy(g.stack, params)
	err := g.f.CallWithStack(ctx, g.stack)
	return uint32(g.stack[0]), err
}

func (in *instance) function(name string) guestFunction {
	return guestFunction{in.mod.ExportedFunction(name), in.stack}
}

// renew gives the instance fresh call stacks.
func (in *instance) renew() {
	in.guest = guest{in.function("alloc"), in.function("begin"), in.function("compile"), in.function("exec"), in.function("finish")}
}

// stacks are the sizes of wazero's call stacks, in bytes; 0 where the engine has none.
func (in *instance) stacks() (sizes [5]int) {
	for i, g := range []guestFunction{in.alloc, in.begin, in.compile, in.exec, in.finish} {
		// wazero does not tell, so we look: TestStacks sees that there is something to look at.
		if v := reflect.ValueOf(g.f); v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct {
			if stack := v.Elem().FieldByName("stack"); stack.IsValid() && stack.Kind() == reflect.Slice {
				sizes[i] = stack.Len()
			}
		}
	}
	return sizes
}

// settle gives the instance call stacks as all instances have them when a run begins: fresh ones that the first warming
// program has grown. A call stack only grows, and where it ends depends on how it grew (wazero doubles it until it has
// passed 50 MB), so a program that recurses deeply would end elsewhere after another program. Fresh stacks for each run
// would be the simplest way, and cost a third of a small run to grow.
func (t *Template) settle(ctx context.Context, in *instance) error {
	in.renew()
	if len(t.image.Warm) > 0 {
		w := t.image.Warm[0]
		w.Limits = startLimits(t.image.Rate)
		r := newRun(t.image.Files, t.image.Rate, &w)
		r.setup = t.image.Setup
		r.attach(stage{ctx: ctx}, in)
		if _, err := r.whole(&w); err != nil {
			return err
		}
		if err := t.putBack(in, nil); err != nil {
			return err
		}
		if err := in.mem.forget(); err != nil { // few programs write as much of it
			return err
		}
	}
	in.settled = in.stacks()
	return nil
}

func (in *instance) setGlobals(values []uint64) {
	for i, v := range values {
		in.globals[i].Set(v)
	}
}

func (in *instance) close(ctx context.Context) { in.mod.Close(ctx) }

// instantiate makes an instance that stands where the template was frozen; before freezing, an empty one.
func (t *Template) instantiate(ctx context.Context) (*instance, error) {
	p, err := t.mem.newPages(t.engine.mode.room(), t.engine.cfg.Portable)
	if err != nil {
		return nil, err
	}
	in := &instance{mem: &linearMemory{pages: p, limit: maxMemory}, stack: make([]uint64, 4)}
	if t.mem != nil {
		in.mem.reset = t.mem.Size
	}
	ctx = experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(func(_, _ uint64) experimental.LinearMemory { return in.mem }))
	in.mod, err = t.engine.rt.InstantiateModule(ctx, t.compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		in.mem.release()
		return nil, err
	}
	in.mem.reset = 0
	global := func(name string) api.MutableGlobal {
		g, _ := in.mod.ExportedGlobal(name).(api.MutableGlobal)
		return g
	}
	in.fuel, in.floor = global(fuelExport), global(floorExport)
	for _, name := range t.exports {
		in.globals = append(in.globals, global(name))
	}
	for _, name := range []string{"init", "harness", "alloc", "begin", "compile", "exec", "finish"} {
		if in.mod.ExportedFunction(name) == nil {
			in.close(ctx)
			return nil, fmt.Errorf("the module does not export %s", name)
		}
	}
	in.renew()
	if t.mem != nil {
		in.setGlobals(t.mem.Globals)
	}
	return in, nil
}

// restore makes the instance ready for another run.
func (t *Template) restore(in *instance) error {
	if err := t.putBack(in, nil); err != nil {
		return err
	}
	if in.stacks() != in.settled {
		return t.settle(context.Background(), in)
	}
	return nil
}

// putBack puts memory and globals back to a checkpoint that was made on the way here, or, where that is nil, to where the
// template was frozen.
func (t *Template) putBack(in *instance, to *checkpoint) error {
	if to == nil {
		to = &checkpoint{size: t.mem.Size, globals: t.mem.Globals}
	}
	if in.mem.size != to.size {
		// wazero takes whatever size the allocator answers: growing by a page here shrinks to the size before.
		in.mem.reset = to.size
		_, ok := in.mod.Memory().Grow(1)
		in.mem.reset = 0
		if !ok {
			return errors.New("memory cannot be shrunk")
		}
	}
	if err := in.mem.restore(to.size, to.patches); err != nil {
		return err
	}
	in.setGlobals(to.globals)
	return nil
}
