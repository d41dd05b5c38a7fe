// Package value holds values of Python outside of Python: what a call is given, what it must return, what it returned.
//
// [JSON] and [Literal] read what a problem says, [Decode] what a sandbox sent, which nobody vouches for; [Value.Encode]
// makes what a sandbox reads (see languages/python/wire.py). [Equal], [Within] and [Unordered] compare. Nothing here runs
// code, and all work is bounded by the length of the texts and by [MaxNodes].
package value

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Types of values that are treated apart; the others are named as Python names them, without a module.
const (
	None      = "NoneType"
	Bool      = "bool"
	Int       = "int"
	Float     = "float"
	Complex   = "complex"
	Str       = "str"
	Bytes     = "bytes"
	ByteArray = "bytearray"
	List      = "list"
	Tuple     = "tuple"
	Set       = "set"
	FrozenSet = "frozenset"
	Dict      = "dict" // also its subclasses, which Python itself calls equal
)

// Bounds on values that are read.
const (
	MaxNodes  = 1 << 22 // values in a value, one that occurs twice counted twice
	MaxDepth  = 250     // values in one another
	MaxDigits = 300_000 // of a number
	maxHashed = 1 << 28 // bytes of what stands in sets and keys of a literal, counted once for each it stands in
)

// Value is a value. Text is that of a scalar: True, an int in decimal, a float as [strconv] writes it shortest, a str in
// UTF-8 (with lone surrogates, three bytes each), the bytes of bytes. Items are those of a container, keys and values of a
// dict by turns, the parts of a complex number, the arguments of other types.
type Value struct {
	Type  string
	Text  string
	Items []Value
	// Same, unless 0, is equal in values that are one object. Only what is encoded is told so: nothing compares it.
	Same int
}

// Scalars.
func boolean(b bool) Value {
	if b {
		return Value{Type: Bool, Text: "True"}
	}
	return Value{Type: Bool, Text: "False"}
}

func float(f float64) Value {
	return Value{Type: Float, Text: strconv.FormatFloat(f, 'g', -1, 64)}
}

// NewList returns a list.
func NewList(items ...Value) Value { return Value{Type: List, Items: items} }

// NewStr returns a str.
func NewStr(s string) Value { return Value{Type: Str, Text: s} }

// Shared reports whether v holds an object that may occur in it twice.
func (v Value) Shared() bool { return v.Same != 0 || slices.ContainsFunc(v.Items, Value.Shared) }

// NewInt returns an int.
func NewInt(n int) Value { return Value{Type: Int, Text: strconv.Itoa(n)} }

// Float is what v is worth as a number; an int too great for that is infinite.
func (v Value) Float() float64 {
	f, err := strconv.ParseFloat(v.Text, 64)
	if err != nil && !math.IsInf(f, 0) {
		return math.NaN()
	}
	return f
}

// Equal reports whether got is want in type and content: 1, 1.0 and True are three values, a tuple is no list, nan is nan,
// and 0.0 is -0.0. The order of a set and of a dict does not matter.
func Equal(got, want Value) bool {
	if got.Type != want.Type || len(got.Items) != len(want.Items) {
		return false
	}
	switch got.Type {
	case Set, FrozenSet, Dict, "dict_keys", "dict_items":
		return got.Canon() == want.Canon()
	case Float:
		return got.Text == want.Text || got.Float() == 0 && want.Float() == 0
	}
	if got.Text != want.Text {
		return false
	}
	for i := range got.Items {
		if !Equal(got.Items[i], want.Items[i]) {
			return false
		}
	}
	return true
}

// Canon is a text that is the same for values that are [Equal], and for no others: of what has no order it holds digests.
func (v Value) Canon() string { return string(new(canonizer).append(nil, v)) }

// canonizer makes canonical texts.
type canonizer struct {
	loose bool // numbers are the same if Python calls them equal, as it does with the keys of a dict
	work  int  // bytes and values that were looked at
}

func (c *canonizer) append(b []byte, v Value) []byte {
	typ, text := v.Type, v.Text
	switch {
	case typ == Float && text == "-0":
		text = "0"
	case c.loose && typ == Complex && v.Items[1].Float() == 0:
		return c.append(b, v.Items[0])
	case c.loose:
		typ, text = numeric(v)
	}
	c.work += 1 + len(text)
	b = prefixed(prefixed(b, typ), text)
	b = binary.AppendUvarint(b, uint64(len(v.Items)))
	group := 0
	switch v.Type {
	case Set, FrozenSet, "dict_keys", "dict_items":
		group = 1
	case Dict:
		group = 2
	default:
		for _, x := range v.Items {
			b = c.append(b, x)
		}
		return b
	}
	for _, d := range c.sorted(v.Items, group) {
		b = append(b, d[:]...)
	}
	return b
}

// numeric is the type and text of v where a bool is an int, a float without a fraction too, and a frozenset a set.
func numeric(v Value) (typ, text string) {
	switch v.Type {
	case Bool:
		return Int, map[string]string{"True": "1", "False": "0"}[v.Text]
	case FrozenSet:
		return Set, ""
	case Float:
		if f := v.Float(); f == 0 {
			return Int, "0"
		} else if f == math.Trunc(f) && !math.IsInf(f, 0) {
			return Int, strconv.FormatFloat(f, 'f', -1, 64)
		}
	}
	return v.Type, v.Text
}

// sorted are digests of each n items, in order.
func (c *canonizer) sorted(items []Value, n int) [][sha256.Size]byte {
	var all [][sha256.Size]byte
	var b []byte
	for group := range slices.Chunk(items, n) {
		b = b[:0]
		for _, x := range group {
			b = c.append(b, x)
		}
		all = append(all, sha256.Sum256(b))
	}
	slices.SortFunc(all, func(a, b [sha256.Size]byte) int { return bytes.Compare(a[:], b[:]) })
	return all
}

func prefixed(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// Within is Equal, but for numbers at every depth: there an int may be a float, and near decides, by their texts.
// Keys are compared by Equal, and so are sets unless they hold numbers alone.
func Within(got, want Value, near func(got, want string) bool) bool {
	if real(got) && real(want) {
		return near(got.Text, want.Text)
	}
	if got.Type != want.Type || len(got.Items) != len(want.Items) {
		return false
	}
	switch got.Type {
	case Complex:
		return near(got.Items[0].Text, want.Items[0].Text) && near(got.Items[1].Text, want.Items[1].Text)
	case Dict:
		values := map[string]Value{}
		for i := 0; i < len(want.Items); i += 2 {
			values[want.Items[i].Canon()] = want.Items[i+1]
		}
		for i := 0; i < len(got.Items); i += 2 {
			key := got.Items[i].Canon()
			w, ok := values[key]
			if !ok || !Within(got.Items[i+1], w, near) {
				return false
			}
			delete(values, key) // what was read may hold a key twice
		}
		return true
	case Set, FrozenSet:
		a, okA := numbers(got.Items)
		b, okB := numbers(want.Items)
		if !okA || !okB {
			return Equal(got, want)
		}
		for i := range a {
			if !near(a[i].Text, b[i].Text) {
				return false
			}
		}
		return true
	}
	if got.Text != want.Text {
		return false
	}
	for i := range got.Items {
		if !Within(got.Items[i], want.Items[i], near) {
			return false
		}
	}
	return true
}

func real(v Value) bool { return v.Type == Int || v.Type == Float }

// numbers are items in order of size, if they are numbers all.
func numbers(items []Value) ([]Value, bool) {
	for _, x := range items {
		if !real(x) {
			return nil, false
		}
	}
	return slices.SortedFunc(slices.Values(items), func(a, b Value) int {
		switch x, y := a.Float(), b.Float(); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}), true
}

// Unordered is Equal, but for the order of the items of a list, tuple or deque, at the outermost level alone.
func Unordered(got, want Value) bool {
	if got.Type != want.Type || len(got.Items) != len(want.Items) || got.Type != List && got.Type != Tuple && got.Type != "deque" {
		return Equal(got, want)
	}
	var c canonizer
	return slices.Equal(c.sorted(got.Items, 1), c.sorted(want.Items, 1))
}

// String is v as Python would write it, more or less, cut to a readable length.
func (v Value) String() string {
	var b strings.Builder
	v.write(&b)
	s := b.String()
	if len(s) > shown {
		s = strings.ToValidUTF8(s[:shown], "") + "…"
	}
	return strings.ToValidUTF8(s, "�")
}

const shown = 100

func (v Value) write(b *strings.Builder) {
	if b.Len() > shown {
		return
	}
	items := func(open, end string) {
		b.WriteString(open)
		for i, x := range v.Items {
			if i > 0 {
				b.WriteString(", ")
			}
			x.write(b)
			if b.Len() > shown {
				return
			}
		}
		b.WriteString(end)
	}
	switch v.Type {
	case None:
		b.WriteString("None")
	case Bool, Int:
		b.WriteString(v.Text[:min(len(v.Text), shown+1)])
	case Float:
		text := strings.ToLower(strings.TrimPrefix(v.Text, "+"))
		b.WriteString(text)
		if !strings.ContainsAny(text, ".en") {
			b.WriteString(".0")
		}
	case Str, Bytes, ByteArray:
		b.WriteString(map[string]string{Str: "", Bytes: "b", ByteArray: "bytearray b"}[v.Type])
		b.WriteString(strconv.Quote(v.Text[:min(len(v.Text), shown)]))
	case List:
		items("[", "]")
	case Tuple:
		if len(v.Items) == 1 {
			items("(", ",)")
		} else {
			items("(", ")")
		}
	case Set:
		if len(v.Items) == 0 {
			b.WriteString("set()")
		} else {
			items("{", "}")
		}
	case Dict:
		b.WriteString("{")
		for i := 0; i+1 < len(v.Items) && b.Len() <= shown; i += 2 {
			if i > 0 {
				b.WriteString(", ")
			}
			v.Items[i].write(b)
			b.WriteString(": ")
			v.Items[i+1].write(b)
		}
		b.WriteString("}")
	default:
		b.WriteString(v.Type)
		b.WriteString("(")
		b.WriteString(v.Text[:min(len(v.Text), shown)])
		items("", ")")
	}
}
