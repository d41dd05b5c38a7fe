package coverage

import "math"

// Axes of cost.
const (
	AxisSamples = "samples"
	AxisTokens  = "tokens"
	AxisDollars = "dollars"
	AxisFLOPs   = "flops"
	AxisSeconds = "seconds"
	AxisUnits   = "units" // of a cost that is not counted in samples and does not say in what
)

// Cost is what the samples of one problem cost along an axis: k of them cost Once + Each·k, or, where Parallel of them are
// drawn at a time and take as long as one, Once + Each·⌈k/Parallel⌉. The zero value counts samples.
//
// [Tokens], [Dollars], [Seconds] and [Transformer.Cost] make one.
type Cost struct {
	Axis     string  `json:"axis,omitempty" doc:"tokens, dollars, flops, seconds, or any other unit; default samples where each costs 1 and nothing else is said, otherwise units"`
	Once     float64 `json:"once,omitempty" doc:"for a problem, however many samples are drawn: a prompt that is read once"`
	Each     float64 `json:"each,omitempty" doc:"for a sample; default 1 where once is 0 too"`
	Parallel int     `json:"parallel,omitempty" doc:"samples that cost as much as one, being drawn at a time; default 1"`
}

// maxCost bounds what is asked for and what things cost, so that no sum overflows.
const maxCost = 1e100

func (c Cost) withDefaults() Cost {
	if c.Once == 0 && c.Each == 0 {
		c.Each = 1
	}
	if c.Parallel == 0 {
		c.Parallel = 1
	}
	switch {
	case c.Axis != "":
	case c.Once == 0 && c.Each == 1 && c.Parallel == 1:
		c.Axis = AxisSamples
	default:
		c.Axis = AxisUnits
	}
	return c
}

// alike says whether c and d are along one axis: so are all that name none.
func (c Cost) alike(d Cost) bool {
	named := func(axis string) string {
		if axis == AxisUnits {
			return AxisSamples
		}
		return axis
	}
	return named(c.Unit()) == named(d.Unit())
}

// Unit is that of the axis, also where Axis names none.
func (c Cost) Unit() string { return c.withDefaults().Axis }

// Validate reports the first field of c that is out of range, as an *[Invalid].
func (c Cost) Validate() error {
	for _, v := range []struct {
		field string
		value float64
	}{{"cost.once", c.Once}, {"cost.each", c.Each}} {
		if !(v.value >= 0 && v.value <= maxCost) {
			return invalidf(v.field, "is %g; it must be between 0 and %g", v.value, float64(maxCost))
		}
	}
	if c.Parallel < 0 {
		return invalidf("cost.parallel", "is %d; it must not be negative", c.Parallel)
	}
	return nil
}

// Of is the cost of k samples of one problem.
func (c Cost) Of(k int) float64 {
	c = c.withDefaults()
	return c.Once + c.Each*math.Ceil(float64(k)/float64(c.Parallel))
}

// Samples is max{k : Of(k) ≤ budget}, the samples of one problem that a budget pays for: 0 where it pays for none, and at
// most [MaxSamples]. A budget that is short by less than a part in 10¹² still pays, so that 10 at .1 each cost 1.
func (c Cost) Samples(budget float64) int {
	c = c.withDefaults()
	spare := budget*(1+1e-12) - c.Once
	if !(spare >= 0) {
		return 0
	}
	rounds := math.Floor(spare / c.Each) // +Inf where samples are free; no number where nothing is left for them
	if !(rounds < MaxSamples) {
		return MaxSamples
	}
	return int(min(rounds*float64(c.Parallel), MaxSamples))
}

// Tokens is the cost in tokens of a prompt and of a completion of mean length. A server that reads the prompt again for
// each sample is not shared.
func Tokens(prompt, completion float64, shared bool) Cost {
	if shared {
		return Cost{Axis: AxisTokens, Once: prompt, Each: completion}
	}
	return Cost{Axis: AxisTokens, Each: prompt + completion}
}

// Dollars is the cost in dollars, at prices per million tokens of prompts and of completions.
func Dollars(prompt, completion, promptPrice, completionPrice float64, shared bool) Cost {
	c := Tokens(prompt*promptPrice/1e6, completion*completionPrice/1e6, shared)
	c.Axis = AxisDollars
	return c
}

// Seconds is the time until k samples are there, parallel of them at a time.
func Seconds(each float64, parallel int) Cost {
	return Cost{Axis: AxisSeconds, Each: each, Parallel: parallel}
}

// Transformer is the size of a model, for counting floating-point operations.
type Transformer struct {
	Params float64 `json:"params" doc:"parameters"`
	Layers float64 `json:"layers"`
	Dim    float64 `json:"dim" doc:"width of a token"`
}

// FLOPsPerToken is 2 (Params + 2 Layers Dim length), the operations for a token that attends to length tokens (Brown et al.
// 2024, appendix on inference FLOPs).
func (t Transformer) FLOPsPerToken(length float64) float64 {
	return 2 * (t.Params + 2*t.Layers*t.Dim*length)
}

// FLOPs is what completions of a prompt take, which is read once for all of them: with P tokens of prompt and D of
// completion the sum of FLOPsPerToken(t) over t = 1 … P, and for each completion that of FLOPsPerToken(P + t) over
// t = 1 … D.
func (t Transformer) FLOPs(prompt, completion, completions int) float64 {
	return t.Cost(prompt, completion).Of(completions)
}

// Cost is that of [Transformer.FLOPs] by the number of completions.
func (t Transformer) Cost(prompt, completion int) Cost {
	p, d, attention := float64(prompt), float64(completion), t.Layers*t.Dim
	return Cost{
		Axis: AxisFLOPs,
		Once: 2 * (p*t.Params + attention*p*(p+1)),
		Each: 2 * (d*t.Params + attention*(2*p*d+d*(d+1))),
	}
}
