package value

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// form is what stands behind a tag.
type form struct {
	typ  string
	take func(p *parser, v *Value, args []Value) bool // fills in v, or finds that the arguments are none of the tag's
}

// forms are the tags. See languages/python/wire.py, whose _PACK makes them.
var forms = map[string]form{
	"t":  {Tuple, items},
	"s":  {Set, items},
	"fs": {FrozenSet, items},
	"b":  {Bytes, latin},
	"ba": {ByteArray, latin},
	"c":  {Complex, typed(Float, Float)},
	"ra": {"range", typed(Int, Int, Int)},
	"sl": {"slice", typed("", "", "")},
	"d":  {Dict, pairs},
	"od": {Dict, pairs},
	"ct": {Dict, pairs},
	"dd": {Dict, func(p *parser, v *Value, args []Value) bool {
		return len(args) == 2 && pairs(p, v, args[:1])
	}},
	"q": {"deque", func(p *parser, v *Value, args []Value) bool {
		return len(args) == 2 && items(p, v, args[:1])
	}},
	"i":  {"iterator", items},
	"k":  {"dict_keys", items},
	"v":  {"dict_values", items},
	"it": {"dict_items", couples},
	"D":  {"Decimal", text},
	"F":  {"Fraction", typed(Int, Int)},
	"da": {"date", items},
	"ti": {"time", items},
	"dt": {"datetime", items},
	"td": {"timedelta", typed(Int, Int, Int)},
	"n":  {"type", text},
	"el": {"ellipsis", nothing},
	"ni": {"NotImplementedType", nothing},
	"e": {"exception", func(p *parser, v *Value, args []Value) bool {
		if len(args) != 3 || args[0].Type != List || len(args[0].Items) == 0 || args[1].Type != Str || args[2].Type != List {
			return false
		}
		v.Text, v.Items = args[0].Items[0].Text, args[2].Items
		return args[0].Items[0].Type == Str
	}},
}

// tag reads what stands behind {"$": and its end.
func (p *parser) tag() (Value, error) {
	if p.space(); !p.take("[") {
		return Value{}, p.errorf("a tag is no list")
	}
	if p.space(); !p.take(`"`) {
		return Value{}, p.errorf("a tag has no name")
	}
	name, err := p.text()
	if err != nil {
		return Value{}, err
	}
	var args []Value
	before := p.nodes
	if p.space(); p.take(",") {
		if args, err = p.list("]"); err != nil {
			return Value{}, err
		}
	} else if !p.take("]") {
		return Value{}, p.errorf("a tag has no end")
	}
	if p.space(); !p.take("}") {
		return Value{}, p.errorf("a tag among other things")
	}
	switch name {
	case "=":
		if len(args) != 2 || args[0].Type != Int || args[0].Text != strconv.Itoa(len(p.refs)) {
			return Value{}, p.errorf("a definition out of order")
		}
		p.refs, p.sizes = append(p.refs, args[1]), append(p.sizes, p.nodes-before)
		return args[1], nil
	case "@":
		if len(args) != 1 || args[0].Type != Int {
			return Value{}, p.errorf("a reference to nothing")
		}
		n, err := strconv.Atoi(args[0].Text)
		if err != nil || n < 0 || n >= len(p.refs) {
			return Value{}, p.errorf("a reference to nothing")
		}
		return p.refs[n], p.add(p.sizes[n])
	}
	f, ok := forms[name]
	if !ok {
		return Value{}, p.errorf("the tag %q is not known", name)
	}
	v := Value{Type: f.typ}
	if !f.take(p, &v, args) {
		return Value{}, p.errorf("what stands behind the tag %q does not belong there", name)
	}
	return v, nil
}

func nothing(_ *parser, _ *Value, args []Value) bool { return len(args) == 0 }

func items(_ *parser, v *Value, args []Value) bool {
	if len(args) != 1 || args[0].Type != List {
		return false
	}
	v.Items = args[0].Items
	return true
}

func pairs(p *parser, v *Value, args []Value) bool {
	if !couples(p, v, args) {
		return false
	}
	var flat []Value
	for _, pair := range v.Items {
		flat = append(flat, pair.Items...)
	}
	v.Items = flat
	return true
}

// couples are lists of two.
func couples(p *parser, v *Value, args []Value) bool {
	if !items(p, v, args) {
		return false
	}
	for _, pair := range v.Items {
		if pair.Type != List || len(pair.Items) != 2 {
			return false
		}
	}
	return true
}

func text(_ *parser, v *Value, args []Value) bool {
	if len(args) != 1 || args[0].Type != Str {
		return false
	}
	v.Text = args[0].Text
	return true
}

// latin reads bytes that are written as the characters of their numbers.
func latin(_ *parser, v *Value, args []Value) bool {
	if len(args) != 1 || args[0].Type != Str {
		return false
	}
	var b strings.Builder
	for _, r := range args[0].Text {
		if r > 0xff {
			return false
		}
		b.WriteByte(byte(r))
	}
	v.Text = b.String()
	return true
}

// typed reads a list of values of these types, "" for any.
func typed(types ...string) func(*parser, *Value, []Value) bool {
	return func(p *parser, v *Value, args []Value) bool {
		if !items(p, v, args) || len(v.Items) != len(types) {
			return false
		}
		for i, t := range types {
			if t != "" && v.Items[i].Type != t {
				return false
			}
		}
		return true
	}
}

// tagOf is the tag of the types that [Value.Encode] writes.
var tagOf = map[string]string{
	Tuple: "t", Set: "s", FrozenSet: "fs", Bytes: "b", ByteArray: "ba", Complex: "c", "range": "ra", "deque": "q", "iterator": "i",
	"Decimal": "D", "Fraction": "F", "ellipsis": "el", "date": "da", "time": "ti", "datetime": "dt", "timedelta": "td", "slice": "sl",
	"dict_keys": "k", "dict_values": "v", "dict_items": "it", "type": "n", "NotImplementedType": "ni", "exception": "e",
}

// Encode appends the JSON of v, as a sandbox reads it.
func (v Value) Encode(b []byte) []byte { return v.encode(b, map[int]int{}) }

// encode knows the numbers of what was written and may be named again, by Value.Same.
func (v Value) encode(b []byte, known map[int]int) []byte {
	if v.Same == 0 {
		return v.content(b, known)
	}
	if n, ok := known[v.Same]; ok {
		return fmt.Appendf(b, `{"$":["@",%d]}`, n)
	}
	content := v.content(nil, known) // first: who reads it counts what is inside before
	known[v.Same] = len(known)
	return append(append(fmt.Appendf(b, `{"$":["=",%d,`, known[v.Same]), content...), "]}"...)
}

func (v Value) content(b []byte, known map[int]int) []byte {
	switch v.Type {
	case None:
		return append(b, "null"...)
	case Bool:
		return append(b, strings.ToLower(v.Text)...)
	case Int:
		return append(b, v.Text...)
	case Float:
		switch f := v.Float(); {
		case math.IsNaN(f):
			return append(b, "NaN"...)
		case math.IsInf(f, 1):
			return append(b, "Infinity"...)
		case math.IsInf(f, -1):
			return append(b, "-Infinity"...)
		}
		b = append(b, v.Text...)
		if !strings.ContainsAny(v.Text, ".e") {
			b = append(b, ".0"...)
		}
		return b
	case Str:
		return appendText(b, v.Text)
	case List:
		return appendItems(b, v.Items, known)
	case Dict:
		return v.appendDict(b, known)
	}
	b = append(b, `{"$":[`...)
	b = appendText(b, tagOf[v.Type])
	switch v.Type {
	case Bytes, ByteArray:
		b = append(b, ',')
		var latin strings.Builder
		for _, c := range []byte(v.Text) {
			latin.WriteRune(rune(c))
		}
		b = appendText(b, latin.String())
	case "Decimal", "type":
		b = appendText(append(b, ','), v.Text)
	case "ellipsis", "NotImplementedType":
	case "exception":
		b = append(appendText(append(b, ",["...), v.Text), `],"",`...)
		b = appendItems(b, v.Items, known)
	default:
		b = appendItems(append(b, ','), v.Items, known)
		if v.Type == "deque" {
			b = append(b, ",null"...)
		}
	}
	return append(b, "]}"...)
}

func (v Value) appendDict(b []byte, known map[int]int) []byte {
	plain := true
	for i := 0; i < len(v.Items); i += 2 {
		plain = plain && v.Items[i].Type == Str && v.Items[i].Text != "$"
	}
	if plain {
		b = append(b, '{')
	} else {
		b = append(b, `{"$":["d",[`...)
	}
	for i := 0; i < len(v.Items); i += 2 {
		if i > 0 {
			b = append(b, ',')
		}
		if plain {
			b = v.Items[i+1].encode(append(v.Items[i].encode(b, known), ':'), known)
		} else {
			b = appendItems(b, v.Items[i:i+2], known)
		}
	}
	if plain {
		return append(b, '}')
	}
	return append(b, "]]}"...)
}

func appendItems(b []byte, items []Value, known map[int]int) []byte {
	b = append(b, '[')
	for i, x := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = x.encode(b, known)
	}
	return append(b, ']')
}

func appendText(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
