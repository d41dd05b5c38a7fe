package metamath

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// naive is a second checker, to compare the first with: on strings, without sharing, limits or messages, and written
// from the book alone.
type naive struct {
	at     map[string]int // labels, in order
	frames map[string]*naiveFrame
	proofs map[string][]string
}

type naiveFrame struct {
	kind     string
	expr     []string
	hyps     []string // labels of mandatory ones
	apart    [][2]string
	active   map[string]bool    // labels of hypotheses
	disjoint map[[2]string]bool // of all that is active, in both orders
	vars     map[string]bool
}

// readNaive reads a database that is right, and keeps frames of what keep wants with the active hypotheses.
func readNaive(text string, keep func(label string) bool) *naive {
	n := &naive{map[string]int{}, map[string]*naiveFrame{}, map[string][]string{}}
	type scope struct {
		hyps  []string
		apart [][2]string
	}
	scopes := []scope{{}}
	vars := map[string]bool{}
	tokens := strings.Fields(stripComments(text))
	label := ""
	for i := 0; i < len(tokens); i++ {
		until := func(end string) []string {
			start := i + 1
			for i++; tokens[i] != end; i++ {
			}
			return tokens[start:i]
		}
		top := &scopes[len(scopes)-1]
		switch t := tokens[i]; t {
		case "${":
			scopes = append(scopes, scope{slices.Clone(top.hyps), slices.Clone(top.apart)})
		case "$}":
			scopes = scopes[:len(scopes)-1]
		case "$c":
			until("$.")
		case "$v":
			for _, v := range until("$.") {
				vars[v] = true
			}
		case "$d":
			list := until("$.")
			for _, v := range list {
				for _, w := range list {
					if v != w {
						top.apart = append(top.apart, [2]string{v, w})
					}
				}
			}
		case "$f", "$e":
			n.frames[label] = &naiveFrame{kind: t, expr: until("$.")}
			n.at[label] = len(n.at)
			top.hyps = append(top.hyps, label)
		case "$a", "$p":
			f := &naiveFrame{kind: t, vars: vars}
			if t == "$a" {
				f.expr = until("$.")
			} else {
				f.expr = until("$=")
				n.proofs[label] = until("$.")
			}
			used := map[string]bool{}
			for _, s := range f.expr {
				used[s] = true
			}
			for _, h := range top.hyps {
				if n.frames[h].kind == "$e" {
					for _, s := range n.frames[h].expr {
						used[s] = true
					}
				}
			}
			for _, h := range top.hyps {
				if n.frames[h].kind == "$e" || used[n.frames[h].expr[1]] {
					f.hyps = append(f.hyps, h)
				}
			}
			for _, p := range top.apart {
				if used[p[0]] && used[p[1]] {
					f.apart = append(f.apart, p)
				}
			}
			if keep(label) {
				f.active, f.disjoint = map[string]bool{}, map[[2]string]bool{}
				for _, h := range top.hyps {
					f.active[h] = true
				}
				for _, p := range top.apart {
					f.disjoint[p] = true
				}
			}
			n.frames[label] = f
			n.at[label] = len(n.at)
		default:
			label = t
		}
	}
	return n
}

func stripComments(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "$(")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, text, _ = strings.Cut(rest, "$)")
	}
}

var errNaive = errors.New("no proof")

// check decides a proof of a theorem that was kept.
func (n *naive) check(theorem string, proof []string) (err error) {
	goal := n.frames[theorem]
	var stack, saved [][]string
	apply := func(label string) error {
		f, ok := n.frames[label]
		if !ok || n.at[label] >= n.at[theorem] {
			return fmt.Errorf("%w: %s is not known", errNaive, label)
		}
		if f.kind == "$f" || f.kind == "$e" {
			if !goal.active[label] {
				return fmt.Errorf("%w: %s is not active", errNaive, label)
			}
			stack = append(stack, f.expr)
			return nil
		}
		if len(stack) < len(f.hyps) {
			return fmt.Errorf("%w: underflow at %s", errNaive, label)
		}
		args := stack[len(stack)-len(f.hyps):]
		stands := map[string][]string{}
		put := func(expr []string) (out []string) {
			for _, s := range expr {
				if e, ok := stands[s]; ok {
					out = append(out, e...)
				} else {
					out = append(out, s)
				}
			}
			return out
		}
		for i, h := range f.hyps {
			hyp := n.frames[h]
			if hyp.kind == "$f" {
				if args[i][0] != hyp.expr[0] {
					return fmt.Errorf("%w: type at %s", errNaive, label)
				}
				stands[hyp.expr[1]] = args[i][1:]
			} else if !slices.Equal(put(hyp.expr), args[i]) {
				return fmt.Errorf("%w: hypothesis at %s", errNaive, label)
			}
		}
		for _, p := range f.apart {
			for _, v := range stands[p[0]] {
				for _, w := range stands[p[1]] {
					if goal.vars[v] && goal.vars[w] && !goal.disjoint[[2]string{v, w}] {
						return fmt.Errorf("%w: $d at %s", errNaive, label)
					}
				}
			}
		}
		stack = append(stack[:len(stack)-len(f.hyps):len(stack)-len(f.hyps)], put(f.expr))
		return nil
	}
	if len(proof) > 0 && proof[0] == "(" {
		end := slices.Index(proof, ")")
		if end < 0 {
			return errNaive
		}
		list := slices.Concat(goal.hyps, proof[1:end])
		for _, l := range proof[1:end] {
			f, ok := n.frames[l]
			switch {
			case !ok, n.at[l] >= n.at[theorem], slices.Contains(goal.hyps, l), (f.kind == "$f" || f.kind == "$e") && !goal.active[l]:
				return errNaive
			}
		}
		number, last, asserted := 0, byte(0), false
		for _, c := range []byte(strings.Join(proof[end+1:], "")) {
			switch {
			case c >= 'A' && c <= 'T':
				number = number*20 + int(c-'A')
				asserted = number < len(list) && n.frames[list[number]].kind != "$f" && n.frames[list[number]].kind != "$e"
				if number < len(list) {
					if err := apply(list[number]); err != nil {
						return err
					}
				} else if number -= len(list); number < len(saved) {
					stack = append(stack, saved[number])
				} else {
					return errNaive
				}
				number = 0
			case c >= 'U' && c <= 'Y':
				number = number*5 + int(c-'U') + 1
			case c == 'Z' && asserted && last != 'Z' && (last < 'U' || last > 'Y'):
				saved = append(saved, stack[len(stack)-1])
			default:
				return errNaive
			}
			last = c
		}
		if last >= 'U' && last <= 'Y' {
			return errNaive
		}
	} else {
		for _, l := range proof {
			if err := apply(l); err != nil {
				return err
			}
		}
	}
	if len(stack) != 1 || !slices.Equal(stack[0], goal.expr) {
		return errNaive
	}
	return nil
}
