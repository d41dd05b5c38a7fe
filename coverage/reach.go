package coverage

import (
	"math"
	"sort"
)

// InversePass is the k at which the curve of counts reaches coverage c: between two whole numbers, interpolated in log k.
// It is 1 where pass@1 is c or more already, and ok is false where the curve does not reach c within its samples. The
// error is an *[Invalid], as [Curve]'s, or for a c that is not above 0 and at most 1.
func InversePass(counts []Count, c float64) (k float64, ok bool, err error) {
	if err := validate(counts); err != nil {
		return 0, false, err
	}
	if err := validateReach("c", c); err != nil {
		return 0, false, err
	}
	upper, ok := firstReaching(counts, c)
	if !ok || upper == 1 {
		return float64(upper), ok, nil
	}
	around := mean(counts, []int{upper - 1, upper})
	return logBetween(float64(upper-1), float64(upper), around[0], around[1], c), true, nil
}

func validateReach(field string, c float64) error {
	if !(c > 0 && c <= 1) {
		return invalidf(field, "is %g; a coverage to reach is above 0 and at most 1", c)
	}
	return nil
}

// nearly absorbs the rounding of a mean over many problems, so that a curve that ends at 1 reaches 1.
const nearly = 1 - 1e-12

// firstReaching is the least k of which pass@k is c or more; 0 and false where there is none.
func firstReaching(counts []Count, c float64) (k int, ok bool) {
	cells, n := group(counts), counts[smallest(counts)].N
	k = 1 + sort.Search(n, func(i int) bool {
		return moments(cells, len(counts), []int{i + 1})[0].mean >= c*nearly
	})
	if k > n {
		return 0, false
	}
	return k, true
}

// logBetween is where a curve that is linear in log k between two points has value c, within the two.
func logBetween(k0, k1, pass0, pass1, c float64) float64 {
	if pass1 <= pass0 {
		return k1
	}
	part := min(max((c-pass0)/(pass1-pass0), 0), 1)
	return math.Exp(math.Log(k0) + part*(math.Log(k1)-math.Log(k0)))
}

// crossing is the first k at which points, which are in ascending order of k, reach c in what value takes of them. At the
// first point it is that point's k, later interpolated in log k. It is false where they do not reach it.
func crossing(points []Point, c float64, value func(Point) float64) (float64, bool) {
	for i, p := range points {
		switch {
		case value(p) < c*nearly:
		case i == 0:
			return float64(p.K), true
		default:
			before := points[i-1]
			return logBetween(float64(before.K), float64(p.K), value(before), value(p), c), true
		}
	}
	return 0, false
}

// at is a curve's point at k, interpolated in log k between points in ascending order, of which k is within the first and
// the last.
func at(points []Point, k int) Point {
	i := sort.Search(len(points), func(i int) bool { return points[i].K >= k })
	if points[i].K == k || i == 0 {
		p := points[i]
		p.K = k
		return p
	}
	a, b := points[i-1], points[i]
	part := math.Log(float64(k)/float64(a.K)) / math.Log(float64(b.K)/float64(a.K))
	between := func(x, y float64) float64 { return x + part*(y-x) }
	return Point{k, between(a.Pass, b.Pass), between(a.Low, b.Low), between(a.High, b.High)}
}
