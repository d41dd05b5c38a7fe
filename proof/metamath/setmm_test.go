package metamath

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"borel/problem"
)

// setmm is the database that borel images add metamath fetches; tests are skipped where it was not.
var setmm = sync.OnceValue(func() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	l := NewLibrary(filepath.Join(dir, "borel", "images", "metamath"))
	m, err := l.Manifest()
	if err != nil || m.Name != "set.mm" {
		return ""
	}
	text, _, err := readFile(l.file(m.Digest))
	if err != nil {
		return ""
	}
	return text
})

func needSetmm(tb testing.TB) string {
	tb.Helper()
	if setmm() == "" {
		tb.Skip("set.mm is not here: borel images add metamath")
	}
	return setmm()
}

// theorems are n of a database, spread over it.
func theorems(db *Database, n int) []string {
	var all []string
	for _, s := range db.statements {
		if s.kind == 'p' {
			all = append(all, s.label)
		}
	}
	var some []string
	for i := range n {
		some = append(some, all[i*len(all)/n])
	}
	return some
}

// TestSetmm takes proofs out of theorems of set.mm, puts them back, and puts back wrong ones. Every decision is compared
// with that of a second checker.
func TestSetmm(t *testing.T) {
	text := needSetmm(t)
	db, err := Read(t.Context(), text, false)
	if err != nil {
		t.Fatal(err)
	}
	labels := theorems(db, 100)
	second := readNaive(text, func(l string) bool { return slices.Contains(labels, l) })
	random := rand.New(rand.NewPCG(1, 2))
	mutants, right, disjoint := map[string]int{}, map[string]int{}, 0
	for _, label := range labels {
		g, err := db.Theorem(label, "")
		if err != nil {
			t.Fatal(err)
		}
		proof := second.proofs[label]
		for _, form := range []string{"%s", "$= %s $.", "%[2]s $p %[3]s $= %[1]s $."} {
			sample := fmt.Sprintf(form, strings.Join(proof, " "), label, strings.Join(second.frames[label].expr, " "))
			if form != "%[2]s $p %[3]s $= %[1]s $." {
				sample = fmt.Sprintf(form, strings.Join(proof, " "))
			}
			if status, message, err := g.Prove(t.Context(), sample); status != problem.Accepted || err != nil {
				t.Errorf("%s in the form %s: got %s %q %v, want accepted", label, form, status, message, err)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(mutations)) {
			mutate := mutations[name]
			for range 10 {
				mutant := mutate(random, slices.Clone(proof), labels)
				if mutant == nil || slices.Equal(mutant, proof) {
					continue
				}
				status, message, err := g.Prove(t.Context(), strings.Join(mutant, " "))
				if err != nil {
					t.Fatal(err)
				}
				mutants[name]++
				other := second.check(label, mutant)
				if status == problem.Accepted {
					right[name]++
				} else if strings.Contains(message, "needs $d") {
					disjoint++
				}
				if (status == problem.Accepted) != (other == nil) {
					t.Errorf("%s, %s: got %s %q, the second checker says %v: %s", label, name, status, message, other, strings.Join(mutant, " "))
				}
			}
		}
	}
	if disjoint < 10 {
		t.Errorf("only %d mutants violate disjointness", disjoint)
	}
	t.Logf("%d mutants violate disjointness", disjoint)
	for _, name := range slices.Sorted(maps.Keys(mutations)) {
		t.Logf("%-28s %4d mutants, %d of them other right proofs", name, mutants[name], right[name])
		if mutants[name] < 100 || right[name] > mutants[name]/2 {
			t.Errorf("%s: %d mutants, %d right: does it do what it should?", name, mutants[name], right[name])
		}
	}
}

// body is where the letters of a compressed proof begin.
func body(proof []string) int { return slices.Index(proof, ")") + 1 }

// mutations change a compressed proof; nil where they cannot.
var mutations = map[string]func(r *rand.Rand, proof, theorems []string) []string{
	"label swapped": func(r *rand.Rand, p, _ []string) []string {
		if n := body(p) - 2; n > 1 {
			i, j := 1+r.IntN(n), 1+r.IntN(n)
			p[i], p[j] = p[j], p[i]
		}
		return p
	},
	"label of another theorem": func(r *rand.Rand, p, theorems []string) []string {
		if n := body(p) - 2; n > 0 {
			p[1+r.IntN(n)] = theorems[r.IntN(len(theorems))]
		}
		return p
	},
	"label dropped": func(r *rand.Rand, p, _ []string) []string {
		if n := body(p) - 2; n > 0 {
			i := 1 + r.IntN(n)
			return slices.Delete(p, i, i+1)
		}
		return p
	},
	"dummy variable renamed": func(r *rand.Rand, p, _ []string) []string {
		names := []string{"vx", "vy", "vz", "vw", "vv", "vu", "vt", "vf", "vg"}
		start := r.IntN(max(body(p)-1, 1))
		for i := range body(p) - 1 {
			k := 1 + (start+i)%(body(p)-1)
			if slices.Contains(names, p[k]) {
				p[k] = names[r.IntN(len(names))]
				break
			}
		}
		return p
	},
	"letter changed": func(r *rand.Rand, p, _ []string) []string {
		return edit(p, func(b []byte) []byte {
			b[r.IntN(len(b))] = byte('A' + r.IntN(26))
			return b
		})
	},
	"step dropped": func(r *rand.Rand, p, _ []string) []string {
		return edit(p, func(b []byte) []byte {
			i := r.IntN(len(b))
			return slices.Delete(b, i, i+1)
		})
	},
	"step added": func(r *rand.Rand, p, _ []string) []string {
		return edit(p, func(b []byte) []byte { return slices.Insert(b, r.IntN(len(b)), byte('A'+r.IntN(26))) })
	},
	"two steps exchanged": func(r *rand.Rand, p, _ []string) []string {
		return edit(p, func(b []byte) []byte {
			if len(b) > 1 {
				i := r.IntN(len(b) - 1)
				b[i], b[i+1] = b[i+1], b[i]
			}
			return b
		})
	},
	"truncated": func(r *rand.Rand, p, _ []string) []string {
		return edit(p, func(b []byte) []byte { return b[:r.IntN(len(b))] })
	},
	"letters shuffled": func(r *rand.Rand, p, _ []string) []string {
		return edit(p, func(b []byte) []byte {
			r.Shuffle(len(b), func(i, j int) { b[i], b[j] = b[j], b[i] })
			return b
		})
	},
}

// edit changes the letters of a compressed proof, as one token.
func edit(p []string, change func([]byte) []byte) []string {
	n := body(p)
	return append(p[:n:n], string(change([]byte(strings.Join(p[n:], "")))))
}

// TestSetmmCannotBeChanged gives theorems of set.mm samples that do not prove what they should from what they may.
func TestSetmmCannotBeChanged(t *testing.T) {
	db, err := Read(t.Context(), needSetmm(t), false)
	if err != nil {
		t.Fatal(err)
	}
	labels := theorems(db, 100)
	for i, label := range labels {
		g, err := db.Theorem(label, "")
		if err != nil {
			t.Fatal(err)
		}
		var steps []string
		for _, h := range g.hyps {
			steps = append(steps, db.statements[h].label)
		}
		var symbols []string
		for _, s := range g.expr {
			symbols = append(symbols, db.names[s])
		}
		args, stated := strings.Join(steps, " "), strings.Join(symbols, " ")
		theorem := label + " $p " + stated + " $= " + args
		later := labels[min(i+1, len(labels)-1)]
		for name, sample := range map[string]string{
			"itself":             args + " " + label,
			"itself, compressed": "( " + label + " ) " + lettersUpTo(len(steps)+1),
			"a lemma by itself":  "x $p " + stated + " $= " + args + " " + label + " $. " + theorem + " x $.",
			"an axiom":           "x $a " + stated + " $. " + theorem + " x $.",
			"redefined as axiom": label + " $a " + stated + " $.",
			"label reused":       "ax-mp $p " + stated + " $= ? $. " + theorem + " ax-mp $.",
			"later label reused": later + " $p " + stated + " $= ? $. " + theorem + " " + later + " $.",
			"a hypothesis":       "x $e " + stated + " $. " + label + " $p " + stated + " $= x $.",
			"incomplete":         "?",
			"incomplete lemma":   "x $p " + stated + " $= ? $. " + theorem + " x $.",
			"a new constant":     "$c xyz $. " + theorem + " ? $.",
			"nothing":            "",
		} {
			if status, message, err := g.Prove(t.Context(), sample); status != problem.WrongAnswer || err != nil {
				t.Errorf("%s, %s: got %s %q %v, want wrong_answer", label, name, status, message, err)
			}
		}
	}
}

// lettersUpTo are the first n numbers of a compressed proof.
func lettersUpTo(n int) (s string) {
	for i := range n {
		s += letters(i)
	}
	return s
}

// TestLimitsAreAmple proves every theorem of set.mm, and compares what the largest needs with the limits of a sample.
func TestLimitsAreAmple(t *testing.T) {
	s, err := newScanner(needSetmm(t))
	if err != nil {
		t.Fatal(err)
	}
	db := &Database{symbols: map[string]symbol{}, labels: map[string]int32{}}
	r := &reader{
		ctx: t.Context(), scanner: s, database: true, check: true, base: db, own: db, limits: unlimited,
		float: map[symbol]int32{}, active: map[symbol]bool{},
	}
	if err := r.read(); err != nil {
		t.Fatal(err)
	}
	t.Logf("deepest stack %d, longest expression %d", r.deepest, r.longest)
	t.Logf("largest: %+v", r.largest)
	for _, c := range []struct {
		what       string
		got, limit int
	}{
		{"stack", r.deepest, maxStack}, {"expression", r.longest, maxExpression},
		{"work", r.largest.work, sampleLimits.work}, {"built", r.largest.built, sampleLimits.built},
	} {
		if 20*c.got > c.limit {
			t.Errorf("%s: set.mm needs %d, the limit is %d", c.what, c.got, c.limit)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	text := needSetmm(b)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var db *Database
	for b.Loop() {
		var err error
		if db, err = Read(b.Context(), text, false); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-kept")
	runtime.KeepAlive(db)
}
