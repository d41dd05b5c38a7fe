// Package latex reads the mathematics of an answer, as LaTeX or as plain text, into a tree. It computes nothing and
// evaluates nothing: the tree is data, which someone else gives a meaning to.
//
// The call to make is [Parse]. It takes time linear in the text, which has at most [MaxBytes], and refuses trees of more
// than [MaxNodes] nodes or of more than [MaxDepth] levels. What it does not understand is an error, never a guess at a
// part of the text.
//
// # Grammar
//
// White space, \left, \right, thin and wide spaces, $ and \displaystyle count for nothing. Words are \text{…}, \mbox{…}
// and their like, and runs of four letters or more that name no function.
//
//	answer   = list
//	list     = relation { ("," | ";" | "or" | "and") relation }
//	relation = union { ("=" | "<" | "≤" | ">" | "≥" | "≠" | "≈" | "∈") union }
//	union    = sum { ("∪" | "∩" | "∖") sum }
//	sum      = term { ("+" | "-" | "±" | "∓") term }
//	term     = product { ("·" | "×" | "*" | "/" | "÷") product }
//	product  = signed { factor }                        adjacent factors are multiplied
//	signed   = { "+" | "-" | "±" | "∓" | "$" } factor
//	factor   = atom { "!" | "°" | "%" | "'" | "^" argument | word }
//	atom     = number | number fraction | symbol | constant | word | bracket | bars | \frac argument argument
//	         | \sqrt [ "[" list "]" ] argument | \binom argument argument | matrix | function
//	function = name [ "_" argument ] [ "^" argument ] ( bracket | { factor } )
//	bracket  = ("(" | "[") list (")" | "]") | "\{" [ list ] "\}" | "{" list "}"
//	bars     = "|" sum "|" | "⌊" sum "⌋" | "⌈" sum "⌉"
//	matrix   = \begin{pmatrix} row { "\\" row } \end{pmatrix}, also bmatrix, matrix, array, vmatrix (a determinant)
//	argument = one digit, one letter, one command with its arguments, or { list }
//
// A number followed at once by a proper fraction of two integers is a mixed number. A number with a subscript in digits
// is one in that base. Digits after ^ are taken together, as in x^10. Commas group digits where exactly three follow, and
// inside brackets, where (2,100) is a pair, only when written {,} or \! or when the group begins with 0.
package latex

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Limits of what is read.
const (
	MaxBytes = 8 << 10
	MaxNodes = 2000
	MaxDepth = 60
)

// Node is a level of the tree. Op says what it is, Text what its leaf holds.
//
//	Op                         Text               Args
//	num                        digits: 12, 1.5    –            also n/d, of a repeating decimal or mixed number
//	base                       digits             the base
//	sym                        name: x, x_1       –
//	const                      pi e i oo R N Z Q C empty       –
//	text                       words              –
//	add mul                    –                  any number
//	neg div pow fact deg percent pm               one or two   pm: ± is +1, ∓ is -1 by Text "+" or "-"
//	unit                       words, $           one
//	root                       –                  radicand, degree
//	func                       name               its arguments
//	log                        –                  argument, base or none
//	abs floor ceil binom       –
//	group                      brackets: (] …     two or more
//	set list                   –                  any number
//	matrix                     p b v              rows, each a list
//	rel                        operators, by spaces: < <=      one more than operators
//	cup cap minus              –                  two or more
//	call                       f                  its arguments, before = only
type Node struct {
	Op   string
	Text string
	Args []*Node

	height int
}

// Errors of Parse are of these kinds.
var (
	ErrTooLarge = errors.New("too large")
	ErrSyntax   = errors.New("not understood")
)

// AppendJSON appends n as nested arrays: ["op","text",arg,…].
func (n *Node) AppendJSON(b []byte) []byte {
	b = append(b, '[', '"')
	b = append(b, n.Op...)
	b = append(b, '"', ',')
	text, _ := json.Marshal(n.Text) // a string always has a form
	b = append(b, text...)
	for _, a := range n.Args {
		b = append(b, ',')
		b = a.AppendJSON(b)
	}
	return append(b, ']')
}

// Each calls f for n and all nodes below it.
func (n *Node) Each(f func(*Node)) {
	f(n)
	for _, a := range n.Args {
		a.Each(f)
	}
}

// Parse reads s. The error wraps ErrTooLarge or ErrSyntax.
func Parse(s string) (*Node, error) {
	if len(s) > MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooLarge, len(s), MaxBytes)
	}
	tokens, err := lex(s)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	n := p.list()
	if p.err == nil && p.peek().kind != end {
		p.fail("unexpected %q", p.peek().text)
	}
	if p.err != nil {
		return nil, p.err
	}
	return n, nil
}
