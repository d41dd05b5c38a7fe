package coverage

import (
	"context"
	"math"
	"math/rand/v2"
)

// The walkers of a chain, their steps, and which of these are taken.
const (
	chainWalkers = 20
	chainBurn    = 30
	chainSteps   = 70
	chainEvery   = 4
)

// sample visits spreads drawn from the posterior of f, with the stretch move of Goodman and Weare 2010 ("Ensemble samplers
// with affine invariance"), beginning about at. It ends with ctx.
func (f *family) sample(ctx context.Context, e *evidence, at []float64, visit func(mass []float64)) error {
	rng := rand.New(rand.NewPCG(1, 2))
	d := len(at)
	walkers := make([][]float64, chainWalkers)
	values := make([]float64, chainWalkers)
	mass := make([]float64, rateGrid)
	for i := range walkers {
		walkers[i] = make([]float64, d)
		for j := range d {
			walkers[i][j] = at[j] + 0.3*f.sd[j]*rng.NormFloat64()
		}
		values[i] = f.penalized(e, walkers[i], mass)
	}
	try := make([]float64, d)
	for step := range chainSteps {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i := range walkers {
			other := rng.IntN(chainWalkers - 1)
			if other >= i {
				other++
			}
			// The stretch is between 1/2 and 2, with a density that goes as its root's inverse.
			z := math.Pow((1+rng.Float64())*math.Sqrt2/2, 2)
			for j := range try {
				try[j] = walkers[other][j] + z*(walkers[i][j]-walkers[other][j])
			}
			v := f.penalized(e, try, mass)
			if math.Log(rng.Float64()) < float64(d-1)*math.Log(z)+v-values[i] {
				copy(walkers[i], try)
				values[i] = v
			}
		}
		if step >= chainBurn && (step-chainBurn)%chainEvery == 0 {
			for i := range walkers {
				f.mass(e.axis, walkers[i], mass)
				visit(mass)
			}
		}
	}
	return nil
}
