package value

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Literal reads a literal of Python: numbers, strings, bytes, None, True, False, Ellipsis, lists, tuples, sets and
// dictionaries, with nan and inf, a sum or difference of a real and an imaginary number, and calls of set, frozenset,
// bytearray, float, complex, range, deque, Decimal and Fraction on literals. (name := value) names a value, and name is then
// the same object once more: [(row := [0]), row]. An error names the line and column, counted from 1.
func Literal(src string) (Value, error) {
	if !utf8.ValidString(src) {
		return Value{}, fmt.Errorf("is not UTF-8")
	}
	p := literal{s: src}
	p.space()
	v, err := p.expression()
	if err == nil {
		if p.take(",") {
			v, err = p.tuple(v, "")
		}
		if p.space(); err == nil && p.i < len(src) {
			err = p.errorf("a literal ends before this")
		}
	}
	return v, err
}

// literal reads one by recursive descent. White space behind what was read is read with it.
type literal struct {
	s     string
	i     int
	depth int
	nodes int
	hash  canonizer
	named map[string]namedValue
}

// namedValue is what a literal gave a name.
type namedValue struct {
	Value
	nodes, depth int // of it
}

func (p *literal) errorf(format string, a ...any) error {
	at := min(p.i, len(p.s))
	line := 1 + strings.Count(p.s[:at], "\n")
	column := 1 + utf8.RuneCountInString(p.s[strings.LastIndexByte(p.s[:at], '\n')+1:at])
	return fmt.Errorf("line %d, column %d: %s", line, column, fmt.Sprintf(format, a...))
}

func (p *literal) space() {
	for p.i < len(p.s) {
		switch {
		case strings.IndexByte(" \t\r\n\f", p.s[p.i]) >= 0:
			p.i++
		case p.s[p.i] == '#':
			n := strings.IndexByte(p.s[p.i:], '\n')
			if n < 0 {
				n = len(p.s) - p.i
			}
			p.i += n
		case strings.HasPrefix(p.s[p.i:], "\\\n"):
			p.i += 2
		default:
			return
		}
	}
}

// take reads text and the white space behind it.
func (p *literal) take(text string) bool {
	if !strings.HasPrefix(p.s[p.i:], text) {
		return false
	}
	p.i += len(text)
	p.space()
	return true
}

// name reads an identifier, not one that opens a string.
func (p *literal) name() string {
	i := p.i
	for i < len(p.s) && (p.s[i] == '_' || p.s[i] >= 'a' && p.s[i] <= 'z' || p.s[i] >= 'A' && p.s[i] <= 'Z' || i > p.i && p.s[i] >= '0' && p.s[i] <= '9') {
		i++
	}
	if i < len(p.s) && (p.s[i] == '"' || p.s[i] == '\'') {
		return ""
	}
	name := p.s[p.i:i]
	if p.i = i; name != "" {
		p.space()
	}
	return name
}

// expression is a value, or a sum of a real and an imaginary one.
func (p *literal) expression() (Value, error) {
	if p.depth++; p.depth > MaxDepth {
		return Value{}, p.errorf("nested deeper than %d", MaxDepth)
	}
	defer func() { p.depth-- }()
	if p.nodes++; p.nodes > MaxNodes {
		return Value{}, p.errorf("more than %d values", MaxNodes)
	}
	v, err := p.signed()
	if err != nil || !real(v) {
		return v, err
	}
	minus := strings.HasPrefix(p.s[p.i:], "-")
	if !minus && !strings.HasPrefix(p.s[p.i:], "+") {
		return v, nil
	}
	at := p.i
	p.i++
	p.space()
	im, err := p.atom()
	if err != nil {
		return Value{}, err
	}
	if im.Type != Complex {
		p.i = at
		return Value{}, p.errorf("a sum that is no complex number is not a literal")
	}
	re, i := v.Float(), im.Items[1].Float()
	if minus {
		i = -i
	}
	return complexOf(re, i), nil
}

func complexOf(re, im float64) Value {
	return Value{Type: Complex, Items: []Value{float(re), float(im)}}
}

func (p *literal) signed() (Value, error) {
	sign, signs := 1.0, 0
	for ; p.i < len(p.s) && (p.s[p.i] == '-' || p.s[p.i] == '+'); signs++ {
		if p.s[p.i] == '-' {
			sign = -sign
		}
		p.i++
		p.space()
	}
	at := p.i
	v, err := p.atom()
	if err != nil || signs == 0 {
		return v, err
	}
	switch {
	case v.Type == Float:
		return float(sign * v.Float()), nil
	case v.Type == Complex:
		return complexOf(sign*v.Items[0].Float(), sign*v.Items[1].Float()), nil
	case v.Type == Int:
		if sign < 0 && v.Text != "0" {
			if v.Text = "-" + v.Text; strings.HasPrefix(v.Text, "--") {
				v.Text = v.Text[2:]
			}
		}
		return v, nil
	}
	p.i = at
	return Value{}, p.errorf("a sign before what is no number")
}

func (p *literal) atom() (Value, error) {
	if p.i >= len(p.s) {
		return Value{}, p.errorf("a value is missing")
	}
	switch c := p.s[p.i]; {
	case c >= '0' && c <= '9', c == '.' && p.i+1 < len(p.s) && p.s[p.i+1] >= '0' && p.s[p.i+1] <= '9':
		return p.number()
	case p.take("..."):
		return Value{Type: "ellipsis"}, nil
	case p.take("["):
		items, err := p.items("]")
		return Value{Type: List, Items: items}, err
	case p.take("("):
		return p.parenthesis()
	case p.take("{"):
		return p.braces()
	}
	at := p.i
	if name := p.name(); name != "" {
		if known, ok := p.named[name]; ok {
			if p.nodes += known.nodes; p.nodes > MaxNodes {
				return Value{}, p.errorf("more than %d values", MaxNodes)
			}
			if p.depth+known.depth > MaxDepth {
				return Value{}, p.errorf("nested deeper than %d", MaxDepth)
			}
			return known.Value, nil
		}
		v, err := p.word(name)
		if err == nil && v.Type == "" {
			p.i = at
			return v, p.errorf("%s is not a literal", name)
		}
		return v, err
	}
	return p.strings()
}

// items are values up to end.
func (p *literal) items(end string) (items []Value, err error) {
	for !p.take(end) {
		v, err := p.expression()
		if err != nil {
			return nil, err
		}
		items = append(items, v)
		if !p.take(",") {
			if !p.take(end) {
				return nil, p.errorf("a comma or %s is missing", end)
			}
			return items, nil
		}
	}
	return items, nil
}

// tuple reads the rest of a tuple behind its first comma; end is "" for one without parentheses.
func (p *literal) tuple(first Value, end string) (Value, error) {
	v := Value{Type: Tuple, Items: []Value{first}}
	if end != "" {
		items, err := p.items(end)
		v.Items = append(v.Items, items...)
		return v, err
	}
	for p.i < len(p.s) {
		item, err := p.expression()
		if err != nil {
			return v, err
		}
		if v.Items = append(v.Items, item); !p.take(",") {
			break
		}
	}
	return v, nil
}

func (p *literal) parenthesis() (Value, error) {
	if p.take(")") {
		return Value{Type: Tuple}, nil
	}
	at := p.i
	if name := p.name(); name != "" && p.take(":=") {
		return p.define(name)
	}
	p.i = at
	v, err := p.expression()
	switch {
	case err != nil:
		return v, err
	case p.take(")"):
		return v, nil
	case p.take(","):
		return p.tuple(v, ")")
	}
	return v, p.errorf("a comma or ) is missing")
}

// define reads the value that a name is to have, up to the parenthesis behind it.
func (p *literal) define(name string) (Value, error) {
	before := p.nodes
	v, err := p.expression()
	if err != nil {
		return v, err
	}
	if _, ok := p.named[name]; ok {
		return v, p.errorf("the name %s is given twice", name)
	}
	if !p.take(")") {
		return v, p.errorf("a ) is missing")
	}
	if v.Same == 0 && v.Items != nil || slices.Contains([]string{List, Dict, "deque", ByteArray}, v.Type) {
		v.Same = cmp.Or(v.Same, len(p.named)+1)
	}
	if p.named == nil {
		p.named = map[string]namedValue{}
	}
	p.named[name] = namedValue{v, p.nodes - before, v.depth()}
	return v, nil
}

// depth is how many values are in one another.
func (v Value) depth() int {
	most := 0
	for _, x := range v.Items {
		most = max(most, x.depth())
	}
	return most + 1
}

func (p *literal) braces() (Value, error) {
	if p.take("}") {
		return Value{Type: Dict}, nil
	}
	first, err := p.expression()
	if err != nil {
		return first, err
	}
	if !p.take(":") {
		items := []Value{first}
		if p.take(",") {
			more, err := p.items("}")
			if err != nil {
				return first, err
			}
			items = append(items, more...)
		} else if !p.take("}") {
			return first, p.errorf("a comma or } is missing")
		}
		return p.set(Set, items)
	}
	v := Value{Type: Dict}
	seen := map[string]int{}
	for key := first; ; {
		value, err := p.expression()
		if err != nil {
			return v, err
		}
		k, err := p.hashed(key)
		if err != nil {
			return v, err
		}
		if at, ok := seen[k]; ok { // as in Python, the first key stays and the last value counts
			v.Items[at+1] = value
		} else {
			seen[k] = len(v.Items)
			v.Items = append(v.Items, key, value)
		}
		comma := p.take(",")
		if p.take("}") {
			return v, nil
		}
		if !comma {
			return v, p.errorf("a comma or } is missing")
		}
		if key, err = p.expression(); err != nil {
			return v, err
		}
		if !p.take(":") {
			return v, p.errorf("a colon is missing")
		}
	}
}

// set drops what Python calls equal to something before it.
func (p *literal) set(typ string, items []Value) (Value, error) {
	v := Value{Type: typ}
	seen := map[string]bool{}
	for _, x := range items {
		k, err := p.hashed(x)
		if err != nil {
			return v, err
		}
		if !seen[k] {
			seen[k] = true
			v.Items = append(v.Items, x)
		}
	}
	return v, nil
}

// hashed tells keys apart as a dict does.
func (p *literal) hashed(v Value) (string, error) {
	if typ := unhashable(v); typ != "" {
		return "", p.errorf("a %s cannot be in a set or a key", typ)
	}
	p.hash.loose = true
	k := string(p.hash.append(nil, v))
	if p.hash.work > maxHashed {
		return "", p.errorf("too much in sets and keys that stand in one another")
	}
	return k, nil
}

// unhashable is the type in v that has no hash in Python, "" for none.
func unhashable(v Value) string {
	switch v.Type {
	case List, Dict, Set, ByteArray, "deque":
		return v.Type
	case Tuple:
		for _, x := range v.Items {
			if typ := unhashable(x); typ != "" {
				return typ
			}
		}
	}
	return ""
}

// word is what a name of Python stands for, or a call of it; a value without a type where it is none of a literal's.
func (p *literal) word(name string) (Value, error) {
	switch name {
	case "None":
		return Value{Type: None}, nil
	case "True", "False":
		return boolean(name == "True"), nil
	case "Ellipsis":
		return Value{Type: "ellipsis"}, nil
	case "nan":
		return float(math.NaN()), nil
	case "inf":
		return float(math.Inf(1)), nil
	}
	if !slices.Contains([]string{"set", "frozenset", "bytearray", "float", "complex", "range", "deque", "Decimal", "Fraction"}, name) {
		return Value{}, nil
	}
	at := p.i
	if !p.take("(") {
		return Value{}, nil
	}
	args, err := p.items(")")
	if err != nil {
		return Value{}, err
	}
	v, err := p.call(name, args)
	if err == nil && v.Type == "" {
		p.i = at
		return v, p.errorf("%s of these arguments is not a literal", name)
	}
	return v, err
}

// call is what a type makes of literals.
func (p *literal) call(name string, args []Value) (v Value, err error) {
	var first Value
	if len(args) > 0 {
		first = args[0]
	}
	listed := len(args) == 0 || len(args) == 1 && slices.Contains([]string{List, Tuple, Set, FrozenSet}, first.Type)
	switch {
	case (name == Set || name == FrozenSet) && listed:
		return p.set(name, first.Items)
	case name == "deque" && listed:
		return Value{Type: name, Items: first.Items}, nil
	case name == ByteArray && (len(args) == 0 || len(args) == 1 && first.Type == Bytes):
		return Value{Type: ByteArray, Text: first.Text}, nil
	case name == Float && len(args) == 1 && real(first):
		return float(first.Float()), nil
	case name == Float && len(args) == 1 && first.Type == Str:
		if f, err := strconv.ParseFloat(strings.TrimSpace(first.Text), 64); err == nil {
			return float(f), nil
		}
	case name == Complex && len(args) == 2 && real(args[0]) && real(args[1]):
		return complexOf(args[0].Float(), args[1].Float()), nil
	case name == "range" && len(args) >= 1 && len(args) <= 3 && !slices.ContainsFunc(args, func(v Value) bool { return v.Type != Int }):
		switch len(args) {
		case 1:
			args = []Value{NewInt(0), first, NewInt(1)}
		case 2:
			args = append(args, NewInt(1))
		}
		if args[2].Text != "0" {
			return Value{Type: name, Items: args}, nil
		}
	case name == "Decimal" && len(args) == 1 && (first.Type == Str || first.Type == Int):
		if _, err := strconv.ParseFloat(first.Text, 64); err == nil || strings.Contains(err.Error(), "range") {
			return Value{Type: name, Text: first.Text}, nil
		}
	case name == "Fraction" && len(args) == 2 && args[0].Type == Int && args[1].Type == Int && args[1].Text != "0":
		a, okA := new(big.Int).SetString(args[0].Text, 10)
		b, okB := new(big.Int).SetString(args[1].Text, 10)
		if okA && okB && len(args[0].Text)+len(args[1].Text) < 10_000 {
			r := new(big.Rat).SetFrac(a, b)
			return Value{Type: name, Items: []Value{{Type: Int, Text: r.Num().String()}, {Type: Int, Text: r.Denom().String()}}}, nil
		}
	}
	return Value{}, nil
}
