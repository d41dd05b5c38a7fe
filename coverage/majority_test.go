package coverage

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// draws are samples with answers and scores by turns.
func draws(r *rand.Rand, n, answers int) []Scored {
	all := make([]Scored, n)
	for i := range all {
		a := int(float64(answers+1) * r.Float64() * r.Float64())
		if a > 0 {
			all[i].Answer = fmt.Sprint(a)
		}
		all[i].Right = a == 2 || r.IntN(5) == 0 // the same answer may be right or wrong
		all[i].Score = float64(r.IntN(5)) - 1
	}
	return all
}

// subsets calls f with each choice of k among n.
func subsets(n, k int, f func(chosen []int)) {
	var next func(from int, chosen []int)
	next = func(from int, chosen []int) {
		if len(chosen) == k {
			f(chosen)
			return
		}
		for i := from; i <= n-k+len(chosen); i++ {
			next(i+1, append(chosen, i))
		}
	}
	next(0, make([]int, 0, k))
}

// orders calls f with each order of chosen.
func orders(chosen []int, f func([]int)) {
	if len(chosen) == 0 {
		f(nil)
		return
	}
	var next func(i int, order []int)
	next = func(i int, order []int) {
		if i == len(order) {
			f(order)
			return
		}
		for j := i; j < len(order); j++ {
			order[i], order[j] = order[j], order[i]
			next(i+1, order)
			order[i], order[j] = order[j], order[i]
		}
	}
	next(0, append([]int(nil), chosen...))
}

// first is the lowest index that a rule prefers: of the greatest worth.
func first(order []int, worth func(i int) float64) int {
	best := order[0]
	for _, i := range order[1:] {
		if worth(i) > worth(best) {
			best = i
		}
	}
	return best
}

// brute is the share of all orders of all choices of k in which pick takes a right sample.
func brute(samples []Scored, k int, pick func(order []int) int) float64 {
	right, all := 0.0, 0.0
	subsets(len(samples), k, func(chosen []int) {
		orders(chosen, func(order []int) {
			if all++; samples[pick(order)].Right {
				right++
			}
		})
	})
	return right / all
}

func sums(samples []Scored, order []int, weighted bool) map[string]float64 {
	sum := map[string]float64{}
	for _, i := range order {
		if s := samples[i]; weighted {
			sum[s.Answer] += s.Score
		} else {
			sum[s.Answer]++
		}
	}
	sum[""] = math.Inf(-1)
	return sum
}

func TestPluralityIsThatOfAllOrders(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		samples := draws(r, 1+r.IntN(7), 1+r.IntN(6))
		for k := 1; k <= len(samples); k++ {
			want := brute(samples, k, func(order []int) int {
				sum := sums(samples, order, false)
				return first(order, func(i int) float64 { return sum[samples[i].Answer] })
			})
			got, _ := votes(samples).at(k, math.Inf(1))
			if math.Abs(got-want) > 1e-13 {
				t.Fatalf("k = %d of %v: %.17g, want %.17g", k, samples, got, want)
			}
		}
	}
}

// pluralityByCounting is the same in whole numbers: ways[j][t] to choose j samples so that t answers have m of them and the
// others fewer, and right[j][t] the sum over those of the rights of the t.
func pluralityByCounting(samples []Scored, k int) float64 {
	tallies := map[string][2]int{}
	for _, s := range samples {
		t := tallies[s.Answer]
		t[0]++
		if s.Right {
			t[1]++
		}
		tallies[s.Answer] = t
	}
	silent := tallies[""]
	delete(tallies, "")
	total := new(big.Rat)
	choose := func(n, k int) *big.Rat { return new(big.Rat).SetInt(new(big.Int).Binomial(int64(n), int64(k))) }
	for m := 1; m <= k; m++ {
		ways, right := newTable(k), newTable(k)
		for j := 0; j <= min(k, silent[0]); j++ {
			ways[j][0] = choose(silent[0], j)
		}
		for _, a := range tallies {
			nextWays, nextRight := newTable(k), newTable(k)
			for j := range ways {
				for t := range ways[j] {
					for x := 0; x <= min(m, a[0], k-j); x++ {
						to := t
						if x == m {
							to++
						}
						if to > k {
							continue
						}
						c := choose(a[0], x)
						nextWays[j+x][to].Add(nextWays[j+x][to], new(big.Rat).Mul(c, ways[j][t]))
						nextRight[j+x][to].Add(nextRight[j+x][to], new(big.Rat).Mul(c, right[j][t]))
						if x == m {
							share := new(big.Rat).Mul(c, big.NewRat(int64(a[1]), int64(a[0])))
							nextRight[j+x][to].Add(nextRight[j+x][to], share.Mul(share, ways[j][t]))
						}
					}
				}
			}
			ways, right = nextWays, nextRight
		}
		for t := 1; t <= k; t++ {
			total.Add(total, right[k][t].Mul(right[k][t], big.NewRat(1, int64(t))))
		}
	}
	if silent[0] >= k {
		total.Add(total, new(big.Rat).Mul(choose(silent[0], k), big.NewRat(int64(silent[1]), int64(silent[0]))))
	}
	f, _ := total.Quo(total, choose(len(samples), k)).Float64()
	return f
}

func newTable(k int) [][]*big.Rat {
	table := make([][]*big.Rat, k+1)
	for j := range table {
		table[j] = make([]*big.Rat, k+1)
		for t := range table[j] {
			table[j][t] = new(big.Rat)
		}
	}
	return table
}

func TestPluralityIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, test := range []struct{ n, answers int }{{12, 1}, {16, 3}, {15, 40}, {20, 12}, {24, 4}} {
		samples := draws(r, test.n, test.answers)
		for _, k := range []int{1, 2, 3, 7, test.n / 2, test.n - 1, test.n} {
			got, _ := votes(samples).at(k, math.Inf(1))
			if want := pluralityByCounting(samples, k); math.Abs(got-want) > 1e-12 {
				t.Errorf("k = %d of %d samples: %.17g, want %.17g", k, test.n, got, want)
			}
		}
	}
}

// The weighted vote, whose scores may be negative, and whose sums tie often.
func TestWeightedIsThatOfAllOrders(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 60 {
		samples := draws(r, 1+r.IntN(7), 1+r.IntN(4))
		for k := 1; k <= len(samples); k++ {
			want := brute(samples, k, func(order []int) int {
				sum := sums(samples, order, true)
				return first(order, func(i int) float64 { return sum[samples[i].Answer] })
			})
			got, err := Majority(samples, []int{k}, true, Options{})
			if err != nil || math.Abs(got[0].Pass-want) > 1e-13 || got[0].Error != 0 {
				t.Fatalf("k = %d of %v: %+v, %v, want %.17g", k, samples, got, err, want)
			}
		}
	}
}

// Random choices agree with the exact chance within their error, and are the same in every run.
func TestWeightedResampled(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	samples := draws(r, 40, 6)
	ks := []int{20, 1, 5, 40, 10}
	for i := range samples {
		samples[i].Score = 1 // so that the exact chance is that of the unweighted vote
	}
	exact, err := Majority(samples, ks, true, Options{})
	if err != nil {
		t.Fatal(err)
	}
	chance, errs := newBallot(samples, true).some(ks, 10_000, Options{}, 1)
	for i, k := range ks {
		if d := chance[i] - exact[i].Pass; exact[i].Error != 0 || !(math.Abs(d) <= 4*errs[i]) || errs[i] > .006 {
			t.Errorf("k = %d: %.5f ± %.5f, want %.5f", k, chance[i], errs[i], exact[i].Pass)
		}
	}
	for i := range samples {
		samples[i].Score = 1 + r.Float64()
	}
	one, err := Majority(samples, ks, true, Options{})
	if err != nil {
		t.Fatal(err)
	}
	two, err := Majority(samples, ks, true, Options{})
	if err != nil || fmt.Sprint(one) != fmt.Sprint(two) {
		t.Errorf("%v, then %v, %v", one, two, err)
	}
	for i, k := range ks {
		if few := k == 1 || k == 40; (one[i].Error == 0) != few {
			t.Errorf("k = %d has error %g", k, one[i].Error)
		}
	}
}

// Where all answers differ, a vote is a random pick; of two answers it is a hypergeometric tail.
func TestPluralityOfMany(t *testing.T) {
	const n = 100_000
	distinct, two := make([]Scored, n), make([]Scored, n)
	for i := range n {
		distinct[i] = Scored{Answer: fmt.Sprint(i), Right: i < 37}
		two[i] = Scored{Answer: "a", Right: true}
		if i >= 51_000 {
			two[i] = Scored{Answer: "b"}
		}
	}
	v := votes(distinct)
	for _, k := range []int{1, 2, 1001, n - 1, n} {
		if got, ok := v.at(k, maxProducts); !ok || math.Abs(got-37e-5) > 1e-10 {
			t.Errorf("all distinct, k = %d: %.12f, %t, want .00037", k, got, ok)
		}
	}
	v = votes(two)
	for _, k := range []int{1, 11, 1001, 30_001, n - 1} {
		if got, ok := v.at(k, maxProducts); !ok || math.Abs(got-tail(n, 51_000, k, k/2+1)) > 1e-10 {
			t.Errorf("two answers, k = %d: %.12f, %t, want %.12f", k, got, ok, tail(n, 51_000, k, k/2+1))
		}
	}
}

// tail is the chance of at least so many of c marked ones in k of n, summed in logarithms.
func tail(n, c, k, least int) float64 {
	choose := func(n, k int) float64 {
		a, _ := math.Lgamma(float64(n + 1))
		b, _ := math.Lgamma(float64(k + 1))
		c, _ := math.Lgamma(float64(n - k + 1))
		return a - b - c
	}
	sum, all := 0.0, 0.0
	for j := max(0, k-(n-c)); j <= min(c, k); j++ {
		p := math.Exp(choose(c, j) + choose(n-c, k-j) - choose(n, k))
		if all += p; j >= least {
			sum += p
		}
	}
	return sum / all
}

// One exact chance, of answers of which few are frequent and many rare.
func BenchmarkPlurality(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{100, 1000, 10_000, 100_000} {
		samples := make([]Scored, n)
		for i := range samples {
			a := int(math.Exp(r.Float64() * math.Log(float64(n))))
			samples[i] = Scored{Answer: fmt.Sprint(a), Right: a == 1}
		}
		v := votes(samples)
		for _, k := range []int{n / 10, n / 2} {
			b.Run(fmt.Sprintf("n=%d/k=%d", n, k), func(b *testing.B) {
				for b.Loop() {
					v.at(k, maxProducts)
				}
			})
		}
	}
}

// Twenty k with intervals, on the same answers.
func BenchmarkMajority(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{100, 1000, 10_000} {
		samples := make([]Scored, n)
		for i := range samples {
			a := int(math.Exp(r.Float64() * math.Log(float64(n)))) // many answers that are rare, few that are not
			samples[i] = Scored{Answer: fmt.Sprint(a), Right: a == 1, Score: r.Float64()}
		}
		ks := LogSpaced(n, 20)
		for _, weighted := range []bool{false, true} {
			b.Run(fmt.Sprintf("n=%d/weighted=%t", n, weighted), func(b *testing.B) {
				for b.Loop() {
					if _, err := Majority(samples, ks, weighted, Options{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
