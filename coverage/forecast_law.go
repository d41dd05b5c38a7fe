package coverage

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// The power law, with room to bend. In the coordinates x = log k and z = log(−log pass@k) the law of [PowerLaw] is a
// line. Measured curves stay near a line and near one another's slope: those of formulas published from k = 1 to 10,000
// lie between −0.37 and −0.11. So z is taken as a Gaussian process,
//
//	z(x) = a + b x + local(x) + drift(x),
//
// with a free, b normal about lawSlope, local a deviation that is forgotten within a decade of k (Ornstein and Uhlenbeck),
// and drift a line whose slope wanders (an integrated Wiener process). The constants were chosen among a few dozen by trial on the Pythia
// counts and on drawn spreads: the errors on those curves are not those of curves never looked at. What is known of it are the estimates of the curve
// up to the samples that were drawn, with their covariance; what it says of a larger k is a normal distribution of z in
// closed form.
const (
	lawSlope   = -0.35 // of b: within the published slopes, whose mean is −0.25; chosen with lawLocal and lawDrift on trial draws
	lawSpread  = 0.15
	lawLevel   = 3.0  // standard deviation of z at k = 1, about 1: free
	lawLocal   = 0.25 // standard deviation of the local deviation
	lawRange   = math.Ln10
	lawDrift   = 0.03 // standard deviation of the change of slope, per square root of log k
	lawPoints  = 12   // k that it is fitted at
	lawRepeats = 150  // repetitions that the covariance of the curve's estimates is taken from
)

// bentLaw is the process after the curve was seen.
type bentLaw struct {
	x    []float64
	chol mat.Cholesky
	gain *mat.VecDense // covariance⁻¹ (z − expected z)
}

func lawMean(x float64) float64 { return 1 + lawSlope*x }

func lawCovariance(x, y float64) float64 {
	lo, hi := min(x, y), max(x, y)
	return lawLevel*lawLevel + lawSpread*lawSpread*x*y +
		lawLocal*lawLocal*math.Exp(-(hi-lo)/lawRange) +
		lawDrift*lawDrift*(lo*lo*lo/3+lo*lo*(hi-lo)/2)
}

// fitLaw sees the curve of counts up to k = upTo. It is nil where fewer than two of its points lie within 0 and 1.
func fitLaw(e *evidence, mass []float64, upTo int, population bool) *bentLaw {
	ks := LogSpaced(upTo, lawPoints)
	pass := passTable{ks: ks, of: make(map[[2]int][]float64)}
	mean := make([]float64, len(ks))
	for _, g := range e.cells {
		for i, v := range pass.at(g.n, g.c) {
			mean[i] += v * g.weight / e.problems
		}
	}
	var used []int
	for i, v := range mean {
		if v > 1e-12 && v < 1-1e-9 {
			used = append(used, i)
		}
	}
	if len(used) < 2 {
		return nil
	}
	noise := e.noise(mass, pass, population)
	cov := mat.NewSymDense(len(used), nil)
	z := mat.NewVecDense(len(used), nil)
	l := &bentLaw{}
	for i, u := range used {
		x := math.Log(float64(ks[u]))
		l.x = append(l.x, x)
		z.SetVec(i, math.Log(-math.Log(mean[u]))-lawMean(x))
		for j, v := range used[:i+1] {
			scale := mean[u] * math.Log(mean[u]) * mean[v] * math.Log(mean[v]) // of z to pass@k
			c := noise.At(u, v)/scale + lawCovariance(x, l.x[j])
			if i == j {
				c += 1e-6
			}
			cov.SetSym(i, j, c)
		}
	}
	if !l.chol.Factorize(cov) {
		return nil
	}
	l.gain = mat.NewVecDense(len(used), nil)
	if l.chol.SolveVecTo(l.gain, z) != nil {
		return nil
	}
	return l
}

// at is the mean and standard deviation of z at k.
func (l *bentLaw) at(k int) (mean, sd float64) {
	x := math.Log(float64(k))
	c := mat.NewVecDense(len(l.x), nil)
	for i, y := range l.x {
		c.SetVec(i, lawCovariance(x, y))
	}
	known := mat.NewVecDense(len(l.x), nil)
	if l.chol.SolveVecTo(known, c) != nil {
		return lawMean(x), math.Sqrt(lawCovariance(x, x))
	}
	return lawMean(x) + mat.Dot(c, l.gain), math.Sqrt(max(lawCovariance(x, x)-mat.Dot(c, known), 0))
}

// noise is the covariance of the errors of the curve's estimates, by repetition: each problem gets a rate that its counts
// allow, and draws new samples. For the population problems are drawn anew as well.
func (e *evidence) noise(mass []float64, pass passTable, population bool) *mat.SymDense {
	rng := rand.New(rand.NewPCG(7, 7))
	problems := min(int(e.problems+0.5), forecastCells)
	draw := e.drawer(mass)
	errors := mat.NewDense(lawRepeats, len(pass.ks), nil)
	for r := range lawRepeats {
		row := errors.RawRowView(r)
		for p := range problems {
			g := draw.cell(rng, p, problems, population)
			j := draw.rate(rng, g)
			n := e.cells[g].n
			c := int(distuv.Binomial{N: float64(n), P: math.Exp(e.logRate[j]), Src: rng}.Rand())
			for i, v := range pass.at(n, c) {
				row[i] += v / float64(problems)
				if !population {
					row[i] += math.Expm1(float64(pass.ks[i])*e.logFail[j]) / float64(problems)
				}
			}
		}
	}
	var cov mat.SymDense
	stat.CovarianceMatrix(&cov, errors, nil)
	cov.ScaleSym(float64(problems)/e.problems, &cov)
	return &cov
}

// drawer draws problems and their rates from what is believed of them.
type drawer struct {
	e     *evidence
	upTo  []float64   // share of problems in cells up to this one
	rates [][]float64 // for each cell, the probability of rates up to each point of its window
}

func (e *evidence) drawer(mass []float64) *drawer {
	d := &drawer{e: e}
	seen := 0.0
	for i, g := range e.cells {
		seen += g.weight / e.problems
		d.upTo = append(d.upTo, seen)
		w := e.windows[i]
		sums, sum := make([]float64, len(w.values)), 0.0
		for j, v := range w.values {
			sum += v * (mass[w.first+j] + 1e-12)
			sums[j] = sum
		}
		d.rates = append(d.rates, sums)
	}
	return d
}

func (d *drawer) cell(rng *rand.Rand, p, problems int, population bool) int {
	at := (float64(p) + 0.5) / float64(problems)
	if population {
		at = rng.Float64()
	}
	return above(d.upTo, at)
}

func (d *drawer) rate(rng *rand.Rand, g int) int {
	sums := d.rates[g]
	return d.e.windows[g].first + above(sums, rng.Float64()*sums[len(sums)-1])
}

// above is the first of ascending sums that is above v, or the last.
func above(sums []float64, v float64) int {
	lo, hi := 0, len(sums)-1
	for lo < hi {
		if mid := (lo + hi) / 2; sums[mid] > v {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// passTable remembers pass@k at ks for each n and c. It is for repetitions: with many samples it has fewer digits than
// passAtK and takes no longer.
type passTable struct {
	ks []int
	of map[[2]int][]float64
}

func (t passTable) at(n, c int) []float64 {
	key := [2]int{n, c}
	if known, ok := t.of[key]; ok {
		return known
	}
	all := make([]float64, len(t.ks))
	for i, k := range t.ks {
		switch {
		case min(k, c) <= 1000:
			all[i] = passAtK(n, c, k)
		case k > n-c:
			all[i] = 1
		default:
			all[i] = -math.Expm1(lnFactorial(n-c) - lnFactorial(n-c-k) - lnFactorial(n) + lnFactorial(n-k))
		}
	}
	t.of[key] = all
	return all
}

func lnFactorial(n int) float64 {
	l, _ := math.Lgamma(float64(n) + 1)
	return l
}

// line is the law that the process bends from, as [PowerLaw] writes it.
func (l *bentLaw) line() (a, b float64) {
	z, slope := 1.0, lawSlope
	for i, x := range l.x {
		z += lawLevel * lawLevel * l.gain.AtVec(i)
		slope += lawSpread * lawSpread * x * l.gain.AtVec(i)
	}
	return -math.Exp(z), slope
}
