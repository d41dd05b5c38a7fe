package coverage

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// compare tells the difference on the problems that both systems have, at those k that both have samples for. Counts without
// names are paired by position.
func (r *Report) compare(counts []Count, a Ask, ks []int) error {
	against, these, err := a.paired(counts)
	if err != nil {
		return err
	}
	most := min(MostK(against), MostK(these))
	wanted := len(ks)
	if ks = slices.DeleteFunc(slices.Clone(ks), func(k int) bool { return k > most }); len(ks) == 0 && wanted > 0 {
		return invalidf("k", "has none up to %d, which is what both systems have samples for", most)
	}
	r.Differences, err = Compare(against, these, ks, a.Options())
	r.Compared = len(these)
	if e, ok := errors.AsType[*Invalid](err); ok && len(e.Field) > 1 && (e.Field[0] == 'a' || e.Field[0] == 'b') {
		return &Invalid{"against", e.Field + ": " + e.Message}
	}
	return err
}

// foresight is how far beyond the samples that were drawn advice looks, in multiples of them.
const foresight = 1000

// advise answers a.Advice from the curve, and where that is not enough from a forecast.
func (a Ask) advise(ctx context.Context, counts []Count) (*Advice, error) {
	w := *a.Advice
	var err error
	if w.Forecast, err = a.foresee(ctx, counts, w.Cost); err != nil {
		return nil, err
	}
	return Advise(counts, w, a.Options())
}

// foresee is the forecast that a.Advice needs where samples cost so much, nil where the curve is enough.
func (a Ask) foresee(ctx context.Context, counts []Count, cost Cost) (*Forecast, error) {
	w := *a.Advice
	w.Forecast, w.Cost = nil, cost
	advice, err := Advise(counts, w, a.Options())
	if err != nil || (advice.Reach == nil || advice.Reach.High > 0) && (advice.Budget == nil || advice.Budget.Doubt == "") {
		return nil, err
	}
	return Extrapolate(ctx, counts, LogSpaced(min(MostK(counts)*foresight, MaxSamples), curvePoints), a.Options())
}

// paired are the counts of both systems on the problems that both have. Counts without names are paired by position.
func (a Ask) paired(counts []Count) (against, these []Count, err error) {
	if err := validate(a.Against); err != nil { // while its places are those of the request
		if e, ok := errors.AsType[*Invalid](err); ok {
			return nil, nil, &Invalid{"against" + strings.TrimPrefix(e.Field, "counts"), e.Message}
		}
		return nil, nil, err
	}
	against, these, _, _ = Common(a.Against, counts)
	unnamed := func(c Count) bool { return c.Problem == "" }
	if slices.ContainsFunc(a.Against, unnamed) || slices.ContainsFunc(counts, unnamed) {
		against, these = a.Against, counts
	}
	if len(these) == 0 {
		return nil, nil, invalidf("against", "has none of the %d problems; two systems are compared on the same problems", len(counts))
	}
	return against, these, nil
}

// buy tells which of the two systems is the better buy, on the problems that both have.
func (a Ask) buy(ctx context.Context, counts []Count) (*Purchase, error) {
	if a.Advice == nil || len(a.Against) == 0 {
		return nil, invalidf("against_cost", "is for advice on two systems: against and advice are asked for with it")
	}
	against, these, err := a.paired(counts)
	if err != nil {
		return nil, err
	}
	first := System{Name: "a", Counts: against, Cost: *a.AgainstCost}
	second := System{Name: "b", Counts: these, Cost: a.Advice.Cost}
	for _, s := range []*System{&first, &second} {
		if s.Forecast, err = a.foresee(ctx, s.Counts, s.Cost); err != nil {
			break
		}
	}
	var p *Purchase
	if err == nil {
		p, err = Buy(first, second, *a.Advice, a.Options())
	}
	if e, ok := errors.AsType[*Invalid](err); ok {
		switch {
		case e.Field == "b.cost.axis":
			return nil, &Invalid{"against_cost.axis", e.Message}
		case len(e.Field) > 5 && e.Field[:5] == "cost.":
			return nil, &Invalid{"against_" + e.Field, e.Message}
		case len(e.Field) > 2 && e.Field[:2] == "a.":
			return nil, &Invalid{"against", e.Field[2:] + ": " + e.Message}
		}
	}
	return p, err
}

// MaxPosteriors is how many problems a report has posteriors of.
const MaxPosteriors = 10_000

func (a Ask) posteriors(counts []Count) ([]Posterior, error) {
	if len(counts) > MaxPosteriors {
		return nil, invalidf("posteriors", "of %d problems are more than %d, the limit", len(counts), MaxPosteriors)
	}
	o := a.Options()
	o.Method = ""
	return Posteriors(counts, o)
}
