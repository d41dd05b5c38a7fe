package coverage

import "fmt"

// InverseSampling names the estimate of [Inverse] wherever an estimate is chosen or reported; Unbiased is that of [Curve].
const (
	Unbiased        = "unbiased"
	InverseSampling = "inverse_sampling"
)

// Inverse is the mean of pass@k over problems that were drawn until their first success ([FirstAccepted]). Of one problem
// it is 1 where the first success is among the first k samples, and 0 where it is not: the chance of that is pass@k, and no
// other function of the place of the first success has that mean for every rate. (Haldane 1945, "On a method of
// estimating frequencies", has (c−1)/(n−1) for sampling up to success c; at c = 1 there is nothing to divide.) So it is the
// share of the problems that was solved within k samples, and needs many problems.
//
// Problems with N fixed beforehand may be among them, and count as in [Curve]. k goes up to the fewest samples of a problem
// that was not solved: of those solved earlier, more samples would tell nothing. How many samples an unsolved problem got
// must not depend on what came of the others. Where they share a budget (package budget) it does: then a k that the budget
// reaches for certain is free of bias, and the last one that it happened to reach is off by a little (0.001 in a simulation).
//
// The interval is Clopper and Pearson's for as many trials as problems, for either kind: exact for other problems, and wider
// than it need be for other samples of the same ones (Hoeffding 1956). The error is an *[Invalid], as Curve's, and for counts
// that were stopped by another rule.
func Inverse(counts []Count, ks []int, o Options) ([]Point, error) {
	if err := validateInverse(counts); err != nil {
		return nil, err
	}
	if err := validateKs(counts, ks); err != nil {
		return nil, err
	}
	if err := o.validate(counts); err != nil {
		return nil, err
	}
	points := make([]Point, len(ks))
	for i, k := range ks {
		sum := 0.0
		for _, c := range counts {
			switch {
			case c.Stopped != FirstAccepted:
				sum += passAtK(c.N, c.C, k)
			case c.C == 1 && c.N <= k:
				sum++
			}
		}
		p := Point{K: k, Pass: sum / float64(len(counts))}
		p.Low, p.High = clopperPearson(p.Pass, float64(len(counts)), o.withDefaults().Level)
		points[i] = p
	}
	return points, nil
}

// validateInverse reports the first fault of counts for [Inverse], as an *[Invalid].
func validateInverse(counts []Count) error {
	return validateBy(counts, func(c Count) (field, message string) {
		switch {
		case c.Stopped == Adaptive:
			return "stopped", fmt.Sprintf("is %s; %s takes counts with n fixed beforehand (%s) or drawn until the first success (%s)", Adaptive, InverseSampling, All, FirstAccepted)
		case c.Stopped == FirstAccepted && c.C > 1:
			return "c", fmt.Sprintf("is %d; where sampling stopped at the first accepted sample, n goes up to it and c is 0 or 1", c.C)
		}
		return "", ""
	})
}

// Until makes the count of a problem that was drawn until its first success: accepted are its decided samples in the order
// in which they were asked for. Those behind the first success, which were under way, are left out.
func Until(problem string, accepted []bool) Count {
	c := Count{Problem: problem, Stopped: FirstAccepted}
	for _, right := range accepted {
		c.N++
		if right {
			c.C = 1
			break
		}
	}
	return c
}
