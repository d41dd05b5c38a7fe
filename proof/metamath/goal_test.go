package metamath

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"borel/problem"
)

func read(t *testing.T, name string, proofs bool) *Database {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	db, err := Read(t.Context(), string(b), proofs)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

const (
	accepted = problem.Accepted
	rejected = problem.WrongAnswer
	garbled  = problem.CompileError
	limit    = problem.TimeLimitExceeded
)

// TestProve puts samples in the place of theorems of testdata/small.mm.
func TestProve(t *testing.T) {
	db := read(t, "testdata/small.mm", true)
	const idProof = "( wi ax1 ax2 mp ) AAABZBZFAACAFABBGFBAFCAFADEE"
	for _, c := range []struct {
		name, theorem, sample string
		want                  problem.Status
		message               string
	}{
		{"body", "id", idProof, accepted, ""},
		{"body with comments", "id", "$( by Frege $) " + idProof + " $( done $)", accepted, ""},
		{"body between its keywords", "id", "$= " + idProof + " $.", accepted, ""},
		{"body with its end", "id", idProof + " $.", accepted, ""},
		{"body with its beginning", "id", "$= " + idProof, accepted, ""},
		{"body twice", "id", "$= " + idProof + " $. $= " + idProof + " $.", garbled, ""},
		{"theorem", "id", "id $p |- ( p -> p ) $= " + idProof + " $.", accepted, ""},
		{"theorem in a block", "id", "${ id $p |- ( p -> p ) $= " + idProof + " $. $}", accepted, ""},
		{"another statement", "id", "id $p |- ( q -> q ) $= " + idProof + " $.", rejected, "states |- ( q -> q )"},
		{"a weaker statement", "id", "id $p wff ( p -> p ) $= wp wp wi $.", rejected, "states wff"},
		{"normal", "a1d", "wp wq wp wi a1d.1 wp wq ax1 mp", accepted, ""},
		{"own lemma", "id", "lem $p |- ( q -> q ) $= " + idProof + " $. id $p |- ( p -> p ) $= wp lem $.", accepted, ""},
		{"own lemma with hypotheses", "a1d", "${ l1 $e |- r $. l $p |- ( p -> r ) $= wr wp wr wi l1 wr wp ax1 mp $. $} a1d $p |- ( q -> p ) $= wq wp a1d.1 l $.", accepted, ""},
		{"own lemma that is wrong", "id", "lem $p |- q $= wq $. id $p |- ( p -> p ) $= wp wp wi lem $.", rejected, "the proof of lem"},
		{"own lemma that is incomplete", "id", "lem $p |- q $= ? $. id $p |- ( p -> p ) $= wp wp wi lem $.", rejected, "incomplete"},
		{"own lemma that uses the theorem", "id", "lem $p |- ( q -> q ) $= wq id $. id $p |- ( p -> p ) $= wp lem $.", rejected, "does not stand before"},
		{"own lemma that uses itself", "id", "lem $p |- ( q -> q ) $= wq lem $. id $p |- ( p -> p ) $= wp lem $.", rejected, "not known"},
		{"own lemmas in a circle", "id", "a $p |- p $= wp b $. b $p |- p $= wp a $. id $p |- ( p -> p ) $= wp wp wi a $.", rejected, "not known"},
		{"hypothesis of an ended block", "id", "${ h $e |- p $. $} lem $p |- p $= h $. id $p |- ( p -> p ) $= wp wp wi lem $.", rejected, "not active"},
		{"own axiom", "id", "lem $a |- p $. id $p |- ( p -> p ) $= wp wp wi lem $.", rejected, "may not add axioms"},
		{"own axiom in a block", "id", "${ lem $a |- p $. $} id $p |- ( p -> p ) $= wp wp wi lem $.", rejected, "may not add axioms"},
		{"own axiom of the theorem", "id", "id $a |- ( p -> p ) $.", rejected, "may not add axioms"},
		{"own constant", "id", "$c K $. id $p |- ( p -> p ) $= " + idProof + " $.", rejected, "may not declare"},
		{"own variable", "id", "$v z $. id $p |- ( p -> p ) $= " + idProof + " $.", rejected, "may not declare"},
		{"own hypothesis", "sp", "h $e |- ( A. x p -> p ) $. sp $p |- ( A. x p -> p ) $= h $.", rejected, "not active"},
		{"own hypothesis in a block", "sp", "${ h $e |- ( A. x p -> p ) $. sp $p |- ( A. x p -> p ) $= h $. $}", rejected, "not active"},
		{"own hypothesis, body", "id", "${ h $e |- ( p -> p ) $. $} h", garbled, ""},
		{"include", "id", "$[ proof.mm $]", rejected, "cannot be included"},
		{"itself", "id", "wp id", rejected, "uses id, which does not stand before it"},
		{"later theorem", "id", "wp id2", rejected, "uses id2, which does not stand before it"},
		{"label of an axiom", "id", "ax1 $p |- ( p -> p ) $= " + idProof + " $. id $p |- ( p -> p ) $= wp ax1 $.", rejected, "label ax1 is taken"},
		{"label of a later theorem", "id", "id2 $p |- ( q -> q ) $= " + idProof + " $. id $p |- ( p -> p ) $= wp id2 $.", rejected, "label id2 is taken"},
		{"label of a later hypothesis", "id", "a1d.1 $p |- ( q -> q ) $= " + idProof + " $. id $p |- ( p -> p ) $= wp a1d.1 $.", rejected, "label a1d.1 is taken"},
		{"label of its own twice", "id", "l $p |- ( q -> q ) $= " + idProof + " $. l $p |- ( q -> q ) $= " + idProof + " $. id $p |- ( p -> p ) $= wp l $.", rejected, "label l is taken"},
		{"label of its own hypothesis again", "id", "${ l $e |- p $. $} l $p |- ( q -> q ) $= " + idProof + " $. id $p |- ( p -> p ) $= wp l $.", rejected, "label l is taken"},
		{"label that is a symbol", "id", "|- $p |- ( q -> q ) $= " + idProof + " $.", garbled, ""},
		{"label that is a symbol with letters", "id", "wff $p |- ( q -> q ) $= " + idProof + " $.", rejected, "is a math symbol"},
		{"theorem twice", "id", "id $p |- ( p -> p ) $= " + idProof + " $. id $p |- ( p -> p ) $= " + idProof + " $.", rejected, "nothing may follow"},
		{"lemma behind", "id", "id $p |- ( p -> p ) $= " + idProof + " $. l $p |- p $= wp $.", rejected, "nothing may follow"},
		{"block behind", "id", "id $p |- ( p -> p ) $= " + idProof + " $. ${ $}", rejected, "nothing may follow"},
		{"no theorem", "id", "l $p |- ( p -> p ) $= " + idProof + " $.", rejected, "it does not occur"},
		{"no theorem, but a block", "id", "${ $}", rejected, "it does not occur"},
		{"nothing", "id", "", rejected, "leaves 0 expressions"},
		{"open block", "id", "${ id $p |- ( p -> p ) $= " + idProof + " $.", garbled, "not closed"},
		{"block that is not its own", "a1d", "$} a1d $p |- ( q -> p ) $= wp wq wp wi a1d.1 wp wq ax1 mp $. ${", garbled, "$} without ${"},
		{"open comment", "id", idProof + " $( ", garbled, "a comment does not end"},
		{"not text", "id", "\x00", garbled, "byte 0x0"},
		{"prose", "id", "By induction on p, obviously.", rejected, "uses By, which is not known"},
		{"other type of a variable", "id", "f $f set p $. id $p |- ( p -> p ) $= " + idProof + " $.", garbled, "has one that is active"},
		{"a later constant", "id", "${ h $e |- K $. l $p |- K $= h $. $} id $p |- ( p -> p ) $= " + idProof + " $.", garbled, "not an active math symbol"},
		{"hypotheses again", "a1d", "${ a1d.1 $e |- p $. a1d $p |- ( q -> p ) $= wp wq wp wi a1d.1 wp wq ax1 mp $. $}", accepted, ""},
		{"lemma with the theorem's hypothesis", "a1d", "${ a1d.1 $e |- p $. l $p |- ( r -> p ) $= wp wr wp wi a1d.1 wp wr ax1 mp $. $} a1d $p |- ( q -> p ) $= wp wq a1d.1 l $.", accepted, ""},
		{"lemma with hypotheses in its own order", "a1d", "${ l1 $e |- r $. a1d.1 $e |- p $. l $p |- p $= a1d.1 $. $} a1d $p |- ( q -> p ) $= wq wp wi wp a1d.1 wp wq wp wi a1d.1 wp wq ax1 mp l $.", accepted, ""},
		{"lemma with the theorem's hypothesis, not said again", "a1d", "l $p |- ( r -> p ) $= wp wr wp wi a1d.1 wp wr ax1 mp $. a1d $p |- ( q -> p ) $= wp wq l $.", rejected, "uses a1d.1, which is not active"},
		{"hypothesis twice", "a1d", "a1d.1 $e |- p $. a1d.1 $e |- p $. a1d $p |- ( q -> p ) $= wp wq wp wi a1d.1 wp wq ax1 mp $.", rejected, "label a1d.1 is taken"},
		{"hypothesis again in two blocks", "a1d", "${ a1d.1 $e |- p $. l $p |- p $= a1d.1 $. $} ${ a1d.1 $e |- p $. m $p |- p $= wp a1d.1 l $. $} a1d $p |- ( q -> p ) $= wp wq wp wi wp a1d.1 m wp wq ax1 mp $.", accepted, ""},
		{"hypotheses again, $f too", "a1d", "wp $f wff p $. ${ a1d.1 $e |- p $. a1d $p |- ( q -> p ) $= wp wq wp wi a1d.1 wp wq ax1 mp $. $}", accepted, ""},
		{"hypothesis changed", "a1d", "${ a1d.1 $e |- ( q -> p ) $. a1d $p |- ( q -> p ) $= a1d.1 $. $}", rejected, "label a1d.1 is taken"},
		{"hypothesis of another theorem", "id", "${ a1d.1 $e |- p $. $} id $p |- ( p -> p ) $= " + idProof + " $.", rejected, "label a1d.1 is taken"},
		{"disjoint", "ax5t", "wp vx ax5", accepted, ""},
		{"disjointness not there", "ax5f", "wp vx ax5", rejected, "needs $d p x"},
		{"disjointness added to the theorem's", "ax5f", "${ $d x p $. ax5f $p |- ( p -> A. x p ) $= wp vx ax5 $. $}", rejected, "needs $d p x"},
		{"disjointness added by a lemma", "ax5f", "${ $d x p $. l $p |- ( p -> A. x p ) $= wp vx ax5 $. $} ax5f $p |- ( p -> A. x p ) $= wp vx l $.", rejected, "needs $d p x"},
		{"lemma with disjointness", "ax5t", "${ $d y q $. l $p |- ( q -> A. y q ) $= wq vy ax5 $. $} ax5t $p |- ( p -> A. x p ) $= wp vx l $.", accepted, ""},
		{"dummy without disjointness", "dum", "wp vy dum.1 wp vy dum.1 gen dn", rejected, "needs $d p y"},
		{"dummy with disjointness", "dum", "$d p y $. dum $p |- p $= wp vy dum.1 wp vy dum.1 gen dn $.", accepted, ""},
		{"dummy with the theorem's disjointness", "dum", "wp vx dum.1 wp vx dum.1 gen dn", accepted, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := db.Theorem(c.theorem, "check.theorem")
			if err != nil {
				t.Fatal(err)
			}
			status, message, err := g.Prove(t.Context(), c.sample)
			if err != nil || status != c.want || !strings.Contains(message, c.message) {
				t.Errorf("got %s %q %v, want %s %q", status, message, err, c.want, c.message)
			}
		})
	}
}

func TestStatement(t *testing.T) {
	db := read(t, "testdata/small.mm", true)
	const stated = "${ new.1 $e |- p $. new.2 $e |- ( p -> q ) $. $d x p $. new $p |- A. x q $= ? $. $}"
	for _, c := range []struct {
		name, statement, sample string
		want                    problem.Status
		message                 string
	}{
		{"body", stated, "wq vx wp wq new.1 new.2 mp gen", accepted, ""},
		{"compressed", stated, "( mp gen ) BCABDEFG", accepted, ""},
		{"theorem", stated, "new $p |- A. x q $= wq vx wp wq new.1 new.2 mp gen $.", accepted, ""},
		{"all theorems stand before it", "new $p |- ( p -> p ) $= ? $.", "wp id2", accepted, ""},
		{"itself", "new $p |- ( p -> p ) $= ? $.", "wp new", rejected, "uses new, which is not known"},
		{"disjointness", stated, "wp wp vx ax5 mp", rejected, ""},
		{"another hypothesis", stated, "new.3 $e |- A. x q $. new $p |- A. x q $= new.3 $.", rejected, "not active"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := db.Statement(t.Context(), c.statement, "check.statement")
			if err != nil {
				t.Fatal(err)
			}
			status, message, err := g.Prove(t.Context(), c.sample)
			if err != nil || status != c.want || !strings.Contains(message, c.message) {
				t.Errorf("got %s %q %v, want %s %q", status, message, err, c.want, c.message)
			}
		})
	}
}

func TestBadGoals(t *testing.T) {
	db := read(t, "testdata/small.mm", true)
	for _, c := range []struct{ name, theorem, statement, want string }{
		{"unknown theorem", "nothing", "", `the database has no "nothing"`},
		{"axiom", "ax1", "", "ax1 is a $a of the database, not a theorem"},
		{"hypothesis", "wp", "", "wp is a $f of the database, not a theorem"},
		{"nothing stated", "", "${ $}", "has no $p"},
		{"not Metamath", "", "1 + 1 = 2", "label 1 is followed by +"},
		{"proved", "", "new $p |- ( p -> p ) $= wp id2 $.", "must be ?"},
		{"two", "", "new $p |- ( p -> p ) $= ? $. new2 $p |- ( p -> p ) $= ? $.", "nothing may follow"},
		{"axiom stated", "", "new $a |- p $.", "may not add axioms"},
		{"taken label", "", "id $p |- p $= ? $.", "label id is taken"},
		{"unknown symbol", "", "new $p |- zzz $= ? $.", "zzz is not an active math symbol"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var err error
			if c.theorem != "" {
				_, err = db.Theorem(c.theorem, "check.x")
			} else {
				_, err = db.Statement(t.Context(), c.statement, "check.x")
			}
			e, ok := errors.AsType[*problem.Invalid](err)
			if !ok || e.Field != "check.x" || !strings.Contains(e.Message, c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestLimits gives samples that would take for ever.
func TestLimits(t *testing.T) {
	if testing.Short() {
		t.Skip("one thing after another: nothing for the race detector")
	}
	db := read(t, "testdata/small.mm", true)
	for _, c := range []struct {
		name, sample string
		want         problem.Status
		message      string
	}{
		{"a million steps", strings.Repeat("wp wp wi ", 333_334), limit, "on the stack"},
		{"a million steps in one lemma", "${ t1 $e |- = $. t2 $e |- = $. tt $p |- = $= t1 $. u $p |- = $= ( tt ) A" + strings.Repeat("BC", 500_000) + " $. $} id $p |- ( p -> p ) $= wp id $.", rejected, "uses id,"},
		{"doubling", double(40), limit, "symbols in an expression"},
		{"many long ones", many(14, 80), limit, "symbols in all expressions"},
		{"bytes", strings.Repeat(" ", maxSample+1), limit, "bytes"},
		{"blocks", strings.Repeat("${ ", maxBlocks+1), limit, "blocks inside one another"},
		{"long $d", strings.Repeat("$d p q $. ", 400_000), rejected, "does not occur"},
		{"$d of many variables", strings.Repeat("$d p q r x y $. ", 200_000), limit, "symbols in all expressions"},
		{"$d in deep blocks", strings.Repeat("${ ", 999) + strings.Repeat("$d p q $. ", 300_000) + strings.Repeat("$} ", 999), rejected, "does not occur"},
		{"many hypotheses, many labels", hypotheses(50_000) + "l $p = $= ( " + strings.Repeat("wi ", 500_000) + ") A $.", limit, "symbols to look at"},
		{"many hypotheses, many lemmas", hypotheses(50_000) + lemmas(50_000), limit, "symbols"},
		{"many hypotheses, many steps", hypotheses(50_000) + "l $p = $= " + strings.Repeat("e1 ", 500_000) + "$.", limit, "symbols to look at"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := db.Theorem("id", "check.theorem")
			if err != nil {
				t.Fatal(err)
			}
			status, message, err := g.Prove(t.Context(), c.sample)
			if err != nil || status != c.want || !strings.Contains(message, c.message) {
				t.Errorf("got %s %q %v, want %s %q", status, message, err, c.want, c.message)
			}
		})
	}
}

// double is a proof of id whose n-th expression has 8·2ⁿ-3 symbols.
func double(n int) string {
	p := "( wi ) AABZ"
	for i := range n {
		p += letters(2+i) + "BZ"
	}
	return p
}

// many doubles n times and then builds k expressions twice as long.
func many(n, k int) string { return double(n) + strings.Repeat(letters(2+n)+letters(2+n)+"B", k) }

func hypotheses(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "e%d $e = $. ", i)
	}
	return b.String()
}

func lemmas(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "l%d $p = $= e0 $. ", i)
	}
	return b.String()
}

// letters is number i of a compressed proof.
func letters(i int) string {
	s := string(rune('A' + i%20))
	for i /= 20; i > 0; i = (i - 1) / 5 {
		s = string(rune('U'+(i-1)%5)) + s
	}
	return s
}

func TestCancelled(t *testing.T) {
	db := read(t, "testdata/small.mm", true)
	g, err := db.Theorem("id", "check.theorem")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := g.Prove(ctx, strings.Repeat("wp wp wi ", 2000)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
