package module

import (
	"encoding/binary"
	"slices"
)

// code is a piece of a module in the binary format.
type code []byte

func (c *code) op(ops ...byte) { *c = append(*c, ops...) }

// u appends an unsigned number.
func (c *code) u(v uint64) { *c = binary.AppendUvarint(*c, v) }

// s appends a signed number.
func (c *code) s(v int64) {
	for {
		b := byte(v & 0x7f)
		v >>= 7
		if (v == 0 && b&0x40 == 0) || (v == -1 && b&0x40 != 0) {
			*c = append(*c, b)
			return
		}
		*c = append(*c, b|0x80)
	}
}

// at appends an instruction and its index.
func (c *code) at(op byte, index int) {
	c.op(op)
	c.u(uint64(index))
}

func (c *code) i32(v int32) {
	c.op(opI32Const)
	c.s(int64(v))
}

func (c *code) i64(v int64) {
	c.op(opI64Const)
	c.s(v)
}

func (c *code) f32(bits uint32) {
	c.op(0x43)
	*c = binary.LittleEndian.AppendUint32(*c, bits)
}

func (c *code) f64(bits uint64) {
	c.op(0x44)
	*c = binary.LittleEndian.AppendUint64(*c, bits)
}

func (c *code) v128(low, high uint64) {
	c.op(opSIMD, 12)
	*c = binary.LittleEndian.AppendUint64(*c, low)
	*c = binary.LittleEndian.AppendUint64(*c, high)
}

// simd appends an instruction of vectors.
func (c *code) simd(sub int) { c.at(opSIMD, sub) }

func sized(b []byte) []byte { return append(binary.AppendUvarint(nil, uint64(len(b))), b...) }

func vector[T ~[]byte](items []T) []byte {
	b := binary.AppendUvarint(nil, uint64(len(items)))
	for _, i := range items {
		b = append(b, i...)
	}
	return b
}

func section[T ~[]byte](id byte, items []T) []byte {
	if len(items) == 0 {
		return nil
	}
	return slices.Concat([]byte{id}, sized(vector(items)))
}

func name(s string) []byte { return sized([]byte(s)) }

// Types of values.
const (
	I32  = 0x7f
	I64  = 0x7e
	F32  = 0x7d
	F64  = 0x7c
	V128 = 0x7b
)

const empty = 0x40 // the type of a block without a result

// Opcodes (WebAssembly core specification 2.0, appendix "Index of Instructions").
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
	opDrop        = 0x1a
	opSelect      = 0x1b
	opSelectT     = 0x1c
	opGet         = 0x20
	opSet         = 0x21
	opTee         = 0x22
	opGlobalGet   = 0x23
	opGlobalSet   = 0x24
	opI32Load     = 0x28
	opI64Load     = 0x29
	opI32Load8    = 0x2d // unsigned
	opI32Store    = 0x36
	opI64Store    = 0x37
	opMemorySize  = 0x3f
	opMemoryGrow  = 0x40
	opI32Const    = 0x41
	opI64Const    = 0x42
	opI32Eqz      = 0x45
	opI32Eq       = 0x46
	opI32LtS      = 0x48
	opI32LeS      = 0x4c
	opI64Eqz      = 0x50
	opI64Eq       = 0x51
	opI64LtS      = 0x53
	opF32Eq       = 0x5b
	opF64Eq       = 0x61
	opI32Add      = 0x6a
	opI32Sub      = 0x6b
	opI32Mul      = 0x6c
	opI32And      = 0x71
	opI32Or       = 0x72
	opI32Xor      = 0x73
	opI32Shl      = 0x74
	opI64Add      = 0x7c
	opI64Sub      = 0x7d
	opI64And      = 0x83
	opI64Or       = 0x84
	opI64Xor      = 0x85
	opI64Rotl     = 0x89
	opWrap        = 0xa7 // i32.wrap_i64
	opExtendS     = 0xac // i64.extend_i32_s
	opExtendU     = 0xad
	opBits32      = 0xbc // i32.reinterpret_f32
	opBits64      = 0xbd // i64.reinterpret_f64
	opBulk        = 0xfc
	opSIMD        = 0xfd
)
