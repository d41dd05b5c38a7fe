package coverage

import "math"

// certain is the chance of failure below which a success is counted as certain: 1 minus it rounds to 1.
const certain = 1e-18

// walker goes through k = 1, 2, … and holds the chance that k of n samples are all among some left of them,
//
//	binom(left, k) / binom(n, k) = ∏ (left−i) / (n−i) over i = 0 … k−1.
//
// It is a product of up to n quotients, each rounded, and they do not cancel: in floats it is off by 2e-12 at k of 100,000.
// So it is kept as the sum of two floats, of which the second holds what was rounded off the first.
type walker struct {
	n, left, k int
	hi, lo     float64
}

func walk(n, left int) walker { return walker{n: n, left: left, hi: 1} }

// next sets hi[i] + lo[i] to the product at k+1+i, and returns how many it set: fewer than there are where those that
// follow are below least. k must not go above n.
func (w *walker) next(hi, lo []float64, least float64) int {
	h, l, a, b := w.hi, w.lo, float64(w.left-w.k), float64(w.n-w.k) // in registers: this loop is what a curve costs
	lo = lo[:len(hi)]
	done := len(hi)
	for i := range hi {
		inverse := 1 / b
		q := a * inverse
		rest := math.FMA(-q, b, a) * inverse // a/b − q
		p := h * q
		l = l*q + math.FMA(h, rest, math.FMA(h, q, -p))
		h = p
		a--
		b--
		hi[i], lo[i] = h, l
		if h < least {
			done = i + 1
			break
		}
	}
	w.hi, w.lo, w.k = h, l, w.k+done
	return done
}

// block is how many k are gone through at a time: few enough to stay in the first cache.
const block = 512

// climb calls at with pass@k for k = first, first+1, …, a block at a time, up to to, or until it is 1 for all others. It
// returns the last k that it called at with.
func climb(n, c, to int, at func(first int, pass []float64)) int {
	var hi, lo [block]float64
	w := walk(n, n-c)
	if c == 0 { // nothing must be left by rounding
		for ; w.k < to; w.k = min(w.k+block, to) {
			at(w.k+1, hi[:min(block, to-w.k)])
		}
	}
	for w.k < to && w.hi >= certain {
		first, pass := w.k+1, hi[:min(block, to-w.k)]
		pass = pass[:w.next(pass, lo[:], certain)]
		for i := range pass {
			pass[i] = (1 - pass[i]) - lo[i]
		}
		at(first, pass)
	}
	return w.k
}

// descend calls at with pass^k for k = first, first+1, …, a block at a time, up to to, or until all that follow are 0.
func descend(n, c, to int, at func(first int, pass []float64)) {
	var hi, lo [block]float64
	w := walk(n, c)
	for first := 1; first <= to && w.hi > 0; first += block {
		pass := hi[:min(block, to-first+1)]
		done := w.next(pass, lo[:], math.SmallestNonzeroFloat64)
		for i := range done {
			pass[i] += lo[i]
		}
		at(first, pass[:done])
	}
}
