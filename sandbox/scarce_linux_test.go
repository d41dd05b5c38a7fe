package sandbox

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// scarcities are what a system may refuse, and what becomes of the engine and of runs then. Each has a process of its own.
var scarcities = []struct {
	name     string
	resource int   // of RLIMIT_…
	left     int64 // beyond what the process has
	late     bool  // the template is there already
	cfg      Config
	// The modes are those of an engine with patches. Steps are run one after the other, each with what is wanted of it.
	mode     Mode
	portable bool
	log      string
	steps    [][2]string
}{
	{"addresses for a guard", unix.RLIMIT_AS, 40 << 30, false, Config{Guarded: true, Parallel: 1}, Safe, false, "compiled with checks",
		[][2]string{{"-\x00", "finished"}, {"g\x3f", "finished"}, {"-\x00", "finished"}}},
	{"addresses for a guard, in parallel", unix.RLIMIT_AS, 60 << 30, false, Config{Guarded: true, Parallel: 8}, Safe, false, "compiled with checks",
		[][2]string{{"-\x00", "finished"}}},
	{"addresses", unix.RLIMIT_AS, 1 << 30, false, Config{Guarded: true, Parallel: 1}, Safe, true, "memory is copied",
		[][2]string{{"-\x00", "finished"}, {"g\x3f", "finished"}, {"-\x00", "finished"}}},
	{"memory that can be written", unix.RLIMIT_DATA, 12 << 20, false, Config{Parallel: 1}, Safe, false, "",
		[][2]string{{"-\x00", "finished"}, {"g\x0f", "finished"}, {"g\xff", "error"}, {"-\x00", "finished"}}},
	{"memory that can be written, guarded", unix.RLIMIT_DATA, 12 << 20, false, Config{Guarded: true, Parallel: 1}, Guarded, false, "",
		[][2]string{{"-\x00", "finished"}, {"g\x0f", "finished"}, {"g\xff", "error"}, {"-\x00", "finished"}}},
	{"memory that can be written, later", unix.RLIMIT_DATA, 12 << 20, true, Config{Guarded: true, Parallel: 1}, Guarded, false, "",
		[][2]string{{"g\x0f", "finished"}, {"g\xff", "error"}, {"g\x0f", "finished"}}},
}

// TestScarce: what the system refuses makes runs slower or an error, and never what a program is told or judged by.
func TestScarce(t *testing.T) {
	if i, err := strconv.Atoi(os.Getenv("BOREL_TEST_SCARCE")); err == nil {
		scarce(t, i)
		return
	}
	for i, c := range scarcities {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestScarce$")
			cmd.Env = append(os.Environ(), fmt.Sprint("BOREL_TEST_SCARCE=", i))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// scarce is a process that has little.
func scarce(t *testing.T, i int) {
	c := scarcities[i]
	limit := func() {
		statm, err := os.ReadFile("/proc/self/statm")
		if err != nil {
			t.Fatal(err)
		}
		sizes := strings.Fields(string(statm))
		size := sizes[0]
		if c.resource == unix.RLIMIT_DATA {
			size = sizes[5]
		}
		pages, _ := strconv.ParseInt(size, 10, 64)
		bound := uint64(pages*int64(os.Getpagesize()) + c.left)
		if err := unix.Setrlimit(c.resource, &unix.Rlimit{Cur: bound, Max: bound}); err != nil {
			t.Fatal(err)
		}
	}
	if !c.late {
		limit()
	}
	var log bytes.Buffer
	c.cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	tpl := testTemplate(t, c.cfg)
	if c.late {
		limit()
	}
	if Patches() == "" {
		c.mode, c.log = Stock, map[bool]string{true: c.log}[c.portable]
	}
	if got := tpl.engine; got.mode != c.mode || got.cfg.Portable != c.portable || !strings.Contains(log.String(), c.log) {
		t.Errorf("mode %s, portable %t, log %s", got.mode, got.cfg.Portable, &log)
	}
	for _, s := range c.steps {
		spec := testSpec(s[0])
		spec.Limits.Memory, spec.Limits.Fuel = 1<<30, 1<<40
		res, err := tpl.Run(t.Context(), spec)
		got := string(res.Reason)
		if err != nil {
			got = "error"
		}
		if got != s[1] {
			t.Errorf("step %q: %s, %v, want %s", s[0], got, err, s[1])
		}
	}
}

// TestGrowthPartly: where the system lets a part of what memory grows by be accessed and then refuses, none of it is.
func TestGrowthPartly(t *testing.T) {
	p, err := (*frozen)(nil).newPages(room{size: maxMemory, guard: guardedBytes}, false)
	if err != nil {
		t.Fatal(err)
	}
	defer p.release()
	m := &linearMemory{pages: p, limit: maxMemory}
	m.Reallocate(wasmPage)
	t.Cleanup(func() { mprotect = unix.Mprotect })
	mprotect = func(b []byte, access int) error {
		if access == unix.PROT_NONE {
			return unix.Mprotect(b, access)
		}
		unix.Mprotect(b[:wasmPage], access)
		return unix.ENOMEM
	}
	if m.Reallocate(3*wasmPage) != nil || m.refused || m.fault == nil || len(m.bytes()) != wasmPage {
		t.Errorf("growth was not a fault: %v, %d bytes", m.fault, len(m.bytes()))
	}
	b := p.(*mapped).b
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if _, err := unix.Write(int(w.Fd()), b[wasmPage-1:wasmPage]); err != nil {
		t.Errorf("the last byte: %v", err)
	}
	if _, err := unix.Write(int(w.Fd()), b[wasmPage:wasmPage+1]); err != unix.EFAULT {
		t.Errorf("the byte after it: %v, want %v", err, unix.EFAULT)
	}
}
