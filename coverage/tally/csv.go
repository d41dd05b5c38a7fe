package tally

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"borel/coverage"
)

// columns of a table of counts, by the names that they may have.
var columns = map[string][]string{
	"problem": {"problem", "task_id", "task", "id"},
	"n":       {"n", "samples", "num_samples", "total"},
	"c":       {"c", "accepted", "correct", "num_correct", "passed"},
	"unknown": {"unknown"},
	"stopped": {"stopped"},
	"pass@1":  {"pass@1"},
}

// commaOf is what separates the columns of a file that begins so, where its first line names columns for n and c; else 0.
func commaOf(start []byte) rune {
	line, _, _ := bytes.Cut(start, []byte("\n"))
	for _, comma := range ",\t;" {
		if at := header(strings.Split(strings.TrimRight(string(line), "\r"), string(comma))); at["n"] >= 0 && at["c"] >= 0 {
			return comma
		}
	}
	return 0
}

// header is where each column stands, -1 where there is none.
func header(names []string) map[string]int {
	at := map[string]int{}
	for column, known := range columns {
		at[column] = slices.IndexFunc(names, func(name string) bool {
			return slices.Contains(known, strings.ToLower(strings.Trim(name, "\" ")))
		})
	}
	return at
}

// csv reads a table of counts. That of borel eval counts undecided samples among samples.
func (r *reader) csv(in io.Reader, comma rune, file *pieces) error {
	rows := csv.NewReader(in)
	rows.Comma, rows.ReuseRecord, rows.FieldsPerRecord = comma, true, -1
	var at map[string]int
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return r.fault(max(r.line, 1), err)
		}
		r.line, _ = rows.FieldPos(0)
		file.next(rows.InputOffset())
		if at == nil {
			if at = header(row); at["problem"] < 0 || at["n"] < 0 || at["c"] < 0 {
				return r.fault(r.line, errors.New("the header of a table of counts has problem, n and c"))
			}
			continue
		}
		c, err := countOf(row, at)
		if err == nil {
			err = r.count(c, CSV)
		}
		if err != nil {
			return r.fault(r.line, err)
		}
	}
}

func countOf(row []string, at map[string]int) (c coverage.Count, err error) {
	field := func(column string) string {
		if i := at[column]; i >= 0 && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	number := func(column string) int {
		text := field(column)
		n, e := strconv.Atoi(text)
		if e != nil && (text != "" || column != "unknown") && err == nil {
			err = fmt.Errorf("%s: %.60q is no whole number", column, text)
		}
		return n
	}
	c = coverage.Count{Problem: field("problem"), N: number("n"), C: number("c"), Unknown: number("unknown"), Stopped: field("stopped")}
	if err != nil || at["pass@1"] < 0 {
		return c, err
	}
	// borel eval's own: unknown samples are among the samples, and pass@1 is left out where it would be biased.
	c.N -= c.Unknown
	pass := field("pass@1")
	if pass == "" && c.N > 0 {
		c.Stopped = coverage.Adaptive
		return c, nil
	}
	if p, e := strconv.ParseFloat(pass, 64); c.N > 0 && (e != nil || math.Abs(p-float64(c.C)/float64(c.N)) > 1e-4) {
		return c, fmt.Errorf("problem %q: pass@1 is %.60q, which %d of %d is not; samples that nothing judged are not told apart here, take the .jsonl", c.Problem, pass, c.C, c.N)
	}
	return c, nil
}
