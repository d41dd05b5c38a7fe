package coverage

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
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

// The bound on the share never solved holds in simulations, and is below the share unsolved where rates near 1/n are common.
func TestNeverBound(t *testing.T) {
	repeats := 30
	if os.Getenv("BOREL_FULL") != "" {
		repeats = 300
	}
	for _, s := range []struct {
		never, a, b float64
	}{{0, 0.5, 20}, {0.2, 0.5, 20}, {0.5, 1, 5}, {0.3, 0.3, 50}} {
		rng := rand.New(rand.NewPCG(4, 4))
		held, tight := 0, 0
		for range repeats {
			var counts []Count
			zero := 0
			for range 128 {
				c := 0
				if rng.Float64() < s.never {
					zero++
				} else {
					p := distuv.Beta{Alpha: s.a, Beta: s.b, Src: rng}.Rand()
					c = int(distuv.Binomial{N: 50, P: p, Src: rng}.Rand())
				}
				counts = append(counts, Count{N: 50, C: c})
			}
			n := never(group(counts), 128, Options{}.withDefaults())
			if float64(zero)/128 <= n.Most+1e-9 {
				held++
			}
			if n.Most < float64(n.Unsolved)/128 {
				tight++
			}
			if n.Share < 0 || n.Share > n.Most || n.Most > 1 {
				t.Fatalf("%+v", n)
			}
		}
		t.Logf("%+v: holds in %d of %d, below the unsolved in %d", s, held, repeats, tight)
		if float64(held) < 0.93*float64(repeats) {
			t.Errorf("%+v: the bound of 95 %% held in %d of %d", s, held, repeats)
		}
	}
}

// Believed numbers of problems with rates above 0.1 are near the true ones.
func TestBinsBelieved(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	var counts []Count
	var bins [2]float64 // true: at most, and above 0.1
	for range 500 {
		p := distuv.Beta{Alpha: 0.5, Beta: 5, Src: rng}.Rand()
		if p > 0.1 {
			bins[1]++
		} else {
			bins[0]++
		}
		counts = append(counts, Count{N: 100, C: int(distuv.Binomial{N: 100, P: p, Src: rng}.Rand())})
	}
	d, err := Difficulties(counts, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got [2]float64
	for _, b := range d.Bins {
		if b.UpTo > 0.1+1e-9 {
			got[1] += b.Believed
		} else {
			got[0] += b.Believed
		}
	}
	if math.Abs(got[0]-bins[0]) > 15 || math.Abs(got[1]-bins[1]) > 15 {
		t.Errorf("believed %v, true %v", got, bins)
	}
}

func TestDifficultiesHostile(t *testing.T) {
	for name, counts := range map[string][]Count{
		"one problem":  {{N: 1, C: 1}},
		"never":        {{N: 1}},
		"none solved":  {{N: 10}, {N: 20}},
		"all solved":   {{N: 10, C: 10}, {N: 20, C: 20}},
		"great counts": {{N: MaxSamples, C: 1}, {N: MaxSamples}, {N: 1, C: 1}},
	} {
		for _, kind := range []string{Samples, Problems} {
			d, err := Difficulties(counts, Options{Kind: kind})
			if kind == Problems && len(counts) == 1 {
				if err == nil {
					t.Errorf("%s: no error", name)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if n := d.Never; !(n.Share >= 0 && n.Share <= n.Most && n.Most <= 1) {
				t.Errorf("%s: %+v", name, n)
			}
		}
	}
	if _, err := Difficulties(nil, Options{}); err == nil {
		t.Error("no counts: no error")
	}
}
