package coverage

import (
	"math"

	"gonum.org/v1/gonum/optimize"
)

// family is a shape of how rates are spread over problems. Its parameters have no bounds, so that a search may go
// anywhere; named gives them as they are written.
type family struct {
	name  string
	about []float64 // what is believed of the parameters before any count: normal, about these
	sd    []float64
	mass  func(x *axis, at, mass []float64) // fills mass, which sums to 1
	named func(at []float64) map[string]float64
}

// families that are tried beside the power law. Schaeffer et al. 2025 ("How Do Large Language Monkeys Get Their Power
// (Laws)?", arXiv 2502.17578) have the first three: the aggregate is a power law of exponent −a where the density of the
// rates near 0 goes as rate^(a−1).
func families() []*family {
	a, b, c := 1.5, 2.0, 2.0
	beta := &family{"beta", []float64{-1, 1}, []float64{a, b},
		func(x *axis, at, mass []float64) { betaMass(x, math.Exp(at[0]), math.Exp(at[1]), mass) },
		func(at []float64) map[string]float64 {
			return map[string]float64{"a": math.Exp(at[0]), "b": math.Exp(at[1])}
		}}
	scaled := func(at []float64) map[string]float64 {
		return map[string]float64{"a": math.Exp(at[0]), "b": math.Exp(at[1]), "c": expit(at[2])}
	}
	return []*family{
		beta,
		{"scaled_beta", []float64{-1, 1, 0}, []float64{a, b, c},
			func(x *axis, at, mass []float64) {
				scaledBetaMass(x, math.Exp(at[0]), math.Exp(at[1]), expit(at[2]), mass)
			}, scaled},
		{"kumaraswamy", []float64{-1, 1, 0}, []float64{a, b, c},
			func(x *axis, at, mass []float64) {
				kumaraswamyMass(math.Exp(at[0]), math.Exp(at[1]), expit(at[2]), mass)
			}, scaled},
		{"logit_normal", []float64{-4, 1}, []float64{4, 1},
			func(x *axis, at, mass []float64) {
				s := math.Exp(at[1])
				fromLog(mass, func(j int) float64 { return -math.Pow((x.odds[j]-at[0])/s, 2) / 2 })
			},
			func(at []float64) map[string]float64 {
				return map[string]float64{"mean": at[0], "sd": math.Exp(at[1])}
			}},
		{"zero_beta", []float64{-1, 1, -1}, []float64{a, b, 1.5},
			func(x *axis, at, mass []float64) {
				beta.mass(x, at, mass)
				zero := expit(at[2])
				for j := range mass {
					mass[j] *= 1 - zero
				}
				mass[0] = zero
			},
			func(at []float64) map[string]float64 {
				return map[string]float64{"a": math.Exp(at[0]), "b": math.Exp(at[1]), "zero": expit(at[2])}
			}},
		{"two_betas", []float64{-1, 1, 0, 3, 0}, []float64{a, b, a, b, 1.5},
			func(x *axis, at, mass []float64) {
				var other [rateGrid]float64
				beta.mass(x, at, mass)
				beta.mass(x, at[2:], other[:])
				share := expit(at[4])
				for j := range mass {
					mass[j] = (1-share)*mass[j] + share*other[j]
				}
			},
			func(at []float64) map[string]float64 {
				return map[string]float64{"a": math.Exp(at[0]), "b": math.Exp(at[1]), "a2": math.Exp(at[2]), "b2": math.Exp(at[3]), "share2": expit(at[4])}
			}},
	}
}

func expit(v float64) float64 { return 1 / (1 + math.Exp(-v)) }

// penalized is the logarithm of the likelihood times the prior, up to a constant.
func (f *family) penalized(e *evidence, at, mass []float64) float64 {
	sum := 0.0
	for i, v := range at {
		if !(math.Abs(v) < 100) {
			return -1e100
		}
		sum -= math.Pow((v-f.about[i])/f.sd[i], 2) / 2
	}
	f.mass(e.axis, at, mass)
	return sum + e.logLikelihood(mass)
}

// fit is the parameters that maximize the likelihood times the prior, by Nelder and Mead's search.
func (f *family) fit(e *evidence) []float64 {
	mass := make([]float64, rateGrid)
	result, err := optimize.Minimize(
		optimize.Problem{Func: func(at []float64) float64 { return -f.penalized(e, at, mass) }}, f.about,
		&optimize.Settings{FuncEvaluations: 300 * len(f.about), Converger: &optimize.FunctionConverge{Absolute: 1e-3, Iterations: 15 * len(f.about)}},
		&optimize.NelderMead{SimplexSize: 0.7})
	if result == nil || err != nil && result.X == nil {
		return f.about
	}
	return result.X
}

func normalize(mass []float64) {
	sum := 0.0
	for _, m := range mass {
		sum += m
	}
	if !(sum > 0) {
		for j := range mass {
			mass[j] = 1 / float64(len(mass))
		}
		return
	}
	for j := range mass {
		mass[j] /= sum
	}
}

// fromLog fills mass[1:] from logarithms of the density along log odds.
func fromLog(mass []float64, density func(j int) float64) {
	top := math.Inf(-1)
	for j := 1; j < rateGrid; j++ {
		mass[j] = density(j)
		top = max(top, mass[j])
	}
	mass[0] = 0
	for j := 1; j < rateGrid; j++ {
		mass[j] = math.Exp(mass[j] - top)
	}
	normalize(mass)
}

// betaMass is that of a beta distribution. What lies below the grid, where its density goes as rate^(a−1), is counted at
// the first rate.
func betaMass(x *axis, a, b float64, mass []float64) {
	fromLog(mass, func(j int) float64 { return a*x.logRate[j] + b*x.logFail[j] })
	mass[1] += mass[1] / a / gridStep
	normalize(mass)
}

// scaledBetaMass is that of c times a beta distribution. The step that c lies in gets the integral up to c, with the
// factor that has a pole there integrated exactly.
func scaledBetaMass(x *axis, a, b, c float64, mass []float64) {
	fromLog(mass, func(j int) float64 {
		u := math.Exp(x.logRate[j]) / c
		if end := math.Exp(logistic(lowest+gridStep*float64(j))) / c; end < 1 {
			return a*math.Log(u) + (b-1)*math.Log1p(-u) + x.logFail[j]
		}
		start := math.Exp(logistic(lowest+gridStep*float64(j-1))) / c
		if start >= 1 {
			return math.Inf(-1)
		}
		return (a-1)*math.Log((start+1)/2) + b*math.Log1p(-start) - math.Log(b*gridStep)
	})
	mass[1] += mass[1] / a / gridStep
	normalize(mass)
}

// kumaraswamyMass is that of c times a Kumaraswamy distribution, by differences of 1 − (1 − (p/c)^a)^b.
func kumaraswamyMass(a, b, c float64, mass []float64) {
	below := 0.0
	mass[0] = 0
	for j := 1; j < rateGrid; j++ {
		u := min(math.Exp(logistic(lowest+gridStep*float64(j)))/c, 1)
		upTo := -math.Expm1(b * math.Log1p(-math.Pow(u, a)))
		if j == rateGrid-1 {
			upTo = 1
		}
		mass[j] = upTo - below
		below = upTo
	}
}

// freeSteps of expectation maximization: the fit is only to draw noise from.
const freeSteps = 60

// free fills mass with the most likely spread of no particular shape, one imagined problem added.
func (e *evidence) free(mass []float64) {
	imagined := make([]float64, rateGrid)
	imagined[0] = neverShare
	for j := 1; j < rateGrid; j++ {
		imagined[j] = (1 - neverShare) / float64(rateGrid-1)
	}
	copy(mass, imagined)
	next := make([]float64, rateGrid)
	for range freeSteps {
		copy(next, imagined)
		for i, w := range e.windows {
			here, to, sum := mass[w.first:], next[w.first:], 0.0
			for j, l := range w.values {
				sum += here[j] * l
			}
			for j, l := range w.values {
				to[j] += e.cells[i].weight * here[j] * l / sum
			}
		}
		copy(mass, next)
	}
	normalize(mass)
}
