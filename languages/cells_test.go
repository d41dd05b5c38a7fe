package languages

import (
	"bytes"
	"fmt"
	"testing"

	"borel/sandbox"
)

// message is one of a cell's.
func message(kind string, texts ...string) []byte {
	m := []byte(kind)
	for _, t := range texts {
		m = Frame(m, []byte(t))
	}
	return Frame(nil, m)
}

// What a program can write where its cells tell what became of them.
func TestForgedCells(t *testing.T) {
	many := append(bytes.Repeat(message("d", "text/plain", "x"), 2*maxShown), message("e", "E", "v", "t")...)
	forms := make([]string, 2*maxForms+2)
	for _, c := range []struct {
		name    string
		channel []byte
		shown   int
		err     string // name of the error
		result  int    // forms
	}{
		{"nothing", nil, 0, "", 0},
		{"half a message", message("e", "E", "v", "t")[:9], 0, "", 0},
		{"more than is kept", many, maxShown, "E", 0},
		{"more forms than are kept", append(message("d", forms...), message("r", "a", "b")...), 0, "", 1},
		{"an error of two texts", message("e", "E", "v"), 0, "", 0},
		{"an empty message", append(Frame(nil, nil), message("r", "a", "b", "c")...), 0, "", 1},
		{"another kind", message("z", "a"), 0, "", 0},
		{"a value without forms", append(message("r"), message("d")...), 0, "", 0},
		{"the last of two", append(message("x", "S", "", ""), message("e", "E", "", "")...), 0, "E", 0},
	} {
		cells, raised := python.Cells(2, &sandbox.Result{Reason: sandbox.Finished, Returned: []uint32{uint32(Exit)<<8 | 1}, Channel: c.channel, Marks: []sandbox.Mark{{Channel: int64(len(c.channel))}}})
		if len(cells) != 1 {
			t.Errorf("%s: %d cells", c.name, len(cells))
			continue
		}
		got := cells[0]
		name := ""
		if got.Error != nil {
			name = got.Error.Name
		}
		if len(got.Display) != c.shown || name != c.err || raised != (c.err != "") || len(got.Result) != c.result {
			t.Errorf("%s: %d displays, error %q, raised %v, %d forms", c.name, len(got.Display), name, raised, len(got.Result))
		}
	}
}

// FuzzCells: whatever the guest wrote, its output is divided among the cells without rest, and the answer is no larger.
func FuzzCells(f *testing.F) {
	f.Add(message("e", "E", "v", "t"), "out", uint8(1), uint8(3))
	f.Add(append(message("d", "a", "b"), message("r", "a", "b")...), "", uint8(0), uint8(0))
	f.Fuzz(func(t *testing.T, channel []byte, out string, at, cut uint8) {
		split := min(int(cut), len(channel))
		mark := sandbox.Mark{Stdout: int64(min(int(at), len(out))), Channel: int64(split)}
		cells, _ := python.Cells(3, &sandbox.Result{Reason: sandbox.Fuel, Returned: []uint32{0}, Stdout: []byte(out), Channel: channel, Marks: []sandbox.Mark{mark}})
		got, size := "", 0
		for _, c := range cells {
			got += string(c.Stdout)
			for _, forms := range append(c.Display, c.Result) {
				for k, v := range forms {
					size += len(k) + len(v)
				}
			}
		}
		if len(cells) != 2 || got != out || size > 3*len(channel) { // U+FFFD takes three bytes
			t.Errorf("%d cells, output %q of %q, %d bytes shown of %d", len(cells), got, out, size, len(channel))
		}
	})
}

func BenchmarkPytest(b *testing.B) {
	rt := loaded(b)
	for i := 0; b.Loop(); i++ {
		res, err := rt.Run(b.Context(), pytest.Guest(), pytest.Spec(Program{Steps: []string{fmt.Sprintf("def test_a(): assert %d", i+1)}, Limits: testLimits}))
		if err != nil || pytest.End(1, res).ExitCode != 0 {
			b.Fatalf("%v: %s%s", err, res.Stdout, res.Stderr)
		}
	}
}

func BenchmarkCells(b *testing.B) {
	rt := loaded(b)
	for i := 0; b.Loop(); i++ {
		res, err := rt.Run(b.Context(), python.Guest(), python.Spec(Program{Cells: []string{fmt.Sprint("x = ", i), "x + 1"}, Limits: testLimits}))
		if err != nil || len(res.Marks) != 2 {
			b.Fatalf("%v: %s%s", err, res.Stdout, res.Stderr)
		}
	}
}
