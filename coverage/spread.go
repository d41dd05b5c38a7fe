package coverage

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/interp"
)

// maxKnots is how many k have an interval made for them. That of a curve of more k is drawn through these.
const maxKnots = 64

// spread is the curve of valid counts with the intervals of o, which are made at no more than maxKnots of ks, see interpolated.
func (o Options) spread(cells []cell, problems int, ks []int) []Point {
	if len(ks) <= maxKnots {
		return o.intervals(cells, problems, moments(cells, problems, ks))
	}
	pass := passMeans(cells, problems, ks)
	ends := interpolated(ks, func(knots []int) [][]float64 {
		ends := [][]float64{make([]float64, len(knots)), make([]float64, len(knots))}
		for i, p := range o.intervals(cells, problems, moments(cells, problems, knots)) {
			ends[0][i], ends[1][i] = p.Low, p.High
		}
		return ends
	})
	points := make([]Point, len(ks))
	for i, k := range ks {
		points[i] = Point{K: k, Pass: pass[i], Low: max(0, min(ends[0][i], pass[i])), High: min(1, max(ends[1][i], pass[i]))}
	}
	return points
}

// interpolated is a number of functions of k at each of ks. f is asked for their values at no more than maxKnots of them,
// in ascending order and without duplicates; between those they follow cubic curves in log k that rise and fall only as the
// values do (Fritsch and Butland 1984).
func interpolated(ks []int, f func(knots []int) [][]float64) [][]float64 {
	distinct := slices.Compact(slices.Sorted(slices.Values(ks)))
	at := knots(distinct)
	known := f(at)
	index, x := make(map[int]int, len(at)), make([]float64, len(at))
	for i, k := range at {
		index[k], x[i] = i, math.Log(float64(k))
	}
	all := make([][]float64, len(known))
	for j, y := range known {
		all[j] = make([]float64, len(ks))
		var curve interp.FritschButland
		if len(at) < len(distinct) {
			if err := curve.Fit(x, y); err != nil {
				panic(err) // for lengths that differ, or x that do not ascend
			}
		}
		for i, k := range ks {
			if knot, is := index[k]; is {
				all[j][i] = y[knot]
			} else {
				all[j][i] = curve.Predict(math.Log(float64(k)))
			}
		}
	}
	return all
}

// knots are up to maxKnots of ks, which ascend: the first, those nearest to even steps in log k, and to steps of powers of
// three before the last. There, where the last problem is about to be solved, an interval may be about to change at once.
func knots(ks []int) []int {
	const ends = 6
	if len(ks) <= maxKnots {
		return ks
	}
	last := ks[len(ks)-1]
	wanted := append(LogSpaced(last, maxKnots-ends-1), ks[0])
	for i, back := 0, 1; i < ends; i, back = i+1, back*3 {
		wanted = append(wanted, last-back)
	}
	slices.Sort(wanted)
	var chosen []int
	for _, k := range wanted {
		i, _ := slices.BinarySearch(ks, k)
		chosen = append(chosen, ks[i])
	}
	return slices.Compact(chosen)
}
