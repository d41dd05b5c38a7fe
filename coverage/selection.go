package coverage

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/stat/distuv"
)

// Methods of selection, as [Select] names them.
const (
	MethodOracle           = "oracle"            // any right sample: coverage
	MethodBestOf           = "best_of"           // the highest score
	MethodWeightedMajority = "weighted_majority" // the answer with the greatest sum of scores
	MethodMajority         = "majority"          // the answer that most samples state
	MethodRandom           = "random"            // one sample, whichever
)

// Set is the samples of one problem.
type Set struct {
	Problem string   `json:"problem,omitempty"`
	Samples []Scored `json:"samples"`
}

// Count is what pass@k takes of s.
func (s Set) Count() Count {
	c := Count{Problem: s.Problem}
	for _, x := range s.Samples {
		switch {
		case x.Unknown:
			c.Unknown++
		case x.Right:
			c.C++
			fallthrough
		default:
			c.N++
		}
	}
	return c
}

// Selection is how often methods that pick one of k samples pick a right one, beside coverage, which is what a perfect one
// would reach, and a random pick: Figure 7 of Brown et al. 2024, and Figure 7's question.
type Selection struct {
	Problems int       `json:"problems"`
	Unknown  int       `json:"unknown,omitempty" doc:"samples that could not be decided, and are left out"`
	Methods  []Method  `json:"methods" doc:"oracle first, random last"`
	Missing  []Missing `json:"missing,omitempty" doc:"methods that what is recorded does not allow"`
}

// Missing is a method that has no curve.
type Missing struct {
	Method string `json:"method"`
	Why    string `json:"why"`
}

// Method is the curve of one way to select.
type Method struct {
	Method string     `json:"method" doc:"oracle, best_of, weighted_majority, majority, random"`
	Points []Selected `json:"points"`
}

// Selected is the chance that what is picked of K samples is right.
type Selected struct {
	Point
	Error float64  `json:"error,omitempty" doc:"standard error of random choices of samples; missing where all were looked at"`
	Share *float64 `json:"share,omitempty" doc:"(selected − random) / (oracle − random); missing where oracle and random are the same"`
}

// Share is how far a selector goes from a random pick to coverage, (selected − random) / (oracle − random). It is
// negative for one that is worse than a random pick, and ok is false where there is no way to go.
func Share(random, selected, oracle float64) (share float64, ok bool) {
	if share = (selected - random) / (oracle - random); !(oracle > random) || math.IsNaN(share) || math.IsInf(share, 0) {
		return 0, false
	}
	return share, true
}

// Select compares methods at each of ks, over problems whose samples are recorded: the mean over problems of [BestOf] and
// [Majority], weighted and not, with coverage and a random pick. Methods that what is recorded does not allow are Missing:
// votes where no sample has an answer, scores where not every decided sample has one, sums of scores where one is negative.
// Problems may have different numbers of samples; k goes up to the least.
//
// Intervals are those of [Curve] for oracle and random. Those of the others are Clopper and Pearson's for as many trials as
// leave the mean with the variance that it has: between problems, where problems vary; where samples vary, the variance that
// it has in new samples drawn from the old ones (a bootstrap with a fixed seed).
//
// The error is an *[Invalid], or ctx's.
func Select(ctx context.Context, sets []Set, ks []int, o Options) (*Selection, error) {
	counts := make([]Count, len(sets))
	s := &Selection{Problems: len(sets)}
	for i, set := range sets {
		counts[i] = set.Count()
		s.Unknown += counts[i].Unknown
	}
	oracle, err := Curve(counts, ks, o)
	if err != nil {
		return nil, err
	}
	ones := make([]int, len(ks))
	for i := range ones {
		ones[i] = 1
	}
	random, err := Curve(counts, ones, o)
	if err != nil {
		return nil, err
	}
	known, has := make([][]Scored, len(sets)), recorded{}
	for i, set := range sets {
		if known[i], err = decided(set.Samples, ks); err != nil {
			if fault, is := err.(*Invalid); is {
				fault.Field = fmt.Sprintf("sets[%d].%s", i, fault.Field)
			}
			return nil, err
		}
		for _, x := range known[i] {
			has.add(x)
		}
	}
	method := func(name string, of func(samples []Scored, i int) outcome) error {
		m := means{ks, make([]outcome, len(sets))}
		if err := each(ctx, len(sets), func(i int) { m.outcomes[i] = of(known[i], i) }); err != nil {
			return err
		}
		s.Methods = append(s.Methods, Method{name, m.points(o)})
		return nil
	}
	exactly := func(points []Point) (all []Selected) {
		for i, p := range points {
			p.K = ks[i]
			all = append(all, Selected{Point: p})
		}
		return all
	}
	vote := func(weighted bool) func([]Scored, int) outcome {
		return func(samples []Scored, i int) outcome { return majority(samples, ks, weighted, o, i, len(sets)) }
	}
	best := func(samples []Scored, i int) outcome {
		x := outcome{n: len(samples), chance: bestOf(samples, ks)}
		x.varies(&topScore{samples: samples}, ks, o, i, len(sets))
		return x
	}
	s.Methods = append(s.Methods, Method{MethodOracle, exactly(oracle)})
	for _, m := range []struct {
		name, fault string
		of          func([]Scored, int) outcome
	}{
		{MethodBestOf, has.noScores(), best},
		{MethodWeightedMajority, cmp.Or(has.noAnswers(), has.noScores(), has.noSums()), vote(true)},
		{MethodMajority, has.noAnswers(), vote(false)},
	} {
		if m.fault != "" {
			s.Missing = append(s.Missing, Missing{m.name, m.fault})
		} else if err := method(m.name, m.of); err != nil {
			return nil, err
		}
	}
	s.Methods = append(s.Methods, Method{MethodRandom, exactly(random)})
	for _, m := range s.Methods {
		for i := range m.Points {
			if share, ok := Share(random[i].Pass, m.Points[i].Pass, oracle[i].Pass); ok {
				m.Points[i].Share = &share
			}
		}
	}
	return s, nil
}

// recorded counts what decided samples have.
type recorded struct{ samples, answers, unscored, scores, negative int }

func (r *recorded) add(s Scored) {
	r.samples++
	if s.Answer != "" {
		r.answers++
	}
	if s.NoScore {
		r.unscored++
	}
	if s.Score != 0 {
		r.scores++
	}
	if s.Score < 0 {
		r.negative++
	}
}

func (r *recorded) noAnswers() string {
	if r.answers > 0 {
		return ""
	}
	return "no sample has an answer to vote with"
}

func (r *recorded) noScores() string {
	switch {
	case r.scores == 0 || r.unscored == r.samples:
		return "no sample has a score"
	case r.unscored > 0:
		return fmt.Sprintf("%s of %s samples have no score", Thousands(r.unscored), Thousands(r.samples))
	}
	return ""
}

func (r *recorded) noSums() string {
	if r.negative == 0 {
		return ""
	}
	return fmt.Sprintf("%s of %s scores are negative, and their sum is no weight", Thousands(r.negative), Thousands(r.samples))
}

// each calls f with 0 … n−1, on all processors, until ctx ends.
func each(ctx context.Context, n int, f func(i int)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				f(i)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// means gathers the outcomes of each problem's selection.
type means struct {
	ks       []int
	outcomes []outcome
}

// outcome is that of one problem with n samples, at each k.
type outcome struct {
	n        int
	chance   []float64 // that what is picked is right
	noise    []float64 // standard error of chance; nil of what is exact
	variance []float64 // of chance, were other samples drawn; nil where problems vary
}

// points are the means over problems, with intervals.
func (m *means) points(o Options) []Selected {
	o = o.withDefaults()
	problems := float64(len(m.outcomes))
	points := make([]Selected, len(m.ks))
	for j, k := range m.ks {
		mean, between, within, blocks, noise := 0.0, 0.0, 0.0, 0.0, 0.0
		for _, x := range m.outcomes {
			mean += x.chance[j] / problems
			blocks += 1 / float64(x.n/k) / problems
			if x.noise != nil {
				noise += x.noise[j] * x.noise[j]
			}
			if x.variance != nil {
				within += x.variance[j]
			}
		}
		for _, x := range m.outcomes {
			between += (x.chance[j] - mean) * (x.chance[j] - mean)
		}
		spread := mean * (1 - mean)
		var trials float64
		switch {
		case o.Kind == Problems && between > 0:
			trials = spread / (between / (problems - 1) / problems * studentized(o, len(m.outcomes)))
		case o.Kind == Problems:
			trials = problems
		default:
			// A choice of k among n varies no more than the mean of n/k choices that share no sample would. A problem more, of
			// which nothing is known, keeps a few that happen to agree from being sure.
			trials = max(problems/blocks, spread*problems*problems/(max(within, 0)+.25*blocks))
		}
		if noise /= problems * problems; noise > 0 && spread > 0 {
			trials = spread / (spread/trials + noise)
		}
		p := Selected{Point: Point{K: k, Pass: min(max(mean, 0), 1)}, Error: math.Sqrt(noise)}
		p.Low, p.High = clopperPearson(p.Pass, trials, o.Level)
		p.Low, p.High = min(p.Low, p.Pass), max(p.High, p.Pass)
		points[j] = p
	}
	return points
}

// studentized is by how much a variance grows because it is itself estimated from so many problems.
func studentized(o Options, problems int) float64 {
	normal := distuv.UnitNormal.Quantile((1 + o.Level) / 2)
	student := distuv.StudentsT{Sigma: 1, Nu: float64(problems - 1)}.Quantile((1 + o.Level) / 2)
	return math.Pow(student/normal, 2)
}
