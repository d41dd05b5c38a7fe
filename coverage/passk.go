package coverage

import (
	"cmp"
	"slices"
)

// PassAtK is the unbiased estimate of pass@k for one problem with c right samples among n,
//
//	1 − binom(n−c, k) / binom(n, k) = 1 − ∏ (1 − k/j) over j = n−c+1 … n,
//
// to a relative error of about 1e-13. The error is an *[Invalid]: n below 1 or above [MaxSamples], c outside 0 … n, k
// outside 1 … n.
func PassAtK(n, c, k int) (float64, error) {
	count := []Count{{N: n, C: c}}
	if err := validate(count); err != nil {
		return 0, err
	}
	if err := validateKs(count, []int{k}); err != nil {
		return 0, err
	}
	return passAtK(n, c, k), nil
}

// passAtK is PassAtK of valid arguments. It takes at most about √(42 n) steps, whichever c and k are: the formula is
// symmetric in them, so the product runs over the smaller, and each factor is at most 1 − larger/n.
func passAtK(n, c, k int) float64 {
	if c < k {
		c, k = k, c
	}
	pass, fail := 0.0, 1.0
	for i := range k {
		// A sum of positive terms: 1 − product would lose the digits of a small pass@k.
		hit := float64(c) / float64(n-i)
		if hit >= 1 {
			return 1
		}
		pass += fail * hit
		if fail *= 1 - hit; fail < certain {
			return 1
		}
	}
	return min(pass, 1)
}

// AllK is pass@k of one problem for all k at once: element k is [PassAtK](n, c, k), element 0 is 0. It takes O(n) time,
// and is exact to 1e-12. It is nil where PassAtK would refuse n or c.
func AllK(n, c int) []float64 {
	if validate([]Count{{N: n, C: c}}) != nil {
		return nil
	}
	all := make([]float64, n+1)
	last := climb(n, c, n, func(first int, pass []float64) { copy(all[first:], pass) })
	for k := last + 1; k <= n; k++ {
		all[k] = 1
	}
	return all
}

// Means is the mean of pass@k over problems, which may differ in N, for every k up to [MostK]: element k is what [Curve]
// has at k, element 0 is 0. The error is an *[Invalid], as Curve's.
func Means(counts []Count) ([]float64, error) {
	if err := validate(counts); err != nil {
		return nil, err
	}
	ks := make([]int, MostK(counts))
	for i := range ks {
		ks[i] = i + 1
	}
	return append([]float64{0}, mean(counts, ks)...), nil
}

// Curve is the mean of pass@k over problems, with intervals as o says, at each of ks in their order. The error is an
// *[Invalid]: counts that are empty, out of range or biased by how sampling stopped, a k below 1 or above the N of any
// problem, or an unknown kind of interval.
func Curve(counts []Count, ks []int, o Options) ([]Point, error) {
	if err := validate(counts); err != nil {
		return nil, err
	}
	if err := validateKs(counts, ks); err != nil {
		return nil, err
	}
	if err := o.validate(counts); err != nil {
		return nil, err
	}
	gs := group(counts)
	return o.spread(gs, len(counts), ks), nil
}

// mean is pass@k over problems without intervals, for valid arguments.
func mean(counts []Count, ks []int) []float64 { return passMeans(group(counts), len(counts), ks) }

// Bounds says how far unknown verdicts could move the curve: Low had all of them been wrong, High had all been right,
// and Pass is that of [Curve]. Without unknown verdicts the three are equal. The error is as Curve's.
func Bounds(counts []Count, ks []int) ([]Point, error) {
	if err := validate(counts); err != nil {
		return nil, err
	}
	if err := validateKs(counts, ks); err != nil {
		return nil, err
	}
	wrong, right := slices.Clone(counts), slices.Clone(counts)
	for i, c := range counts {
		wrong[i].N, right[i].N, right[i].C = c.N+c.Unknown, c.N+c.Unknown, c.C+c.Unknown
	}
	pass, low, high := mean(counts, ks), mean(wrong, ks), mean(right, ks)
	points := make([]Point, len(ks))
	for i, k := range ks {
		points[i] = Point{K: k, Pass: pass[i], Low: min(low[i], pass[i]), High: max(high[i], pass[i])}
	}
	return points, nil
}

// DefaultK is 1, 10, 100, … up to [MostK]; nil without problems.
func DefaultK(counts []Count) []int {
	var ks []int
	for k, n := 1, MostK(counts); k <= n; k *= 10 {
		ks = append(ks, k)
	}
	return ks
}

// MostK is the greatest k of which counts tell something: the smallest N, and for [Inverse] that of the problems that were
// not solved, or the greatest N where all were. It is 0 without problems.
func MostK(counts []Count) int {
	if len(counts) == 0 {
		return 0
	}
	return counts[smallest(counts)].N
}

// cell is a number of problems that have the same counts.
type cell struct {
	n, c   int
	weight float64
}

// group joins problems with equal counts, of which large evaluations have many, ordered by n and c.
func group(counts []Count) []cell {
	type key struct{ n, c int }
	seen := make(map[key]int)
	for _, c := range counts {
		seen[key{c.N, c.C}]++
	}
	cells := make([]cell, 0, len(seen))
	for k, w := range seen {
		cells = append(cells, cell{k.n, k.c, float64(w)})
	}
	slices.SortFunc(cells, func(a, b cell) int { return cmp.Or(a.n-b.n, a.c-b.c) })
	return cells
}

// ascending is the positions in ks, by ascending k.
func ascending(ks []int) []int {
	at := make([]int, len(ks))
	for i := range at {
		at[i] = i
	}
	slices.SortFunc(at, func(i, j int) int { return ks[i] - ks[j] })
	return at
}

// moment is the mean of pass@k over problems and its variance between them (of one problem, not of the mean).
type moment struct {
	k              int
	mean, variance float64
}

// add takes in problems of that weight, which is share of those taken in so far: West's update of a weighted mean and
// sum of squares.
func (m *moment) add(pass, weight, share float64) {
	d := pass - m.mean
	m.mean += d * share
	m.variance += weight * d * (pass - m.mean)
}

// moments computes them at each of ks. Cells come in a fixed order: the sums are the same in every run.
func moments(cells []cell, problems int, ks []int) []moment {
	ms := make([]moment, len(ks))
	for i, k := range ks {
		ms[i].k = k
	}
	if len(ks) == 0 {
		return ms
	}
	at := ascending(ks)
	last := ks[at[len(at)-1]]
	seen := 0.0
	for _, g := range cells {
		share := g.weight / (seen + g.weight)
		seen += g.weight
		if g.c*len(ks) < last {
			for i, k := range ks {
				ms[i].add(passAtK(g.n, g.c, k), g.weight, share)
			}
			continue
		}
		next := 0
		climb(g.n, g.c, last, func(first int, pass []float64) {
			for ; next < len(at) && ks[at[next]] < first+len(pass); next++ {
				ms[at[next]].add(pass[ks[at[next]]-first], g.weight, share)
			}
		})
		for ; next < len(at); next++ {
			ms[at[next]].add(1, g.weight, share)
		}
	}
	for i := range ms {
		ms[i].mean = min(max(ms[i].mean, 0), 1)
		ms[i].variance /= max(float64(problems-1), 1)
	}
	return ms
}
