package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"borel/sandbox"
)

// aspects are what is compared, in the order in which it is told.
var aspects = []struct {
	name string
	of   func(e entry) string
}{
	{"verdict", func(e entry) string { return e.Verdict }},
	{"stdout", each(func(r ran) any { return r.Stdout })},
	{"stderr", each(func(r ran) any { return r.Stderr })},
	{"reason", each(func(r ran) any { return []any{r.Reason, r.ExitCode, r.Returned, r.Trap} })},
	{"fuel", each(func(r ran) any { return r.Fuel })},
	{"memory", each(func(r ran) any { return r.Memory })},
	{"clock", each(func(r ran) any { return r.Virtual })},
	{"files", each(func(r ran) any { return r.Rest })},
}

// each tells something of every run.
func each(f func(ran) any) func(entry) string {
	return func(e entry) string {
		var all []any
		for _, r := range e.Runs {
			all = append(all, f(r))
		}
		return told(all)
	}
}

// overflows tells whether a run ended because wazero had no more room for the guest's calls.
func overflows(e entry) bool {
	return slices.ContainsFunc(e.Runs, func(r ran) bool { return r.Trap == "stack overflow" })
}

// compare writes how recordings differ from the first, corpus by corpus, then program by program, and returns the number of
// programs that do. The call stack of wazero as it was released ends at 50 MB, and the patched one's at 150 MB
// (0062-call-stack): what ends there on the first alone is told, and compared among the others.
func compare(all []*recording, out io.Writer) (differing int) {
	for _, r := range all {
		fmt.Fprintf(out, "%-8s %s\n", r.Mode, r.Identity)
	}
	var corpora []string
	programs, runs := map[string]int{}, map[string]int{}
	differs := map[[2]string]int{} // by corpus and aspect
	var list strings.Builder
	tell := func(r, than *recording, name, what, got, want string) {
		fmt.Fprintf(&list, "%s: %s\n  %-8s %.500s\n  %-8s %.500s\n", name, what, than.Mode, want, r.Mode, got)
	}
	for _, name := range names(all) {
		corpus, _, _ := strings.Cut(name, "/")
		if !slices.Contains(corpora, corpus) {
			corpora = append(corpora, corpus)
		}
		programs[corpus]++
		different := false
		first, others := all[0], all[1:]
		want, ok := first.programs[name]
		runs[corpus] += len(want.Runs)
		if first.Mode == sandbox.Stock && len(others) > 1 && overflows(want) && !overflows(others[0].programs[name]) {
			fmt.Fprintf(&list, "%s: needs a larger call stack than %s has, and is compared among the others\n", name, first.Mode)
			first, others = others[0], others[1:]
			want, ok = first.programs[name]
		}
		for _, r := range others {
			got, there := r.programs[name]
			if !ok || !there {
				different = true
				differs[[2]string{corpus, "missing"}]++
				tell(r, first, name, "missing", fmt.Sprint(there), fmt.Sprint(ok))
				continue
			}
			for _, a := range aspects {
				if g, w := a.of(got), a.of(want); g != w {
					different = true
					differs[[2]string{corpus, a.name}]++
					tell(r, first, name, a.name, g, w)
				}
			}
		}
		if different {
			differing++
		}
	}
	fmt.Fprintf(out, "\nDifferences from %s, of", all[0].Mode)
	for i, r := range all[1:] {
		fmt.Fprintf(out, "%s %s", strings.Repeat(" and", min(i, 1)), r.Mode)
	}
	fmt.Fprint(out, ":\n\n")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "corpus\tprograms\truns")
	for _, a := range aspects {
		fmt.Fprint(w, "\t", a.name)
	}
	fmt.Fprintln(w, "\tmissing")
	for _, c := range corpora {
		fmt.Fprintf(w, "%s\t%d\t%d", c, programs[c], runs[c])
		for _, a := range aspects {
			fmt.Fprintf(w, "\t%d", differs[[2]string{c, a.name}])
		}
		fmt.Fprintf(w, "\t%d\n", differs[[2]string{c, "missing"}])
	}
	w.Flush() //nolint:errcheck // out is the terminal's, or a test's
	fmt.Fprintf(out, "\n%s", list.String())
	return differing
}

// names are those of the programs that any recording has.
func names(all []*recording) (list []string) {
	seen := map[string]bool{}
	for _, r := range all {
		for _, n := range r.names {
			if !seen[n] {
				seen[n] = true
				list = append(list, n)
			}
		}
	}
	return list
}
