package figure

import (
	"math"
	"strconv"
	"strings"
)

// axis maps values to places, from 0 to 1 along the frame.
type axis struct {
	label  string
	log    bool
	lo, hi float64 // the range of values; the frame is larger by pad on both sides
	pad    float64
	write  func(v, step float64) string // what a tick says, step being the distance to the next; number by default
	given  []tick                       // these, rather than ticks of its own
}

type tick struct {
	at    float64
	label string // empty for a small one
}

// norm is the place of v. It is finite whatever v is, though far outside of the frame for what does not belong there.
func (a axis) norm(v float64) float64 {
	lo, hi := a.lo, a.hi
	if a.log {
		lo, hi, v = math.Log(lo), math.Log(hi), math.Log(v)
	}
	at := a.pad + (1-2*a.pad)*(v-lo)/(hi-lo)
	if !(at > -9) { // also no number: the logarithm of what is below 0
		return -9
	}
	return min(at, 9)
}

// value is the inverse of norm.
func (a axis) value(at float64) float64 {
	t := (at - a.pad) / (1 - 2*a.pad)
	if a.log {
		return math.Exp(math.Log(a.lo) + t*(math.Log(a.hi)-math.Log(a.lo)))
	}
	return a.lo + t*(a.hi-a.lo)
}

// ticks are as many as an axis of such a length has room for; size is the length that a label takes, with the gap to the
// next.
func (a axis) ticks(length float64, size func(string) float64) []tick {
	if a.given != nil {
		return apart(a, a.given, length, size)
	}
	for most := 11; most > 1; most-- {
		ticks := a.about(most)
		if fits := apart(a, ticks, length, size); labels(fits) == labels(ticks) && labels(ticks) <= most {
			return ticks
		}
	}
	return apart(a, a.about(2), length, size)
}

// apart takes labels away that would run into the one before.
func apart(a axis, ticks []tick, length float64, size func(string) float64) []tick {
	kept := make([]tick, len(ticks))
	free := math.Inf(-1)
	for i, t := range ticks {
		if t.label != "" {
			at, half := a.norm(t.at)*length, size(t.label)/2
			if at-half < free-1e-9 {
				t.label = ""
			} else {
				free = at + half
			}
		}
		kept[i] = t
	}
	return kept
}

func labels(ticks []tick) int {
	n := 0
	for _, t := range ticks {
		if t.label != "" {
			n++
		}
	}
	return n
}

// about is ticks of which about most have labels.
func (a axis) about(most int) []tick {
	write := a.write
	if write == nil {
		write = number
	}
	if a.log && a.hi/a.lo >= 3 {
		return a.decades(most, write)
	}
	// Steps of 1, 2 or 5 times a power of ten.
	step := math.Pow(10, math.Floor(math.Log10((a.hi-a.lo)/float64(most))))
	for _, m := range []float64{1, 2, 5, 10} {
		if (a.hi-a.lo)/(m*step) <= float64(most) {
			step *= m
			break
		}
	}
	var ticks []tick
	for i := math.Ceil(a.lo/step - 1e-6); i*step <= a.hi+1e-6*step && len(ticks) < 100; i++ {
		v := i*step + 0 // never −0
		ticks = append(ticks, tick{v, write(v, step)})
	}
	return ticks
}

// decades is ticks at powers of ten, with small ones between; where there are few, those at 3, or at 2 and 5, have labels
// too.
func (a axis) decades(most int, write func(v, step float64) string) []tick {
	first, last := math.Floor(math.Log10(a.lo)+1e-9), math.Ceil(math.Log10(a.hi)-1e-9)
	whole := 0.0
	for d := first; d <= last; d++ {
		if v := math.Pow(10, d); v >= a.lo*(1-1e-9) && v <= a.hi*(1+1e-9) {
			whole++
		}
	}
	stride := max(1, math.Ceil(whole/float64(most)))
	var ticks []tick
	for d := first; d <= last; d++ {
		for m := 1.0; m < 10; m++ {
			v := m * math.Pow(10, d)
			if v < a.lo*(1-1e-9) || v > a.hi*(1+1e-9) {
				continue
			}
			t := tick{at: v}
			more := whole <= 2 && (most >= 9 && (m == 2 || m == 5) || most >= 5 && most < 9 && m == 3)
			if m == 1 && math.Mod(d, stride) == 0 || more {
				t.label = write(v, v)
			}
			if m == 1 || stride == 1 && last-first < 12 || t.label != "" {
				ticks = append(ticks, t)
			}
		}
	}
	return ticks
}

// shares is the range of an axis from 0 to 1 that lets values between lo and hi be read.
func shares(lo, hi float64) (from, to float64) {
	switch {
	case hi <= 0.5 && hi > 0:
		return 0, ceiling(hi)
	case lo >= 0.5 && lo < 1:
		return 1 - ceiling(1-lo), 1
	}
	return 0, 1
}

// ceiling is the next round number, not below v.
func ceiling(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 1.5, 2, 3, 4, 5, 6, 8} {
		if v <= m*unit*(1+1e-9) {
			return m * unit
		}
	}
	return 10 * unit
}

// number writes a tick.
func number(v, step float64) string {
	switch size := math.Abs(v); {
	case size == 0 || size < step/1e6:
		return "0"
	case size >= 1e6 || size < 1e-4:
		s := strconv.FormatFloat(v, 'e', digits(step/math.Pow(10, math.Floor(math.Log10(size)))), 64)
		mantissa, exponent, _ := strings.Cut(s, "e")
		e, _ := strconv.Atoi(exponent)
		return strings.Replace(mantissa+"e"+strconv.Itoa(e), "-", "−", 2)
	}
	return thousands(strings.Replace(strconv.FormatFloat(v, 'f', digits(step), 64), "-", "−", 1))
}

// whole writes a tick that is a number of things.
func whole(v, step float64) string {
	if step < 1 && v != math.Round(v) {
		return ""
	}
	return thousands(strconv.FormatFloat(v, 'f', 0, 64))
}

// percent writes a share.
func percent(v, step float64) string {
	s := strconv.FormatFloat(100*v, 'f', digits(100*step), 64)
	if strings.Trim(s, "-0.") == "" {
		s = "0"
	}
	return strings.Replace(s, "-", "−", 1) + " %"
}

// digits behind the point that tell multiples of step apart.
func digits(step float64) int {
	return int(max(0, math.Ceil(-math.Log10(step)-1e-9)))
}

// thousands writes 10000.5 as 10,000.5.
func thousands(s string) string {
	end := len(s)
	if i := strings.IndexByte(s, '.'); i >= 0 {
		end = i
	}
	for i := end - 3; i > 0 && s[i-1] >= '0' && s[i-1] <= '9'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
