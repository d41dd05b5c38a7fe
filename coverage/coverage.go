// Package coverage is the statistics of repeated sampling: of N samples of a problem C were right; what is pass@k, the
// chance that at least one of k samples is right, and how sure is that number? It computes from counts alone, draws
// at random only where it resamples, from a seed, and imports nothing of this project.
//
// Begin with [Curve]:
//
//	counts := []coverage.Count{{Problem: "add", N: 100, C: 37}, {Problem: "sort", N: 100, C: 2}}
//	points, err := coverage.Curve(counts, coverage.DefaultK(counts), coverage.Options{})
//	// points[0] is pass@1 = 0.195 with its 95 % interval, points[1] is pass@10, points[2] pass@100
//
// # Estimates
//
// pass@k of one problem is the unbiased estimator of Chen et al. 2021 ("Evaluating Large Language Models Trained on
// Code", arXiv 2107.03374), 1 − binom(N−C, k) / binom(N, k), and that of several problems is the mean of theirs: the
// coverage of Brown et al. 2024 ("Large Language Monkeys", arXiv 2407.21787). Problems may have different N. [PassAtK]
// and [AllK] give it for one problem, [Means] for every k at once. [Hat] is pass^k, the chance that all of k samples are right.
//
// # What is refused
//
// A k above the N of any problem: nothing is known there, and the formula would answer 1. Counts of a problem
// whose samples themselves ended its sampling: C/N is then no longer an unbiased estimate of anything, and of a problem
// that was drawn until its first success it is too high by far. What such counts do tell, [Inverse] takes from them. Every
// refusal is an *[Invalid].
//
// # Unknown is not wrong
//
// A sample that could not be decided is in neither N nor C. [Curve] is the answer on what was decided; [Bounds] says how
// far it could move had every undecided sample been wrong, or right.
//
// # From coverage to an answer, and to a budget
//
// That one of k samples is right is worth something only if it is found: [Select] sets methods of selection beside coverage,
// from samples with scores and answers ([BestOf] and [Majority] are those of one problem), [NAtK] counts several submissions, and
// [Trust] says how far a judge of samples is worth its mistakes. [Advise] says how many samples reach a
// coverage and what a budget buys, [Buy] which of two systems is the better buy, [Frontier] which of several is the best for
// each budget, [Overlay] whether the curves of several are one that is moved; [Cost] is what samples cost.
//
// # Intervals and comparisons
//
// [Options] says what an interval means, which has two different answers, how it is made, and where it holds. [Compare] is the
// difference of two systems on the same problems, which [Common] finds, with its interval and the chance that the one is
// better. [Posteriors] is what is believed of each problem's own rate, [Difficulties] how the rates are spread and how many
// problems may never be solved.
//
// # Beyond the samples
//
// [Extrapolate] forecasts pass@k for k above N, or says why not. [Fit] finds the power law of a curve, and [FitInterval] how sure
// its parameters are; [FitEven] weighs every stretch of log k alike.
//
// # Files, tables, pictures
//
// [Analyze] does all of it in one [Report], [Table] shows a curve. Package tally reads counts from files, package table writes the
// report for a paper, package figure draws.
package coverage

import "fmt"

// Count is what is known of one problem: of N decided samples C were right. Unknown ones are in neither.
type Count struct {
	Problem string `json:"problem,omitempty"`
	N       int    `json:"n"`
	C       int    `json:"c"`
	Unknown int    `json:"unknown,omitempty"`
	Stopped string `json:"stopped,omitempty" doc:"how sampling ended: all (the default), first_accepted or adaptive"`
}

// How the sampling of a problem ended. What is left empty is All.
const (
	All           = "all"            // with the N that was fixed beforehand
	FirstAccepted = "first_accepted" // with its first right sample, the last of N, so that C is 0 or 1; or without any
	Adaptive      = "adaptive"       // by another rule that looked at what came of it: nothing is estimated
)

// Point is one point of a coverage curve: pass@K with its interval.
type Point struct {
	K    int     `json:"k"`
	Pass float64 `json:"pass"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Bounds on what may be asked.
const (
	MaxProblems = 1_000_000  // counts of one curve
	MaxSamples  = 10_000_000 // samples of one problem, unknown ones included
	MaxPoints   = 10_000     // k of one curve
)

// Invalid is a fault in what the caller asked: which field, and what it must be. Its fields are those of
// problem.Invalid, so that one converts to the other.
type Invalid struct {
	Field   string // path, such as counts[3].c
	Message string
}

func (e *Invalid) Error() string { return e.Field + ": " + e.Message }

func invalidf(field, format string, a ...any) error {
	return &Invalid{Field: field, Message: fmt.Sprintf(format, a...)}
}

// validate reports the first fault of counts for an estimate that needs a fixed N, as an *[Invalid].
func validate(counts []Count) error {
	return validateBy(counts, func(c Count) (field, message string) {
		if c.Stopped == FirstAccepted || c.Stopped == Adaptive {
			return "stopped", fmt.Sprintf("is %s; pass@k is biased where the samples themselves ended the sampling: draw all samples, or take the estimate %s", c.Stopped, InverseSampling)
		}
		return "", ""
	})
}

func validateBy(counts []Count, refuse func(Count) (field, message string)) error {
	if len(counts) == 0 {
		return invalidf("counts", "is empty; coverage needs at least one problem")
	}
	if len(counts) > MaxProblems {
		return invalidf("counts", "has %d entries, the limit is %d", len(counts), MaxProblems)
	}
	for i, c := range counts {
		field, message := c.fault()
		if field == "" {
			field, message = refuse(c)
		}
		if field != "" {
			return &Invalid{fmt.Sprintf("counts[%d].%s", i, field), c.name() + message}
		}
	}
	return nil
}

// Validate reports the first field of c that is out of range, as an *[Invalid].
func (c Count) Validate() error {
	if field, message := c.fault(); field != "" {
		return &Invalid{field, c.name() + message}
	}
	return nil
}

// fault names the first field of c that is out of range and says why; the field is empty where there is none.
func (c Count) fault() (field, message string) {
	switch {
	case c.Unknown < 0:
		return "unknown", fmt.Sprintf("is %d; it must not be negative", c.Unknown)
	case c.N > MaxSamples || c.Unknown > MaxSamples-c.N && c.N >= 0:
		return "n", fmt.Sprintf("is %d with %d unknown; the limit is %d samples in all", c.N, c.Unknown, MaxSamples)
	case c.N < 1 && c.Unknown > 0:
		return "n", fmt.Sprintf("is %d with %d unknown; nothing was decided, so nothing can be said", c.N, c.Unknown)
	case c.N < 1:
		return "n", fmt.Sprintf("is %d; at least one decided sample is needed", c.N)
	case c.C < 0 || c.C > c.N:
		return "c", fmt.Sprintf("is %d; it must be between 0 and n, which is %d", c.C, c.N)
	case c.Stopped != "" && c.Stopped != All && c.Stopped != FirstAccepted && c.Stopped != Adaptive:
		return "stopped", fmt.Sprintf("is %q; %s, %s and %s are known", c.Stopped, All, FirstAccepted, Adaptive)
	}
	return "", ""
}

// name leads a message about c.
func (c Count) name() string {
	if c.Problem == "" {
		return ""
	}
	return fmt.Sprintf("problem %q: ", c.Problem)
}

// validateKs reports the first k that cannot be estimated, as an *[Invalid].
func validateKs(counts []Count, ks []int) error {
	if len(ks) > MaxPoints {
		return invalidf("k", "has %d entries, the limit is %d", len(ks), MaxPoints)
	}
	i := smallest(counts)
	for _, k := range ks {
		if k < 1 {
			return invalidf("k", "is %d; it must be at least 1", k)
		}
		if k > MaxSamples {
			return invalidf("k", "is %d; the limit is %d", k, MaxSamples)
		}
		if k > counts[i].N && !counts[i].untilSuccess() {
			return invalidf("k", "%spass@%d cannot be estimated from %d decided samples (counts[%d])", counts[i].name(), k, counts[i].N, i)
		}
	}
	return nil
}

// smallest is the index of the first problem with the fewest decided samples, which bounds k. Of one that was drawn until
// its first success more would tell nothing: it is taken only where all are so, and then the one that took most.
func smallest(counts []Count) int {
	best := 0
	for i, c := range counts {
		b := counts[best]
		switch {
		case c.untilSuccess() && b.untilSuccess() && c.N > b.N, !c.untilSuccess() && (b.untilSuccess() || c.N < b.N):
			best = i
		}
	}
	return best
}

// untilSuccess reports that sampling ended because of a success.
func (c Count) untilSuccess() bool { return c.Stopped == FirstAccepted && c.C > 0 }
