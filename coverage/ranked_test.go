package coverage

import (
	"math"
	"testing"
)

func TestRanked(t *testing.T) {
	for _, c := range []struct {
		name   string
		groups []Count
		k      int
		want   float64
	}{
		{"the best group", []Count{{N: 4, C: 1}, {N: 2, C: 2}}, 1, 0.25},
		{"the best two", []Count{{N: 4, C: 1}, {N: 2, C: 1}}, 2, 1 - 0.75*0.5},
		{"the first again", []Count{{N: 4, C: 1}, {N: 2, C: 1}}, 3, 1 - 0.75*0.75*0.5},
		{"both again", []Count{{N: 4, C: 1}, {N: 2, C: 1}}, 4, 1 - 0.75*0.75*0.5*0.5},
		{"one group", []Count{{N: 4, C: 1}}, 3, 1 - 0.75*0.75*0.75},
		{"none right", []Count{{N: 4}, {N: 1}}, 10, 0},
		{"a right one", []Count{{N: 4}, {N: 1, C: 1}}, 2, 1},
	} {
		got, err := Ranked(c.groups, c.k)
		if err != nil || math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: got %v, %v, want %v", c.name, got, err, c.want)
		}
	}
	for _, groups := range [][]Count{nil, {{N: 0}}, {{N: 1, C: 2}}} {
		if _, err := Ranked(groups, 1); err == nil {
			t.Errorf("%v was taken", groups)
		}
	}
	if _, err := Ranked([]Count{{N: 1}}, 0); err == nil {
		t.Error("k = 0 was taken")
	}
}
