package sandbox

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// reader walks the binary format of a WebAssembly module. The first fault sticks: later reads return zero.
type reader struct {
	b   []byte
	p   int
	err error
}

var errTruncated = errors.New("module is truncated")

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.p = len(r.b)
}

func (r *reader) more() bool { return r.err == nil && r.p < len(r.b) }

func (r *reader) u8() byte {
	if r.p >= len(r.b) {
		r.fail(errTruncated)
		return 0
	}
	c := r.b[r.p]
	r.p++
	return c
}

func (r *reader) bytes(n uint64) []byte {
	if n > uint64(len(r.b)-r.p) {
		r.fail(errTruncated)
		return nil
	}
	s := r.b[r.p : r.p+int(n)]
	r.p += int(n)
	return s
}

// u32 reads an unsigned LEB128 of at most 32 bits.
func (r *reader) u32() uint32 {
	if r.p < len(r.b) && r.b[r.p] < 0x80 {
		r.p++
		return uint32(r.b[r.p-1])
	}
	v, n := binary.Uvarint(r.b[r.p:])
	if n <= 0 || v > 1<<32-1 {
		r.fail(errTruncated)
		return 0
	}
	r.p += n
	return uint32(v)
}

// skip passes one LEB128 of either sign.
func (r *reader) skip() {
	for r.u8()&0x80 != 0 {
	}
}

// s32 reads a signed LEB128 of at most 32 bits.
func (r *reader) s32() int32 {
	var v int64
	for s := uint(0); s < 35; s += 7 {
		c := r.u8()
		v |= int64(c&0x7f) << s
		if c < 0x80 {
			if c&0x40 != 0 {
				v |= -1 << (s + 7)
			}
			return int32(v)
		}
	}
	r.fail(errTruncated)
	return 0
}

func uleb(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }

func sleb(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if (v == 0 && c&0x40 == 0) || (v == -1 && c&0x40 != 0) {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

// Opcodes that the instrumentation knows by name (WebAssembly core specification 2.0, appendix "Index of Instructions").
const (
	opUnreachable = 0x00
	opBlock       = 0x02
	opLoop        = 0x03
	opIf          = 0x04
	opElse        = 0x05
	opEnd         = 0x0b
	opBr          = 0x0c
	opBrIf        = 0x0d
	opBrTable     = 0x0e
	opReturn      = 0x0f
	opCall        = 0x10
	opCallInd     = 0x11
	opLocalGet    = 0x20
	opLocalTee    = 0x22
	opGlobalGet   = 0x23
	opGlobalSet   = 0x24
	opMemoryGrow  = 0x40
	opI32Const    = 0x41
	opI64Const    = 0x42
	opI32LtS      = 0x48
	opI32GtU      = 0x4b
	opI64LtS      = 0x53
	opI32Add      = 0x6a
	opI32Sub      = 0x6b
	opI32ShrU     = 0x76
	opI64Sub      = 0x7d
	opI64ExtendU  = 0xad
	opRefFunc     = 0xd2
	opPrefixFC    = 0xfc

	fcMemoryCopy = 10
	fcMemoryFill = 11

	typeI32   = 0x7f
	typeI64   = 0x7e
	typeEmpty = 0x40
)

// instruction is one decoded instruction: its opcode, the second opcode of a prefixed one, and for call and ref.func
// the function index.
type instruction struct {
	op  byte
	sub uint32
	fn  uint32
}

// next passes one instruction. It refuses those that would leave state behind which a restore does not put back
// (tables, passive segments), and those of proposals that the instrumentation has not been taught.
func (r *reader) next() instruction {
	in := instruction{op: r.u8()}
	switch op := in.op; {
	case op <= 0x01, op == opElse, op == opEnd, op == opReturn, op == 0x1a, op == 0x1b, op >= 0x45 && op <= 0xc4, op == 0xd1:
		// no immediates
	case op == opBlock, op == opLoop, op == opIf, op == opBr, op == opBrIf, op >= 0x20 && op <= 0x25, op == opI32Const, op == opI64Const, op == 0xd0:
		r.skip()
	case op == opCall, op == opRefFunc:
		in.fn = r.u32()
	case op == opBrTable:
		for n := uint64(r.u32()) + 1; n > 0 && r.err == nil; n-- {
			r.skip()
		}
	case op == opCallInd:
		in.fn = r.u32() // the type
		r.skip()
	case op == 0x1c: // select with types
		for n := r.u32(); n > 0 && r.err == nil; n-- {
			r.u8()
		}
	case op >= 0x28 && op <= 0x3e: // loads and stores
		r.skip()
		r.skip()
	case op == 0x3f, op == opMemoryGrow:
		r.u8()
	case op == 0x43:
		r.bytes(4)
	case op == 0x44:
		r.bytes(8)
	case op == opPrefixFC:
		in.sub = r.u32()
		switch {
		case in.sub <= 7: // saturating truncations
		case in.sub == fcMemoryCopy:
			r.bytes(2)
		case in.sub == fcMemoryFill:
			r.u8()
		case in.sub == 16: // table.size
			r.skip()
		default:
			r.fail(fmt.Errorf("instruction 0xfc %d changes tables or segments, which a restore does not put back", in.sub))
		}
	case op == 0xfd:
		in.sub = r.u32()
		switch s := in.sub; {
		case s <= 11, s == 92, s == 93:
			r.skip()
			r.skip()
		case s == 12, s == 13:
			r.bytes(16)
		case s >= 21 && s <= 34:
			r.u8()
		case s >= 84 && s <= 91:
			r.skip()
			r.skip()
			r.u8()
		}
	default:
		r.fail(fmt.Errorf("instruction 0x%02x is not known", op))
	}
	return in
}
