package sandbox

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRecursive: no cycle of direct calls is without a function that is counted, and only cycles are.
func TestRecursive(t *testing.T) {
	call := func(size int, calls ...uint32) body { return body{code: make([]byte, size), calls: calls} }
	for _, c := range []struct {
		name   string
		bodies []body
		want   []bool
	}{
		{"a chain", []body{call(1, 3), call(2, 4), call(3, 0)}, []bool{false, false, false}},
		{"itself", []body{call(1, 2)}, []bool{true}},
		{"the largest", []body{call(1, 3), call(3, 4), call(2, 2)}, []bool{false, true, false}},
		{"two cycles with one in common", []body{call(9, 3, 4), call(1, 2), call(1, 2)}, []bool{true, false, false}},
		{"a cycle without the largest", []body{call(9, 3), call(1, 2, 4), call(2, 3)}, []bool{true, false, true}},
		{"through the table in a loop", []body{{code: []byte{opEnd}, farInLoop: true}, call(1, 2)}, []bool{true, false}},
	} {
		if got := recursive(c.bodies, 2); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		bodies := make([]body, 1+r.IntN(40))
		for i := range bodies {
			bodies[i] = call(1 + r.IntN(5))
			for range r.IntN(4) {
				bodies[i].calls = append(bodies[i].calls, uint32(r.IntN(len(bodies)+2))) // two are imported
			}
		}
		counted := recursive(bodies, 2)
		reaches := make([][]bool, len(bodies)) // by direct calls, past functions that are not counted
		all := make([][]bool, len(bodies))
		for i, b := range bodies {
			reaches[i], all[i] = make([]bool, len(bodies)), make([]bool, len(bodies))
			for _, c := range b.calls {
				if c >= 2 {
					all[i][c-2] = true
					reaches[i][c-2] = !counted[i] && !counted[c-2]
				}
			}
		}
		for _, m := range [][][]bool{reaches, all} {
			for k := range m {
				for i := range m {
					for j := range m {
						m[i][j] = m[i][j] || m[i][k] && m[k][j]
					}
				}
			}
		}
		for i := range bodies {
			if reaches[i][i] {
				t.Fatalf("seed %d: function %d calls itself without a count: %v", seed, i, bodies)
			}
			if counted[i] && !all[i][i] {
				t.Fatalf("seed %d: function %d is counted, and does not recurse: %v", seed, i, bodies)
			}
		}
	}
}
