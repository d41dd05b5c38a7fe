package coverage

import (
	"math"
	"reflect"
	"runtime"
	"testing"
)

// The same seed gives the same interval whatever the number of cores, and another seed nearly the same; it is near the analytic
// one.
func TestBayes(t *testing.T) {
	var counts []Count
	for i := range 60 {
		counts = append(counts, Count{N: 50 + i%3, C: i * i % 50})
	}
	ks := []int{1, 2, 3, 5, 8, 10, 20, 30, 40, 50}
	for _, kind := range []string{Samples, Problems} {
		o := Options{Kind: kind, Method: Bayes}
		first, err := Curve(counts, ks, o)
		if err != nil {
			t.Fatal(err)
		}
		before := runtime.GOMAXPROCS(1)
		again, err := Curve(counts, ks, o)
		runtime.GOMAXPROCS(before)
		if err != nil || !reflect.DeepEqual(first, again) {
			t.Errorf("%s: %v on one core, %v on others; %v", kind, again, first, err)
		}
		o.Seed = 1
		other, err := Curve(counts, ks, o)
		if err != nil {
			t.Fatal(err)
		}
		analytic, err := Curve(counts, ks, Options{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range first {
			width := p.High - p.Low
			if q := other[i]; q == p || math.Abs(q.Low-p.Low)+math.Abs(q.High-p.High) > 0.1*width {
				t.Errorf("%s: %+v by another seed, %+v", kind, q, p)
			}
			if q := analytic[i]; math.Abs(q.Low-p.Low)+math.Abs(q.High-p.High) > 0.35*width {
				t.Errorf("%s: %+v, analytic %+v", kind, p, q)
			}
		}
	}
}

func TestBayesInOrder(t *testing.T) {
	for _, counts := range [][]Count{
		{{N: 1}}, {{N: 1, C: 1}}, {{N: 1000, C: 1}}, {{N: 5}, {N: 5}}, {{N: 5, C: 5}, {N: 7, C: 7}}, {{N: 3, C: 3}, {N: 9}},
		{{N: MaxSamples, C: 1}, {N: MaxSamples, C: MaxSamples}},
	} {
		for _, kind := range []string{Samples, Problems} {
			if kind == Problems && len(counts) == 1 {
				continue
			}
			points, err := Curve(counts, []int{1, MostK(counts)}, Options{Kind: kind, Method: Bayes, Resamples: MinResamples})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range points {
				if !(0 <= p.Low && p.Low <= p.Pass && p.Pass <= p.High && p.High <= 1) {
					t.Errorf("%v, %s: %+v", counts, kind, p)
				}
			}
		}
	}
	if _, err := Curve(make([]Count, 1), []int{1}, Options{Method: "other"}); err == nil {
		t.Error("an unknown method is taken")
	}
	many := make([]Count, 6000)
	for i := range many {
		many[i].N = 1
	}
	if _, err := Curve(many, []int{1}, Options{Method: Bayes}); err == nil {
		t.Error("60,000,000 draws are taken")
	}
}
