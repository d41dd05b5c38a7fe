package sandbox

import (
	"slices"
	"strings"
	"sync"
)

// errno is a WASI preview 1 error number.
type errno uint16

// The errnos that the sandbox answers with (WASI preview 1, "errno").
const (
	eOK          errno = 0
	e2BIG        errno = 1
	eAGAIN       errno = 6
	eBADF        errno = 8
	eBUSY        errno = 10
	eCHILD       errno = 12
	eEXIST       errno = 20
	eFAULT       errno = 21
	eINVAL       errno = 28
	eISDIR       errno = 31
	eLOOP        errno = 32
	eMFILE       errno = 33
	eNAMETOOLONG errno = 37
	eNOENT       errno = 44
	eNOSPC       errno = 51
	eNOSYS       errno = 52
	eNOTDIR      errno = 54
	eNOTEMPTY    errno = 55
	eNOTSOCK     errno = 57
	eNOTSUP      errno = 58
	ePERM        errno = 63
	ePIPE        errno = 64
	eROFS        errno = 69
	eSPIPE       errno = 70
)

// Where a run may write. Everything else of its file system is the image's and read-only.
const (
	WorkDir = "/sandbox" // the working folder, which holds Spec.Files and the steps' sources
	tempDir = "/tmp"
)

const (
	maxName  = 255
	maxPath  = 4096
	maxLinks = 40
	maxOpen  = 256 // descriptors of a run
)

// node is a file, folder or symbolic link.
type node struct {
	dir      map[string]*node // of a folder
	up       *node            // of a folder: its parent; nil stands for the root of whatever file system it is in
	data     []byte           // of a file; shared until the first write when borrowed
	borrowed bool             // data belongs to somebody else
	load     func() ([]byte, error)
	size     int    // of a file of the image, whose data load returns
	target   string // of a symbolic link
	readonly bool
	null     bool // /dev/null: nobody's, shared by all runs, and never changed
	links    int
	opens    int
	ino      uint64
	mtime    int64 // nanoseconds since 1970 on the guest's clock
}

// devices is the folder /dev. Its numbers are neither the image's nor a run's.
var devices = &node{
	dir:      map[string]*node{"null": {null: true, readonly: true, links: 1, ino: firstIno - 1}},
	readonly: true, links: 1, ino: firstIno - 2,
}

// touch sets the time of a file that was written.
func (n *node) touch(now int64) {
	if !n.null {
		n.mtime = now
	}
}

func (n *node) isDir() bool  { return n.dir != nil }
func (n *node) isLink() bool { return n.target != "" }

// length is the size of a file's content, without loading it.
func (n *node) length() int {
	if n.load != nil {
		return n.size
	}
	return len(n.data)
}

// bytes is a file's content.
func (n *node) bytes() ([]byte, error) {
	if n.load != nil {
		return n.load()
	}
	return n.data, nil
}

// Tree is the read-only part of a file system: an image's files, shared by all runs.
type Tree struct {
	root *node
	next uint64
}

// NewTree returns an empty tree.
func NewTree() *Tree { return &Tree{root: folder(1), next: 1} }

func folder(ino uint64) *node {
	return &node{dir: map[string]*node{}, readonly: true, links: 1, ino: ino}
}

// Add puts a file of size bytes at a clean absolute path. Its content is loaded once, when a guest first opens it.
func (t *Tree) Add(path string, size int, load func() ([]byte, error)) {
	d := t.root
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for _, p := range parts[:len(parts)-1] {
		c := d.dir[p]
		if c == nil {
			t.next++
			c = folder(t.next)
			if d != t.root {
				c.up = d
			}
			d.dir[p] = c
		}
		d = c
	}
	t.next++
	d.dir[parts[len(parts)-1]] = &node{readonly: true, links: 1, ino: t.next, size: size, load: sync.OnceValues(load)}
}

// fileSystem is what one run sees: the image's tree, and folders of its own.
type fileSystem struct {
	root     *node
	work     *node
	nextIno  uint64
	files    int // names in the run's folders
	bytes    int64
	given    Limits // of the run
	limits   Limits // given, and room for the steps' sources
	limitMet bool   // Limits.Files or Limits.FileBytes was met
	fuel     int64  // what work on the guest's behalf costs and has not been charged
}

// firstIno keeps a run's inode numbers apart from the image's, and the same whatever the image holds.
const firstIno = 1 << 32

func newFileSystem(t *Tree, l Limits, now int64) *fileSystem {
	fs := &fileSystem{root: folder(1), nextIno: firstIno, given: l, limits: l}
	fs.root.up = fs.root
	if t != nil {
		for name, n := range t.root.dir {
			fs.root.dir[name] = n
		}
	}
	fs.root.dir["dev"] = devices
	fs.work = fs.top(WorkDir, now)
	fs.top(tempDir, now)
	return fs
}

// top makes a writable folder below the root.
func (fs *fileSystem) top(path string, now int64) *node {
	fs.nextIno++
	n := &node{dir: map[string]*node{}, up: fs.root, links: 1, ino: fs.nextIno, mtime: now}
	fs.root.dir[path[1:]] = n
	return n
}

func (fs *fileSystem) parent(d *node) *node {
	if d.up == nil {
		return fs.root
	}
	return d.up
}

// putSource is put for a step's source, which no limit applies to.
func (fs *fileSystem) putSource(path string, data []byte, now int64) {
	fs.limits.Files += 1 + strings.Count(path, "/")
	fs.limits.FileBytes += int64(len(data))
	fs.put(path, data, now) // the run goes on where the guest has made something else of that name
}

// folderOf makes the folders above a clean path, which is relative to the working folder or absolute, and returns the lowest
// of them with the last element. Only the host may make something in the root.
func (fs *fileSystem) folderOf(path string, now int64) (d *node, name string, ok bool) {
	d = fs.work
	if rest, absolute := strings.CutPrefix(path, "/"); absolute {
		d, path = fs.root, rest
	}
	parts := strings.Split(path, "/")
	for _, p := range parts[:len(parts)-1] {
		c := d.dir[p]
		if c == nil {
			var e errno
			if c, e = fs.create(d, p, now); e != eOK {
				return nil, "", false
			}
			c.dir = map[string]*node{}
		}
		if !c.isDir() {
			return nil, "", false
		}
		d = c
	}
	return d, parts[len(parts)-1], true
}

// put writes a file of the host's at a clean path, relative to the working folder or absolute; its folders are made. It
// reports false where the limits, a file in the way or the image's folders do not allow it.
func (fs *fileSystem) put(path string, data []byte, now int64) bool {
	fs.root.readonly = false
	defer func() { fs.root.readonly = true }()
	d, name, ok := fs.folderOf(path, now)
	if !ok {
		return false
	}
	n := d.dir[name]
	if n == nil {
		var e errno
		if n, e = fs.create(d, name, now); e != eOK {
			return false
		}
	}
	if n.isDir() || n.isLink() || n.readonly || fs.bytes+int64(len(data))-int64(len(n.data)) > fs.limits.FileBytes {
		return false
	}
	fs.bytes += int64(len(data)) - int64(len(n.data))
	n.data, n.borrowed, n.mtime = data, true, now
	return true
}

// expect makes the folders above an absolute path, so that a run can leave there what is to be fetched.
func (fs *fileSystem) expect(path string, now int64) bool {
	if !strings.HasPrefix(path, "/") {
		return true
	}
	fs.root.readonly = false
	defer func() { fs.root.readonly = true }()
	_, _, ok := fs.folderOf(path, now)
	return ok
}

// create makes an empty file in d.
func (fs *fileSystem) create(d *node, name string, now int64) (*node, errno) {
	n := &node{ino: fs.nextIno + 1, mtime: now, up: d}
	if e := fs.link(d, name, n, now); e != eOK {
		return nil, e
	}
	fs.nextIno++
	return n, eOK
}

// link gives n a name in d.
func (fs *fileSystem) link(d *node, name string, n *node, now int64) errno {
	switch {
	case d.readonly:
		return eROFS
	case d.links == 0: // removed, and still open
		return eNOENT
	case len(name) > maxName:
		return eNAMETOOLONG
	case fs.files >= fs.limits.Files:
		fs.limitMet = true
		return eNOSPC
	}
	fs.files++
	n.links++
	d.dir[name] = n
	d.mtime = now
	return eOK
}

// unlink takes name out of d and frees what nothing holds any more.
func (fs *fileSystem) unlink(d *node, name string, now int64) {
	n := d.dir[name]
	delete(d.dir, name)
	d.mtime = now
	fs.files--
	n.links--
	fs.drop(n)
}

// drop forgets a node without names and descriptors.
func (fs *fileSystem) drop(n *node) {
	if n.links > 0 || n.opens > 0 || n.readonly {
		return
	}
	fs.bytes -= int64(len(n.data))
	n.data = nil
}

// resize makes n size bytes long, filling with zeros.
func (fs *fileSystem) resize(n *node, size int64) errno {
	switch {
	case size < 0:
		return eINVAL
	case n.null:
		return eOK
	}
	old := int64(len(n.data))
	if size-old > fs.limits.FileBytes-fs.bytes {
		fs.limitMet = true
		return eNOSPC
	}
	fs.bytes += size - old
	fs.own(n, min(old, size))
	if size > old {
		fs.fuel += (size - old) >> byteShift
		n.data = slices.Grow(n.data, int(size-old))[:size]
		clear(n.data[old:])
		return eOK
	}
	n.data = n.data[:size]
	if int64(cap(n.data)) > 2*size+hostPage { // the host's memory follows the accounts
		fs.fuel += size >> byteShift
		n.data = append([]byte(nil), n.data...) // not slices.Clone, which holds on to the array of an empty slice
	}
	return eOK
}

// own copies the first size bytes of a file whose data belongs to somebody else.
func (fs *fileSystem) own(n *node, size int64) {
	if n.borrowed {
		fs.fuel += size >> byteShift
		n.data, n.borrowed = append([]byte(nil), n.data[:size]...), false
	}
}

// writeAt writes p into n at off.
func (fs *fileSystem) writeAt(n *node, p []byte, off int64) errno {
	switch {
	case off < 0 || off > 1<<40:
		return eINVAL
	case n.null:
		return eOK
	}
	if end := off + int64(len(p)); end > int64(len(n.data)) {
		if e := fs.resize(n, end); e != eOK {
			return e
		}
	}
	fs.own(n, int64(len(n.data)))
	copy(n.data[off:], p)
	return eOK
}

// place is where a path leads: the folder, the last element, and the node there if it exists.
type place struct {
	dir  *node
	name string
	node *node
}

// walk resolves path from d. The last element need not exist; a symbolic link there is followed when follow is set.
func (fs *fileSystem) walk(d *node, path string, follow bool) (place, errno) {
	return fs.walkN(d, path, follow, new(int))
}

func (fs *fileSystem) walkN(d *node, path string, follow bool, hops *int) (place, errno) {
	if path == "" {
		return place{}, eNOENT
	}
	if len(path) > maxPath {
		return place{}, eNAMETOOLONG
	}
	fs.fuel += int64(len(path))
	if path[0] == '/' {
		d = fs.root
	}
	wantDir := strings.HasSuffix(path, "/")
	rest := strings.Trim(path, "/")
	at := place{dir: d, name: ".", node: d}
	for rest != "" {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		rest = strings.TrimLeft(rest, "/")
		if at.node == nil {
			return place{}, eNOENT
		}
		if !at.node.isDir() {
			return place{}, eNOTDIR
		}
		d = at.node
		switch {
		case name == ".":
			at = place{d, ".", d}
			continue
		case name == "..":
			d = fs.parent(d)
			at = place{d, ".", d}
			continue
		case len(name) > maxName:
			return place{}, eNAMETOOLONG
		}
		at = place{d, name, d.dir[name]}
		if at.node != nil && at.node.isLink() && (rest != "" || wantDir || follow) {
			if *hops++; *hops > maxLinks {
				return place{}, eLOOP
			}
			next, e := fs.walkN(d, at.node.target, true, hops)
			if e != eOK {
				return place{}, e
			}
			at = next
		}
	}
	if wantDir && at.node != nil && !at.node.isDir() {
		return place{}, eNOTDIR
	}
	return at, eOK
}

// fetch returns the content of the file at a clean path, relative to the working folder or absolute; it is still the file's own.
func (fs *fileSystem) fetch(path string) ([]byte, bool) {
	at, e := fs.walk(fs.work, path, true)
	if e != eOK || at.node == nil || at.node.isDir() || at.node.readonly {
		return nil, false
	}
	return at.node.data, true
}
