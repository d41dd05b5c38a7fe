package coverage

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// rationals is pass@k for all k in exact arithmetic, rounded once at the end.
func rationals(n, c int) []float64 {
	all := make([]float64, n+1)
	fail := big.NewRat(1, 1)
	for k := 1; k <= n; k++ {
		fail.Mul(fail, big.NewRat(int64(max(0, n-c-k+1)), int64(n-k+1)))
		all[k], _ = new(big.Rat).Sub(big.NewRat(1, 1), fail).Float64()
	}
	return all
}

func TestExact(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 10, 100, 517, 2000} {
		for _, c := range []int{0, 1, 2, n / 100, n / 3, n / 2, n - 1, n} {
			if c > n {
				continue
			}
			want, got := rationals(n, c), AllK(n, c)
			if len(got) != n+1 {
				t.Fatalf("AllK(%d, %d) has %d elements", n, c, len(got))
			}
			for k := range want {
				if math.Abs(got[k]-want[k]) > 1e-12 {
					t.Errorf("AllK(%d, %d)[%d] = %.17g, want %.17g", n, c, k, got[k], want[k])
				}
				if k == 0 {
					continue
				}
				one, err := PassAtK(n, c, k)
				if err != nil || math.Abs(one-want[k]) > 1e-12*want[k] {
					t.Errorf("PassAtK(%d, %d, %d) = %.17g, %v, want %.17g", n, c, k, one, err, want[k])
				}
			}
		}
	}
}

// A curve of many k walks the recurrence where one of few k does not; both must agree with PassAtK, in any order of k.
func TestCurveIsTheMean(t *testing.T) {
	counts := []Count{{N: 50, C: 0}, {N: 60, C: 1}, {N: 70, C: 69}, {N: 50, C: 25}, {N: 50, C: 25}, {N: 1000, C: 999}}
	for _, ks := range [][]int{{50}, {50, 1, 7, 7}, LogSpaced(50, 1000)} {
		points, err := Curve(counts, ks, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i, k := range ks {
			want := 0.0
			for _, c := range counts {
				p, err := PassAtK(c.N, c.C, k)
				if err != nil {
					t.Fatal(err)
				}
				want += p / float64(len(counts))
			}
			if p := points[i]; p.K != k || math.Abs(p.Pass-want) > 1e-14 {
				t.Errorf("pass@%d of %d k = %+v, want %.17g", k, len(ks), p, want)
			}
		}
	}
}

func TestPythia(t *testing.T) {
	points, err := Curve(pythia(t, "Pythia 12B"), []int{1, 10, 100, 1000, 10000}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{.02319, .1568, .4834, .7233, .8750} {
		// As many digits as were published.
		if digits := []float64{1e5, 1e4, 1e4, 1e4, 1e4}[i]; math.Round(points[i].Pass*digits) != math.Round(want*digits) {
			t.Errorf("pass@%d = %.6f, want %g", points[i].K, points[i].Pass, want)
		}
	}
}

// pythia are the counts of one model on 128 problems of MATH.
func pythia(t *testing.T, model string) []Count {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dataFolder(t), "pythia_math_counts.json"))
	if err != nil {
		t.Skip("no recorded counts: ", err)
	}
	var f struct {
		N      int              `json:"n_samples"`
		Counts map[string][]int `json:"counts"`
	}
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	var counts []Count
	for _, c := range f.Counts[model] {
		counts = append(counts, Count{N: f.N, C: c})
	}
	if len(counts) != 128 {
		t.Fatalf("%d problems of %s", len(counts), model)
	}
	return counts
}

// dataFolder is $BOREL_TESTDATA, or ../shared/data beside the repository.
func dataFolder(t *testing.T) string {
	if d := os.Getenv("BOREL_TESTDATA"); d != "" {
		return d
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	return filepath.Join(dir, "..", "shared", "data")
}

func TestRefused(t *testing.T) {
	ok := []Count{{Problem: "a", N: 20, C: 3}, {Problem: "b", N: 10, C: 3}}
	for _, test := range []struct {
		name    string
		counts  []Count
		ks      []int
		o       Options
		field   string
		message string // must contain
	}{
		{"k above N", ok, []int{1, 11}, Options{}, "k", `problem "b": pass@11 cannot be estimated from 10 decided samples`},
		{"k above N of what was decided", []Count{{N: 10, C: 0, Unknown: 5}}, []int{11}, Options{}, "k", "from 10 decided"},
		{"k 0", ok, []int{0}, Options{}, "k", "at least 1"},
		{"k negative", ok, []int{-1}, Options{}, "k", "at least 1"},
		{"too many k", ok, make([]int, MaxPoints+1), Options{}, "k", "limit is 10000"},
		{"no problems", nil, []int{1}, Options{}, "counts", "is empty"},
		{"too many problems", make([]Count, MaxProblems+1), []int{1}, Options{}, "counts", "limit is 1000000"},
		{"c above n", []Count{{N: 1, C: 2}}, []int{1}, Options{}, "counts[0].c", "between 0 and n, which is 1"},
		{"c negative", []Count{{N: 1, C: -1}}, []int{1}, Options{}, "counts[0].c", "between 0"},
		{"n 0", []Count{{N: 1}, {Problem: "z"}}, []int{1}, Options{}, "counts[1].n", `problem "z": is 0`},
		{"n negative", []Count{{N: -5}}, []int{1}, Options{}, "counts[0].n", "is -5"},
		{"n least", []Count{{N: math.MinInt, Unknown: 3}}, []int{1}, Options{}, "counts[0].n", "nothing was decided"},
		{"nothing decided", []Count{{Unknown: 3}}, []int{1}, Options{}, "counts[0].n", "nothing was decided"},
		{"n too large", []Count{{N: MaxSamples + 1}}, []int{1}, Options{}, "counts[0].n", "limit is 10000000"},
		{"n and unknown too large", []Count{{N: 1, Unknown: math.MaxInt}}, []int{1}, Options{}, "counts[0].n", "limit is 10000000"},
		{"unknown negative", []Count{{N: 1, Unknown: -1}}, []int{1}, Options{}, "counts[0].unknown", "negative"},
		{"biased", []Count{{N: 4, C: 1, Stopped: "first_accepted"}}, []int{1}, Options{}, "counts[0].stopped", "biased"},
		{"biased otherwise", []Count{{N: 4, C: 3, Stopped: "adaptive"}}, []int{1}, Options{}, "counts[0].stopped", "is adaptive; pass@k is biased"},
		{"stopped otherwise", []Count{{N: 4, C: 1, Stopped: "error"}}, []int{1}, Options{}, "counts[0].stopped", `"error"`},
		{"level 1", ok, []int{1}, Options{Level: 1}, "level", "below 1"},
		{"level NaN", ok, []int{1}, Options{Level: math.NaN()}, "level", "below 1"},
		{"kind", ok, []int{1}, Options{Kind: "bayes"}, "interval", `"bayes" is not known`},
		{"problems of one", ok[:1], []int{1}, Options{Kind: Problems}, "interval", "two problems"},
	} {
		points, err := Curve(test.counts, test.ks, test.o)
		invalid, is := errors.AsType[*Invalid](err)
		if !is || invalid.Field != test.field || !strings.Contains(invalid.Message, test.message) || points != nil {
			t.Errorf("%s: %v, %v; want %s: …%s…", test.name, points, err, test.field, test.message)
		}
		if test.o != (Options{}) {
			continue
		}
		if _, err := Bounds(test.counts, test.ks); !reflect.DeepEqual(err, error(invalid)) {
			t.Errorf("%s: Bounds says %v", test.name, err)
		}
	}
	for _, a := range [][3]int{{10, 0, 11}, {10, 11, 1}, {0, 0, 0}, {10, 1, 0}, {10, -1, 1}} {
		if _, err := PassAtK(a[0], a[1], a[2]); err == nil {
			t.Errorf("PassAtK%v was not refused", a)
		}
	}
	if AllK(10, 11) != nil || AllK(0, 0) != nil {
		t.Error("AllK answered where PassAtK refuses")
	}
}

func TestDefaultK(t *testing.T) {
	for _, test := range []struct {
		n    []int
		want []int
	}{
		{nil, nil},
		{[]int{1}, []int{1}},
		{[]int{9}, []int{1}},
		{[]int{10}, []int{1, 10}},
		{[]int{10_000, 999}, []int{1, 10, 100}},
		{[]int{10_000_000}, []int{1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000}},
	} {
		var counts []Count
		for _, n := range test.n {
			counts = append(counts, Count{N: n})
		}
		if got := DefaultK(counts); !reflect.DeepEqual(got, test.want) {
			t.Errorf("n %v: %v, want %v", test.n, got, test.want)
		}
	}
}

func TestBounds(t *testing.T) {
	points, err := Bounds([]Count{{N: 6, C: 3, Unknown: 2}, {N: 8, C: 8}}, []int{1, 4, 6})
	if err != nil {
		t.Fatal(err)
	}
	want := []Point{
		{1, (3./6 + 1) / 2, (3./8 + 1) / 2, (5./8 + 1) / 2},
		{4, (1 + 1) / 2., ((1 - 5./70) + 1) / 2, (1 + 1) / 2.}, // binom(5,4)/binom(8,4) = 5/70
		{6, 1, 1, 1},
	}
	for i, p := range points {
		for _, d := range []float64{p.Pass - want[i].Pass, p.Low - want[i].Low, p.High - want[i].High} {
			if math.Abs(d) > 1e-15 {
				t.Errorf("%+v, want %+v", p, want[i])
			}
		}
	}
	sure, err := Bounds([]Count{{N: 6, C: 3}}, []int{2})
	if err != nil || sure[0] != (Point{2, .8, .8, .8}) {
		t.Errorf("without unknowns: %v, %v", sure, err)
	}
}

func FuzzAllK(f *testing.F) {
	f.Add(10, 3)
	f.Add(1, 0)
	f.Add(997, 996)
	f.Fuzz(func(t *testing.T, n, c int) {
		if n < 1 || n > 5000 || c < 0 || c > n {
			t.Skip()
		}
		all := AllK(n, c)
		for k := 1; k <= n; k++ {
			one, err := PassAtK(n, c, k)
			if err != nil || math.Abs(one-all[k]) > 1e-12 {
				t.Fatalf("AllK(%d, %d)[%d] = %g, PassAtK %g, %v", n, c, k, all[k], one, err)
			}
			if !(all[k] >= all[k-1] && all[k] <= 1) {
				t.Fatalf("AllK(%d, %d)[%d] = %g after %g", n, c, k, all[k], all[k-1])
			}
		}
		if solved := map[bool]float64{true: 1}[c > 0]; math.Abs(all[n]-solved) > 1e-12 {
			t.Fatalf("pass@n of %d in %d is %g", c, n, all[n])
		}
	})
}

func BenchmarkAllK(b *testing.B) {
	for b.Loop() {
		AllK(10_000, 3)
	}
}

// 10,000 problems of 1,000 samples each at the default k.
func BenchmarkCurve(b *testing.B) {
	var counts []Count
	for i := range 10_000 {
		counts = append(counts, Count{N: 1000, C: i * i / 100_000})
	}
	for _, kind := range []string{Samples, Problems} {
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				if _, err := Curve(counts, DefaultK(counts), Options{Kind: kind}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// All k from 1 to 10,000 of 1,000 problems that all differ, some of them hard to the end.
func BenchmarkCurveOfAllK(b *testing.B) {
	for _, test := range []struct {
		name string
		c    func(i int) int
	}{
		{"even", func(i int) int { return i * 37 % 10_001 }},
		{"hard", func(i int) int { return i % 40 }},
		{"one", func(int) int { return 1 }},
	} {
		counts := make([]Count, 1000)
		for i := range counts {
			counts[i] = Count{N: 10_000 + i, C: test.c(i)}
		}
		ks := make([]int, 10_000)
		for i := range ks {
			ks[i] = i + 1
		}
		b.Run(test.name+"/pass", func(b *testing.B) {
			for b.Loop() {
				mean(counts, ks)
			}
		})
		for _, o := range []Options{{}, {Kind: Problems}} {
			b.Run(test.name+"/"+o.withDefaults().Kind, func(b *testing.B) {
				for b.Loop() {
					if _, err := Curve(counts, ks, o); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
