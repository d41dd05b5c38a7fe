package coverage

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// How the backtest holds samples back: it keeps one of so many, with several choices of the samples kept.
var (
	keepOneOf   = [...]int{10, 3}
	keepChoices = 2
)

// leastKept is the fewest samples of a problem that a model is tested on.
const leastKept = 2

// backtest sets Score, RMSE and surprise of the models: from some of the samples of each problem they forecast which of the
// problems that these leave unsolved the rest solves. With too few samples to hold any back all stay 0.
func (e *evidence) backtest(ctx context.Context, all []model, from int) error {
	tests := 0.0
	for _, part := range keepOneOf {
		kept := max(from/part, leastKept)
		if kept >= from {
			continue
		}
		ks := LogSpaced(from, 2*lawPoints)
		for len(ks) > 0 && ks[0] <= kept {
			ks = ks[1:]
		}
		truth := moments(e.cells, int(math.Round(e.problems)), ks)
		for choice := range keepChoices {
			tests++
			some, rest := e.keep(part, uint64(choice))
			free := make([]float64, rateGrid)
			some.free(free)
			for i := range all {
				if err := ctx.Err(); err != nil {
					return err
				}
				m := &all[i]
				p := m.predictor(some, free, kept)
				sum, problems := 0.0, 0.0
				for _, r := range rest {
					chance := 0.5 // of a model that cannot be fitted to what was kept
					if p.solve != nil {
						chance = min(max(p.solve(r.n, r.more), 1e-4), 1-1e-4)
					}
					sum -= r.solved*math.Log(chance) + (r.unsolved-r.solved)*math.Log1p(-chance)
					problems += r.unsolved
				}
				m.surprise += sum
				m.Score += sum / max(problems, 1)
				for j, k := range ks {
					pass := 0.0
					if p.pass != nil {
						pass = p.pass(k)
					}
					m.RMSE += math.Pow(pass-truth[j].mean, 2) / float64(len(ks))
				}
			}
		}
	}
	if tests == 0 {
		return nil
	}
	for i := range all {
		all[i].surprise /= tests
		all[i].Score /= tests
		all[i].RMSE = math.Sqrt(all[i].RMSE / tests)
	}
	return nil
}

// heldBack is problems that n kept samples leave unsolved, and those of them that more samples, held back, solve.
type heldBack struct {
	n, more          int
	unsolved, solved float64
}

// keep draws one of part samples of each problem. Problems with the same counts are drawn one by one up to a number, and
// then in so many equal shares.
func (e *evidence) keep(part int, seed uint64) (*evidence, []heldBack) {
	const shares = 200
	rng := rand.New(rand.NewPCG(17, seed))
	type key struct{ n, c int }
	var order []key
	kept := make(map[key]float64)
	var rest []heldBack
	for _, g := range e.cells {
		n := min(max(g.n/part, leastKept), g.n)
		h := heldBack{n: n, more: g.n - n}
		draws := min(max(int(math.Round(g.weight)), 1), shares)
		if g.c == 0 || g.c == g.n {
			draws = 1
		}
		weight := g.weight / float64(draws)
		for range draws {
			c := hypergeometric(rng, g.n, g.c, n)
			if _, seen := kept[key{n, c}]; !seen {
				order = append(order, key{n, c})
			}
			kept[key{n, c}] += weight
			if c == 0 && h.more > 0 {
				h.unsolved += weight
				if g.c > 0 {
					h.solved += weight
				}
			}
		}
		if h.unsolved > 0 {
			rest = append(rest, h)
		}
	}
	var cells []cell
	for _, k := range order {
		cells = append(cells, cell{k.n, k.c, kept[k]})
	}
	slices.SortFunc(cells, func(a, b cell) int { return cmp.Or(a.n-b.n, a.c-b.c) })
	return newEvidence(e.axis, cells), rest
}

// hypergeometric draws the number of right samples among m of n, of which c are right.
func hypergeometric(rng *rand.Rand, n, c, m int) int {
	if c > n/2 {
		return m - hypergeometric(rng, n, n-c, m)
	}
	if c > 5000 && m > 5000 {
		share := float64(c) / float64(n)
		sd := math.Sqrt(float64(m) * share * (1 - share) * float64(n-m) / float64(n-1))
		return min(max(int(math.Round(float64(m)*share+sd*rng.NormFloat64())), 0), min(m, c))
	}
	if m < c {
		c, m = m, c // the number that two choices have in common is alike in both
	}
	right := 0
	for i := range c {
		if rng.IntN(n-i) < m-right {
			right++
		}
	}
	return right
}
