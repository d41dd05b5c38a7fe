package coverage

import (
	"math"
	"math/rand/v2"
)

// ballot is a vote on samples of one problem, by the sums of their scores or by their number.
type ballot struct {
	answer []int // of each sample, -1 where it states none
	score  []float64
	right  []float64

	sum, count, rights []float64 // by answer, of those that are chosen
	chosen             []int     // answers that have votes
	silent             [2]float64
}

func newBallot(samples []Scored, weighted bool) *ballot {
	b := &ballot{}
	index := make(map[string]int)
	for _, s := range samples {
		a := -1
		if s.Answer != "" {
			known, ok := index[s.Answer]
			if !ok {
				known = len(index)
				index[s.Answer] = known
			}
			a = known
		}
		score, right := 1.0, 0.0
		if weighted {
			score = s.Score
		}
		if s.Right {
			right = 1
		}
		b.answer, b.score, b.right = append(b.answer, a), append(b.score, score), append(b.right, right)
	}
	b.sum, b.count, b.rights = make([]float64, len(index)), make([]float64, len(index)), make([]float64, len(index))
	return b
}

func (b *ballot) clear() {
	for _, a := range b.chosen {
		b.sum[a], b.count[a], b.rights[a] = 0, 0, 0
	}
	b.chosen, b.silent = b.chosen[:0], [2]float64{}
}

func (b *ballot) add(i int) {
	a := b.answer[i]
	if a < 0 {
		b.silent[0]++
		b.silent[1] += b.right[i]
		return
	}
	if b.count[a] == 0 {
		b.chosen = append(b.chosen, a)
	}
	b.sum[a] += b.score[i]
	b.count[a]++
	b.rights[a] += b.right[i]
}

// chance is that of the first sample of the winner being right, over the orders of what was added: sums that are equal,
// but for rounding, are a tie, which the first of all their samples decides.
func (b *ballot) chance() float64 {
	if len(b.chosen) == 0 {
		return b.silent[1] / b.silent[0]
	}
	top := math.Inf(-1)
	for _, a := range b.chosen {
		top = max(top, b.sum[a])
	}
	count, right := 0.0, 0.0
	for _, a := range b.chosen {
		if b.sum[a] >= top-1e-12*math.Abs(top) {
			count += b.count[a]
			right += b.rights[a]
		}
	}
	return right / count
}

func (b *ballot) among(k int) int { return min(k, len(b.sum)) }

// Choices of k samples are all looked at where there are at most maxChoices, of maxLooked samples together.
const (
	maxChoices = 20_000
	maxLooked  = 4e6
)

// all is the exact chance, from every choice of k samples; false where there are too many.
func (b *ballot) all(k int) (float64, bool) {
	n := len(b.answer)
	total, most := 1.0, min(maxChoices, maxLooked/float64(k))
	for i := range min(k, n-k) {
		if total *= float64(n-i) / float64(i+1); total > most {
			return 0, false
		}
	}
	chosen := make([]int, k)
	for i := range chosen {
		chosen[i] = i
	}
	sum, choices := 0.0, 0.0
	for {
		b.clear()
		for _, i := range chosen {
			b.add(i)
		}
		sum += b.chance()
		choices++
		i := k - 1
		for i >= 0 && chosen[i] == n-k+i {
			i--
		}
		if i < 0 {
			return sum / choices, true
		}
		for chosen[i]++; i+1 < k; i++ {
			chosen[i+1] = chosen[i] + 1
		}
	}
}

// some estimates the chance at each of ks from random choices, each the beginning of a random order, with standard errors.
func (b *ballot) some(ks []int, orders int, o Options, problem int) (chance, err []float64) {
	at := ascending(ks)
	chance, err = make([]float64, len(ks)), make([]float64, len(ks))
	order := make([]int, len(b.answer))
	for i := range order {
		order[i] = i
	}
	r := rand.New(rand.NewPCG(o.Seed, uint64(problem)<<1))
	for range orders {
		b.clear()
		drawn := 0
		for _, j := range at {
			for ; drawn < ks[j]; drawn++ {
				other := drawn + r.IntN(len(order)-drawn)
				order[drawn], order[other] = order[other], order[drawn]
				b.add(order[drawn])
			}
			w := b.chance()
			chance[j] += w
			err[j] += w * w
		}
	}
	for j := range ks {
		chance[j] /= float64(orders)
		// A chance that was always 0 or 1 may be otherwise once in so many: the error is never none.
		variance := max(err[j]/float64(orders)-chance[j]*chance[j], 1/float64(orders))
		err[j] = math.Sqrt(variance / float64(orders))
	}
	return chance, err
}
