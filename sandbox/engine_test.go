package sandbox

// testGuest speaks the guest ABI without an interpreter: a step does what the first byte of its source says, and
// returns what the second byte is where it does nothing else. Its memory has 16 pages; the byte at marker is 'M'.
var testGuest = moduleOf(
	sectionOf(1, funcType(none, one), funcType(one, one), funcType(one+one, one), funcType(one+one+one+one, one), funcType(one, none)),
	sectionOf(2, importOf(wasiModule, "proc_exit", 4), importOf(wasiModule, "fd_write", 3), importOf(wasiModule, "random_get", 2)),
	sectionOf(3, []byte{0}, []byte{1}, []byte{2}, []byte{0}, []byte{3}, []byte{0}, []byte{1}),
	sectionOf(5, asm(0, 16)),
	sectionOf(6, asm(typeI32, 1, i32(4096), opEnd)),
	sectionOf(7, exportOf("init", 0, 3), exportOf("alloc", 0, 4), exportOf("harness", 0, 5), exportOf("begin", 0, 6), exportOf("step", 0, 7), exportOf("finish", 0, 8)),
	sectionOf(10,
		codeOf(0, i32(0)),
		// alloc: from a global that moves up and never down
		codeOf(0, opGlobalGet, 0, opGlobalGet, 0, get(0), opI32Add, opGlobalSet, 0),
		codeOf(0, i32(0)),
		codeOf(0, i32(0)),
		// step(name, its length, source, its length)
		codeOf(0,
			when('l', opLoop, typeEmpty, opBr, 0, opEnd),
			when('u', opUnreachable),
			when('d', i32(0), opCall, 9, opReturn),
			when('x', argument, opCall, 0),
			when('g', argument, opMemoryGrow, 0, i32(-1), opI32Eq, opReturn),
			// write the source's rest to stdout
			when('w', i32(0), get(2), i32(1), opI32Add, opStore, 2, 0, i32(4), get(3), i32(1), opI32Sub, opStore, 2, 0,
				i32(1), i32(0), i32(1), i32(8), opCall, 1, opReturn),
			// fill this many pages of 4 KiB, from 64 KiB on, with 1
			when('f', i32(1<<16), i32(1), argument, i32(12), 0x74, opPrefixFC, fcMemoryFill, 0),
			// move 16 bytes of randomness, and what memory holds at the marker and after it, to stdout
			when('s', i32(marker+1), i32(16), opCall, 2, opDrop, i32(0), i32(marker), opStore, 2, 0, i32(4), i32(17), opStore, 2, 0,
				i32(1), i32(0), i32(1), i32(8), opCall, 1, opReturn),
			// spoil the marker
			when('m', i32(marker), argument, opStore8, 0, 0),
			when('a', opGlobalGet, 0, opReturn),
			argument),
		codeOf(0, i32(0)),
		// endless recursion
		codeOf(0, get(0), opCall, 9),
	),
	sectionOf(11, asm(0, i32(marker), opEnd, sized([]byte("M")))),
)

const marker = 1 << 15

// when is a part of step: what to do where the source begins with c.
func when(c byte, parts ...any) []byte {
	return asm(get(2), opLoad8, 0, 0, i32(int(c)), opI32Eq, opIf, typeEmpty, asm(parts...), opEnd)
}

var argument = asm(get(2), opLoad8, 0, 1)
