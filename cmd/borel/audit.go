package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"

	"borel/audit"
	"borel/coverage"
	"borel/dataset"
	"borel/verify"

	"golang.org/x/sync/errgroup"
)

type auditCmd struct {
	Problems   string `required:"" placeholder:"FILE" help:"Problems with their references, as JSON lines: HumanEval's form (with canonical_solution), or the API's (with reference)."`
	Mutants    int    `default:"30" help:"Faulty programs made of each reference, at most; -1: none."`
	Output     string `short:"o" placeholder:"FILE" help:"Write a report per problem here, as JSON lines; - is stdout (the table then goes to stderr)."`
	Quarantine string `placeholder:"FILE" help:"Write the problems that should not count here, with why, for --quarantine of verify and coverage."`
	JSON       bool   `name:"json" help:"Print the table as JSON."`
	dataFlags
	serverFlags
}

// auditTable is what is counted over all problems.
type auditTable struct {
	Problems    int                 `json:"problems"`
	Accepted    int                 `json:"references_accepted"`
	References  int                 `json:"references"`
	Fallbacks   int                 `json:"fallbacks,omitempty"` // judged otherwise than the check asks for
	Mutants     int                 `json:"mutants"`
	Killed      int                 `json:"killed"`
	Undecided   int                 `json:"undecided"`
	Issues      map[audit.Issue]int `json:"issues"`
	Quarantined []quarantined       `json:"quarantined"`
	Weakest     []weakest           `json:"weakest,omitempty"`
	Slowest     string              `json:"slowest,omitempty"`
	Share       float64             `json:"slowest_share,omitempty"` // of its time limit
}

// quarantined is a line of a list of problems that should not count.
type quarantined struct {
	Problem string        `json:"problem"`
	Issues  []audit.Issue `json:"issues"`
	Message string        `json:"message,omitempty"`
}

type weakest struct {
	Problem string `json:"problem"`
	Mutants int    `json:"mutants"`
	Killed  int    `json:"killed"`
	Example string `json:"example"` // of a mutant that is accepted
}

func (c *auditCmd) Run(ctx context.Context, m *Main) (err error) {
	problems, err := m.readProblems(c.Problems)
	if err != nil {
		return err
	}
	out, closeOut, err := m.create(c.Output)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeOut()) }()
	list, closeList, err := m.create(c.Quarantine)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeList()) }()
	j, closer, err := c.serverFlags.open(ctx, m, c.dataFlags, true, verify.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()

	reports := make([]audit.Report, len(problems))
	bar := m.progress("problems", len(problems))
	var mu sync.Mutex // guards bar
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallelGroups())
	for i := range problems {
		g.Go(func() (err error) {
			reports[i], err = audit.Audit(gctx, j, &problems[i], audit.Options{Mutants: cmp.Or(c.Mutants, -1)})
			mu.Lock()
			defer mu.Unlock()
			bar.step()
			return err
		})
	}
	err = g.Wait()
	bar.end()
	if err != nil {
		return err
	}
	t := tabulate(reports)
	if err := cmp.Or(encodeLines(out, reports), encodeLines(list, t.Quarantined)); err != nil {
		return err
	}
	w := m.Stdout
	if c.Output == "-" || c.Quarantine == "-" {
		w = m.Stderr
	}
	if c.JSON {
		err = json.NewEncoder(w).Encode(t)
	} else {
		_, err = io.WriteString(w, t.text())
	}
	if err == nil && (t.Issues[audit.Unknown] > 0 || t.Undecided > 0) {
		err = &exit{code: exitUnknown}
	}
	return err
}

func encodeLines[T any](w *bufio.Writer, lines []T) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, l := range lines {
		if err := enc.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

func tabulate(reports []audit.Report) *auditTable {
	t := &auditTable{Problems: len(reports), Issues: map[audit.Issue]int{}, Quarantined: []quarantined{}}
	for i := range reports {
		r := &reports[i]
		if r.Reference != "" {
			t.References++
		}
		if r.Reference == "accepted" {
			t.Accepted++
		}
		if r.Note != "" {
			t.Fallbacks++
		}
		t.Mutants += r.Mutants
		t.Killed += r.Killed
		t.Undecided += r.Undecided
		for _, issue := range r.Issues {
			t.Issues[issue]++
		}
		if r.Quarantine() {
			t.Quarantined = append(t.Quarantined, quarantined{r.Problem, r.Issues, r.Message})
		}
		if len(r.Survivors) > 0 {
			s := r.Survivors[0]
			t.Weakest = append(t.Weakest, weakest{r.Problem, r.Mutants, r.Killed, fmt.Sprintf("line %d: %s", s.Line, s.Change)})
		}
		if share := r.Seconds / r.Limit; share > t.Share {
			t.Share, t.Slowest = share, r.Problem
		}
	}
	slices.SortStableFunc(t.Weakest, func(a, b weakest) int { return cmp.Compare(a.Killed*b.Mutants, b.Killed*a.Mutants) })
	t.Weakest = t.Weakest[:min(len(t.Weakest), 10)]
	return t
}

// meaning says what an issue is.
var meaning = map[audit.Issue]string{
	audit.Invalid:     "the problem is refused as it stands",
	audit.Rejected:    "the check rejects the reference",
	audit.Flaky:       "the verdict depends on seeds, on the order of sets or on the day",
	audit.Unknown:     "nothing could be decided",
	audit.NoReference: "there is no reference to audit by",
	audit.Unmutated:   "the reference is too large to make all faulty programs of",
	audit.Weak:        "less than half of the faulty programs are rejected",
	audit.Tight:       "the reference takes more than a third of its time",
	audit.Duplicate:   "equal cases",
}

func (t *auditTable) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d problems, %d references, %d accepted", t.Problems, t.References, t.Accepted)
	if t.Fallbacks > 0 {
		fmt.Fprintf(&b, " (%d judged otherwise than asked for)", t.Fallbacks)
	}
	fmt.Fprintln(&b)
	if decided := t.Mutants - t.Undecided; decided > 0 {
		fmt.Fprintf(&b, "%d faulty programs, %d rejected (%.1f %%), %d unknown\n", t.Mutants, t.Killed, 100*float64(t.Killed)/float64(decided), t.Undecided)
	}
	if t.Slowest != "" {
		fmt.Fprintf(&b, "slowest reference: %s, %.2g %% of its time\n", t.Slowest, 100*t.Share)
	}
	for _, issue := range slices.SortedFunc(maps.Keys(t.Issues), func(a, b audit.Issue) int {
		return cmp.Or(t.Issues[b]-t.Issues[a], cmp.Compare(a, b))
	}) {
		fmt.Fprintf(&b, "  %-20s %5d  %s\n", issue, t.Issues[issue], meaning[issue])
	}
	if len(t.Quarantined) > 0 {
		fmt.Fprintf(&b, "quarantine, %d problems:\n", len(t.Quarantined))
		for _, q := range t.Quarantined[:min(len(t.Quarantined), 20)] {
			fmt.Fprintf(&b, "  %-20s %s: %.100s\n", printable(q.Problem), q.Issues[0], printable(q.Message))
		}
		if more := len(t.Quarantined) - 20; more > 0 {
			fmt.Fprintf(&b, "  … and %d more (--quarantine FILE writes all)\n", more)
		}
	}
	if len(t.Weakest) > 0 {
		fmt.Fprintln(&b, "weakest tests (faulty programs that are accepted; some change nothing):")
		for _, w := range t.Weakest {
			fmt.Fprintf(&b, "  %-20s %2d of %2d rejected, not %s\n", printable(w.Problem), w.Killed, w.Mutants, printable(w.Example))
		}
	}
	return b.String()
}

// printable makes text from a file fit for a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '�'
		}
		return r
	}, s)
}

// quarantineFlags leave problems out of what is counted.
type quarantineFlags struct {
	Quarantine string `placeholder:"FILE" help:"Leave out the problems of this list, as borel audit --quarantine writes it."`
}

// read returns the list: problem → why.
func (f quarantineFlags) read(m *Main) (map[string]string, error) {
	list := map[string]string{}
	if f.Quarantine == "" {
		return list, nil
	}
	return list, m.eachLine(f.Quarantine, func(line []byte) error {
		var q quarantined
		if err := json.Unmarshal(line, &q); err != nil {
			return dataset.JSONError(err)
		}
		if q.Problem == "" {
			return errors.New("names no problem")
		}
		why := "no reason given"
		if len(q.Issues) > 0 {
			why = string(q.Issues[0])
		}
		list[q.Problem] = why
		return nil
	})
}

// without leaves the problems of the list out, and tells which.
func without(counts []coverage.Count, list map[string]string) (kept []coverage.Count, left leftOut) {
	for _, c := range counts {
		if why, ok := list[c.Problem]; ok {
			left = append(left, quarantined{Problem: c.Problem, Issues: []audit.Issue{audit.Issue(why)}})
		} else {
			kept = append(kept, c)
		}
	}
	return kept, left
}

// leftOut are problems of a quarantine that were there and did not count.
type leftOut []quarantined

func (l leftOut) text() string {
	if len(l) == 0 {
		return ""
	}
	why := map[audit.Issue]int{}
	for _, q := range l {
		why[q.Issues[0]]++
	}
	var parts []string
	for _, issue := range slices.Sorted(maps.Keys(why)) {
		parts = append(parts, fmt.Sprintf("%d %s", why[issue], printable(string(issue))))
	}
	return fmt.Sprintf("quarantined, and not counted: %d problems (%s)\n", len(l), strings.Join(parts, ", "))
}
