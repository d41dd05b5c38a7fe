package coverage

import (
	"math"
	"math/rand/v2"
)

// sample draws parameters from the posterior by the stretch move of Goodman and Weare (2010).
func (f *family) sample(e *evidence, at []float64, walkers, steps, burn, every int, visit func(at, mass []float64)) {
	rng := rand.New(rand.NewPCG(1, 2))
	d := len(at)
	pos := make([][]float64, walkers)
	val := make([]float64, walkers)
	mass := make([]float64, rateGrid)
	for i := range pos {
		pos[i] = make([]float64, d)
		for j := range pos[i] {
			pos[i][j] = at[j] + 0.3*f.sd[j]*rng.NormFloat64()
		}
		val[i] = f.penalized(e, pos[i], mass)
	}
	try := make([]float64, d)
	for s := range steps {
		for i := range pos {
			o := rng.IntN(walkers - 1)
			if o >= i {
				o++
			}
			z := math.Pow(rng.Float64()*(math.Sqrt2-1/math.Sqrt2)+1/math.Sqrt2, 2)
			for j := range try {
				try[j] = pos[o][j] + z*(pos[i][j]-pos[o][j])
			}
			v := f.penalized(e, try, mass)
			if math.Log(rng.Float64()) < float64(d-1)*math.Log(z)+v-val[i] {
				copy(pos[i], try)
				val[i] = v
			}
		}
		if s >= burn && (s-burn)%every == 0 {
			for i := range pos {
				f.mass(e.axis, pos[i], mass)
				visit(pos[i], mass)
			}
		}
	}
}
