package coverage

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/interp"
)

// maxKnots is how many k have an interval made for them. That of a curve of more k is drawn through these.
const maxKnots = 64

// spread is what around gives for ms, of which it is asked for at most maxKnots, see knots. The ends of the
// other intervals are read off monotone cubic curves through those (Fritsch and Butland 1984) over log k.
func spread(ms []moment, around func([]moment) []Point) []Point {
	if len(ms) <= maxKnots {
		return around(ms)
	}
	at := slices.Clone(ms)
	slices.SortFunc(at, func(a, b moment) int { return a.k - b.k })
	at = knots(slices.CompactFunc(at, func(a, b moment) bool { return a.k == b.k }))
	known := around(at)
	if len(known) == 1 {
		return slices.Repeat(known, len(ms))
	}
	x, low, high := make([]float64, len(known)), make([]float64, len(known)), make([]float64, len(known))
	for i, p := range known {
		x[i], low[i], high[i] = math.Log(float64(p.K)), p.Low, p.High
	}
	lows, highs := through(x, low), through(x, high)
	points := make([]Point, len(ms))
	for i, m := range ms {
		x := math.Log(float64(m.k))
		points[i] = Point{K: m.k, Pass: m.mean, Low: max(0, min(lows.Predict(x), m.mean)), High: min(1, max(highs.Predict(x), m.mean))}
	}
	return points
}

// knots are up to maxKnots of ms, which ascend in k: the first, those nearest to even steps in log k, and to steps of
// powers of three before the last. There, where the last problem is about to be solved, an interval may be about to change
// at once.
func knots(ms []moment) []moment {
	const ends = 6
	if len(ms) <= maxKnots {
		return ms
	}
	last := ms[len(ms)-1].k
	wanted := append(LogSpaced(last, maxKnots-ends-1), ms[0].k)
	for i, back := 0, 1; i < ends; i, back = i+1, back*3 {
		wanted = append(wanted, last-back)
	}
	slices.Sort(wanted)
	var chosen []moment
	for _, k := range wanted {
		i, _ := slices.BinarySearchFunc(ms, k, func(m moment, k int) int { return m.k - k })
		if i < len(ms) {
			chosen = append(chosen, ms[i])
		}
	}
	return slices.CompactFunc(chosen, func(a, b moment) bool { return a.k == b.k })
}

// through is a curve through the points (x, y), of which there are at least two, with x ascending.
func through(x, y []float64) interp.Predictor {
	if len(x) < 3 { // too few for a cubic
		var line interp.PiecewiseLinear
		if err := line.Fit(x, y); err != nil {
			panic(err) // for lengths that differ, or x that do not ascend
		}
		return &line
	}
	var curve interp.FritschButland
	if err := curve.Fit(x, y); err != nil {
		panic(err)
	}
	return &curve
}
