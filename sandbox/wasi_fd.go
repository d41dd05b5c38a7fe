package sandbox

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// open is an open descriptor.
type open struct {
	kind    fdKind
	node    *node
	pos     int64
	append  bool
	read    bool
	write   bool
	listing []entry // of a folder, taken when it is first read

	pipe   *pipe // of fdPipeEnd
	holder *run  // of its other end
	// Of a descriptor that a child got from its parent: the parent's, which it leads to, and whose that is.
	via   *open
	owner *run
}

type fdKind byte

const (
	fdStdin fdKind = iota
	fdStdout
	fdStderr
	fdChannel
	fdFile
	fdDir
	fdPipeEnd // of a child: the other end is its parent's
	fdNothing
)

type entry struct {
	name string
	node *node
}

// rootFD is the descriptor of "/", the only folder open when a guest starts.
const rootFD = 3

func (r *run) file(fd uint64) *open {
	fd &= 0xffffffff
	if fd >= uint64(len(r.fds)) {
		return nil
	}
	if f := r.fds[fd]; f == nil || f.via == nil {
		return f
	}
	return r.fds[fd].via
}

// owner is whose a descriptor of r is: its own, unless it was inherited.
func (r *run) owner(fd uint64) *run {
	if f := r.fds[uint32(fd)]; f.owner != nil {
		return f.owner
	}
	return r
}

// WASI file types and flags.
const (
	typeUnknown, typeDevice, typeDir, typeFile, typeLink = 0, 2, 3, 4, 7

	fdflagAppend = 1

	oflagCreat, oflagDirectory, oflagExcl, oflagTrunc = 1, 2, 4, 8

	rightRead, rightWrite = 1 << 1, 1 << 6
	allRights             = 1<<30 - 1
	notSeekable           = allRights &^ (1<<2 | 1<<5) // fd_seek, fd_tell
)

func (n *node) filetype() byte {
	switch {
	case n == nil:
		return typeUnknown
	case n.isDir():
		return typeDir
	case n.isLink():
		return typeLink
	case n.null:
		return typeDevice
	}
	return typeFile
}

func (r *run) fdNothing(a []uint64) errno {
	if r.file(a[0]) == nil {
		return eBADF
	}
	return eOK
}

func (r *run) fdClose(a []uint64) errno {
	if r.file(a[0]) == nil {
		return eBADF
	}
	r.release(a[0])
	return eOK
}

// release closes an open descriptor.
func (r *run) release(fd uint64) {
	f := r.fds[uint32(fd)]
	r.fds[uint32(fd)] = nil
	if f.kind == fdPipeEnd && f.via == nil {
		f.pipe.leave(f.write)
	}
	var in, out *pipe
	if f.via == nil {
		in, out = r.pipes(f)
	}
	if in != nil {
		in.abandoned = true
	}
	if out != nil {
		out.closed = true
	}
	if f.kind == fdFile && !f.node.readonly { // the image's nodes are shared by all runs
		f.node.opens--
		r.fs.drop(f.node)
	}
}

func (r *run) fdStatGet(a []uint64) errno {
	f := r.file(a[0])
	if f == nil {
		return eBADF
	}
	b, ok := r.bytes(a[1], 24)
	if !ok {
		return eFAULT
	}
	clear(b)
	b[0] = f.node.filetype()
	if f.append {
		b[2] = fdflagAppend
	}
	rights := uint64(allRights)
	if f.node == nil {
		rights = notSeekable
	}
	binary.LittleEndian.PutUint64(b[8:], rights)
	binary.LittleEndian.PutUint64(b[16:], rights)
	return eOK
}

func (r *run) fdSetFlags(a []uint64) errno {
	f := r.file(a[0])
	if f == nil {
		return eBADF
	}
	f.append = a[1]&fdflagAppend != 0
	return eOK
}

func (r *run) putFilestat(at uint64, n *node) errno {
	b, ok := r.bytes(at, 64)
	if !ok {
		return eFAULT
	}
	clear(b)
	b[16] = n.filetype()
	if n == nil {
		return eOK
	}
	binary.LittleEndian.PutUint64(b[0:], 1) // device
	binary.LittleEndian.PutUint64(b[8:], n.ino)
	binary.LittleEndian.PutUint64(b[24:], uint64(n.links))
	size := n.length()
	if n.isLink() {
		size = len(n.target)
	}
	binary.LittleEndian.PutUint64(b[32:], uint64(size))
	for _, off := range []int{40, 48, 56} { // access, modification, change
		binary.LittleEndian.PutUint64(b[off:], uint64(n.mtime))
	}
	return eOK
}

func (r *run) fdFilestatGet(a []uint64) errno {
	f := r.file(a[0])
	if f == nil {
		return eBADF
	}
	return r.putFilestat(a[1], f.node)
}

func (r *run) fdSetSize(a []uint64) errno {
	f := r.file(a[0])
	switch {
	case f == nil:
		return eBADF
	case f.kind != fdFile, !f.write:
		return eINVAL
	}
	f.node.touch(r.now())
	return r.fs.resize(f.node, int64(a[1]))
}

// setTime obeys utimensat's flags: bit 2 sets the modification time to mtim, bit 3 to now.
func (r *run) setTime(n *node, mtim, flags uint64) errno {
	switch {
	case n.readonly:
		return eROFS
	case flags&4 != 0:
		n.mtime = int64(mtim)
	case flags&8 != 0:
		n.mtime = r.now()
	}
	return eOK
}

func (r *run) fdSetTimes(a []uint64) errno {
	f := r.file(a[0])
	if f == nil || f.node == nil {
		return eBADF
	}
	return r.setTime(f.node, a[2], a[3])
}

func (r *run) fdPrestatGet(a []uint64) errno {
	if uint32(a[0]) != rootFD {
		return eBADF
	}
	b, ok := r.bytes(a[1], 8)
	if !ok {
		return eFAULT
	}
	clear(b)
	b[4] = 1 // length of "/"
	return eOK
}

func (r *run) fdPrestatDirName(a []uint64) errno {
	if uint32(a[0]) != rootFD {
		return eBADF
	}
	b, ok := r.bytes(a[1], a[2])
	if !ok || len(b) < 1 {
		return eFAULT
	}
	b[0] = '/'
	return eOK
}

// vectors calls f with each buffer of a list of n (address, length) pairs, until f returns false.
func (r *run) vectors(list, n uint64, f func(b []byte) bool) errno {
	n &= 0xffffffff
	v, ok := r.bytes(list, n*8)
	if !ok || n > 1024 {
		return eINVAL
	}
	for ; len(v) >= 8; v = v[8:] {
		b, ok := r.bytes(uint64(binary.LittleEndian.Uint32(v)), uint64(binary.LittleEndian.Uint32(v[4:])))
		if !ok {
			return eFAULT
		}
		r.charge(int64(len(b)) >> byteShift)
		if !f(b) {
			break
		}
	}
	return eOK
}

func (r *run) readAt(src []byte, pos int64, list, n uint64) (int64, errno) {
	total := int64(0)
	e := r.vectors(list, n, func(b []byte) bool {
		if pos+total >= int64(len(src)) {
			return false
		}
		k := copy(b, src[pos+total:])
		total += int64(k)
		return k == len(b)
	})
	return total, e
}

// source is the content that a descriptor reads.
func (r *run) source(f *open) ([]byte, errno) {
	switch {
	case f == nil:
		return nil, eBADF
	case f.kind == fdStdin:
		return r.stdin, eOK
	case f.kind == fdChannel:
		return r.channel, eOK
	case f.kind == fdNothing && f.read:
		return nil, eOK
	case f.kind == fdDir:
		return nil, eISDIR
	case f.kind != fdFile || !f.read:
		return nil, eBADF
	}
	b, err := f.node.bytes()
	if err != nil {
		r.fault(err)
	}
	return b, eOK
}

func (r *run) fdRead(a []uint64) errno {
	if uint32(a[0]) == HostFD {
		return r.hostRead(a)
	}
	f := r.file(a[0])
	if f == nil {
		return eBADF
	}
	own := r.owner(a[0])
	if in, _ := own.pipes(f); in != nil {
		return r.receive(own, in, a)
	}
	if f.kind == fdPipeEnd && f.read {
		return r.receiveEnd(f, a)
	}
	src, e := own.source(f)
	if e != eOK {
		return e
	}
	typed := f.kind == fdStdin && own.more
	if typed { // a line at a time, so that nobody sees whether more of them are there already
		src = src[:f.pos+int64(bytes.IndexByte(src[f.pos:], '\n'))+1]
	}
	n, e := r.readAt(src, f.pos, a[1], a[2])
	if e != eOK {
		return e
	}
	if n == 0 && typed && r.room(a[1], a[2]) {
		own.stop(Input)
	}
	f.pos += n
	return r.put32(a[3], uint32(n))
}

// room reports whether a list of buffers, which vectors has been through, has room for a byte.
func (r *run) room(list, n uint64) bool {
	v, _ := r.bytes(list, n*8)
	for ; len(v) >= 8; v = v[8:] {
		if binary.LittleEndian.Uint32(v[4:]) > 0 {
			return true
		}
	}
	return false
}

// hostRead is fd_read of HostFD.
func (r *run) hostRead(a []uint64) errno {
	n, e := r.readAt(r.setup, 0, a[1], a[2])
	if e != eOK {
		return e
	}
	r.setup = r.setup[n:]
	return r.put32(a[3], uint32(n))
}

func (r *run) fdPread(a []uint64) errno {
	f := r.file(a[0])
	src, e := r.source(f)
	if e != eOK {
		return e
	}
	if f.kind != fdFile {
		return eSPIPE
	}
	if int64(a[3]) < 0 {
		return eINVAL
	}
	n, e := r.readAt(src, int64(a[3]), a[1], a[2])
	if e != eOK {
		return e
	}
	return r.put32(a[4], uint32(n))
}

func (r *run) fdWrite(a []uint64) errno {
	if uint32(a[0]) == HostFD {
		return r.hostWrite(a)
	}
	f := r.file(a[0])
	if f == nil {
		return eBADF
	}
	total := uint32(0)
	failed := eOK
	own := r.owner(a[0])
	_, out := own.pipes(f)
	e := r.vectors(a[1], a[2], func(b []byte) bool {
		if out != nil {
			n := r.transmit(own, out, f, b)
			total += uint32(n)
			if n < len(b) {
				failed = ePIPE
			}
			return failed == eOK
		}
		switch f.kind {
		case fdStdout:
			own.output(&own.stdout, b)
		case fdStderr:
			own.output(&own.stderr, b)
		case fdChannel:
			r.output(&r.sent, b)
		case fdPipeEnd:
			n := 0
			if f.write {
				n = r.transmitEnd(f, b)
			}
			if total += uint32(n); n < len(b) {
				failed = ePIPE
			}
			return failed == eOK
		case fdNothing:
			if failed = eBADF; f.write {
				failed = eOK
			}
			if failed != eOK {
				return false
			}
		case fdFile:
			if !f.write {
				failed = eBADF
				return false
			}
			if f.append {
				f.pos = int64(f.node.length())
			}
			if failed = r.fs.writeAt(f.node, b, f.pos); failed != eOK {
				return false
			}
			f.pos += int64(len(b))
			f.node.touch(r.now())
		default:
			failed = eBADF
			return false
		}
		total += uint32(len(b))
		return true
	})
	if e == eOK {
		e = failed
	}
	if e != eOK && total == 0 {
		return e
	}
	return r.put32(a[3], total)
}

func (r *run) fdPwrite(a []uint64) errno {
	f := r.file(a[0])
	switch {
	case f == nil:
		return eBADF
	case f.kind != fdFile:
		return eSPIPE
	case !f.write:
		return eBADF
	}
	pos, failed := int64(a[3]), eOK
	e := r.vectors(a[1], a[2], func(b []byte) bool {
		if failed = r.fs.writeAt(f.node, b, pos); failed != eOK {
			return false
		}
		pos += int64(len(b))
		return true
	})
	if e == eOK {
		e = failed
	}
	if e != eOK {
		return e
	}
	f.node.touch(r.now())
	return r.put32(a[4], uint32(pos-int64(a[3])))
}

func (r *run) fdSeek(a []uint64) errno {
	f := r.file(a[0])
	switch {
	case f == nil:
		return eBADF
	case f.kind == fdDir:
		return eINVAL
	case f.kind != fdFile:
		return eSPIPE
	}
	pos := int64(a[1])
	switch a[2] & 0xff {
	case 0:
	case 1:
		pos += f.pos
	case 2:
		pos += int64(f.node.length())
	default:
		return eINVAL
	}
	if pos < 0 {
		return eINVAL
	}
	f.pos = pos
	return r.put64(a[3], uint64(pos))
}

func (r *run) fdTell(a []uint64) errno {
	f := r.file(a[0])
	switch {
	case f == nil:
		return eBADF
	case f.kind != fdFile:
		return eSPIPE
	}
	return r.put64(a[1], uint64(f.pos))
}

// fdReaddir writes entries from the cookie on, in order of name after "." and "..", cut off at the buffer's end.
func (r *run) fdReaddir(a []uint64) errno {
	f := r.file(a[0])
	if f == nil {
		return eBADF
	}
	if f.kind != fdDir {
		return eNOTDIR
	}
	buf, ok := r.bytes(a[1], a[2])
	if !ok {
		return eFAULT
	}
	cookie := a[3]
	if cookie == 0 || f.listing == nil {
		f.listing = []entry{{".", f.node}, {"..", r.fs.parent(f.node)}}
		for name, n := range f.node.dir {
			f.listing = append(f.listing, entry{name, n})
		}
		slices.SortFunc(f.listing[2:], func(x, y entry) int {
			if x.name < y.name {
				return -1
			}
			return 1
		})
		r.charge(int64(len(f.listing)) * 16)
	}
	used := 0
	for ; cookie < uint64(len(f.listing)) && used < len(buf); cookie++ {
		e := f.listing[cookie]
		var head [24]byte
		binary.LittleEndian.PutUint64(head[0:], cookie+1)
		binary.LittleEndian.PutUint64(head[8:], e.node.ino)
		binary.LittleEndian.PutUint32(head[16:], uint32(len(e.name)))
		head[20] = e.node.filetype()
		used += copy(buf[used:], head[:])
		used += copy(buf[used:], e.name)
	}
	r.charge(int64(used) >> byteShift)
	return r.put32(a[4], uint32(used))
}
