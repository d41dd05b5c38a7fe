package latex

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// parser is a recursive descent over tokens. The first error stops it: every method returns quickly once err is set.
type parser struct {
	tokens []token
	i      int
	depth  int // of the recursion
	nodes  int
	bars   int // how many | are open
	err    error
}

func (p *parser) peek() token {
	if p.err != nil {
		return token{kind: end}
	}
	return p.tokens[p.i]
}

func (p *parser) skip() token {
	t := p.peek()
	if t.kind != end {
		p.i++
	}
	return t
}

func (p *parser) is(text string) bool {
	t := p.peek()
	return t.kind == op && t.text == text
}

func (p *parser) accept(text string) bool {
	if p.is(text) {
		p.i++
		return true
	}
	return false
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.fail("%q where %q should be", p.peek().text, text)
	}
}

func (p *parser) fail(format string, a ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("%w: "+format, append([]any{ErrSyntax}, a...)...)
	}
}

// enter counts a level of the recursion; leave must follow.
func (p *parser) enter() {
	if p.depth++; p.depth > MaxDepth && p.err == nil {
		p.err = fmt.Errorf("%w: more than %d levels", ErrTooLarge, MaxDepth)
	}
}

func (p *parser) leave() { p.depth-- }

func (p *parser) node(op, text string, args ...*Node) *Node {
	n := &Node{Op: op, Text: text, Args: args}
	for _, a := range args {
		n.height = max(n.height, a.height+1)
	}
	p.nodes++
	if p.err == nil && (p.nodes > MaxNodes || n.height > MaxDepth) {
		p.err = fmt.Errorf("%w: more than %d nodes or %d levels", ErrTooLarge, MaxNodes, MaxDepth)
	}
	return n
}

// list reads relations up to a token that ends a list. One alone is itself.
func (p *parser) list() *Node {
	p.enter()
	defer p.leave()
	items := []*Node{p.relation()}
	by, with := p.separator(), ""
	for ; by != ""; by = p.separator() {
		if by != "," || with == "" {
			with = by
		}
		items = append(items, p.relation())
	}
	if len(items) == 1 {
		return items[0]
	}
	return p.node("list", with, items...)
}

// separator skips what stands between the members of a list, ", or" being "or"; it is "" where nothing does.
func (p *parser) separator() string {
	found := ""
	for {
		switch {
		case p.accept(",") || p.accept(";"):
			found = ","
		case p.is("and") || p.is("or"):
			return p.skip().text
		default:
			return found
		}
	}
}

var relations = []string{"=", "<", "<=", ">", ">=", "!=", "~", "in"}

func (p *parser) relation() *Node {
	args := []*Node{p.named()}
	var ops []string
	for p.err == nil && p.peek().kind == op && slices.Contains(relations, p.peek().text) {
		ops = append(ops, p.skip().text)
		args = append(args, p.union())
	}
	if len(ops) == 0 {
		return args[0]
	}
	return p.node("rel", strings.Join(ops, " "), args...)
}

// named reads the left side of a relation, where f(x) names a function.
func (p *parser) named() *Node {
	t := p.tokens[p.i:]
	if p.err == nil && len(t) > 4 && t[0].kind == sym && t[1].text == "(" {
		j := 2
		for j+1 < len(t) && t[j].kind == sym && t[j+1].text == "," {
			j += 2
		}
		if j+2 < len(t) && (t[j].kind == sym || j == 2 && t[j].kind == num) && t[j+1].text == ")" && t[j+2].kind == op && t[j+2].text == "=" {
			p.i += j + 2
			var args []*Node
			for k := 2; k <= j; k += 2 {
				args = append(args, p.node("sym", t[k].text))
			}
			return p.node("call", t[0].text, args...)
		}
	}
	return p.union()
}

func (p *parser) union() *Node {
	n := p.sum()
	for p.is("cup") || p.is("cap") || p.is("minus") {
		which := p.skip().text
		if right := p.sum(); n.Op == which && which == "cup" {
			n = p.node(which, "", append(slices.Clone(n.Args), right)...)
		} else {
			n = p.node(which, "", n, right)
		}
	}
	return n
}

func (p *parser) sum() *Node {
	p.enter()
	defer p.leave()
	terms := []*Node{p.term()}
	for {
		switch {
		case p.accept("+"):
			terms = append(terms, p.term())
		case p.accept("-"):
			terms = append(terms, p.node("neg", "", p.term()))
		case p.is("+-") || p.is("-+"):
			sign := p.skip().text[:1]
			left := terms[0]
			if len(terms) > 1 {
				left = p.node("add", "", terms...)
			}
			terms = []*Node{p.node("pm", sign, left, p.term())}
		default:
			if len(terms) == 1 {
				return terms[0]
			}
			return p.node("add", "", terms...)
		}
	}
}

func (p *parser) term() *Node {
	n := p.product()
	for {
		switch {
		case p.accept("*"):
			n = p.times(n, p.product())
		case p.accept("/"):
			if t := p.peek(); n.Op == "unit" && t.kind == word { // miles/hour
				p.i++
				continue
			}
			n = p.node("div", "", n, p.divisor())
			for p.err == nil && p.startsFactor(p.peek()) { // 1/2x is (1/2)x, from left to right
				n = p.times(n, p.factor())
			}
		default:
			return n
		}
	}
}

// divisor reads what stands behind /: one factor with its sign.
func (p *parser) divisor() *Node {
	negative := false
	for p.is("-") || p.is("+") {
		negative = negative != (p.skip().text == "-")
	}
	n := p.factor()
	if negative {
		n = p.node("neg", "", n)
	}
	return n
}

// times multiplies and keeps products flat.
func (p *parser) times(a, b *Node) *Node {
	if a.Op == "mul" && len(a.Args) < MaxNodes {
		a.Args = append(a.Args, b)
		a.height = max(a.height, b.height+1)
		p.nodes++
		return p.checked(a)
	}
	return p.node("mul", "", a, b)
}

func (p *parser) checked(n *Node) *Node {
	if p.err == nil && (p.nodes > MaxNodes || n.height > MaxDepth) {
		p.err = fmt.Errorf("%w: more than %d nodes or %d levels", ErrTooLarge, MaxNodes, MaxDepth)
	}
	return n
}

// slashed reads the 3/4 behind the 1 of 1 3/4; nil where that is no mixed number.
func (p *parser) slashed(whole *Node) *Node {
	t := p.tokens[p.i:]
	if len(t) < 3 || t[1].text != "/" || t[2].kind != num {
		return nil
	}
	m := p.proper(whole, p.node("num", t[0].text), p.node("num", t[2].text))
	if m != nil {
		p.i += 3
	}
	return m
}

// proper is the mixed number whole + n/d; nil where that is none.
func (p *parser) proper(whole, n, d *Node) *Node {
	var v [3]*big.Int
	for i, x := range []*Node{whole, n, d} {
		if x.Op != "num" || !isDigits(x.Text) || len(x.Text) > 100 {
			return nil
		}
		v[i], _ = new(big.Int).SetString(x.Text, 10)
	}
	if v[1].Sign() == 0 || v[1].Cmp(v[2]) >= 0 {
		return nil
	}
	v[0].Mul(v[0], v[2])
	return p.node("num", v[0].Add(v[0], v[1]).String()+"/"+v[2].String())
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// product reads signs, then factors that stand side by side.
func (p *parser) product() *Node {
	p.enter()
	defer p.leave()
	negative, dollar, pm := false, false, ""
	for {
		switch {
		case p.accept("-"):
			negative = !negative
		case p.accept("+"):
		case p.accept("$"):
			dollar = true
		case p.is("+-") || p.is("-+"):
			if pm != "" {
				p.fail("two signs ±")
			}
			pm = p.skip().text[:1]
		default:
			n := p.factors()
			if dollar {
				n = p.node("unit", "$", n)
			}
			if negative {
				n = p.node("neg", "", n)
			}
			if pm != "" {
				n = p.node("pm", pm, n)
			}
			return n
		}
	}
}

func (p *parser) factors() *Node {
	n := p.factor()
	for p.err == nil {
		t := p.peek()
		switch {
		case t.kind == num:
			if before := p.tokens[p.i-1].text; before == "!" || before == ")" { // 2!3!
				n = p.times(n, p.factor())
				continue
			}
			if n.Op != "num" || !t.space {
				p.fail("number %q after a factor", t.text)
				return n
			}
			m := p.slashed(n)
			if m == nil {
				p.fail("two numbers side by side")
				return n
			}
			n = m
		case t.kind == op && t.text == "frac" && n.Op == "num":
			f := p.factor()
			if f.Op == "div" {
				if m := p.proper(n, f.Args[0], f.Args[1]); m != nil {
					n = m
					continue
				}
			}
			n = p.times(n, f)
		case p.startsFactor(t):
			n = p.times(n, p.factor())
		default:
			return n
		}
	}
	return n
}

// startsFactor reports whether t begins a factor that may follow another without a sign.
func (p *parser) startsFactor(t token) bool {
	switch t.kind {
	case sym, constant, name, begin:
		return true
	case op:
		switch t.text {
		case "(", "[", "{", `\{`, "frac", "sqrt", "√", "binom", "overline", "lfloor", "lceil", "boxed", "angle", "vec":
			return true
		case "|":
			return p.bars == 0
		}
	}
	return false
}

// factor reads an atom and what is written behind it.
func (p *parser) factor() *Node {
	n := p.atom()
	for p.err == nil {
		t := p.peek()
		switch {
		case t.kind == word:
			if n.Op == "text" {
				p.i++
				n = p.node("text", n.Text+" "+t.text)
				continue
			}
			p.i++
			n = p.node("unit", t.text, n)
		case t.kind != op:
			return n
		case t.text == "!":
			p.i++
			n = p.node("fact", "", n)
		case t.text == "°":
			p.i++
			n = p.node("deg", "", n)
		case t.text == "%":
			p.i++
			n = p.node("percent", "", n)
		case t.text == "$":
			p.i++
			n = p.node("unit", "$", n)
		case t.text == "'":
			p.i++
			if n.Op != "sym" {
				p.fail("a prime after what is no symbol")
			}
			n = p.node("sym", n.Text+"'")
		case t.text == "^":
			p.i++
			if p.is("°") {
				continue
			}
			if n.Op == "pow" && p.err == nil { // a^b^c is a^(b^c)
				n = p.node("pow", "", n.Args[0], p.node("pow", "", n.Args[1], p.exponent()))
				continue
			}
			e := p.exponent()
			switch {
			case e == nil:
				n = p.node("deg", "", n)
			case n.Op == "unit": // cm^2
			default:
				n = p.node("pow", "", n, e)
			}
		case t.text == "_":
			p.i++
			n = p.subscript(n)
		default:
			return n
		}
	}
	return n
}

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
