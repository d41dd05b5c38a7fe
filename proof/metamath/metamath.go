// Package metamath decides proofs in the language of Metamath (Megill and Wheeler, Metamath: A Computer Language for
// Mathematical Proofs, 2019; "the book" below).
//
// [Read] makes a [Database] of a file such as set.mm; [Database.Theorem] names a statement of it, [Database.Statement]
// one that it does not have, and [Goal.Prove] decides a sample. A [Library] finds databases by name and loads them when
// they are asked for.
//
// A sample is accepted iff the database would be a right one, by the rules of the book, with the sample standing in the
// place of the theorem and its proof. So a sample may use what stands before the theorem and nothing behind it, and what
// it says besides the proof must add nothing that is believed without a proof (see [Goal.Prove]).
//
// Nothing is ever put together as text: the sample is read by itself, in the state that the reader of the database had
// at the theorem. The proofs of the database are checked by Read where that is asked for, and not kept.
//
// # Memory
//
// Symbols are numbers, expressions slices of them. The 41 MB of Debian's set.mm, with 91,278 labels, become 37 MB
// (BenchmarkRead).
package metamath

import (
	"cmp"
	"slices"
)

// symbol is a number of a math symbol.
type symbol = int32

// pair is two variables that must be disjoint; the lesser first.
type pair [2]symbol

// close ends spans that nothing has ended yet.
func close[T any](spans []span[T], end int32) {
	for i := range spans {
		spans[i].end = min(spans[i].end, end)
	}
}

func newPair(x, y symbol) pair { return pair{min(x, y), max(x, y)} }

// statement is one that has a label.
type statement struct {
	label string
	kind  byte     // of $f, $e, $a, $p
	expr  []symbol // the typecode first
	hyps  []int32  // $a, $p: the mandatory hypotheses, in order, as indices of statements
	apart []pair   // $a, $p: the mandatory variables that must be disjoint
}

// Database is what a file says, without its proofs. It does not change, and is safe for concurrent use.
type Database struct {
	symbols  map[string]symbol
	names    []string // of symbols
	variable []bool   // of symbols
	since    []int32  // of constants: how many statements stand before their declaration

	statements []statement
	labels     map[string]int32

	// What blocks end: hypotheses, variables and disjointness, each in the order of the file.
	hyps  []span[int32]
	vars  []span[symbol]
	apart []span[pair]
}

// span is something that is active for the statements at ≤ i < end.
type span[T any] struct {
	what    T
	at, end int32
}

// forever is the end of what no block ends.
const forever = 1<<31 - 1

// activeAt calls yield with what is active for statement i.
func activeAt[T any](spans []span[T], i int32, yield func(T)) {
	n, _ := slices.BinarySearchFunc(spans, i, func(s span[T], i int32) int { return cmp.Compare(s.at, i+1) })
	for _, s := range spans[:n] {
		if s.end > i {
			yield(s.what)
		}
	}
}

// Size counts what a database holds.
type Size struct {
	Symbols, Statements, Axioms, Theorems int
}

// Size returns the counts.
func (db *Database) Size() Size {
	s := Size{Symbols: len(db.names), Statements: len(db.statements)}
	for i := range db.statements {
		switch db.statements[i].kind {
		case 'a':
			s.Axioms++
		case 'p':
			s.Theorems++
		}
	}
	return s
}
