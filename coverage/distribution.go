package coverage

import "slices"

// negligible is a chance that is left out: even divided by one of about 1/√n, and repeated for every outcome, it does not
// show.
const negligible = 1e-22

// newHypergeometric is the chances of first, first+1, … marked samples among k of n of which c are marked.
func newHypergeometric(n, c, k int) distribution {
	low, high := max(0, k-(n-c)), min(c, k)
	mode := min(max(int(float64(k+1)*float64(c+1)/float64(n+2)), low), high)
	return newDistribution(mode, low, high, func(j int) float64 { // chance of j+1 by that of j
		return float64(c-j) / float64(j+1) * float64(k-j) / float64(n-c-k+j+1)
	})
}

// newBinomial is the chances of first, first+1, … successes in n tries.
func newBinomial(n int, theta float64) distribution {
	odds := theta / (1 - theta)
	return newDistribution(min(int(float64(n+1)*theta), n), 0, n, func(j int) float64 { return float64(n-j) / float64(j+1) * odds })
}

// distribution is the chances of whole numbers from first on; those left out are negligible.
type distribution struct {
	first  int
	chance []float64
	sum    []float64 // of chance up to each
}

// newDistribution has its greatest chance at mode, and up is by how much that of j+1 is more than that of j.
func newDistribution(mode, low, high int, up func(j int) float64) distribution {
	var below, above []float64 // from the mode, relative to its chance
	total := 1.0
	for j, c := mode, 1.0; j > low; j-- {
		if c /= up(j - 1); c < negligible {
			break
		}
		below = append(below, c)
		total += c
	}
	for j, c := mode, 1.0; j < high; j++ {
		if c *= up(j); c < negligible {
			break
		}
		above = append(above, c)
		total += c
	}
	slices.Reverse(below)
	d := distribution{first: mode - len(below), chance: slices.Concat(below, []float64{1}, above)}
	d.sum = make([]float64, len(d.chance))
	sum := 0.0
	for i := range d.chance {
		d.chance[i] /= total
		sum += d.chance[i]
		d.sum[i] = sum
	}
	return d
}

func (d distribution) at(j int) float64 {
	if j -= d.first; j < 0 || j >= len(d.chance) {
		return 0
	}
	return d.chance[j]
}

func (d distribution) upTo(j int) float64 {
	switch j -= d.first; {
	case j < 0:
		return 0
	case j >= len(d.sum):
		return 1
	}
	return d.sum[j]
}
