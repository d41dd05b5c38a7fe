package coverage

import (
	"math"
	"math/big"
	"testing"
)

// exact is pass@k and pass^k of one problem for all k, in floats of 256 bits. Each step multiplies by a quotient, two
// operations with a relative error of at most 2^-256 each, so that after n steps the relative error is below n 2^-254: for
// n of 100,000 that is 1e-71. It is rounded once at the end.
func exact(n, c int) (pass, hat []float64) {
	number := func(i int) *big.Float { return new(big.Float).SetPrec(256).SetInt64(int64(i)) }
	product := func(right int, each func(k int, f *big.Float)) {
		f, q := number(1), number(0)
		each(0, f)
		for k := 1; k <= n; k++ {
			f.Mul(f, q.Quo(number(max(0, right-k+1)), number(n-k+1)))
			each(k, f)
		}
	}
	pass, hat = make([]float64, n+1), make([]float64, n+1)
	one, rest := number(1), number(0)
	product(n-c, func(k int, f *big.Float) { pass[k], _ = rest.Sub(one, f).Float64() })
	product(c, func(k int, f *big.Float) { hat[k], _ = f.Float64() })
	return pass, hat
}

// binomials is pass@k and pass^k by the definition, in rational numbers.
func binomials(n, c, k int) (pass, hat float64) {
	ways := func(n, k int) *big.Int { return new(big.Int).Binomial(int64(n), int64(k)) }
	all := ways(n, k)
	pass, _ = new(big.Rat).Sub(big.NewRat(1, 1), new(big.Rat).SetFrac(ways(n-c, k), all)).Float64()
	hat, _ = new(big.Rat).SetFrac(ways(c, k), all).Float64()
	return pass, hat
}

// All four functions, at every k, to a relative error of 1e-12: of numbers that a float64 can hold in full, which those
// below 1e-300 are not.
func TestExactForLargeN(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10, 101, 1000, 10_000, 100_000} {
		worst := 0.0
		wrong := func(got, want float64) bool {
			e := math.Abs(got - want)
			if want > 1e-300 {
				e /= want
			}
			worst = max(worst, e)
			return !(e <= 1e-12)
		}
		for _, c := range []int{0, 1, 2, 3, n / 1000, n / 10, n / 2, n - n/10, n - 2, n - 1, n} {
			if c < 0 || c > n {
				continue
			}
			pass, hat := exact(n, c)
			gotPass, gotHat := AllK(n, c), AllHatK(n, c)
			if len(gotPass) != n+1 || len(gotHat) != n+1 {
				t.Fatalf("n %d, c %d: %d and %d elements", n, c, len(gotPass), len(gotHat))
			}
			for k := range n + 1 {
				if wrong(gotPass[k], pass[k]) || wrong(gotHat[k], hat[k]) {
					t.Errorf("n %d, c %d, k %d: pass@k %.17g, want %.17g; pass^k %.17g, want %.17g", n, c, k, gotPass[k], pass[k], gotHat[k], hat[k])
				}
			}
			for _, k := range append(LogSpaced(n, 60), n-1, n/2) {
				if k < 1 {
					continue
				}
				one, err := PassAtK(n, c, k)
				if err != nil || wrong(one, pass[k]) {
					t.Errorf("PassAtK(%d, %d, %d) = %.17g, %v, want %.17g", n, c, k, one, err, pass[k])
				}
				one, err = PassHatK(n, c, k)
				if err != nil || wrong(one, hat[k]) {
					t.Errorf("PassHatK(%d, %d, %d) = %.17g, %v, want %.17g", n, c, k, one, err, hat[k])
				}
			}
		}
		t.Logf("n %6d: relative error up to %.1e", n, worst)
	}
}

// The long floats are themselves right: to the last bit what the definition gives in rational numbers.
func TestLongFloats(t *testing.T) {
	for _, n := range []int{10, 997, 20_000} {
		for _, c := range []int{0, 1, n / 3, n - 1, n} {
			pass, hat := exact(n, c)
			for _, k := range []int{1, 2, n / 7, n / 2, n - 1, n} {
				wantPass, wantHat := binomials(n, c, max(k, 1))
				if pass[max(k, 1)] != wantPass || hat[max(k, 1)] != wantHat {
					t.Errorf("n %d, c %d, k %d: %.17g and %.17g, want %.17g and %.17g", n, c, k, pass[max(k, 1)], hat[max(k, 1)], wantPass, wantHat)
				}
			}
		}
	}
}

// The mean of pass^k, of few k and of many, and that its interval holds it.
func TestHatIsTheMean(t *testing.T) {
	counts := []Count{{N: 50, C: 0}, {N: 60, C: 59}, {N: 70, C: 69}, {N: 50, C: 25}, {N: 50, C: 25}, {N: 1000, C: 999}, {N: 50, C: 50}}
	for _, ks := range [][]int{nil, {50}, {50, 1, 7, 7}, LogSpaced(50, 1000)} {
		for _, o := range []Options{{}, {Kind: Problems}} {
			points, err := Hat(counts, ks, o)
			if err != nil || len(points) != len(ks) {
				t.Fatal(points, err)
			}
			for i, k := range ks {
				want := 0.0
				for _, c := range counts {
					p, err := PassHatK(c.N, c.C, k)
					if err != nil {
						t.Fatal(err)
					}
					want += p / float64(len(counts))
				}
				if p := points[i]; p.K != k || math.Abs(p.Pass-want) > 1e-14*want || !(0 <= p.Low && p.Low < p.Pass && p.Pass < p.High && p.High <= 1) {
					t.Errorf("pass^%d of %d k = %+v, want %.17g", k, len(ks), p, want)
				}
			}
		}
	}
}

// pass@1 and pass^1 are the same number. Their intervals differ a little: one allows for problems that are never solved, the
// other for such as always are.
func TestHatOfOne(t *testing.T) {
	counts := []Count{{N: 10, C: 0}, {N: 10, C: 3}, {N: 10, C: 9}}
	pass, err := Curve(counts, []int{1}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	hat, err := Hat(counts, []int{1}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p, h := pass[0], hat[0]; math.Abs(p.Pass-h.Pass) > 1e-15 || math.Abs(p.Low-h.Low) > 0.01 || math.Abs(p.High-h.High) > 0.01 {
		t.Errorf("%+v and %+v", p, h)
	}
}

// Every k of problems with different N.
func TestMeans(t *testing.T) {
	counts := []Count{{N: 5, C: 2}, {N: 3, C: 0}, {N: 4, C: 4, Unknown: 2}}
	got, err := Means(counts)
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{0, (.4 + 0 + 1) / 3, (.7 + 0 + 1) / 3, (.9 + 0 + 1) / 3}
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for k := range want {
		if math.Abs(got[k]-want[k]) > 1e-15 {
			t.Errorf("pass@%d = %v, want %v", k, got[k], want[k])
		}
	}
	if _, err := Means(nil); err == nil {
		t.Error("nothing was not refused")
	}
}
