package sandbox

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// backing holds frozen bytes in a sealed memory file: nothing can write or resize it while guests run on it. The file
// goes on with the rest of the state and, in its last 8 bytes, that state's length, so that another process can run on
// it too.
type backing struct {
	fd   int    // -1 where the system refused such a file: view is a copy then
	view []byte // the frozen bytes, read-only
}

// mprotect is replaced by tests.
var mprotect = unix.Mprotect

// mapFrozen makes a frozen memory of a sealed file, which it owns from then on.
func mapFrozen(fd int, st state) (*frozen, error) {
	view, err := unix.Mmap(fd, 0, int(st.Size), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("mapping %d frozen bytes: %w", st.Size, err)
	}
	return &frozen{state: st, backing: backing{fd: fd, view: view}}, nil
}

// openFrozen maps a memory that another process froze.
func openFrozen(file *os.File) (*frozen, error) {
	bad := func(what string) (*frozen, error) { return nil, fmt.Errorf("frozen memory %s: %s", file.Name(), what) }
	got, err := unix.FcntlInt(file.Fd(), unix.F_GET_SEALS, 0)
	if err != nil || got&seals != seals {
		return bad("is not sealed")
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	var st state
	var length [8]byte
	if _, err := file.ReadAt(length[:], info.Size()-8); err != nil {
		return bad("has no state")
	}
	n := int64(binary.LittleEndian.Uint64(length[:]))
	if n < 0 || n > 1<<20 || n > info.Size()-8 {
		return bad("has no state")
	}
	meta := make([]byte, n)
	if _, err := file.ReadAt(meta, info.Size()-8-n); err != nil || json.Unmarshal(meta, &st) != nil || int64(st.Size) != info.Size()-8-n {
		return bad("has no state")
	}
	fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return mapFrozen(fd, st)
}

// file is another descriptor of the frozen memory.
func (f *frozen) file() (*os.File, error) {
	if f.fd < 0 {
		return nil, nil
	}
	fd, err := unix.FcntlInt(uintptr(f.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "borel-frozen"), nil
}

// mappable reports whether instances can map the bytes instead of copying them.
func (f *frozen) mappable() bool { return f.fd >= 0 }

func (f *frozen) release() error {
	if f.fd < 0 {
		return nil
	}
	return errors.Join(unix.Munmap(f.view), unix.Close(f.fd))
}

// mapped is an address range of which the first bytes map a frozen memory copy-on-write.
type mapped struct {
	from *backing
	b    []byte // the whole reservation
	most uint64 // bytes that the memory may have
	open uint64 // bytes from the start that can be accessed
	grow bool   // open grows with the memory; otherwise all of b can be accessed
	size uint64 // of the frozen part
	used uint64 // greatest size since the last restore
	scan scanner
	// The written pages as of the last scan. While a run is watched, faults is how many page faults its thread has had until
	// then: the first write to a page is a fault, so while their number stays the same, so do the written pages.
	known   []span
	scanned bool  // known is all that there is
	faults  int64 // -1: not watched
}

func newPages(from *backing, size uint64, room room) (pages, error) {
	most := max(size, room.size)
	m := &mapped{from: from, most: most, open: size, grow: true, size: size, used: size, faults: -1}
	reserve := max(most, room.guard)
	const flags = unix.MAP_PRIVATE | unix.MAP_ANON | unix.MAP_NORESERVE
	b, err := []byte(nil), error(unix.ENOMEM)
	if room.guard == 0 {
		b, err = unix.Mmap(-1, 0, int(reserve), unix.PROT_READ|unix.PROT_WRITE, flags)
		m.grow = err != nil // the system counts what can be written (vm.overcommit_memory, RLIMIT_DATA): let it be less
	}
	if err != nil {
		b, err = unix.Mmap(-1, 0, int(reserve), unix.PROT_NONE, flags)
	}
	if err != nil {
		return nil, fmt.Errorf("reserving %d bytes of address space: %w", reserve, err)
	}
	m.b = b
	if from != nil {
		_, err := unix.MmapPtr(from.fd, 0, unsafe.Pointer(&b[0]), uintptr(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_FIXED)
		if err != nil {
			unix.Munmap(b)
			return nil, fmt.Errorf("mapping the frozen memory: %w", err)
		}
	}
	return m, nil
}

func (m *mapped) slice(size uint64) ([]byte, error) {
	if size > m.most {
		return nil, fmt.Errorf("%d bytes are reserved", m.most)
	}
	if err := m.grant(size); err != nil {
		return nil, err
	}
	m.used = max(m.used, size)
	return m.b[:size:size], nil
}

// grant lets the first size bytes be accessed and, where access grows, no others.
func (m *mapped) grant(size uint64) error {
	if !m.grow || size == m.open {
		return nil
	}
	from, to, access := m.open, size, unix.PROT_READ|unix.PROT_WRITE
	if size < m.open {
		from, to, access = size, m.open, unix.PROT_NONE
	}
	if err := mprotect(m.b[from:to], access); err != nil {
		err = fmt.Errorf("access to memory of %d bytes: %w", size, err)
		if size > m.open { // it may have come some way
			err = errors.Join(err, mprotect(m.b[from:to], unix.PROT_NONE))
		}
		return err
	}
	m.open = size
	return nil
}

func (m *mapped) reserved() uint64 { return uint64(len(m.b)) }

func (m *mapped) guarded() bool { return m.most < uint64(len(m.b)) }

// mapped reports whether instances can map frozen memory: that is, whether the system has memory files.
func (*Config) mapped() bool {
	fd, err := memfdCreate("borel-probe", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return false
	}
	unix.Close(fd)
	return true
}

// reservable returns an error if the system does not reserve so many bytes of addresses.
func reservable(size uint64) error {
	b, err := unix.Mmap(-1, 0, int(size), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return err
	}
	return unix.Munmap(b)
}

// A page that is copied back stays private and looks dirty for ever. Up to keepDirty bytes of such pages are kept,
// because a write to a private page costs no fault; past it all are dropped and the next run starts from the file.
const keepDirty = 1536 << 10

func (m *mapped) restore(size uint64, patches []patch) error {
	if m.used > m.size {
		if err := unix.Madvise(m.b[m.size:m.used], unix.MADV_DONTNEED); err != nil {
			return fmt.Errorf("clearing grown memory: %w", err)
		}
	}
	m.used = max(m.size, size)
	if err := m.grant(m.used); err != nil {
		return err
	}
	grown := int(m.size)
	for _, p := range patches {
		if past := p.off + len(p.data) - grown; past > 0 {
			past = min(past, len(p.data))
			copy(m.b[max(p.off, grown):], p.data[len(p.data)-past:])
		}
	}
	if m.size == 0 {
		return nil
	}
	ranges, err := m.written()
	m.faults = -1
	total := 0
	for _, r := range ranges {
		total += r.end - r.start
	}
	for _, p := range patches {
		total -= len(p.data)
	}
	if err != nil || total > keepDirty {
		err := m.forget()
		for _, p := range patches {
			m.scanned = false
			copy(m.b[p.off:], p.data)
		}
		return err
	}
	for _, r := range ranges {
		if len(patches) == 0 {
			copy(m.b[r.start:r.end], m.from.view[r.start:r.end])
			continue
		}
		for off := r.start; off < r.end; off += hostPage {
			for len(patches) > 0 && patches[0].off+len(patches[0].data) <= off {
				patches = patches[1:]
			}
			was := m.from.view[off : off+hostPage]
			if len(patches) > 0 && patches[0].off <= off {
				was = patches[0].data[off-patches[0].off:][:hostPage]
			}
			copy(m.b[off:], was)
		}
	}
	return nil
}

func (m *mapped) forget() error {
	m.known, m.scanned, m.faults = m.known[:0], false, -1
	if m.size == 0 {
		return nil
	}
	if err := unix.Madvise(m.b[:m.size], unix.MADV_DONTNEED); err != nil {
		return fmt.Errorf("dropping dirty pages: %w", err)
	}
	m.scanned = true // nothing was written since
	return nil
}

func (m *mapped) watch() {
	m.faults = -1
	if m.scanned {
		m.faults = threadFaults()
	}
}

// written returns the ranges that were written since the last forget.
func (m *mapped) written() ([]span, error) {
	now := int64(-1)
	if m.faults >= 0 {
		if now = threadFaults(); now == m.faults {
			return m.known, nil
		}
	}
	spans, err := m.scan.private(m.b[:m.size])
	m.known, m.scanned, m.faults = spans, err == nil, now
	if err != nil {
		m.faults = -1
	}
	return spans, err
}

func (m *mapped) dirty() []span {
	if m.size == 0 {
		return []span{{0, int(m.used)}}
	}
	spans, err := m.written()
	if err != nil {
		spans = []span{{0, int(m.size)}}
	}
	if m.used > m.size {
		spans = append(slices.Clone(spans), span{int(m.size), int(m.used)})
	}
	return spans
}

func (m *mapped) release() {
	if m.b != nil {
		unix.Munmap(m.b)
		m.b = nil
	}
}

// threadFaults is the number of page faults of this thread so far, or -1 where the system does not count every one.
func threadFaults() int64 {
	if !countsFaults() {
		return -1
	}
	return faultCount()
}

func faultCount() int64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_THREAD, &u) != nil {
		return -1
	}
	return int64(u.Minflt) + int64(u.Majflt)
}

// countsFaults reports whether faultCount can be relied on: some systems that look like Linux always say 0.
var countsFaults = sync.OnceValue(func() bool {
	const pages = 16
	size := os.Getpagesize()
	b, err := unix.Mmap(-1, 0, pages*size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return false
	}
	defer unix.Munmap(b)
	unix.Madvise(b, unix.MADV_NOHUGEPAGE)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for at := 0; at < len(b); at += size {
		before := faultCount()
		b[at] = 1
		if after := faultCount(); before < 0 || after <= before {
			return false
		}
	}
	return true
})

// scanner finds the pages of a private file mapping that were written, and so are no longer the file's.
type scanner struct {
	spans   []span
	regions [256]region
	entries []byte
}

// region and scanArgs are struct page_region and struct pm_scan_arg of linux/fs.h.
type region struct{ start, end, categories uint64 }

type scanArgs struct {
	size, flags, start, end, walkEnd, vec, vecLen, maxPages       uint64
	categoryInverted, categoryMask, categoryAnyofMask, returnMask uint64
}

const (
	pagemapScan   = 0xc0606610 // _IOWR('f', 16, struct pm_scan_arg)
	pageIsFile    = 1 << 2
	pageIsPresent = 1 << 3
	pageIsSwapped = 1 << 4
)

// pagemapFile is this process's /proc/self/pagemap, and whether the kernel knows PAGEMAP_SCAN (Linux 6.7).
type pagemapFile struct {
	file *os.File
	scan bool
	err  error
}

var pagemap = sync.OnceValue(func() (p pagemapFile) {
	p.file, p.err = os.Open("/proc/self/pagemap")
	if p.err == nil {
		a := scanArgs{size: uint64(unsafe.Sizeof(scanArgs{}))}
		_, _, e := unix.Syscall(unix.SYS_IOCTL, p.file.Fd(), pagemapScan, uintptr(unsafe.Pointer(&a)))
		p.scan = e == 0
	}
	return p
})

// private returns the written ranges of b, valid until the next call. An error means that they cannot be told.
func (s *scanner) private(b []byte) ([]span, error) {
	p := pagemap()
	if p.err != nil {
		return nil, p.err
	}
	s.spans = s.spans[:0]
	find := s.read
	if p.scan {
		find = s.ioctl
	}
	err := find(p.file, b)
	return s.spans, err
}

func (s *scanner) ioctl(f *os.File, b []byte) error {
	base := uint64(uintptr(unsafe.Pointer(&b[0])))
	end := base + uint64(len(b))
	for start := base; start < end; {
		a := scanArgs{
			size: uint64(unsafe.Sizeof(scanArgs{})), start: start, end: end,
			vec: uint64(uintptr(unsafe.Pointer(&s.regions[0]))), vecLen: uint64(len(s.regions)),
			categoryInverted: pageIsFile, categoryMask: pageIsFile, categoryAnyofMask: pageIsPresent | pageIsSwapped,
		}
		n, _, e := unix.Syscall(unix.SYS_IOCTL, f.Fd(), pagemapScan, uintptr(unsafe.Pointer(&a)))
		if e != 0 {
			return e
		}
		for _, r := range s.regions[:n] {
			s.spans = append(s.spans, span{int(r.start - base), int(r.end - base)})
		}
		if a.walkEnd <= start {
			return errors.New("PAGEMAP_SCAN made no progress")
		}
		start = a.walkEnd
	}
	return nil
}

// read is for kernels without PAGEMAP_SCAN: one 64-bit entry a page (Documentation/admin-guide/mm/pagemap.rst).
func (s *scanner) read(f *os.File, b []byte) error {
	size := os.Getpagesize()
	n := len(b) / size
	if len(s.entries) < 8*n {
		s.entries = make([]byte, 8*n)
	}
	base := int64(uintptr(unsafe.Pointer(&b[0])))
	if _, err := f.ReadAt(s.entries[:8*n], base/int64(size)*8); err != nil {
		return err
	}
	for i := range n {
		const present, swapped, file = 1 << 63, 1 << 62, 1 << 61
		e := binary.LittleEndian.Uint64(s.entries[8*i:])
		if e&(present|swapped) == 0 || e&file != 0 {
			continue
		}
		if k := len(s.spans); k > 0 && s.spans[k-1].end == i*size {
			s.spans[k-1].end += size
		} else {
			s.spans = append(s.spans, span{i * size, (i + 1) * size})
		}
	}
	return nil
}
