package sandbox

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

// guestFS is a run of which only the file system is used: paths and results go through a memory without a guest.
type guestFS struct {
	*run
	text int
}

func newGuestFS(limits Limits) *guestFS {
	t := NewTree()
	t.Add("/usr/lib/a.py", 3, func() ([]byte, error) { return []byte("abc"), nil })
	r := newRun(t, 1, &Spec{Limits: limits})
	b := make([]byte, wasmPage)
	r.inst = &instance{mem: &linearMemory{pages: &copied{b: b}, size: uint64(len(b))}, fuel: new(fuelGauge)}
	return &guestFS{run: r}
}

// fuelGauge is a global without a module.
type fuelGauge struct {
	api.MutableGlobal
	v uint64
}

func (g *fuelGauge) Get() uint64  { return g.v }
func (g *fuelGauge) Set(v uint64) { g.v = v }

// path puts p into memory, as the two arguments of a call.
func (g *guestFS) path(p string) []uint64 {
	g.text = (g.text + 8192) % 32768
	copy(g.memory()[g.text:], p)
	return []uint64{uint64(g.text), uint64(len(p))}
}

func args(parts ...any) (a []uint64) {
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			a = append(a, uint64(p))
		case []uint64:
			a = append(a, p...)
		}
	}
	return a
}

const answer = 60000 // where calls leave their results

func (g *guestFS) open(p string, flags int) (fd int, e errno) {
	e = g.pathOpen(args(rootFD, 0, g.path(p), flags, rightRead|rightWrite, 0, 0, answer))
	return int(g.memory()[answer]), e
}

// check compares the accounts with what is there.
func (g *guestFS) check(t *testing.T) {
	t.Helper()
	names, bytes, room := 0, int64(0), int64(0)
	seen := map[*node]bool{}
	count := func(n *node) {
		if !seen[n] {
			seen[n] = true
			bytes += int64(len(n.data))
			room += int64(cap(n.data)) - hostPage
		}
	}
	var visit func(d *node)
	visit = func(d *node) {
		for name, n := range d.dir {
			if n.readonly {
				continue
			}
			if name == "" || name == "." || name == ".." || strings.Contains(name, "/") {
				t.Fatalf("a name is %q", name)
			}
			names++
			count(n)
			if n.isDir() {
				if g.fs.parent(n) != d {
					t.Fatalf("folder %q has the wrong parent", name)
				}
				visit(n)
			}
		}
	}
	visit(g.fs.root)
	for _, f := range g.fds {
		if f != nil && f.kind == fdFile && !f.node.readonly {
			count(f.node)
		}
	}
	names -= 2 // WorkDir and tempDir
	if g.fs.files != names || names > g.limits.Files {
		t.Fatalf("accounts say %d names, there are %d, %d are allowed", g.fs.files, names, g.limits.Files)
	}
	if g.fs.bytes != bytes || bytes > g.limits.FileBytes {
		t.Fatalf("accounts say %d bytes, there are %d, %d are allowed", g.fs.bytes, bytes, g.limits.FileBytes)
	}
	if room > 2*bytes {
		t.Fatalf("%d bytes of content take %d bytes of the host's memory", bytes, room)
	}
	if len(g.fs.root.dir) != 4 || len(g.fs.root.dir["usr"].dir["lib"].dir) != 1 || g.fs.work != g.fs.root.dir["sandbox"] {
		t.Fatal("what is read-only has changed")
	}
	if null := devices.dir["null"]; len(devices.dir) != 1 || null.links != 1 || null.opens != 0 || null.data != nil || null.mtime != 0 {
		t.Fatal("what all runs share has changed")
	}
}

// clear closes and removes everything.
func (g *guestFS) clear(t *testing.T) {
	for fd := range g.fds {
		g.fdClose(args(fd))
	}
	g.fds = []*open{nil, nil, nil, {kind: fdDir, node: g.fs.root}}
	var remove func(d *node, path string)
	remove = func(d *node, path string) {
		for name, n := range d.dir {
			p := path + "/" + name
			call := g.pathUnlink
			if n.isDir() {
				remove(n, p)
				call = g.pathRemoveDirectory
			}
			if e := call(args(rootFD, g.path(p))); e != eOK {
				t.Fatalf("removing %s: errno %d", p, e)
			}
		}
	}
	remove(g.fs.work, WorkDir)
	remove(g.fs.root.dir[tempDir[1:]], tempDir)
	if g.fs.files != 0 || g.fs.bytes != 0 {
		t.Fatalf("%d names and %d bytes are left of nothing", g.fs.files, g.fs.bytes)
	}
}

// FuzzFileSystem: whatever calls a guest makes, the accounts are right, nothing leaves the tree or changes the image,
// and nothing is left when everything was removed.
func FuzzFileSystem(f *testing.F) {
	paths := []string{"/sandbox/a", "/sandbox/b", "/sandbox/d", "/sandbox/d/a", "/sandbox/d/e", "/sandbox/d/e/f", "/sandbox/d/../a", "/tmp/a",
		"/tmp/a/a", "/sandbox", "/", "..", "/sandbox/d/", "/usr/lib/a.py", "/usr/lib/b", "../../sandbox/./l", "/sandbox/l/a", ".", "", "/sandbox/a/..", "/dev/null", "/dev/a"}
	targets := []string{"a", "..", "/", "d", "l", "../../../usr/lib/a.py", "d/e/", "/sandbox/new", "./" + strings.Repeat("../", 100) + "tmp"}
	sizes := []int64{0, 1, 1 << 10, 1 << 15, 1 << 16, 1 << 40, math.MaxInt64, -1}
	for op := range byte(13) {
		f.Add([]byte{0, 0, 1, 8, 2, 0, op, 0, 1, op, 3, 2, op, 2, 4})
	}
	f.Add([]byte{8, 2, 0, 1, 2, 0, 10, 2, 0, 0, 0, 0, 12, 1, 0}) // into a folder that is gone
	f.Add([]byte{0, 0, 0, 3, 1, 2, 9, 0, 0, 2, 1, 0})            // a file that is gone before it is closed
	f.Fuzz(func(t *testing.T, ops []byte) {
		g := newGuestFS(Limits{Files: 20, FileBytes: 1 << 16})
		for ; len(ops) >= 3; ops = ops[3:] {
			x, y := int(ops[1]), int(ops[2])
			p, q, size := paths[x%len(paths)], paths[y%len(paths)], sizes[y%len(sizes)]
			fd := 3 + x%8
			switch ops[0] % 13 {
			case 0:
				g.open(p, oflagCreat)
			case 1:
				g.open(p, y&(oflagCreat|oflagDirectory|oflagExcl|oflagTrunc))
			case 2:
				if fd != rootFD {
					g.fdClose(args(fd))
				}
			case 3:
				g.fdSetSize([]uint64{uint64(fd), uint64(size)})
			case 4, 5:
				g.fdSeek([]uint64{uint64(fd), uint64(size), uint64(x % 3), answer})
				copy(g.memory()[100:], "\x00\x00\x00\x00\x00\x04\x00\x00") // 1,024 bytes at 0
				g.fdWrite(args(fd, 100, 1, answer))
			case 6:
				g.pathLink(args(rootFD, 0, g.path(p), rootFD, g.path(q)))
			case 7:
				g.pathSymlink(args(g.path(targets[y%len(targets)]), rootFD, g.path(p)))
			case 8:
				g.pathCreateDirectory(args(rootFD, g.path(p)))
			case 9:
				g.pathUnlink(args(rootFD, g.path(p)))
			case 10:
				g.pathRemoveDirectory(args(rootFD, g.path(p)))
			case 11:
				g.pathRename(args(rootFD, g.path(p), rootFD, g.path(q)))
			case 12: // below a folder that may be gone
				g.pathOpen(args(fd, 0, g.path("x"), oflagCreat, rightWrite, 0, 0, answer))
				g.pathLink(args(rootFD, 0, g.path(q), fd, g.path("y")))
				g.pathRename(args(rootFD, g.path(q), fd, g.path("z")))
			}
			g.check(t)
		}
		g.clear(t)
	})
}

// TestFileBombs: what a guest can make the host hold, and what it pays for the host's work.
func TestFileBombs(t *testing.T) {
	limits := Limits{Files: 100, FileBytes: 1 << 20}
	t.Run("size beyond all numbers", func(t *testing.T) {
		g := newGuestFS(limits)
		g.fs.put("other", []byte("x"), 0)
		fd, _ := g.open("/sandbox/a", oflagCreat)
		for _, size := range []uint64{math.MaxInt64, 1 << 40, 1 << 20} {
			if e := g.fdSetSize([]uint64{uint64(fd), size}); e != eNOSPC {
				t.Errorf("size %d: got errno %d, want %d", size, e, eNOSPC)
			}
		}
		g.check(t)
	})
	t.Run("files emptied again", func(t *testing.T) {
		g := newGuestFS(limits)
		for i := range 50 {
			fd, e := g.open(fmt.Sprint("/sandbox/", i), oflagCreat)
			if e != eOK || g.fdSetSize(args(fd, 1<<19)) != eOK || g.fdSetSize(args(fd, 1)) != eOK {
				t.Fatal("a file cannot be resized")
			}
		}
		g.check(t)
	})
	t.Run("names of one file", func(t *testing.T) {
		g := newGuestFS(limits)
		g.open("/sandbox/a", oflagCreat)
		for i := range 99 {
			if e := g.pathLink(args(rootFD, 0, g.path("/sandbox/a"), rootFD, g.path(fmt.Sprint("/tmp/", i)))); e != eOK {
				t.Fatalf("link %d: errno %d", i, e)
			}
		}
		if e := g.pathLink(args(rootFD, 0, g.path("/sandbox/a"), rootFD, g.path("/tmp/z"))); e != eNOSPC || !g.fs.limitMet {
			t.Errorf("one name too many: got errno %d, want %d", e, eNOSPC)
		}
		g.clear(t)
	})
	t.Run("what was cut off does not come back", func(t *testing.T) {
		g := newGuestFS(limits)
		g.fs.put("a", []byte("secret"), 0)
		fd, _ := g.open("/sandbox/a", 0)
		for _, size := range []int{6, 2, 6} {
			if e := g.fdSetSize(args(fd, size)); e != eOK {
				t.Fatalf("size %d: errno %d", size, e)
			}
		}
		if b, _ := g.fs.fetch("a"); string(b) != "se\x00\x00\x00\x00" {
			t.Errorf("got %q", b)
		}
	})
	t.Run("a hole is paid for", func(t *testing.T) {
		g := newGuestFS(limits)
		fd, _ := g.open("/sandbox/a", oflagCreat)
		g.fs.fuel = 0
		g.fdSeek(args(fd, 1<<20-1, 0, answer))
		copy(g.memory()[100:], "\x00\x00\x00\x00\x01\x00\x00\x00")
		if e := g.fdWrite(args(fd, 100, 1, answer)); e != eOK || g.fs.fuel != 1<<20>>byteShift {
			t.Errorf("got errno %d, fuel %d, want %d", e, g.fs.fuel, 1<<20>>byteShift)
		}
	})
	t.Run("the way through links is paid for", func(t *testing.T) {
		g := newGuestFS(limits)
		long := strings.Repeat("./", 2000)
		for i := range 30 {
			if e := g.pathSymlink(args(g.path(fmt.Sprint(long, i+1)), rootFD, g.path(fmt.Sprint("/sandbox/", i)))); e != eOK {
				t.Fatalf("link %d: errno %d", i, e)
			}
		}
		g.fs.fuel = 0
		if _, e := g.existing(rootFD, g.path("/sandbox/0")[0], 10, true); e != eNOENT || g.fs.fuel < 30*4000 {
			t.Errorf("got errno %d, fuel %d, want %d and at least %d", e, g.fs.fuel, eNOENT, 30*4000)
		}
	})
}

// TestImageIsShared: opening and closing a file of the image writes nothing to it, since other runs use it meanwhile.
func TestImageIsShared(t *testing.T) {
	g := newGuestFS(Limits{Files: 10, FileBytes: 1000})
	if e := g.pathOpen(args(rootFD, 0, g.path("/usr/lib/a.py"), 0, rightRead, 0, 0, answer)); e != eOK {
		t.Fatal(e)
	}
	fd := int(g.memory()[answer])
	n := g.fds[fd].node
	before := n.opens
	if e := g.fdClose(args(fd)); e != eOK || n.opens != before || before != 0 {
		t.Errorf("got errno %d, %d descriptors counted after closing, %d before, want 0, 0, 0", e, n.opens, before)
	}
}

// The host may put files anywhere but among the image's; the guest may change them, and leave others beside them.
func TestAbsoluteFiles(t *testing.T) {
	g := newGuestFS(Limits{Files: 10, FileBytes: 100})
	if err := g.putFiles(map[string][]byte{"/mnt/data/in": []byte("abc"), "/top": []byte("d"), "/tmp/x": nil}, []string{"/out/here/a", "/mnt/b", "rel/c"}); err != nil {
		t.Fatal(err)
	}
	for path, flags := range map[string]int{"/mnt/data/in": 0, "/top": oflagTrunc, "/tmp/x": 0, "/out/here/a": oflagCreat, "/mnt/b": oflagCreat, "/mnt/data/other": oflagCreat} {
		if _, e := g.open(path, flags); e != eOK {
			t.Errorf("%s: errno %d", path, e)
		}
	}
	for path, want := range map[string]errno{"/new": eROFS, "/sandbox/rel/c": eNOENT, "/usr/lib/b": eROFS} {
		if _, e := g.open(path, oflagCreat); e != want {
			t.Errorf("%s: errno %d, want %d", path, e, want)
		}
	}
	if e := g.pathUnlink(args(rootFD, g.path("/top"))); e != eROFS {
		t.Errorf("unlink in the root: errno %d", e)
	}
	if b, ok := g.fs.fetch("/mnt/data/in"); !ok || string(b) != "abc" {
		t.Errorf("fetched %q, %t", b, ok)
	}
	for _, bad := range []string{"/usr/lib/a.py", "/usr/lib/b", "/usr", "/tmp", "/top/a"} {
		if err := g.putFiles(map[string][]byte{bad: nil}, nil); err == nil {
			t.Errorf("%s was written", bad)
		}
	}
	g = newGuestFS(Limits{Files: 2, FileBytes: 100})
	if err := g.putFiles(nil, []string{"/a/b/c/d"}); err == nil {
		t.Error("folders beyond the limit")
	}
}
