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
