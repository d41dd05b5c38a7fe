package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"borel/engine/fuzz/module"
	"borel/sandbox"
)

// ranges is a set of numbers.
type ranges []bool

func (r ranges) has(n int) bool { return n < len(r) && r[n] }

// String writes it as 3,5-9.
func (r ranges) String() string {
	var parts []string
	for i := 0; i < len(r); i++ {
		if !r[i] {
			continue
		}
		last := i
		for r.has(last + 1) {
			last++
		}
		parts = append(parts, fmt.Sprintf("%d-%d", i, last))
		i = last
	}
	return strings.Join(parts, ",")
}

func parseRanges(s string) (r ranges, err error) {
	for part := range strings.SplitSeq(s, ",") {
		if part == "" {
			continue
		}
		first, last, ok := strings.Cut(part, "-")
		if !ok {
			last = first
		}
		a, err := strconv.ParseUint(first, 10, 16)
		if err != nil {
			return nil, err
		}
		b, err := strconv.ParseUint(last, 10, 16)
		if err != nil {
			return nil, err
		}
		for int(b) >= len(r) {
			r = append(r, false)
		}
		for ; a <= b; a++ {
			r[a] = true
		}
	}
	return r, nil
}

// outcomes is what all modes say of a module.
func (c *comparison) outcomes(ctx context.Context, i uint64, skip ranges) (lines, all map[sandbox.Mode]string, err error) {
	lines, all = map[sandbox.Mode]string{}, map[sandbox.Mode]string{}
	for _, mode := range c.modes() {
		p := &child{c: c, mode: mode, args: []string{"-show", strconv.FormatUint(i, 10), "-skip", skip.String()}}
		if lines[mode], err = p.next(ctx, i); err != nil {
			return nil, nil, err
		}
		for p.cmd != nil && p.lines.Scan() {
			all[mode] += "    " + p.lines.Text() + "\n"
		}
		p.close()
	}
	return lines, all, nil
}

// reduce tells about module i, and leaves out what it can of one on which modes differ.
func (c *comparison) reduce(ctx context.Context, i uint64, skip ranges) error {
	differs := func(skip ranges) bool {
		lines, _, err := c.outcomes(ctx, i, skip)
		if err != nil {
			return false
		}
		patched, stock := same(lines)
		return !patched || !stock
	}
	if differs(skip) {
		n := module.Without(c.seed, i, skip.has).Statements
		skip = append(skip, make(ranges, max(0, n-len(skip)))...)
		for size := n; size > 0; size /= 2 {
			for at := 0; at < n; at += size {
				try := slices.Clone(skip)
				for k := at; k < min(at+size, n); k++ {
					try[k] = true
				}
				if !slices.Equal(try, skip) && differs(try) {
					skip = try
				}
			}
		}
	}
	lines, all, err := c.outcomes(ctx, i, skip)
	if err != nil {
		return err
	}
	for _, mode := range c.modes() {
		fmt.Printf("%-12s %s\n%s", mode, lines[mode], all[mode])
	}
	file := fmt.Sprintf("module-%d-%d.wasm", c.seed, i)
	m := module.Without(c.seed, i, skip.has)
	fmt.Printf("without the statements %s of %d: %s\n", skip, m.Statements, file)
	return os.WriteFile(file, m.Code, 0o644)
}
