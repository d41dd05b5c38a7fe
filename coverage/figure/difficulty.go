package figure

import (
	"fmt"
	"io"
	"math"

	"borel/coverage"
)

// maxBins is how many bars can be told apart.
const maxBins = 60

// Difficulty draws how many problems have which rate of right samples, on a logarithmic axis with a bar of its own for rate 0:
// as bars by the rate that was seen, and as lines over them by the rate that is believed. The error is an
// *[coverage.Invalid], or w's own.
func Difficulty(w io.Writer, p Picture, d *coverage.Difficulty) error {
	p, err := p.withDefaults()
	if err != nil {
		return err
	}
	if err := validateBins(d); err != nil {
		return err
	}
	var rest []coverage.Bin // those above 0
	zeros := coverage.Bin{}
	for i, b := range d.Bins {
		if i == 0 && b.UpTo == 0 {
			zeros = b
		} else {
			rest = append(rest, b)
		}
	}
	// Places along the axis are powers of ten; rate 0 has one to the left of all.
	low, high := -1.0, 0.0
	if len(rest) > 0 {
		low, high = leftEdge(rest), math.Log10(rest[len(rest)-1].UpTo)
	}
	width := (high - low) / float64(max(len(rest), 8))
	at := low - 1.2*width
	fill, line := mark{role: bars, series: 0}, mark{role: tops, series: -1}
	add := func(b coverage.Bin, from, to float64) {
		fill.points = append(fill.points, point{(from + to) / 2, float64(b.Problems), from, to})
		line.points = append(line.points, point{(from + to) / 2, b.Believed, from, to})
	}
	add(zeros, at-width/2, at+width/2)
	x := axis{label: "rate of right samples of a problem", lo: at - width, hi: high + width/2, given: []tick{{at, "0"}}}
	from := low
	for _, b := range rest {
		to := math.Log10(b.UpTo)
		add(b, from, to)
		from = to
	}
	for e := math.Ceil(low - 1e-9); e <= math.Floor(high+1e-9); e++ {
		x.given = append(x.given, tick{e, number(math.Pow(10, e), math.Pow(10, e))})
	}
	_, most := spread([]mark{fill, line})
	y := axis{label: "problems", lo: 0, hi: max(1, most*1.08), write: whole}
	c := &chart{x: x, panels: []panel{{y: y, part: 1, marks: []mark{fill, line}}}}
	c.legend = []entry{{"by the rate seen", 0, bars, false}, {"by the rate believed", -1, tops, false}}
	c.notes = []string{fmt.Sprintf("never solved: %d; share believed to have a rate of 0: %.3f, at most %.3f", d.Never.Unsolved, d.Never.Share, d.Never.Most)}
	if p.onTerminal() {
		return p.bars(w, c, d.Bins)
	}
	return p.write(w, c)
}

// leftEdge is the logarithm of where the first bin above 0 begins. If that is 0, it is as wide as the next.
func leftEdge(bins []coverage.Bin) float64 {
	first := bins[0]
	switch {
	case first.Above > 0:
		return math.Log10(first.Above)
	case len(bins) > 1:
		return 2*math.Log10(first.UpTo) - math.Log10(bins[1].UpTo)
	}
	return math.Log10(first.UpTo) - 1
}

func validateBins(d *coverage.Difficulty) error {
	if d == nil || len(d.Bins) == 0 {
		return invalidf("bins", "is empty")
	}
	if len(d.Bins) > maxBins {
		return invalidf("bins", "has %d entries, the limit is %d", len(d.Bins), maxBins)
	}
	for i, b := range d.Bins {
		field := fmt.Sprintf("bins[%d].", i)
		zero := i == 0 && b.Above <= 0 && b.UpTo == 0
		switch {
		case !zero && !(b.UpTo >= 1e-12 && b.UpTo <= 1+1e-9 && b.Above < b.UpTo):
			return invalidf(field+"up_to", "is %g, above %g; rates are 0 to 1, and only the first bin is 0 alone", b.UpTo, b.Above)
		case i > 0 && !(b.Above >= d.Bins[i-1].UpTo-1e-9 && b.UpTo > d.Bins[i-1].UpTo):
			return invalidf(field+"above", "is %g; bins must ascend", b.Above)
		case b.Problems < 0 || b.Problems > coverage.MaxProblems:
			return invalidf(field+"problems", "is %d; it must be 0 to %d", b.Problems, coverage.MaxProblems)
		case !(b.Believed >= 0 && b.Believed <= coverage.MaxProblems):
			return invalidf(field+"believed", "is %g; it must be 0 to %d", b.Believed, coverage.MaxProblems)
		}
	}
	if !share(d.Never.Share) || !share(d.Never.Most) {
		return invalidf("never", "has shares %g and %g; both must be 0 to 1", d.Never.Share, d.Never.Most)
	}
	return nil
}
