package coverage

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"strings"
	"testing"
)

func TestInverse(t *testing.T) {
	counts := []Count{
		{N: 2, C: 1, Stopped: FirstAccepted},
		{N: 1, C: 1, Stopped: FirstAccepted},
		{N: 5, C: 0, Stopped: FirstAccepted},
		{N: 10, C: 2}, // fixed beforehand: pass@1 is 0.2, pass@5 is 7/9
	}
	points, err := Inverse(counts, []int{5, 1}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{(1 + 1 + 0 + 7.0/9) / 4, (0 + 1 + 0 + 0.2) / 4} {
		if p := points[i]; math.Abs(p.Pass-want) > 1e-12 || p.Low > p.Pass || p.High < p.Pass {
			t.Errorf("got %+v, want %g", p, want)
		}
	}
	if got := DefaultK(counts); !slices.Equal(got, []int{1}) {
		t.Errorf("DefaultK = %v", got)
	}
	if got := DefaultK([]Count{{N: 1, C: 1, Stopped: FirstAccepted}, {N: 100, Stopped: FirstAccepted}}); !slices.Equal(got, []int{1, 10, 100}) {
		t.Errorf("DefaultK where one was solved = %v", got)
	}
	// All are solved: with as many samples as the last took, or more, it is 1.
	points, err = Inverse([]Count{{N: 3, C: 1, Stopped: FirstAccepted}, {N: 12, C: 1, Stopped: FirstAccepted}}, []int{3, 12, 99}, Options{})
	if err != nil || points[0].Pass != 0.5 || points[1].Pass != 1 || points[2].Pass != 1 {
		t.Errorf("%+v, %v", points, err)
	}
}

func TestInverseRefused(t *testing.T) {
	unsolved := Count{Problem: "a", N: 5, Stopped: FirstAccepted}
	for _, test := range []struct {
		name    string
		counts  []Count
		k       int
		field   string
		message string
	}{
		{"adaptive", []Count{{N: 5, C: 1, Stopped: Adaptive}}, 1, "counts[0].stopped", "is adaptive; inverse_sampling takes"},
		{"two successes", []Count{{N: 5, C: 2, Stopped: FirstAccepted}}, 1, "counts[0].c", "n goes up to it and c is 0 or 1"},
		{"k beyond an unsolved problem", []Count{{N: 2, C: 1, Stopped: FirstAccepted}, unsolved}, 6, "k", `problem "a": pass@6 cannot be estimated from 5`},
		{"k beyond all samples", []Count{{N: 2, C: 1, Stopped: FirstAccepted}}, MaxSamples + 1, "k", "the limit is 10000000"},
		{"k beyond a fixed n", []Count{{N: 3, C: 3}, unsolved}, 4, "k", "from 3"},
		{"unheard-of", []Count{{N: 3, Stopped: "bored"}}, 1, "counts[0].stopped", `"bored"`},
		{"nothing", nil, 1, "counts", "is empty"},
	} {
		points, err := Inverse(test.counts, []int{test.k}, Options{})
		invalid, is := errors.AsType[*Invalid](err)
		if !is || invalid.Field != test.field || !strings.Contains(invalid.Message, test.message) || points != nil {
			t.Errorf("%s: %v, %v; want %s: …%s…", test.name, points, err, test.field, test.message)
		}
	}
}

// The estimate has the mean pass@k, where c/n of the same counts is far off, and the interval holds it.
func TestInverseIsUnbiased(t *testing.T) {
	const repetitions, problems, n = 1000, 60, 30
	ks := []int{1, 3, 10, 30}
	for which, population := range populations[:7] {
		name := population.name
		rng := rand.New(rand.NewPCG(7, uint64(which)))
		rates := make([]float64, problems)
		truth := make([]float64, len(ks))
		for i := range rates {
			rates[i] = population.draw(rng)
			for j, k := range ks {
				truth[j] += atLeastOnce(rates[i], k) / problems
			}
		}
		sum, squares, held := make([]float64, len(ks)), make([]float64, len(ks)), make([]float64, len(ks))
		naive := 0.0
		for range repetitions {
			counts := make([]Count, problems)
			for i, p := range rates {
				accepted := make([]bool, n)
				for s := range accepted {
					accepted[s] = rng.Float64() < p
				}
				counts[i] = Until("", accepted)
				naive += float64(counts[i].C) / float64(counts[i].N) / problems / repetitions
			}
			points, err := Inverse(counts, ks, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for j, p := range points {
				sum[j] += p.Pass
				squares[j] += p.Pass * p.Pass
				if p.Low <= truth[j] && truth[j] <= p.High {
					held[j] += 1.0 / repetitions
				}
			}
		}
		for j, k := range ks {
			mean := sum[j] / repetitions
			sd := math.Sqrt(max(0, squares[j]/repetitions-mean*mean))
			if math.Abs(mean-truth[j]) > 4*sd/math.Sqrt(repetitions)+1e-9 {
				t.Errorf("%s: pass@%d has the mean %.5f ± %.5f, want %.5f", name, k, mean, sd/math.Sqrt(repetitions), truth[j])
			}
			if held[j] < 0.93 {
				t.Errorf("%s: the interval of pass@%d held in %.3f of repetitions", name, k, held[j])
			}
		}
		t.Logf("%s: pass@1 is %.4f, estimated %.4f; the mean of c/n is %.4f; held %.3f", name, truth[0], sum[0]/repetitions, naive, held)
		if truth[0] < 0.9 && naive < truth[0]*1.05 {
			t.Errorf("%s: c/n = %.4f is not biased, pass@1 is %.4f", name, naive, truth[0])
		}
	}
}

// Of counts with n fixed it is what Curve says, but for the interval; and more samples never solve fewer problems.
func FuzzInverse(f *testing.F) {
	f.Add([]byte{10, 3, 7, 0}, false)
	f.Add([]byte{2, 1, 5, 0, 1, 1}, true)
	f.Fuzz(func(t *testing.T, text []byte, first bool) {
		var counts []Count
		for ; len(text) >= 2; text = text[2:] {
			c := Count{N: 1 + int(text[0]), C: int(text[1]) % (2 + int(text[0]))}
			if first {
				c.Stopped, c.C = FirstAccepted, c.C%2
			}
			counts = append(counts, c)
		}
		if len(counts) == 0 {
			return
		}
		ks := LogSpaced(MostK(counts), 20)
		points, err := Inverse(counts, ks, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range points {
			if !(0 <= p.Low && p.Low <= p.Pass && p.Pass <= p.High && p.High <= 1) || i > 0 && p.Pass < points[i-1].Pass-1e-12 {
				t.Fatalf("%+v: %+v", counts, points)
			}
		}
		curve, err := Curve(counts, ks, Options{})
		if first {
			if err == nil {
				t.Fatalf("%+v were not refused", counts)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range points {
			if math.Abs(p.Pass-curve[i].Pass) > 1e-12 {
				t.Errorf("pass@%d is %v, Curve says %v", p.K, p.Pass, curve[i].Pass)
			}
		}
	})
}
