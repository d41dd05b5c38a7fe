package eval

import (
	"context"

	"borel/coverage"
	"borel/problem"
)

// MaxOrdered is how many rows [Ordered] reads.
const MaxOrdered = 1_000_000

// Ordered are the counts of a job whose samples ended the sampling, as [coverage.Inverse] takes them: of each problem up to its
// first accepted sample. Those that were under way behind it are left out. rows is that of an [Engine], or of a server;
// counts are the job's. The error is a *problem.Invalid where there are more than [MaxOrdered] samples, or of rows.
func Ordered(ctx context.Context, rows func(ctx context.Context, id string, q RowQuery) ([]Row, string, error), id string, counts []coverage.Count) ([]coverage.Count, error) {
	samples, place := 0, make(map[string]int, len(counts))
	ordered := make([]coverage.Count, len(counts))
	for i, c := range counts {
		samples += c.N + c.Unknown
		place[c.Problem] = i
		ordered[i] = coverage.Count{Problem: c.Problem, Stopped: coverage.FirstAccepted}
	}
	if samples > MaxOrdered {
		return nil, problem.Invalidf("estimate", "%s reads the samples in their order, at most %d; the job has %d", coverage.InverseSampling, MaxOrdered, samples)
	}
	for q := (RowQuery{Limit: MaxPage}); ; {
		page, next, err := rows(ctx, id, q) // in the order of problems and samples
		if err != nil {
			return nil, err
		}
		for _, r := range page {
			i, ok := place[r.Problem]
			if !ok {
				continue // its first sample came after the counts
			}
			c := &ordered[i]
			switch {
			case r.Verdict.Status == problem.Unknown:
				c.Unknown++
			case r.Verdict.Status == problem.NotJudged || c.C > 0:
			default:
				c.N++
				if r.Verdict.Status == problem.Accepted {
					c.C = 1
				}
			}
		}
		if next == "" {
			return ordered, nil
		}
		q.After = next
	}
}
