package coverage

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
)

// Overlaid is how the curves of a family of models coincide once they are moved along log k, so that all pass through one
// point: the curves of models of a family have about the same shape (Brown et al. 2024, section 3.2).
type Overlaid struct {
	Coverage float64 `json:"coverage" doc:"the greatest pass@1 of the family, which all curves are moved to have at k = 1"`
	Moved    []Moved `json:"moved" doc:"in the order of the systems"`

	UpTo   float64 `json:"up_to,omitempty" doc:"k, once moved, up to which all curves go"`
	Apart  float64 `json:"apart" doc:"standard deviation of pass@k between the curves, over k in equal steps of log k, once moved"`
	Before float64 `json:"before" doc:"the same over the same k of the curves as they are"`
}

// Moved is by how much a curve is moved.
type Moved struct {
	Name  string  `json:"name"`
	Reach float64 `json:"reach,omitempty" doc:"k at which the curve has the coverage, interpolated in log k; k/reach is k once moved. Missing where it ends below, and is left out"`
	Shift float64 `json:"shift" doc:"ln reach: by how much it is moved to the left"`
}

// Overlay moves each system's curve to the left by log pass@k⁻¹(c), c being the greatest pass@1 of them. The error is an
// *[Invalid]: a fault in counts, or no system with a right sample.
func Overlay(systems []System) (*Overlaid, error) {
	if len(systems) == 0 || len(systems) > maxSystems {
		return nil, invalidf("systems", "has %d entries; there must be 1 to %d", len(systems), maxSystems)
	}
	o := &Overlaid{}
	for i, s := range systems {
		if err := validate(s.Counts); err != nil {
			return nil, within(fmt.Sprintf("systems[%d]", i), err)
		}
		o.Coverage = max(o.Coverage, mean(s.Counts, []int{1})[0])
	}
	if o.Coverage == 0 {
		return nil, invalidf("systems", "have no right sample at all; there is nothing to move their curves to")
	}
	var moved [][]Count
	var reach []float64
	for _, s := range systems {
		m := Moved{Name: s.Name}
		k, ok, err := InversePass(s.Counts, o.Coverage)
		if err != nil {
			return nil, err
		}
		if ok {
			m.Reach, m.Shift = k, math.Log(k)
			moved, reach = append(moved, s.Counts), append(reach, k)
			if upTo := float64(s.Counts[smallest(s.Counts)].N) / k; len(moved) == 1 || upTo < o.UpTo {
				o.UpTo = upTo
			}
		}
		o.Moved = append(o.Moved, m)
	}
	if len(moved) < 2 {
		return o, nil
	}
	const steps = 50
	after, before := make([]float64, len(moved)), make([]float64, len(moved))
	for step := range steps {
		k := math.Pow(o.UpTo, float64(step)/(steps-1))
		for i, counts := range moved {
			after[i], before[i] = betweenWhole(counts, k*reach[i]), betweenWhole(counts, k)
		}
		o.Apart += stat.PopVariance(after, nil) / steps
		o.Before += stat.PopVariance(before, nil) / steps
	}
	o.Apart, o.Before = math.Sqrt(o.Apart), math.Sqrt(o.Before)
	return o, nil
}

// betweenWhole is pass@k of a k that need not be whole, interpolated in log k.
func betweenWhole(counts []Count, k float64) float64 {
	low := min(max(int(k), 1), counts[smallest(counts)].N)
	high := min(low+1, counts[smallest(counts)].N)
	pass := mean(counts, []int{low, high})
	if high == low || k <= float64(low) {
		return pass[0]
	}
	part := math.Log(k/float64(low)) / math.Log(float64(high)/float64(low))
	return pass[0] + part*(pass[1]-pass[0])
}
