package coverage

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"
)

// Difference is pass@K of system B less that of system A on the same problems, with the interval of the difference.
type Difference struct {
	K          int     `json:"k"`
	A          float64 `json:"a" doc:"pass@k of the first system"`
	B          float64 `json:"b" doc:"pass@k of the second"`
	Difference float64 `json:"difference" doc:"b − a"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Better     float64 `json:"better" doc:"probability that b is truly above a"`
}

// Compare is pass@k of b less that of a at each of ks, for two systems on the same problems. Problems are paired by name; where no
// count has a name, by position. What stands on one side only is refused: [Common] leaves it out.
//
// For [Samples], the default, the difference is that of these very problems, and the interval comes from those of the two
// curves, whose samples are independent. For [Problems] it is that of all problems of the kind, and pairs are drawn with
// replacement, as many times as o has Resamples, whatever its Method: what makes a problem hard makes it so for both
// systems, so that the interval is narrower than their own would suggest. The error is an *[Invalid], whose fields begin with a
// or b where [Curve] has counts.
func Compare(a, b []Count, ks []int, o Options) ([]Difference, error) {
	a, b, err := paired(a, b, ks)
	if err != nil {
		return nil, err
	}
	if err := o.validate(a); err != nil {
		return nil, err
	}
	o = o.withDefaults()
	if o.Kind == Problems {
		if err := o.affordable(len(a)); err != nil {
			return nil, err
		}
	}
	differences := make([]Difference, len(ks))
	passA, passB := mean(a, ks), mean(b, ks)
	for i, k := range ks {
		differences[i] = Difference{K: k, A: passA[i], B: passB[i], Difference: passB[i] - passA[i]}
	}
	if len(ks) == 0 {
		return differences, nil
	}
	known := interpolated(ks, func(knots []int) [][]float64 {
		if o.Kind == Problems {
			return o.pairsDiffer(a, b, knots)
		}
		return o.systemsDiffer(a, b, knots)
	})
	for i := range differences {
		d := &differences[i]
		d.Low, d.High = max(-1, min(known[0][i], d.Difference)), min(1, max(known[1][i], d.Difference))
		d.Better = min(max(known[2][i], 0), 1)
	}
	return differences, nil
}

// Common is the counts of the problems that both a and b have, in the order of a, and the names of those that only one has.
// Counts without a name are left out.
func Common(a, b []Count) (inA, inB []Count, onlyA, onlyB []string) {
	at := make(map[string]int, len(b))
	for i, c := range b {
		if _, twice := at[c.Problem]; !twice {
			at[c.Problem] = i
		}
	}
	has := make(map[string]bool, len(a))
	for _, c := range a {
		i, in := at[c.Problem]
		switch {
		case c.Problem == "" || has[c.Problem]:
			continue
		case in:
			inA, inB = append(inA, c), append(inB, b[i])
		default:
			onlyA = append(onlyA, c.Problem)
		}
		has[c.Problem] = true
	}
	for i, c := range b {
		if c.Problem != "" && !has[c.Problem] && at[c.Problem] == i {
			onlyB = append(onlyB, c.Problem)
		}
	}
	return inA, inB, onlyA, onlyB
}

// paired is a, and b in the order of a, both fit for an estimate at ks.
func paired(a, b []Count, ks []int) (sameA, sameB []Count, err error) {
	for _, side := range []struct {
		name   string
		counts []Count
	}{{"a", a}, {"b", b}} {
		err := validate(side.counts)
		if err == nil {
			err = validateKs(side.counts, ks)
		}
		if invalid, is := err.(*Invalid); is {
			if rest, of := strings.CutPrefix(invalid.Field, "counts"); of {
				return nil, nil, &Invalid{side.name + rest, invalid.Message}
			}
			return nil, nil, &Invalid{invalid.Field, side.name + ": " + invalid.Message}
		}
	}
	named := func(c Count) bool { return c.Problem != "" }
	if !slices.ContainsFunc(a, named) && !slices.ContainsFunc(b, named) {
		if len(a) != len(b) {
			return nil, nil, invalidf("b", "has %d problems where a has %d; without names they are paired by position", len(b), len(a))
		}
		return a, b, nil
	}
	for _, side := range []struct {
		name   string
		counts []Count
	}{{"a", a}, {"b", b}} {
		seen := make(map[string]bool, len(side.counts))
		for i, c := range side.counts {
			field := fmt.Sprintf("%s[%d].problem", side.name, i)
			switch {
			case !named(c):
				return nil, nil, invalidf(field, "is empty where others have a name; problems are paired by it")
			case seen[c.Problem]:
				return nil, nil, invalidf(field, "%q stands twice", c.Problem)
			}
			seen[c.Problem] = true
		}
	}
	sameA, sameB, onlyA, onlyB := Common(a, b)
	for _, only := range []struct {
		name, other string
		problems    []string
	}{{"a", "b", onlyA}, {"b", "a", onlyB}} {
		if len(only.problems) > 0 {
			return nil, nil, invalidf(only.name, "has %d problems that %s has not: %s; compare those that both have", len(only.problems), only.other, some(only.problems))
		}
	}
	return sameA, sameB, nil
}

// some quotes the first few of names.
func some(names []string) string {
	const few = 3
	var quoted []string
	for _, name := range names[:min(few, len(names))] {
		quoted = append(quoted, fmt.Sprintf("%.60q", name))
	}
	if len(names) > few {
		quoted = append(quoted, "…")
	}
	return strings.Join(quoted, ", ")
}

// pair is what both systems have of a problem.
type pair struct{ nA, cA, nB, cB int }

// groupPairs joins problems with equal counts, and says of each problem which pair it is.
func groupPairs(a, b []Count) (of []int, pairs []pair) {
	index := make(map[pair]int)
	of = make([]int, len(a))
	for i := range a {
		p := pair{a[i].N, a[i].C, b[i].N, b[i].C}
		j, known := index[p]
		if !known {
			j = len(pairs)
			index[p], pairs = j, append(pairs, p)
		}
		of[i] = j
	}
	return of, pairs
}

// systemsDiffer is the two ends of the interval of the difference at each of ks, and the chance that b is better, where the samples
// of the two are independent: each end is as far from the difference as the ends of the two curves' own intervals that
// would bring it there are from their curves, by the root of the sum of squares (Zou and Donner 2008, "Construction of
// confidence limits about effect measures", after Newcombe). The chance is that of a normal deviation that reaches 0, of
// which the end on the side of 0 tells the scale.
func (o Options) systemsDiffer(a, b []Count, ks []int) [][]float64 {
	to := [][]float64{make([]float64, len(ks)), make([]float64, len(ks)), make([]float64, len(ks))}
	curve := func(counts []Count) []Point {
		cells := group(counts)
		return o.intervals(cells, len(counts), moments(cells, len(counts), ks))
	}
	z := distuv.UnitNormal.Quantile((1 + o.Level) / 2)
	as, bs := curve(a), curve(b)
	for i := range ks {
		d := bs[i].Pass - as[i].Pass
		below := math.Hypot(bs[i].Pass-bs[i].Low, as[i].High-as[i].Pass)
		above := math.Hypot(bs[i].High-bs[i].Pass, as[i].Pass-as[i].Low)
		to[0][i], to[1][i] = d-below, d+above
		scale := below
		if d < 0 {
			scale = above
		}
		switch {
		case math.Abs(d) < rounding:
			to[2][i] = 0.5
		case scale < rounding:
			to[2][i] = (1 + math.Copysign(1, d)) / 2
		default:
			to[2][i] = distuv.UnitNormal.CDF(z * d / scale)
		}
	}
	return to
}

// rounding is the difference below which two pass@k are taken to be equal.
const rounding = 1e-12

// pairsDiffer is the same where the problems are others, from pairs drawn with replacement. Among them is one imagined
// pair, of which one system is better by imaginedDifference: without it, a handful of problems that both systems solve would
// prove that they never differ. The quantiles are a little further out than the level says: a bootstrap is too narrow by what
// Student's quantiles are wider than the normal ones, and by n/(n−1) (Hesterberg 2015, "What teachers should know about
// the bootstrap").
func (o Options) pairsDiffer(a, b []Count, ks []int) [][]float64 {
	of, pairs := groupPairs(a, b)
	of = append(of, of...) // twice, so that the imagined pair can be half the one and half the other
	of = append(of, len(pairs), len(pairs)+1)
	tail := expandedTail(o.Level, len(a))
	return blocks(ks, columns, 3, func(ks []int, to [][]float64) {
		rows := make([]row, len(pairs)+2)
		for j, k := range ks {
			for i, p := range pairs {
				rows[i][j] = passAtK(p.nB, p.cB, k) - passAtK(p.nA, p.cA, k)
			}
			rows[len(pairs)][j], rows[len(pairs)+1][j] = imaginedDifference, -imaginedDifference
		}
		sums := drawProblems(of, rows, len(a), o.Resamples, o.Seed)
		for j := range ks {
			to[0][j], to[1][j], to[2][j] = summarize(sums, j, 1/float64(len(a)), tail)
		}
	})
}

const imaginedDifference = 0.5

// summarize is the quantiles at tail and 1−tail of column j of sums, times scale, and the share of what is above 0, with half
// of what is 0.
func summarize(sums []row, j int, scale, tail float64) (low, high, above float64) {
	column := make([]float64, len(sums))
	for i, r := range sums {
		column[i] = r[j] * scale
		switch {
		case column[i] > rounding:
			above++
		case column[i] >= -rounding:
			above += 0.5
		}
	}
	slices.Sort(column)
	return quantile(column, tail), quantile(column, 1-tail), above / float64(len(sums))
}
