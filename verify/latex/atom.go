package latex

import (
	"math/big"
	"strings"
)

// exponent reads what follows ^; nil is the sign of degrees.
func (p *parser) exponent() *Node {
	p.enter()
	defer p.leave()
	if p.is("{") && p.i+2 < len(p.tokens) && p.tokens[p.i+1].text == "°" && p.tokens[p.i+2].text == "}" {
		p.i += 3
		return nil
	}
	negative := false
	for p.is("-") || p.is("+") { // x^-1, of plain text
		negative = negative != (p.skip().text == "-")
	}
	var n *Node
	if t := p.peek(); t.kind == num { // all digits, as in plain text
		p.i++
		n = p.node("num", t.text)
	} else {
		n = p.argument()
	}
	if negative {
		n = p.node("neg", "", n)
	}
	return n
}

// subscript reads what follows _ after n.
func (p *parser) subscript(n *Node) *Node {
	p.enter()
	defer p.leave()
	braces := p.accept("{")
	t := p.skip()
	index := t.text
	for braces && (p.peek().kind == num || p.peek().kind == sym || p.peek().kind == constant || p.peek().kind == word || p.is(",") || p.is("+") || p.is("-")) {
		index += p.skip().text
	}
	if braces {
		p.expect("}")
	}
	if t.kind != num && t.kind != sym && t.kind != constant && t.kind != word {
		p.fail("subscript %q", t.text)
	}
	switch {
	case n.Op == "num" && isDigits(n.Text) && isDigits(index) && len(index) < 3:
		return p.node("base", n.Text, p.node("num", index))
	case n.Op == "num" && t.kind == word && !braces, n.Op == "num" && t.kind == word:
		if b, ok := map[string]string{"two": "2", "six": "6", "eight": "8", "ten": "10", "five": "5", "seven": "7", "nine": "9", "three": "3", "four": "4"}[index]; ok {
			return p.node("base", n.Text, p.node("num", b))
		}
	case n.Op == "sym":
		return p.node("sym", n.Text+"_"+index)
	}
	p.fail("a subscript after what is no symbol and no number")
	return n
}

// argument reads what a command or ^ applies to: one token, a command with its arguments, or braces.
func (p *parser) argument() *Node {
	p.enter()
	defer p.leave()
	t := p.peek()
	switch {
	case t.kind == num: // one digit of it
		if len(t.text) > 1 && isDigits(t.text) {
			p.tokens[p.i].text, p.tokens[p.i].space = t.text[1:], false
			return p.node("num", t.text[:1])
		}
		p.i++
		return p.node("num", t.text)
	case t.kind == op && t.text == "{":
		return p.braces()
	case t.kind == op && (t.text == "-" || t.text == "+"):
		p.fail("a sign where an argument should be")
		return p.node("num", "0")
	}
	return p.atom()
}

// braces reads { list }.
func (p *parser) braces() *Node {
	p.expect("{")
	bars := p.bars
	p.bars = 0
	n := p.list()
	if p.accept("choose") {
		n = p.node("binom", "", n, p.list())
	}
	p.bars = bars
	p.expect("}")
	return n
}

func (p *parser) atom() *Node {
	p.enter()
	defer p.leave()
	t := p.skip()
	switch t.kind {
	case num:
		return p.decimals(t.text)
	case sym:
		return p.node("sym", t.text)
	case constant:
		return p.node("const", t.text)
	case word:
		return p.node("text", t.text)
	case name:
		return p.function(t.text)
	case begin:
		return p.matrix(t.text)
	case op:
		return p.opened(t)
	}
	p.fail("the end where a number or symbol should be")
	return p.node("num", "0")
}

// decimals reads a number whose decimals may go on under a line: 0.1\overline{6}.
func (p *parser) decimals(text string) *Node {
	if !p.is("overline") || !strings.Contains(text+".", ".") {
		return p.node("num", text)
	}
	t := p.tokens[p.i:]
	if len(t) < 4 || t[1].text != "{" || t[2].kind != num || !isDigits(t[2].text) || t[3].text != "}" || len(text)+len(t[2].text) > 200 || strings.ContainsAny(text, "eE") {
		return p.node("num", text)
	}
	p.i += 4
	whole, decimals, _ := strings.Cut(text, ".")
	scale := func(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }
	integer := func(s string) *big.Int { i, _ := new(big.Int).SetString("0"+s, 10); return i }
	period := new(big.Rat).SetFrac(integer(t[2].text), new(big.Int).Mul(scale(len(decimals)), new(big.Int).Sub(scale(len(t[2].text)), big.NewInt(1))))
	r := new(big.Rat).SetFrac(integer(whole+decimals), scale(len(decimals)))
	return p.node("num", r.Add(r, period).String())
}

// opened reads an atom that begins with the operator t.
func (p *parser) opened(t token) *Node {
	switch t.text {
	case "(", "[":
		bars := p.bars
		p.bars = 0
		n := p.list()
		p.bars = bars
		closing := p.skip().text
		if closing != ")" && closing != "]" {
			p.fail("%q where a bracket should close", closing)
		}
		if n.Op == "list" {
			return p.node("group", t.text+closing, n.Args...)
		}
		if t.text == "(" != (closing == ")") {
			p.fail("brackets of two kinds around one value")
		}
		return p.paren(n)
	case "{":
		p.i--
		return p.braces()
	case `\{`:
		if p.accept(`\}`) {
			return p.node("set", "")
		}
		bars := p.bars
		p.bars = 0
		n := p.list()
		p.bars = bars
		p.expect(`\}`)
		if n.Op == "list" {
			return p.node("set", "", n.Args...)
		}
		return p.node("set", "", n)
	case "|":
		p.bars++
		n := p.sum()
		p.bars--
		p.expect("|")
		return p.node("abs", "", n)
	case "lfloor":
		n := p.sum()
		p.expect("rfloor")
		return p.node("floor", "", n)
	case "lceil":
		n := p.sum()
		p.expect("rceil")
		return p.node("ceil", "", n)
	case "frac":
		a := p.argument()
		return p.node("div", "", a, p.argument())
	case "binom":
		a := p.argument()
		return p.node("binom", "", a, p.argument())
	case "sqrt":
		if p.accept("[") {
			degree := p.list()
			p.expect("]")
			return p.node("root", "", p.argument(), degree)
		}
		return p.node("root", "", p.argument(), p.node("num", "2"))
	case "√": // of plain text, over all digits of a number
		if t := p.peek(); t.kind == num {
			p.i++
			return p.node("root", "", p.node("num", t.text), p.node("num", "2"))
		}
		return p.node("root", "", p.argument(), p.node("num", "2"))
	case "boxed":
		return p.argument()
	case "overline", "angle", "vec":
		return p.points(t.text)
	}
	p.fail("%q where a number or symbol should be", t.text)
	return p.node("num", "0")
}

// paren marks what stood in brackets of its own, so that (1,2) inside is not taken apart, and 2(3/4) is no mixed number.
func (p *parser) paren(n *Node) *Node {
	if n.Op == "num" || n.Op == "div" || n.Op == "mul" || n.Op == "pow" || n.Op == "text" {
		return p.node("add", "", n)
	}
	return n
}

// points reads letters that name a segment, an angle or a vector: \overline{AB}, \angle ABC.
func (p *parser) points(which string) *Node {
	braces := p.accept("{")
	text := which + " "
	for p.peek().kind == sym || p.peek().kind == constant || p.peek().kind == word {
		text += p.skip().text
	}
	if text == which+" " {
		p.fail("no letters after %s", which)
	}
	if braces {
		p.expect("}")
	}
	return p.node("sym", text)
}

// function reads the rest of a function whose name was read.
func (p *parser) function(f string) *Node {
	p.enter()
	defer p.leave()
	var base, power *Node
	for p.err == nil {
		if base == nil && f == "log" && p.accept("_") {
			base = p.argument()
		} else if power == nil && p.accept("^") {
			if power = p.exponent(); power == nil {
				p.fail("degrees after the name of a function")
			}
		} else {
			break
		}
	}
	args := p.operands()
	var n *Node
	switch {
	case f == "log":
		if base != nil {
			args = append(args[:1:1], base)
		}
		n = p.node("log", "", args...)
	case f == "abs" || f == "floor" || f == "ceil":
		n = p.node(f, "", args...)
	case power != nil && power.Op == "neg" && power.Args[0].Text == "1":
		if inverse := map[string]string{"sin": "asin", "cos": "acos", "tan": "atan"}[f]; inverse != "" {
			return p.node("func", inverse, args...)
		}
		fallthrough
	default:
		n = p.node("func", f, args...)
	}
	if power != nil {
		n = p.node("pow", "", n, power)
	}
	return n
}

// operands are a function's arguments: those in brackets, or the factors up to a sign, bracket or other function.
func (p *parser) operands() []*Node {
	if t := p.peek(); t.kind == op && (t.text == "(" || t.text == "[" || t.text == "{") {
		n := p.atom()
		if n.Op == "list" || n.Op == "group" {
			return n.Args
		}
		return []*Node{n}
	}
	negative := p.accept("-")
	n := p.factor()
	for t := p.peek(); p.err == nil && t.kind != name && t.text != "(" && t.text != "[" && p.startsFactor(t); t = p.peek() {
		n = p.times(n, p.factor())
	}
	if negative {
		n = p.node("neg", "", n)
	}
	return []*Node{n}
}

func (p *parser) matrix(which string) *Node {
	var rows []*Node
	for p.err == nil && p.peek().kind != finish {
		row := []*Node{p.relation()}
		for p.accept("&") {
			row = append(row, p.relation())
		}
		rows = append(rows, p.node("list", "", row...))
		if !p.accept(`\\`) {
			break
		}
	}
	if t := p.skip(); t.kind != finish || t.text != which {
		p.fail("a matrix that does not end")
	}
	return p.node("matrix", which, rows...)
}
