package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"borel/problem"
	"borel/verify"
)

type regradeCmd struct {
	Kind     string   `placeholder:"KIND" help:"Only verdicts of checks of this kind (default: of every kind that the change is about)."`
	Compare  *string  `placeholder:"NAME" help:"Another comparator for stdio or calls checks: tokens, exact, float:1e-6, …"`
	AllCases *bool    `negatable:"" help:"Judge every case of stdio and calls checks, or (--no-all-cases) end at the first that fails."`
	Equal    *string  `placeholder:"NAME" help:"Another equality for answer checks: string, number, math or choice."`
	Marker   *string  `placeholder:"TEXT" help:"Another marker for answer checks."`
	Key      []string `placeholder:"KEY" help:"Only the verdicts of these keys."`
	Output   string   `short:"o" placeholder:"FILE" help:"Write a line per changed verdict here; - is stdout (the table then goes to stderr)."`
	JSON     bool     `name:"json" help:"Print the table as JSON."`
	dataFlags
	serverFlags
}

func (c *regradeCmd) Run(ctx context.Context, m *Main) (err error) {
	r := problem.Regrade{Kind: c.Kind, Keys: c.Key, Change: problem.Change{Compare: c.Compare, AllCases: c.AllCases, Equal: c.Equal, Marker: c.Marker}}
	if err := r.Validate(""); err != nil {
		return flagFault(err)
	}
	out, closeOut, err := m.create(c.Output)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeOut()) }()
	c.Isolation = isolationNone // nothing is run
	j, closer, err := c.serverFlags.open(ctx, m, c.dataFlags, false, verify.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	table := regradeTable{turns: map[[2]problem.Status]int{}}
	enc := json.NewEncoder(out)
	var written error
	table.RegradeReport, err = j.Regrade(ctx, r, func(d problem.Regraded) {
		table.turns[[2]problem.Status{d.Was, d.Is}]++
		written = cmp.Or(written, enc.Encode(d))
	})
	if err = cmp.Or(flagFault(err), written); err != nil {
		return err
	}
	w := m.Stdout
	if c.Output == "-" {
		w = m.Stderr
	}
	if c.JSON {
		return json.NewEncoder(w).Encode(table.RegradeReport)
	}
	_, err = io.WriteString(w, table.text())
	return err
}

// regradeTable is what is shown at the end.
type regradeTable struct {
	problem.RegradeReport
	turns map[[2]problem.Status]int // changed verdicts, from and to
}

func (t *regradeTable) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d verdicts decided again, %d changed; %d of other checks, %d whose runs are not kept; %d programs run (%.1f s)\n",
		t.Verdicts, t.Changed, t.Skipped, t.Missing, t.Executed, t.Seconds)
	turns := slices.SortedFunc(maps.Keys(t.turns), func(a, b [2]problem.Status) int {
		return cmp.Or(t.turns[b]-t.turns[a], cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	for _, turn := range turns {
		fmt.Fprintf(&b, "  %-22s → %-22s %7d\n", turn[0], turn[1], t.turns[turn])
	}
	fmt.Fprintf(&b, "accepted: %d before, %d now\n", t.Was[problem.Accepted], t.Is[problem.Accepted])
	return b.String()
}

// Regrade has the server decide again what it keeps.
func (c *client) Regrade(ctx context.Context, r problem.Regrade, emit func(problem.Regraded)) (report problem.RegradeReport, err error) {
	err = c.lines(ctx, "/v1/regrade", r, func(kind string, line []byte) error {
		switch kind {
		case "change":
			var d problem.Regraded
			if err := json.Unmarshal(line, &d); err != nil {
				return err
			}
			emit(d)
		case "report":
			return json.Unmarshal(line, &report)
		}
		return nil
	})
	return report, err
}
