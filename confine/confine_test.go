package confine

import (
	"slices"
	"testing"
)

func TestMissing(t *testing.T) {
	var r Report
	for _, name := range Names() {
		r = append(r, Layer{Name: name, Active: name != Landlock && name != Root})
	}
	if got, want := r.Missing(), []string{Root, Landlock}; !slices.Equal(got, want) {
		t.Errorf("missing %v, want %v", got, want)
	}
	if got := r[:2].Missing(); len(got) != len(Names())-2 {
		t.Errorf("a report of two layers misses %v", got)
	}
	if got := (Report{{Name: "made up", Active: true}}).Missing(); !slices.Equal(got, Names()) {
		t.Errorf("a layer that nobody knows leaves %v", got)
	}
}
