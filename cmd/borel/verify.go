package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"borel/coverage"
	"borel/dataset"
	"borel/problem"
	"borel/solver"

	"golang.org/x/sync/errgroup"
)

type verifyCmd struct {
	Problems  string  `placeholder:"FILE" help:"Problems, as JSON lines: HumanEval's form (task_id, prompt, entry_point, test), or the API's."`
	Samples   string  `required:"" placeholder:"FILE" help:"Samples: lines {\"task_id\",\"completion\"} or {\"problem\",\"samples\"}, monkey_business as released (a JSON array), CodeT's, those of other harnesses, also folders of them (docs/files.md). Both files may be gzip, or - for stdin."`
	Output    string  `short:"o" placeholder:"FILE" help:"Write a line per verdict here; - is stdout (the table then goes to stderr). With --format: the results (default: where that harness writes them)."`
	Format    string  `placeholder:"NAME" help:"Write the results as another harness does: ${formats}, or auto, as the samples are."`
	K         []int   `help:"The k of pass@k (default 1,10,100,… up to the samples of every problem)."`
	WrongCost float64 `default:"1" placeholder:"X" help:"What a wrong answer costs where a right one earns 1, for the report on held-out checks."`
	variantFlags
	Fresh bool `help:"Run again, whatever is remembered."`
	JSON  bool `name:"json" help:"Print the table as JSON."`
	quarantineFlags
	dataFlags
	judgeFlags
	serverFlags
}

// verdictLine is a line of -o.
type verdictLine struct {
	Problem        string         `json:"problem"`
	Sample         int            `json:"sample"`
	Status         problem.Status `json:"status"`
	Message        string         `json:"message"`
	Error          string         `json:"error,omitempty"`
	Note           string         `json:"note,omitempty"`
	Points         *float64       `json:"points,omitempty"`
	HeldOut        *problem.Part  `json:"held_out,omitempty"`
	Selector       *problem.Part  `json:"selector,omitempty"`
	Score          *float64       `json:"score,omitempty"`
	ScoreError     string         `json:"score_error,omitempty"`
	Fuel           int64          `json:"fuel"`
	VirtualSeconds float64        `json:"virtual_seconds"`
	Cached         bool           `json:"cached"`
	Key            string         `json:"key"`
}

// selections are what agreement checks selected, and how good that was where a held-out check tells.
type selections struct {
	Problems int     `json:"problems"`
	Judged   int     `json:"judged"`   // of those whose selected sample a held-out check decided
	Accepted int     `json:"accepted"` // by the held-out check
	Random   float64 `json:"random"`   // accepted, had a random sample been selected
	Any      int     `json:"any"`      // problems of which any sample is accepted
}

func (s *selections) add(selected *problem.Selection, list []problem.Verdict) {
	s.Problems++
	var n problem.Counts
	for _, v := range list {
		n.Add(v.Status)
	}
	if decided := n.Samples - n.Unknown - n.NotJudged; decided > 0 && list[selected.Index].Reward != nil {
		s.Judged++
		s.Accepted += int(*list[selected.Index].Reward)
		s.Random += float64(n.Accepted) / float64(decided)
		s.Any += min(n.Accepted, 1)
	}
}

// recordedVerdicts compares verdicts with those that the file of samples has.
type recordedVerdicts struct {
	Samples  int `json:"samples"`
	Alike    int `json:"alike"`
	Accepted int `json:"accepted"` // that were wrong
	Rejected int `json:"rejected"` // that were right
	Unknown  int `json:"unknown"`
}

func (r *recordedVerdicts) add(said dataset.Said, is problem.Status) {
	if said == dataset.Nothing {
		return
	}
	r.Samples++
	switch right := said == dataset.Right; {
	case is == problem.Unknown:
		r.Unknown++
	case right == (is == problem.Accepted):
		r.Alike++
	case right:
		r.Rejected++
	default:
		r.Accepted++
	}
}

// verifyTable is what is counted at the end.
type verifyTable struct {
	Problems  int                    `json:"problems"`
	Counts    problem.Counts         `json:"counts"`
	Statuses  map[problem.Status]int `json:"statuses"`
	Cached    int                    `json:"cached"`
	Seconds   float64                `json:"seconds"`
	Coverage  []coverage.Point       `json:"coverage"`
	Base      []coverage.Point       `json:"base,omitempty"` // by the base tests alone
	Left      leftOut                `json:"quarantined,omitempty"`
	Recorded  recordedVerdicts       `json:"recorded,omitzero"`
	Selection selections             `json:"selection,omitzero"`
	HeldOut   *coverage.Reliability  `json:"held_out,omitempty"`

	base []coverage.Count
}

func (c *verifyCmd) Run(ctx context.Context, m *Main) (err error) {
	if !(c.WrongCost >= 0 && c.WrongCost <= math.MaxFloat64) {
		return usage("--wrong-cost %g: must be a finite number, 0 or more", c.WrongCost)
	}
	in, err := c.open(m)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	recording := in.recording
	records := recording.Problems
	for _, r := range records {
		r.Variant = c.variant().Over(r.Variant)
		if err := r.Variant.Validate(""); err != nil {
			return flagFault(err)
		}
	}
	list, err := c.quarantineFlags.read(m)
	if err != nil {
		return err
	}
	fewest := slices.MinFunc(records, func(a, b *dataset.Recorded) int { return a.Len() - b.Len() }).Len()
	for _, k := range c.K {
		if k < 1 || k > fewest {
			return usage("--k %d: k must be between 1 and %d, the fewest samples of a problem", k, fewest)
		}
	}
	sink, err := c.sink(m, in)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sink.close()) }()
	programs := slices.ContainsFunc(records, func(r *dataset.Recorded) bool { return runsPrograms(&r.Problem) })
	judges, closeJudges, err := c.judgeFlags.config(m)
	if err != nil {
		return err
	}
	defer closeJudges()
	j, closer, err := c.serverFlags.open(ctx, m, c.dataFlags, programs, judges)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()

	began := time.Now()
	counts, judged, table, err := c.judge(ctx, m, j, in, sink)
	if err != nil {
		return err
	}
	if err := sink.end(); err != nil {
		return err
	}
	judged = slices.DeleteFunc(judged, func(j coverage.Judged) bool {
		_, ok := list[j.Problem]
		return ok
	})
	if table.HeldOut, err = solver.Trust(judged, &c.WrongCost); err != nil {
		return err
	}
	table.Seconds = time.Since(began).Seconds()
	ks := c.K
	if len(ks) == 0 {
		ks = nil
	}
	counts, table.Left = without(counts, list)
	table.Coverage, err = solver.Curve(counts, ks)
	if err != nil {
		return err
	}
	if table.base, _ = without(table.base, list); len(table.base) > 0 {
		if table.Base, err = solver.Curve(table.base, ks); err != nil {
			return err
		}
	}
	w := m.Stdout
	if c.Output == "-" {
		w = m.Stderr
	}
	if c.JSON {
		err = json.NewEncoder(w).Encode(table)
	} else {
		_, err = io.WriteString(w, table.text())
	}
	if err == nil && table.Counts.Unknown > 0 {
		err = &exit{code: exitUnknown}
	}
	return err
}

// create opens a file of results, stdout, or nothing.
func (m *Main) create(name string) (*bufio.Writer, func() error, error) {
	switch name {
	case "":
		return bufio.NewWriter(io.Discard), func() error { return nil }, nil
	case "-":
		w := bufio.NewWriter(m.Stdout)
		return w, w.Flush, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, nil, err
	}
	w := bufio.NewWriter(f)
	return w, func() error { return errors.Join(w.Flush(), f.Close()) }, nil
}

// judge has all records judged, several at once, and writes the verdicts in the order of the records: equal input,
// equal file.
func (c *verifyCmd) judge(ctx context.Context, m *Main, j judge, in *samplesIn, out sink) ([]coverage.Count, []coverage.Judged, *verifyTable, error) {
	records := in.recording.Problems
	var (
		mu       sync.Mutex // guards what follows
		table    = verifyTable{Problems: len(records), Statuses: map[problem.Status]int{}}
		counts   = make([]coverage.Count, len(records))
		judged   = make([]coverage.Judged, len(records))
		verdicts = make([][]problem.Verdict, len(records)) // of records that are done and not yet written
		written  int
		bar      = m.progress("samples", in.recording.Samples)
	)
	defer bar.end()
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallelGroups())
	for i := range records {
		g.Go(func() error {
			r := records[i]
			samples, err := r.All()
			if err != nil {
				return err
			}
			list := make([]problem.Verdict, len(samples))
			plus, err := in.plus(gctx, j, r, samples, c.Fresh)
			if err != nil {
				return fmt.Errorf("problem %q: %w", r.ID, err)
			}
			selection, err := j.VerifyAll(gctx, &r.Problem, samples, c.Fresh, func(v problem.Verdict) {
				list[v.Index] = v
				if plus != nil {
					v = both(v, plus[v.Index])
				}
				mu.Lock()
				defer mu.Unlock()
				table.add(v)
				bar.step()
			})
			if err != nil {
				return fmt.Errorf("problem %q: %w", r.ID, err)
			}
			mu.Lock()
			defer mu.Unlock()
			if plus != nil {
				out.plus(r, list, plus)
				base := slices.Clone(list)
				for i := range list {
					base[i], list[i] = alone(list[i], plus[i]), both(list[i], plus[i])
				}
				table.base = append(table.base, countOf(r.ID, base))
			}
			counts[i] = countOf(r.ID, list)
			judged[i].Problem = r.ID
			for _, v := range list {
				if r.Check.Kind != problem.KindAgreement { // whose status is the held-out check's
					solver.Judge(&judged[i], v)
				}
			}
			for s, said := range r.Said {
				table.Recorded.add(said, list[s].Status)
			}
			verdicts[i] = list
			if selection != nil {
				table.Selection.add(selection, list)
			}
			for ; written < len(records) && verdicts[written] != nil; written++ {
				if err := out.add(records[written], verdicts[written]); err != nil {
					return err
				}
				verdicts[written] = nil
			}
			return nil
		})
	}
	err := g.Wait()
	return counts, judged, &table, err
}

func writeVerdicts(w io.Writer, of *dataset.Recorded, list []problem.Verdict) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, v := range list {
		line := struct {
			verdictLine
			Recorded *bool `json:"recorded,omitempty"` // right, by what the file of samples says
		}{verdictLine: verdictLine{of.ID, v.Index, v.Status, v.Message, v.Error, v.Note, v.Points, v.HeldOut, v.Selector, v.Score, v.ScoreError,
			v.Fuel, v.VirtualSeconds, v.Cached, v.Key}}
		if of.Said != nil && of.Said[v.Index] != dataset.Nothing {
			right := of.Said[v.Index] == dataset.Right
			line.Recorded = &right
		}
		err := enc.Encode(line)
		if err != nil {
			return err
		}
	}
	return nil
}

func countOf(id string, list []problem.Verdict) coverage.Count {
	var n problem.Counts
	for _, v := range list {
		n.Add(v.Status)
	}
	return solver.Count(id, n)
}

func (t *verifyTable) add(v problem.Verdict) {
	t.Counts.Add(v.Status)
	t.Statuses[v.Status]++
	if v.Cached {
		t.Cached++
	}
}

func (t *verifyTable) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d problems, %d samples, %d accepted, %d unknown (%d from the cache, %.1f s)\n",
		t.Problems, t.Counts.Samples, t.Counts.Accepted, t.Counts.Unknown, t.Cached, t.Seconds)
	statuses := make([]problem.Status, 0, len(t.Statuses))
	for s := range t.Statuses {
		statuses = append(statuses, s)
	}
	slices.SortFunc(statuses, func(a, b problem.Status) int {
		if n := t.Statuses[b] - t.Statuses[a]; n != 0 {
			return n
		}
		return strings.Compare(string(a), string(b))
	})
	for _, s := range statuses {
		fmt.Fprintf(&b, "  %-22s %7d\n", s, t.Statuses[s])
	}
	if r := t.Recorded; r.Samples > 0 {
		fmt.Fprintf(&b, "recorded verdicts: %d of %d alike; %d that were right are rejected, %d that were wrong are accepted, %d unknown\n",
			r.Alike, r.Samples, r.Rejected, r.Accepted, r.Unknown)
	}
	if s := t.Selection; s.Problems > 0 {
		fmt.Fprintf(&b, "agreement selected a sample of %d problems", s.Problems)
		if n := float64(s.Judged); s.Judged > 0 {
			fmt.Fprintf(&b, "; the held-out check accepts %.4f of them (a random sample %.4f, any sample %.4f)", float64(s.Accepted)/n, s.Random/n, float64(s.Any)/n)
		}
		b.WriteByte('\n')
	}
	b.WriteString(t.Left.text())
	if t.Base != nil {
		b.WriteString("base tests:\n")
		writePoints(&b, t.Base)
		b.WriteString("base tests and those that were added:\n")
	}
	writePoints(&b, t.Coverage)
	if h := t.HeldOut; h != nil {
		fmt.Fprintf(&b, "held out: of %d wrong samples %d are accepted (%s), of %d right ones %d rejected (%s)\n",
			h.FalseAccepted+h.TrueRejected, h.FalseAccepted, percent(h.FalsePositiveRate), h.TrueAccepted+h.FalseRejected, h.FalseRejected, percent(h.FalseNegativeRate))
		fmt.Fprintf(&b, "  accuracy of the first accepted sample: %.5f at most; where a wrong answer costs %g, draw %d (worth %.5f)\n", h.Ceiling, h.WrongCost, h.K, h.Worth)
	}
	if t.Counts.Unknown > 0 {
		b.WriteString("unknown samples failed by the service's fault; they count neither as right nor as wrong. Run again to decide them.\n")
	}
	return b.String()
}

// percent writes a share; nil is unknown.
func percent(share *float64) string {
	if share == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100**share)
}

// writePoints writes pass@k with the 95 % interval, a point a line.
func writePoints(w io.Writer, points []coverage.Point) {
	for _, p := range points {
		fmt.Fprintf(w, "%-9s %.5f   95 %%: %.5f – %.5f\n", fmt.Sprintf("pass@%d", p.K), p.Pass, p.Low, p.High)
	}
}
