package coverage

import (
	"math"
	"testing"
)

func TestDifficulties(t *testing.T) {
	counts := []Count{{Problem: "never", N: 100}, {Problem: "seldom", N: 100, C: 1}, {Problem: "often", N: 100, C: 40}, {Problem: "always", N: 100, C: 100}}
	d, err := Difficulties(counts, Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen, believed := 0, 0.0
	for i, b := range d.Bins {
		seen, believed = seen+b.Problems, believed+b.Believed
		if i > 1 && b.Above != d.Bins[i-1].UpTo || i > 0 && b.Above >= b.UpTo {
			t.Errorf("%+v", d.Bins)
		}
	}
	if seen != 4 || math.Abs(believed-4) > 1e-9 || d.Bins[0].Problems != 1 || d.Bins[len(d.Bins)-1].UpTo != 1 {
		t.Errorf("%+v", d.Bins)
	}
	if d.Never.Unsolved != 1 || d.Never.Share <= 0 || d.Never.Share > 0.25 || d.Never.Most != 0.25 {
		t.Errorf("%+v", d.Never)
	}
	// From 1 to 10 the problem that is often solved gains most, from 10 to 100 the one that seldom is.
	if m := d.Movers; m[0].Problem != "often" || m[0].Index != 2 || m[2].Problem != "seldom" || m[2].From != 10 || m[2].To != 100 || math.Abs(m[2].Gain-0.9/4) > 1e-12 {
		t.Errorf("%+v", m)
	}
}
