package coverage

import "testing"

func TestExtrapolatePythia(t *testing.T) {
	full := pythia(t, "Pythia 12B")
	var counts []Count
	for _, c := range full {
		counts = append(counts, Count{N: 100, C: c.C / 100})
	}
	f, err := Extrapolate(t.Context(), counts, []int{10, 100, 1000, 10_000}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Points) != 4 || f.Model == "" {
		t.Fatalf("%+v", f)
	}
	for i, p := range f.Points {
		if !(0 < p.Low && p.Low <= p.Pass && p.Pass <= p.High && p.High < 1) || i > 0 && p.Pass <= f.Points[i-1].Pass {
			t.Errorf("%+v", f.Points)
		}
	}
}
