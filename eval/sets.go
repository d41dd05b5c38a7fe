package eval

import (
	"context"
	"math"

	"borel/coverage"
	"borel/problem"
)

// MaxSets is how many samples [Sets] reads.
const MaxSets = 1_000_000

// Sets gathers judged samples by problem, for [coverage.Select]. The zero value is empty.
type Sets struct {
	list  []coverage.Set
	place map[string]int
	raw   [][]scores // of each sample of list
	n     int
}

type scores struct{ reward, logProb *float64 }

// Ballot is what a selection looks at of a judged sample, and the truth.
type Ballot struct {
	Status  problem.Status
	Answer  string   // that it votes for, normalised; "" casts no vote
	Reward  *float64 // of a reward model
	LogProb *float64 // mean log probability of its tokens
}

// Add adds a sample of a problem. The error is a *problem.Invalid where there are more than [MaxSets].
func (s *Sets) Add(id string, b Ballot) error {
	if s.n++; s.n > MaxSets {
		return problem.Invalidf("select", "reads each of the samples, at most %d", MaxSets)
	}
	i, ok := s.place[id]
	if !ok {
		if s.place == nil {
			s.place = map[string]int{}
		}
		i = len(s.list)
		s.place[id] = i
		s.list, s.raw = append(s.list, coverage.Set{Problem: id}), append(s.raw, nil)
	}
	s.list[i].Samples = append(s.list[i].Samples, coverage.Scored{
		Right: b.Status == problem.Accepted, Answer: b.Answer,
		Unknown: b.Status == problem.Unknown || b.Status == problem.NotJudged || b.Status == "",
	})
	s.raw[i] = append(s.raw[i], scores{b.Reward, b.LogProb})
	return nil
}

// All are the sets of the problems, in the order in which they came, also of those of which nothing is decided. A score is the reward where each
// decided sample of all problems has one, and else the probability of a token, exp of the mean log probability: so it weighs
// votes, and ranks samples as the log probability does.
func (s *Sets) All() []coverage.Set {
	rewarded := true
	s.each(func(x *coverage.Scored, of scores) { rewarded = rewarded && (x.Unknown || of.reward != nil) })
	s.each(func(x *coverage.Scored, of scores) {
		switch {
		case rewarded && of.reward != nil:
			x.Score = *of.reward
		case !rewarded && of.logProb != nil:
			x.Score = math.Exp(*of.logProb)
		default:
			x.NoScore = true
		}
	})
	return s.list
}

func (s *Sets) each(f func(x *coverage.Scored, of scores)) {
	for i := range s.list {
		for j := range s.list[i].Samples {
			f(&s.list[i].Samples[j], s.raw[i][j])
		}
	}
}

// Rows reads rows as [Engine.Rows] does.
type Rows func(ctx context.Context, id string, q RowQuery) ([]Row, string, error)

// Read adds the samples of a job, of whose problems votes says whether samples state answers, by name. What programs do on the tests
// that judge them is no vote: it would tell of the truth. The error is that of rows, or of Add.
func (s *Sets) Read(ctx context.Context, rows Rows, id string, votes map[string]bool) error {
	for q := (RowQuery{Limit: MaxPage, Text: true}); ; { // with the text comes the log probability
		page, next, err := rows(ctx, id, q)
		if err != nil {
			return err
		}
		for _, r := range page {
			b := Ballot{Status: r.Verdict.Status, Reward: r.Verdict.Score, LogProb: r.LogProb}
			if votes[r.Problem] {
				b.Answer = r.Verdict.Behaviour
			}
			if err := s.Add(r.Problem, b); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		q.After = next
	}
}
