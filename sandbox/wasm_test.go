package sandbox

import "slices"

// A small assembler of the WebAssembly binary format, for the modules of these tests.

// asm joins bytes, given as numbers, strings and slices.
func asm(parts ...any) (b []byte) {
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			b = append(b, byte(p))
		case byte:
			b = append(b, p)
		case string:
			b = append(b, p...)
		case []byte:
			b = append(b, p...)
		}
	}
	return b
}

func sized(b []byte) []byte { return append(uleb(nil, uint64(len(b))), b...) }

func vector(items ...[]byte) []byte {
	return append(uleb(nil, uint64(len(items))), slices.Concat(items...)...)
}

func sectionOf(id int, items ...[]byte) []byte { return asm(id, sized(vector(items...))) }

func moduleOf(sections ...[]byte) []byte {
	return append([]byte("\x00asm\x01\x00\x00\x00"), slices.Concat(sections...)...)
}

func funcType(params, results string) []byte {
	return asm(0x60, sized([]byte(params)), sized([]byte(results)))
}

func importOf(module, name string, typ int) []byte {
	return asm(sized([]byte(module)), sized([]byte(name)), 0, typ)
}

func exportOf(name string, kind, index int) []byte { return asm(sized([]byte(name)), kind, index) }

// codeOf is a function's body with i32 locals.
func codeOf(locals int, parts ...any) []byte {
	declared := vector()
	if locals > 0 {
		declared = vector(asm(locals, typeI32))
	}
	return sized(asm(declared, asm(parts...), opEnd))
}

func i32(v int) []byte { return sleb([]byte{opI32Const}, int64(v)) }

func get(local int) []byte { return asm(opLocalGet, local) }

// The instructions that only tests name.
const (
	opDrop     = 0x1a
	opLocalSet = 0x21
	opLoad     = 0x28
	opLoad8    = 0x2d
	opStore    = 0x36
	opStore8   = 0x3a
	opI32Eqz   = 0x45
	opI32Eq    = 0x46
	opI32Mul   = 0x6c
)

const (
	none = ""
	one  = "\x7f"
)

// arithmetic is a module of small functions i32 → i32, exported under the names of arithmeticNames. Function 0 is
// imported: env.double.
var arithmetic = moduleOf(
	sectionOf(1, funcType(one, one)),
	sectionOf(2, importOf("env", "double", 0)),
	sectionOf(3, slices.Repeat([][]byte{{0}}, len(arithmeticNames))...),
	sectionOf(4, asm(0x70, 0, 3)),
	sectionOf(5, asm(0, 1)),
	sectionOf(6, asm(typeI32, 0, i32(5), opEnd), asm(typeI32, 1, i32(3), opEnd)),
	sectionOf(7, func() (exports [][]byte) {
		for i, name := range arithmeticNames {
			exports = append(exports, exportOf(name, 0, i+1))
		}
		return exports
	}()...),
	sectionOf(9, asm(0, i32(0), opEnd, vector([]byte{3}, []byte{10}, []byte{0}))),
	sectionOf(10,
		// fact: n < 2 ? return 1 : n × fact(n-1)
		codeOf(0, get(0), i32(2), 0x48, opIf, typeEmpty, i32(1), opReturn, opEnd, get(0), get(0), i32(1), opI32Sub, opCall, 1, opI32Mul),
		// sum: of n, n-1 … 1, by a loop
		codeOf(1, opBlock, typeEmpty, opLoop, typeEmpty, get(0), opI32Eqz, opBrIf, 1, get(0), get(1), opI32Add, opLocalSet, 1,
			get(0), i32(1), opI32Sub, opLocalSet, 0, opBr, 0, opEnd, opEnd, get(1)),
		// seven: branches to the function's own end with its result, below n calls through the table
		codeOf(0, i32(7), get(0), opI32Eqz, opBrIf, 0, opDrop, get(0), i32(1), opI32Sub, i32(0), opCallInd, 0, 0),
		// nested: returns from inside a block, a loop and an if
		codeOf(0, opBlock, typeEmpty, opLoop, typeEmpty, get(0), opIf, typeEmpty, get(0), i32(1), opI32Sub, opCall, 4, opReturn, opEnd, opEnd, opEnd, i32(9)),
		// host: sum(double(n)) + both globals
		codeOf(0, get(0), opCall, 0, opCall, 2, opGlobalGet, 0, opI32Add, opGlobalGet, 1, opI32Add),
		// fill n bytes with 6 and load the last
		codeOf(0, i32(0), i32(6), get(0), opPrefixFC, fcMemoryFill, 0, get(0), i32(1), opI32Sub, opLoad8, 0, 0),
		// copy n bytes
		codeOf(0, get(0), i32(0), get(0), opPrefixFC, fcMemoryCopy, 0, 0, i32(0)),
		// grow by n pages
		codeOf(0, get(0), opMemoryGrow, 0),
		// deep: n calls deep, directly
		codeOf(0, get(0), opI32Eqz, opIf, typeEmpty, i32(0), opReturn, opEnd, get(0), i32(1), opI32Sub, opCall, 9, i32(1), opI32Add),
		// through: n calls deep, through the table
		codeOf(0, get(0), opIf, typeI32, get(0), i32(1), opI32Sub, i32(1), opCallInd, 0, 0, 0x05, i32(3), opEnd),
		// even and odd call one another
		codeOf(0, i32(1), get(0), opI32Eqz, opBrIf, 0, opDrop, get(0), i32(1), opI32Sub, opCall, 12),
		codeOf(0, i32(0), get(0), opI32Eqz, opBrIf, 0, opDrop, get(0), i32(1), opI32Sub, opCall, 11),
		// table: a branch table out of a function that may recurse
		codeOf(0, opBlock, typeEmpty, i32(4), get(0), opBrTable, 1, 1, 1, opEnd, get(0), opCall, 13),
		// tail: the imported function through the table
		codeOf(0, get(0), i32(2), opCallInd, 0, 0),
	),
)

var arithmeticNames = []string{"fact", "sum", "seven", "nested", "host", "fill", "copy", "grow", "deep", "through", "even", "odd", "table", "tail"}

// bytesOf is an Image's Module that is at hand.
func bytesOf(module []byte) func() ([]byte, error) {
	return func() ([]byte, error) { return module, nil }
}
