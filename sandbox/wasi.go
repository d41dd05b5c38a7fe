package sandbox

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// The guest speaks WASI preview 1 (witx "wasi_snapshot_preview1") to the functions below and to nothing else: no
// other host code can be reached from a sandbox, and nothing below touches the host's files, clock, environment,
// network or randomness.

// wasiModule is the import module's name.
const wasiModule = "wasi_snapshot_preview1"

// wasiCall is a host function: its arguments are a; what it returns is the guest's errno.
type wasiCall struct {
	params string // i: 32 bits, I: 64 bits
	call   func(r *run, a []uint64) errno
}

var wasiCalls = map[string]wasiCall{
	"args_get":                {"ii", (*run).argsGet},
	"args_sizes_get":          {"ii", (*run).argsSizesGet},
	"environ_get":             {"ii", (*run).environGet},
	"environ_sizes_get":       {"ii", (*run).environSizesGet},
	"clock_res_get":           {"ii", (*run).clockResGet},
	"clock_time_get":          {"iIi", (*run).clockTimeGet},
	"fd_advise":               {"iIIi", (*run).fdNothing},
	"fd_close":                {"i", (*run).fdClose},
	"fd_datasync":             {"i", (*run).fdNothing},
	"fd_fdstat_get":           {"ii", (*run).fdStatGet},
	"fd_fdstat_set_flags":     {"ii", (*run).fdSetFlags},
	"fd_filestat_get":         {"ii", (*run).fdFilestatGet},
	"fd_filestat_set_size":    {"iI", (*run).fdSetSize},
	"fd_filestat_set_times":   {"iIIi", (*run).fdSetTimes},
	"fd_pread":                {"iiiIi", (*run).fdPread},
	"fd_prestat_get":          {"ii", (*run).fdPrestatGet},
	"fd_prestat_dir_name":     {"iii", (*run).fdPrestatDirName},
	"fd_pwrite":               {"iiiIi", (*run).fdPwrite},
	"fd_read":                 {"iiii", (*run).fdRead},
	"fd_readdir":              {"iiiIi", (*run).fdReaddir},
	"fd_seek":                 {"iIii", (*run).fdSeek},
	"fd_sync":                 {"i", (*run).fdNothing},
	"fd_tell":                 {"ii", (*run).fdTell},
	"fd_write":                {"iiii", (*run).fdWrite},
	"path_create_directory":   {"iii", (*run).pathCreateDirectory},
	"path_filestat_get":       {"iiiii", (*run).pathFilestatGet},
	"path_filestat_set_times": {"iiiiIIi", (*run).pathSetTimes},
	"path_link":               {"iiiiiii", (*run).pathLink},
	"path_open":               {"iiiiiIIii", (*run).pathOpen},
	"path_readlink":           {"iiiiii", (*run).pathReadlink},
	"path_remove_directory":   {"iii", (*run).pathRemoveDirectory},
	"path_rename":             {"iiiiii", (*run).pathRename},
	"path_symlink":            {"iiiii", (*run).pathSymlink},
	"path_unlink_file":        {"iii", (*run).pathUnlink},
	"poll_oneoff":             {"iiii", (*run).pollOneoff},
	"proc_exit":               {"i", (*run).procExit},
	"sched_yield":             {"", (*run).schedYield},
	"random_get":              {"ii", (*run).randomGet},
	"sock_accept":             {"iii", (*run).notSocket},
	"sock_recv":               {"iiiiii", (*run).notSocket},
	"sock_send":               {"iiiii", (*run).notSocket},
	"sock_shutdown":           {"ii", (*run).notSocket},
}

// Fuel of host calls: a call costs callFuel, one unit for each 16 bytes it moves, and one for each byte of the paths
// that it follows.
const (
	callFuel  = 100
	byteShift = 4
)

type runKey struct{}

// guestContext carries the run through wazero to the host functions.
type guestContext struct {
	context.Context
	run *run
}

func (c *guestContext) Value(key any) any {
	if key == (runKey{}) {
		return c.run
	}
	return c.Context.Value(key)
}

func runOf(ctx context.Context) *run { return ctx.Value(runKey{}).(*run) }

// instantiateHost makes the modules that guests import.
func instantiateHost(ctx context.Context, rt wazero.Runtime) error {
	b := rt.NewHostModuleBuilder(wasiModule)
	for name, c := range wasiCalls {
		var params, results []api.ValueType
		for _, p := range c.params {
			if p == 'I' {
				params = append(params, api.ValueTypeI64)
			} else {
				params = append(params, api.ValueTypeI32)
			}
		}
		if name != "proc_exit" {
			results = []api.ValueType{api.ValueTypeI32}
		}
		call, n := c.call, len(params)
		b.NewFunctionBuilder().WithGoFunction(api.GoFunc(func(ctx context.Context, stack []uint64) {
			r := runOf(ctx)
			r.charge(callFuel)
			e := call(r, stack[:n])
			r.charge(r.fs.fuel)
			r.fs.fuel = 0
			if len(stack) > 0 {
				stack[0] = uint64(e)
			}
		}), params, results).Export(name)
	}
	if _, err := b.Instantiate(ctx); err != nil {
		return fmt.Errorf("host module %s: %w", wasiModule, err)
	}
	refill := api.GoFunc(func(ctx context.Context, _ []uint64) { runOf(ctx).refill() })
	_, err := rt.NewHostModuleBuilder(hostModule).NewFunctionBuilder().WithGoFunction(refill, nil, nil).Export(refillImport).Instantiate(ctx)
	if err != nil {
		return fmt.Errorf("host module %s: %w", hostModule, err)
	}
	return nil
}

// bytes is a window on the guest's memory; ok is false where it is out of bounds.
func (r *run) bytes(at, n uint64) (b []byte, ok bool) {
	at, n = at&0xffffffff, n&0xffffffff
	mem := r.memory()
	if at+n > uint64(len(mem)) {
		return nil, false
	}
	return mem[at : at+n : at+n], true
}

func (r *run) put32(at uint64, v uint32) errno {
	b, ok := r.bytes(at, 4)
	if !ok {
		return eFAULT
	}
	binary.LittleEndian.PutUint32(b, v)
	return eOK
}

func (r *run) put64(at uint64, v uint64) errno {
	b, ok := r.bytes(at, 8)
	if !ok {
		return eFAULT
	}
	binary.LittleEndian.PutUint64(b, v)
	return eOK
}

func (r *run) text(at, n uint64) (string, errno) {
	b, ok := r.bytes(at, n)
	if !ok {
		return "", eFAULT
	}
	if len(b) > maxPath {
		return "", eNAMETOOLONG
	}
	if slices.Contains(b, 0) {
		return "", eINVAL
	}
	return string(b), eOK
}

// strings32 writes NUL-terminated strings at buf and their addresses at list.
func (r *run) strings32(list, buf uint64, ss []string) errno {
	for _, s := range ss {
		if e := r.put32(list, uint32(buf)); e != eOK {
			return e
		}
		b, ok := r.bytes(buf, uint64(len(s))+1)
		if !ok {
			return eFAULT
		}
		b[copy(b, s)] = 0
		list, buf = list+4, buf+uint64(len(s))+1
	}
	return eOK
}

func (r *run) sizes(count, size uint64, ss []string) errno {
	n := 0
	for _, s := range ss {
		n += len(s) + 1
	}
	r.charge(int64(n) >> byteShift)
	if e := r.put32(count, uint32(len(ss))); e != eOK {
		return e
	}
	return r.put32(size, uint32(n))
}

func (r *run) argsGet(a []uint64) errno         { return r.strings32(a[0], a[1], r.args) }
func (r *run) argsSizesGet(a []uint64) errno    { return r.sizes(a[0], a[1], r.args) }
func (r *run) environGet(a []uint64) errno      { return r.strings32(a[0], a[1], r.environ) }
func (r *run) environSizesGet(a []uint64) errno { return r.sizes(a[0], a[1], r.environ) }

// WASI clock identifiers.
const (
	clockRealtime = 0
	clockCPU      = 2 // of the process; 3: of the thread
)

func (r *run) clockResGet(a []uint64) errno { return r.put64(a[1], 1) }

func (r *run) clockTimeGet(a []uint64) errno {
	switch uint32(a[0]) {
	case clockRealtime:
		return r.put64(a[2], uint64(r.start+r.clock()))
	case clockCPU, clockCPU + 1:
		return r.put64(a[2], uint64(r.worked()))
	}
	return r.put64(a[2], uint64(monotonicStart+r.clock()))
}

func (r *run) randomGet(a []uint64) errno {
	b, ok := r.bytes(a[0], a[1])
	if !ok {
		return eFAULT
	}
	r.charge(int64(len(b)) >> byteShift)
	r.random.Read(b)
	return eOK
}

func (r *run) schedYield([]uint64) errno { return eOK }

func (r *run) notSocket([]uint64) errno { return eNOTSOCK }

func (r *run) procExit(a []uint64) errno {
	r.exitCode = int(uint32(a[0]))
	r.stop(Exited)
	return eOK
}

// pollOneoff knows clocks and files. Files are always ready; sleeping costs no real time, it moves the run's clock.
func (r *run) pollOneoff(a []uint64) errno {
	const subscription, event = 48, 32
	n := a[2] & 0xffffffff
	if n == 0 {
		return eINVAL
	}
	in, ok := r.bytes(a[0], n*subscription)
	out, ok2 := r.bytes(a[1], n*event)
	if !ok || !ok2 || n > 4096 {
		return eFAULT
	}
	r.charge(int64(n) * 8)
	type wait struct {
		sub []byte
		at  int64 // on the guest's clock
	}
	var first int64 = -1
	waits := make([]wait, 0, n)
	for i := range n {
		s := in[i*subscription : (i+1)*subscription]
		w := wait{sub: s}
		if s[8] == 0 { // a clock
			timeout := binary.LittleEndian.Uint64(s[24:])
			w.at = int64(min(timeout, 1<<62))
			if binary.LittleEndian.Uint16(s[40:])&1 != 0 { // absolute
				base := monotonicStart
				if binary.LittleEndian.Uint32(s[16:]) == clockRealtime {
					base = r.start
				}
				w.at -= base
			} else {
				w.at += r.clock()
			}
			w.at = max(w.at, r.clock())
		}
		if first < 0 || w.at < first {
			first = w.at
		}
		waits = append(waits, w)
	}
	if d := first - r.clock(); d > 0 {
		r.sleep(d)
	}
	count := uint32(0)
	for _, w := range waits {
		if w.at > first {
			continue
		}
		e := out[uint64(count)*event:][:event]
		clear(e)
		copy(e[:8], w.sub[:8]) // userdata
		e[10] = w.sub[8]
		if w.sub[8] != 0 {
			fd := binary.LittleEndian.Uint32(w.sub[16:])
			if r.file(uint64(fd)) == nil {
				binary.LittleEndian.PutUint16(e[8:], uint16(eBADF))
			}
			binary.LittleEndian.PutUint64(e[16:], 1)
		}
		count++
	}
	return r.put32(a[3], count)
}
