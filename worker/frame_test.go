package worker

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"borel/confine"
	"borel/languages"
	"borel/sandbox"
)

var python, _ = languages.Find("")

// program is a Python program under moderate limits.
func program(source string) sandbox.Spec {
	return python.Spec(languages.Program{
		Steps:  []string{source},
		Limits: languages.Limits{Seconds: 2, Memory: 256 << 20, Output: 64 << 10, Files: 100, FileBytes: 1 << 20},
	})
}

// decode reads the only frame of b.
func decode[M Request | Answer](b []byte, limit int64) (m M, err error) {
	err = Decode(bufio.NewReader(bytes.NewReader(b)), limit, &m)
	return m, err
}

func encode[M Request | Answer](tb testing.TB, m M) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := Encode(&b, &m); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

var someRequests = []Request{
	{},
	{Number: 3, Cancel: true},
	{Number: math.MaxUint64, Guest: languages.Guest{Language: "python", HashSeed: math.MaxUint32}, Spec: sandbox.Spec{
		Steps: []sandbox.Step{{Name: "main.py", Source: []byte("print(1)")}, {Name: "", Source: nil}}, Stdin: []byte{0, 255},
		Files: map[string][]byte{"a/b": {1}, "\xff": {}}, Fetch: []string{"out"}, Args: []string{"main.py", "\xff\x00", ""}, Seed: math.MinInt64,
		Start:  time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		Limits: sandbox.Limits{Fuel: math.MaxInt64, Virtual: 1, Memory: 2, Output: 3, Files: 4, FileBytes: 5, Wall: 6},
		Tails:  []sandbox.Step{{Name: "t.py", Source: []byte("x")}}, Channel: []byte{},
	}},
	{Number: 5, Spec: sandbox.Spec{Marked: true, Each: sandbox.StepLimits{Fuel: 1, Virtual: 2}}},
	{Number: 4, Spec: sandbox.Spec{Peer: &sandbox.Spec{Files: map[string][]byte{"a": {1}}, Channel: []byte{0}}, Join: sandbox.JoinStdio}},
}

var someAnswers = []Answer{
	{},
	{Hello: &Hello{Protocol: 1, Identities: map[string]string{"python": "x"}, Isolation: confine.Report{{Name: "seccomp", Active: true, Detail: "d"}}}},
	{Number: 9, Fault: &Fault{classService, "why\xff"}},
	{Number: 9, Result: &sandbox.Result{Reason: sandbox.Exited, ExitCode: -1, Returned: []uint32{0, math.MaxUint32}, Stdout: []byte{}, Stderr: []byte("\xff"),
		Files: map[string][]byte{"out": {}, "b": nil}, Fuel: math.MaxInt64, Virtual: time.Hour, Memory: 1, Trap: "t"}},
	{Number: 9, Result: &sandbox.Result{Marks: []sandbox.Mark{{Stdout: 1, Stderr: 2, Channel: math.MaxInt64}, {}}}},
	{Number: 9, Result: &sandbox.Result{Channel: []byte{1}, Peer: &sandbox.Result{Reason: sandbox.Deadlock}, Tails: []sandbox.Result{{Files: map[string][]byte{"out": {}}}, {}}}},
}

// What is sent arrives, in frames of every size and however the bytes come.
func TestFrames(t *testing.T) {
	for _, want := range someRequests {
		if got, err := decode[Request](encode(t, want), MaxFrame); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v\nwant %+v", got, err, want)
		}
	}
	var all bytes.Buffer
	for _, want := range someAnswers {
		all.Write(encode(t, want))
	}
	large := Answer{Result: &sandbox.Result{Stdout: bytes.Repeat([]byte("x"), 300<<10)}}
	all.Write(encode(t, large))
	in := bufio.NewReader(slowly{&all})
	for _, want := range append(someAnswers, large) {
		var got Answer
		if err := Decode(in, MaxFrame, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v\nwant %+v", got, err, want)
		}
	}
	if err := Decode(in, MaxFrame, new(Answer)); err != io.EOF {
		t.Errorf("at the end: got %v", err)
	}
}

// slowly gives few bytes at a time.
type slowly struct{ r io.Reader }

func (o slowly) Read(b []byte) (int, error) { return o.r.Read(b[:min(len(b), 7)]) }

func framed(body string) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
}

func TestBadFrames(t *testing.T) {
	good := encode(t, someAnswers[3])
	for _, c := range []struct {
		name  string
		bytes []byte
		limit int64
		err   string
	}{
		{"no bytes", nil, 100, "EOF"},
		{"half a head", good[:2], 100, "unexpected EOF"},
		{"a head alone", good[:4], 1000, "unexpected EOF"},
		{"one byte missing", good[:len(good)-1], 1000, "unexpected EOF"},
		{"past the limit", good, int64(len(good) - headBytes - 1), "the limit is"},
		{"a promise of a gigabyte", []byte{0x40, 0, 0, 0, 1, 2, 3}, MaxFrame, "unexpected EOF"},
		{"an empty body", framed(""), 100, "EOF"},
		{"two values", framed("\xa0\xa0"), 100, "extraneous"},
		{"another type", framed("\x80"), 100, "cannot unmarshal"},
		{"a field twice", framed("\xa2\x66Number\x01\x66Number\x02"), 100, "duplicate"},
		{"an unknown field", framed("\xa1\x66Secret\x01"), 100, "unknown field"},
		{"a field in other letters", framed("\xa1\x66number\x01"), 100, "unknown field"},
		{"an indefinite length", framed("\xbf\x66Number\x01\xff"), 100, "indefinite"},
		{"a tag", framed("\xc1\xa0"), 100, "tag"},
		{"a negative number", framed("\xa1\x66Number\x20"), 100, "cannot unmarshal"},
		{"nesting", framed(strings.Repeat("\x81", 50) + "\x00"), 100, "nested"},
		{"very many elements", framed("\xa1\x66Result\xa1\x68Returned\x9b\x00\x00\x00\x01\x00\x00\x00\x00"), 100, "exceeded"},
	} {
		if got, err := decode[Answer](c.bytes, c.limit); err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: got %+v, %v; want %q", c.name, got, err, c.err)
		}
	}
}

// pieces are as many as n bytes on each of two streams can lie in.
func pieces(n int64) []uint32 {
	all := slices.Repeat([]uint32{1}, int(min(2*n, sandbox.MaxOrder)))
	for i := range 2 {
		all[len(all)-1-i] += uint32(n - int64(len(all)/2))
	}
	return all
}

// room holds whatever check accepts.
func TestRoom(t *testing.T) {
	spec := program("x")
	spec.Fetch = []string{"a", "b", "a"}
	full := func(n int64) []byte { return make([]byte, n) }
	l := spec.Limits
	a := Answer{Number: math.MaxUint64, Result: &sandbox.Result{
		Reason: sandbox.Trap, Trap: strings.Repeat("x", maxText), ExitCode: math.MinInt64, Returned: []uint32{math.MaxUint32, math.MaxUint32},
		Stdout: full(l.Output), Stderr: full(l.Output), Order: pieces(l.Output), Files: map[string][]byte{"a": full(l.FileBytes), "b": full(1)},
		Fuel: l.Fuel, Virtual: l.Virtual, Memory: l.Memory,
	}}
	if err := a.check(&Request{Number: a.Number, Spec: spec}, 0); err != nil {
		t.Fatal(err)
	}
	if got, limit := int64(len(encode(t, a))), room(&spec); got > limit {
		t.Errorf("the frame has %d bytes, and room for %d", got, limit)
	}
	spec.Limits.Output, spec.Limits.FileBytes = math.MaxInt64, math.MaxInt64
	if got := room(&spec); got != MaxFrame {
		t.Errorf("got %d", got)
	}
	spec.Limits.Output, spec.Limits.FileBytes = math.MinInt64, math.MinInt64
	if got := room(&spec); got < answerFrame || got > 2*answerFrame {
		t.Errorf("got %d", got)
	}
}

// room holds whatever check accepts of pairs and tails too.
func TestRoomOfMore(t *testing.T) {
	spec := program("x")
	spec.Fetch = []string{"a"}
	l := spec.Limits
	full := func(steps int) sandbox.Result {
		return sandbox.Result{
			Reason: sandbox.Trap, Trap: strings.Repeat("x", maxText), ExitCode: math.MinInt64, Returned: make([]uint32, steps+1),
			Stdout: make([]byte, l.Output), Stderr: make([]byte, l.Output), Order: pieces(l.Output), Files: map[string][]byte{"a": make([]byte, l.FileBytes)},
			Fuel: l.Fuel, Virtual: l.Virtual, Memory: l.Memory,
		}
	}
	one := full(1)
	one.Reason, one.Trap, one.Returned = sandbox.Finished, "", []uint32{0}
	peer := full(1)

	pair := spec
	other := program("y")
	other.Fetch = spec.Fetch
	pair.Peer, pair.Join = &other, sandbox.JoinStdio
	both := one
	both.Peer = &peer

	tailed := spec
	tailed.Channel = []byte{}
	many := one
	many.Channel, many.Fuel = make([]byte, l.Output), 0
	for size := int64(0); size <= sandbox.MaxTailBytes; {
		tail := full(2)
		tail.Channel, tail.Fuel = make([]byte, l.Output), 0
		many.Tails, tailed.Tails = append(many.Tails, tail), append(tailed.Tails, sandbox.Step{Name: "t.py"})
		size += tail.Size()
	}

	small := spec
	small.Fetch = nil
	few := sandbox.Result{Reason: sandbox.Finished, Returned: []uint32{0}}
	for range sandbox.MaxTails {
		small.Tails = append(small.Tails, sandbox.Step{Name: "t.py"})
		few.Tails = append(few.Tails, sandbox.Result{Reason: sandbox.Finished, Returned: []uint32{0, 0}, Fuel: 1 << 10, Virtual: 1 << 40, Memory: 1 << 30, Stdout: make([]byte, 250)})
	}
	small.Limits.Fuel, small.Limits.Virtual, small.Limits.Memory = 1<<40, 1<<41, 1<<31

	for _, c := range []struct {
		spec   sandbox.Spec
		result sandbox.Result
	}{{pair, both}, {tailed, many}, {small, few}} {
		a := Answer{Number: 9, Result: &c.result}
		if err := a.check(&Request{Number: 9, Spec: c.spec}, 0); err != nil {
			t.Error(err)
		}
		if got, limit := int64(len(encode(t, a))), room(&c.spec); got > limit {
			t.Errorf("the frame has %d bytes, and room for %d", got, limit)
		}
		if err := fits(&c.spec, &c.result); err != nil {
			t.Error(err)
		}
	}
}

// FuzzFrame: whatever bytes come, reading them takes no more than they are, and what is read can be written.
func FuzzFrame(f *testing.F) {
	for _, a := range someAnswers {
		f.Add(encode(f, a), int64(1000))
	}
	f.Add([]byte{0xff, 0xff, 0xff, 0xff}, int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, b []byte, limit int64) {
		r := bufio.NewReader(bytes.NewReader(b))
		var a Answer
		if err := Decode(r, limit, &a); err == nil {
			n := int64(len(b)-headBytes) - int64(r.Buffered())
			if n > limit || n != int64(binary.BigEndian.Uint32(b)) {
				t.Errorf("read %d bytes of %d, limit %d", n, len(b), limit)
			}
		}
	})
}

// FuzzRequest: what is read is the same after being written and read again.
func FuzzRequest(f *testing.F) {
	for _, r := range someRequests {
		f.Add(encode(f, r))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decode[Request](b, MaxFrame)
		if err != nil {
			return
		}
		again, err := decode[Request](encode(t, r), MaxFrame)
		if err != nil {
			t.Fatal(err)
		}
		if !r.Spec.Start.Equal(again.Spec.Start) {
			t.Errorf("start: got %v, want %v", again.Spec.Start, r.Spec.Start)
		}
		again.Spec.Start = r.Spec.Start
		if !reflect.DeepEqual(r, again) {
			t.Errorf("got %+v, want %+v", again, r)
		}
	})
}

// FuzzAnswer: what check lets pass is within the limits of the request.
func FuzzAnswer(f *testing.F) {
	spec := program("x")
	spec.Fetch = []string{"out"}
	r := Request{Number: 9, Spec: spec}
	for _, a := range someAnswers {
		f.Add(encode(f, a))
	}
	f.Add(encode(f, Answer{Number: 9, Result: &sandbox.Result{Reason: sandbox.Finished, Returned: []uint32{0}, Files: map[string][]byte{"out": nil}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := decode[Answer](b, room(&spec))
		if err != nil || a.check(&r, 0) != nil {
			return
		}
		if a.Fault != nil {
			if a.Result != nil || len(a.Fault.Text) > maxText {
				t.Errorf("got %+v", a)
			}
			return
		}
		res, l := a.Result, spec.Limits
		if a.Number != 9 || res.Fuel < 0 || res.Fuel > l.Fuel || res.Virtual < 0 || res.Virtual > l.Virtual || res.Memory < 0 || res.Memory > l.Memory ||
			int64(len(res.Stdout)) > l.Output || int64(len(res.Stderr)) > l.Output || len(res.Returned) > 2 || len(res.Files) > 1 || int64(len(res.Files["out"])) > l.FileBytes {
			t.Errorf("got %+v", res)
		}
		if res.Peer != nil || res.Tails != nil || res.Channel != nil {
			t.Errorf("got more than was asked for: %+v", res)
		}
	})
}
