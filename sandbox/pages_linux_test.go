package sandbox

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// withPagemap makes the scanner work as on another kernel, for the time of a test.
func withPagemap(t *testing.T, change func(*pagemapFile)) {
	t.Helper()
	p, old := pagemap(), pagemap
	if p.err != nil {
		t.Skip(p.err)
	}
	change(&p)
	pagemap = func() pagemapFile { return p }
	t.Cleanup(func() { pagemap = old })
}

// TestRestore: whatever was written, and however the kernel tells what was, memory is the frozen one afterwards.
func TestRestore(t *testing.T) {
	const size, reserve = 8 << 20, 32 << 20
	want := make([]byte, size)
	for i := 0; i < size; i += 3 * hostPage { // pages with content, and pages of zeros
		copy(want[i:], "frozen")
	}
	f, err := freeze(want, state{Size: size})
	if err != nil {
		t.Fatal(err)
	}
	defer f.release()
	for _, kernel := range []struct {
		name     string
		portable bool
		change   func(*testing.T, *pagemapFile)
	}{
		{"as it is", false, func(*testing.T, *pagemapFile) {}},
		{"without PAGEMAP_SCAN", false, func(_ *testing.T, p *pagemapFile) { p.scan = false }},
		{"without a count of faults", false, func(t *testing.T, _ *pagemapFile) {
			old := countsFaults
			countsFaults = func() bool { return false }
			t.Cleanup(func() { countsFaults = old })
		}},
		{"without pagemap", false, func(_ *testing.T, p *pagemapFile) { p.err = errors.New("no /proc") }},
		{"portable", true, func(*testing.T, *pagemapFile) {}},
	} {
		t.Run(kernel.name, func(t *testing.T) {
			withPagemap(t, func(p *pagemapFile) { kernel.change(t, p) })
			runtime.LockOSThread() // as watch wants it
			defer runtime.UnlockOSThread()
			p, err := f.newPages(room{size: reserve}, kernel.portable)
			if err != nil {
				t.Fatal(err)
			}
			defer p.release()
			m := &linearMemory{pages: p, size: size, limit: reserve}
			write := func(at int) { m.bytes()[at] ^= 0xff }
			for _, c := range []struct {
				name string
				run  func()
			}{
				{"nothing", func() {}},
				{"looked at under way", func() {
					write(7 * hostPage)
					if d := p.dirty(); len(d) == 0 {
						t.Error("no page is dirty after a write")
					}
					write(7*hostPage + 1)
					write(11 * hostPage)
				}},
				{"first and last byte", func() { write(0); write(size - 1) }},
				{"the same pages again", func() { write(1); write(size - 2) }},
				{"pages apart", func() {
					for at := range 200 {
						write(at * 5 * hostPage)
					}
				}},
				{"more spans than one scan returns", func() {
					for at := range size / hostPage / 2 {
						write(at * 2 * hostPage)
					}
				}},
				{"more than is kept", func() { clear(m.bytes()[:keepDirty+hostPage]) }},
				{"nothing after that", func() {}},
				{"one page after that", func() { write(size / 2) }},
				{"growth", func() {
					if m.Reallocate(size+(1<<20)) == nil {
						t.Error("growth was refused")
					}
					write(size)
					write(size + (1 << 20) - 1)
					write(5)
				}},
				{"growth refused", func() {
					if m.Reallocate(reserve+1) != nil || !m.refused {
						t.Error("growth past the limit was not refused")
					}
				}},
			} {
				p.watch()
				c.run()
				if err := p.restore(size, nil); err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
				m.size = size
				if !bytes.Equal(m.bytes(), want) {
					t.Errorf("%s: memory is not the frozen one", c.name)
				}
				grown := m.Reallocate(size + (1 << 20))
				if i := bytes.IndexFunc(grown[size:], func(r rune) bool { return r != 0 }); i >= 0 {
					t.Errorf("%s: byte %d past the frozen size is %#x, want 0", c.name, i, grown[size+i])
				}
				if err := p.restore(size, nil); err != nil {
					t.Fatal(err)
				}
				m.size = size
			}
		})
	}
}

// TestScanners: both ways to find written pages find the same.
func TestScanners(t *testing.T) {
	withPagemap(t, func(p *pagemapFile) {
		if !p.scan {
			t.Skip("this kernel does not know PAGEMAP_SCAN")
		}
	})
	f, err := freeze(bytes.Repeat([]byte("x"), 4<<20), state{Size: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer f.release()
	p, err := f.newPages(room{size: 4 << 20}, false)
	if err != nil {
		t.Fatal(err)
	}
	defer p.release()
	b := p.(*mapped).b
	for at := 0; at < len(b); at += 3 * hostPage {
		b[at] = 1
	}
	_ = b[hostPage] // read, and so present, but not written
	var scan, read scanner
	if err := errors.Join(scan.ioctl(pagemap().file, b), read.read(pagemap().file, b)); err != nil {
		t.Fatal(err)
	}
	total := 0
	for i, s := range scan.spans {
		total += s.end - s.start
		if i >= len(read.spans) || read.spans[i] != s {
			t.Fatalf("span %d: PAGEMAP_SCAN found %v, reading pagemap %v", i, s, read.spans[i:])
		}
	}
	if want := (len(b)/hostPage + 2) / 3 * hostPage; total != want || len(read.spans) != len(scan.spans) {
		t.Errorf("%d bytes in %d and %d spans were written, want %d", total, len(scan.spans), len(read.spans), want)
	}
}

// TestFrozenIsSealed: nothing can change the memory that guests start from.
func TestFrozenIsSealed(t *testing.T) {
	f, err := freeze(make([]byte, wasmPage), state{Size: wasmPage})
	if err != nil {
		t.Fatal(err)
	}
	defer f.release()
	if _, err := unix.Pwrite(f.fd, []byte("x"), 0); err != unix.EPERM {
		t.Errorf("write: got %v, want EPERM", err)
	}
	for _, size := range []int64{0, 2 * wasmPage} {
		if err := unix.Ftruncate(f.fd, size); err != unix.EPERM {
			t.Errorf("truncate to %d: got %v, want EPERM", size, err)
		}
	}
	if _, err := unix.Mmap(f.fd, 0, wasmPage, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != unix.EPERM {
		t.Errorf("shared writable mapping: got %v, want EPERM", err)
	}
	if _, err := unix.FcntlInt(uintptr(f.fd), unix.F_ADD_SEALS, unix.F_SEAL_FUTURE_WRITE); err != unix.EPERM {
		t.Errorf("another seal: got %v, want EPERM", err)
	}
}

// TestNoAddressSpace: a reservation that the kernel refuses is an error that says what was asked for.
func TestNoAddressSpace(t *testing.T) {
	_, err := (*frozen)(nil).newPages(room{size: 1 << 62}, false)
	if err == nil || err.Error() != "reserving 4611686018427387904 bytes of address space: cannot allocate memory" {
		t.Errorf("got %v", err)
	}
}

// TestNoMemoryFiles: where the system refuses memory files, runs copy memory, and the log says so.
func TestNoMemoryFiles(t *testing.T) {
	want, identity, _ := loadIn(t, "", testImage)
	memfdCreate = func(string, int) (int, error) { return -1, unix.EPERM }
	t.Cleanup(func() { memfdCreate = unix.MemfdCreate })
	got, id, log := loadIn(t, "", testImage)
	if got != want || id != identity || !strings.Contains(log, "refuses memory files") {
		t.Errorf("results %s, identity %s, log %s", got, id, log)
	}
	if f, err := frozenBy(t, Config{CacheDir: t.TempDir()}, testImage); f != nil || err != nil {
		t.Errorf("Frozen answered %v, %v, want nothing", f, err)
	}
}

// TestRestorePatches: memory is put back to where it was between two writes, however much is written after it.
func TestRestorePatches(t *testing.T) {
	const size, reserve = 4 << 20, 8 << 20
	image := make([]byte, size)
	for i := range image {
		image[i] = byte(i*7 + i>>12)
	}
	f, err := freeze(image, state{Size: size})
	if err != nil {
		t.Fatal(err)
	}
	defer f.release()
	runtime.LockOSThread() // as watch wants it
	defer runtime.UnlockOSThread()
	for _, c := range []struct {
		portable bool
		grown    uint64 // bytes
	}{{false, 0}, {false, 10 * wasmPage}, {true, 0}, {true, 10 * wasmPage}} {
		portable, past := c.portable, size+c.grown
		p, err := f.newPages(room{size: reserve}, portable)
		if err != nil {
			t.Fatal(err)
		}
		defer p.release()
		m := &linearMemory{pages: p, size: size, limit: reserve}
		m.Reallocate(past)
		before := func(b []byte) {
			b[5] = 1
			clear(b[hostPage*9 : hostPage*12])
			b[hostPage*30+77] ^= 1
			for i := size - 2*hostPage; i < min(size+3*hostPage, len(b)); i++ { // across the frozen end
				b[i] ^= 0x55
			}
			b[len(b)-wasmPage] = 9
		}
		p.watch()
		before(m.bytes())
		tpl := &Template{mem: f}
		in := &instance{mem: m}
		patches, err := tpl.patches(in, maxMemory)
		if err != nil {
			t.Fatal(err)
		}
		want := bytes.Clone(m.bytes())
		for i, write := range []func(b []byte){
			func([]byte) {},
			func(b []byte) { b[5], b[6], b[hostPage*10+1], b[hostPage*13], b[len(b)-1] = 7, 7, 7, 7, 7 },
			func(b []byte) { clear(b[size-hostPage:]) },
			func(b []byte) { m.Reallocate(reserve); clear(b); m.bytes()[reserve-1] = 1 }, // more than is kept
			func(b []byte) { b[5] = 3 },                                                  // no page fault
			func(b []byte) { b[hostPage*500] ^= 1 },
			func(b []byte) { clear(b[hostPage*9 : hostPage*40]) },
			func(b []byte) { m.Reallocate(size); clear(b[:size]) },
			func([]byte) {},
		} {
			write(m.bytes())
			if err := p.restore(past, patches); err != nil {
				t.Fatal(err)
			}
			if m.size = past; !bytes.Equal(m.bytes(), want) {
				t.Errorf("portable %v, write %d: memory is not what it was", portable, i)
			}
			p.watch()
		}
		if err := p.restore(size, nil); err != nil {
			t.Fatal(err)
		}
		if m.size = size; !bytes.Equal(m.bytes(), image) {
			t.Errorf("portable %v: memory is not the frozen one", portable)
		}
	}
}
