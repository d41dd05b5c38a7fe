package coverage

import (
	"math"
	"slices"
)

// passMeans is pass@k over problems at each of ks, to the same digits as moments, and faster where ks are many.
func passMeans(cells []cell, problems int, ks []int) []float64 {
	pass := make([]float64, len(ks))
	if len(ks) <= maxKnots {
		for i, m := range moments(cells, problems, ks) {
			pass[i] = m.mean
		}
		return pass
	}
	at := ascending(ks)
	sorted := make([]int, len(ks))
	for i, j := range at {
		sorted[i] = ks[j]
	}
	all := newParts(len(ks))
	cells, few := fewRight(cells, sorted)
	if len(few) > 0 {
		addPolynomial(all.part, few, sorted)
	}
	last := sorted[len(sorted)-1]
	sure := make([]float64, len(ks)+1) // how many problems are solved for certain from here on, and not before
	for _, g := range cells {
		all.next()
		if g.c*len(ks) < last {
			for i, k := range sorted {
				all.part[i] += g.weight * passAtK(g.n, g.c, k)
			}
			continue
		}
		done := 0
		climb(g.n, g.c, last, func(first int, pass []float64) {
			for ; done < len(sorted) && sorted[done] < first+len(pass); done++ {
				all.part[done] += g.weight * pass[sorted[done]-first]
			}
		})
		sure[done] += g.weight
	}
	certainly := 0.0
	for i, sum := range all.sum() {
		certainly += sure[i]
		pass[at[i]] = min((sum+certainly)/float64(problems), 1)
	}
	return pass
}

// mostFew is the most right samples of a problem whose pass@k is taken as a polynomial: that of more is certain so soon that
// going there is cheaper.
const mostFew = 64

// fewRight takes out of cells those that are cheaper by addPolynomial, if together they are.
func fewRight(cells []cell, sorted []int) (rest, few []cell) {
	degree, steps := 0, len(sorted)
	for _, g := range cells {
		if g.c <= mostFew {
			few = append(few, g)
			degree, steps = max(degree, g.c), steps+g.c
		} else {
			rest = append(rest, g)
		}
	}
	if degree*steps > len(few)*sorted[len(sorted)-1] {
		return cells, nil
	}
	return rest, few
}

// addPolynomial adds pass@k of all problems of cells to sum, at each of ks, which ascend. That of one problem,
//
//	1 − ∏ (1 − k/(n−i)) = k · Σ fail(i) / (n−i)  over i = 0 … c−1, where fail(i) is the product of those before i,
//
// is k times a polynomial of k of degree c−1, whatever n is: the sum over all problems is known at every k from as many points
// as the greatest c. They are Chebyshev's, between which nothing is lost (Berrut and Trefethen 2004, "Barycentric Lagrange
// interpolation").
func addPolynomial(sum []float64, cells []cell, ks []int) {
	points := 0
	for _, g := range cells {
		points = max(points, g.c)
	}
	if points == 0 {
		return
	}
	first, last := float64(ks[0]), float64(ks[len(ks)-1])
	at, share, fail := make([]float64, points), make([]float64, points), make([]float64, points)
	for j := range at {
		angle := math.Pi * (float64(j) + 0.5) / float64(points)
		at[j], share[j] = (first+last)/2+(last-first)/2*math.Cos(angle), math.Sin(angle)
		if j%2 == 1 {
			share[j] = -share[j]
		}
	}
	all := newParts(points)
	for _, g := range cells {
		all.next()
		for j := range fail {
			fail[j] = g.weight
		}
		for i := range g.c {
			each := 1 / float64(g.n-i)
			for j, k := range at {
				hit := fail[j] * each
				all.part[j] += hit
				fail[j] -= hit * k
			}
		}
	}
	values := all.sum()
	for i, k := range ks {
		above, below := 0.0, 0.0
		for j, x := range at {
			if float64(k) == x {
				above, below = values[j], 1
				break
			}
			w := share[j] / (float64(k) - x)
			above += w * values[j]
			below += w
		}
		sum[i] += float64(k) * above / below
	}
}

// parts adds up lists of numbers in parts, so that what is rounded off stays small however many there are.
type parts struct {
	total, part []float64
	in          int // the part
}

func newParts(length int) *parts {
	return &parts{total: make([]float64, length), part: make([]float64, length)}
}

// next is called before each list that is added to s.part.
func (s *parts) next() {
	const most = 500
	if s.in++; s.in == most {
		s.in = 0
		for i, p := range s.part {
			s.total[i] += p
		}
		clear(s.part)
	}
}

func (s *parts) sum() []float64 {
	all := slices.Clone(s.total)
	for i, p := range s.part {
		all[i] += p
	}
	return all
}
