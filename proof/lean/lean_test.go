package lean

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"borel/problem"
)

// exchange is a request and what a server answers. Those in testdata are written from Kimina's documentation and source
// texts, not taken from a server.
type exchange struct {
	Request json.RawMessage
	Status  int
	Header  map[string]string
	Answer  json.RawMessage
	Text    string // in the place of Answer
}

// server answers requests as told, in order; another request is an error of the test.
func server(t *testing.T, path, key string, exchanges []exchange) (address string) {
	next := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if next == len(exchanges) {
			t.Errorf("request %d is one too many: %s", next, body)
			w.WriteHeader(http.StatusTeapot)
			return
		}
		x := exchanges[next]
		next++
		var got, want any
		if err := errors.Join(json.Unmarshal(body, &got), json.Unmarshal(x.Request, &want)); err != nil {
			t.Error(err)
		}
		if r.Method != http.MethodPost || r.URL.Path != path || !reflect.DeepEqual(got, want) {
			t.Errorf("got %s %s %s\nwant POST %s %s", r.Method, r.URL.Path, body, path, x.Request)
		}
		wantKey := ""
		if key != "" {
			wantKey = "Bearer " + key
		}
		if got := r.Header.Get("Authorization"); got != wantKey {
			t.Errorf("got key %q, want %q", got, wantKey)
		}
		for name, value := range x.Header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(x.Status)
		if x.Text != "" {
			io.WriteString(w, x.Text)
		} else {
			w.Write(x.Answer)
		}
	}))
	t.Cleanup(func() {
		s.Close()
		if next != len(exchanges) {
			t.Errorf("%d requests came, want %d", next, len(exchanges))
		}
	})
	return s.URL
}

func newProver(t *testing.T, c Config) *Prover {
	t.Helper()
	c.Secret, c.Pause = []byte("secret of the tests"), time.Microsecond
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestExchanges(t *testing.T) {
	b, err := os.ReadFile("testdata/exchanges.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Path, Key, Statement, Sample, Message string
		Exchanges                                   []exchange
		Want                                        problem.Status
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			address := server(t, c.Path, c.Key, c.Exchanges)
			if c.Path != "/api/check" {
				address += c.Path
			}
			p := newProver(t, Config{Endpoint: "mathlib=" + address, Key: c.Key})
			check := &problem.Check{Kind: problem.KindProof, System: "lean", Statement: c.Statement}
			status, message, err := p.Prove(t.Context(), check, c.Sample)
			if err != nil {
				status, message = problem.Unknown, err.Error()
				if strings.Contains(message, "127.0.0.1") {
					t.Errorf("the address of the server is told: %s", message)
				}
			}
			if status != c.Want || !strings.Contains(message, c.Message) || (message == "") != (c.Message == "") {
				t.Errorf("got %s %q, want %s %q", status, message, c.Want, c.Message)
			}
		})
	}
}

// TestRefused gives samples that must not reach a server, because they could change what is checked or what is said of
// it.
func TestRefused(t *testing.T) {
	p := newProver(t, Config{})
	const rejected, garbled = problem.WrongAnswer, problem.CompileError
	for _, c := range []struct {
		name, sample string
		want         problem.Status
		message      string
	}{
		{"sorry", "sorry", rejected, "sorry"},
		{"sorry inside", "exact (by sorry)", rejected, "sorry"},
		{"admit", "admit", rejected, "admit"},
		{"native_decide", "native_decide", rejected, "native_decide"},
		{"sorryAx", "exact sorryAx _ false", rejected, "sorryAx"},
		{"ofReduceBool", "exact Lean.ofReduceBool _ _ rfl", rejected, "Lean.ofReduceBool"},
		{"closes the parentheses", "simp)\naxiom cheat : False\nexample := (by simp", garbled, "a ) of the proof has no partner"},
		{"closes them inside a tuple", "exact ⟨a)⟩", garbled, "no partner"},
		{"leaves one open", "exact (a", garbled, "a ( of the proof has no partner"},
		{"swallows what follows", "simp /- ", garbled, "a comment does not end"},
		{"swallows what follows, nested", "simp /- /- -/ ", garbled, "a comment does not end"},
		{"comment that ends too often", "simp /- -/ -/", garbled, "-/ without /-"},
		{"swallows by a string", "exact \" ", garbled, "literal"},
		{"code in a string", `trace s!"{run_tac foo}"`, garbled, "literal"},
		{"bracket in a character", "exact f '('", garbled, "literal"},
		{"bracket in a character after a preimage", "exact x⁻¹'('", garbled, "character literal"},
		{"quotation mark in a character", `exact f '"'`, garbled, "literal"},
		{"name in guillemets", "exact «a)»", garbled, "no partner"},
		{"name in guillemets, balanced", "exact «()»", rejected, "«"},
		{"quotation", "exact `(x)", rejected, "`"},
		{"axiom", "simp\naxiom cheat : False", rejected, "axiom"},
		{"axiom with a comment inside", "simp\n/- -/axiom/- -/ cheat : False", rejected, "axiom"},
		{"instance", "simp\ninstance : Inhabited False := cheat", rejected, "instance"},
		{"second theorem", "simp\ntheorem two_add : True := trivial", rejected, "theorem"},
		{"lemma of its own before", "lemma x : True := trivial\ntheorem two_add (n : Nat) : n + 0 = n := by simp", rejected, "lemma"},
		{"another statement", "theorem two_add (n : Nat) : n = n := by simp", rejected, "theorem"},
		{"name space", "simp\nnamespace X", rejected, "namespace"},
		{"end", "simp\nend", rejected, "end"},
		{"section", "simp\nsection", rejected, "section"},
		{"open", "open Classical in simp", rejected, "open"},
		{"option of the kernel", "set_option debug.skipKernelTC true in simp", rejected, "set_option"},
		{"option that hides errors", "set_option warningAsError false in simp", rejected, "set_option"},
		{"option without a name", "set_option", rejected, "set_option"},
		{"attribute", "attribute [simp] foo", rejected, "attribute"},
		{"macro", "simp\nmacro \"rfl\" : tactic => `(tactic| simp)", garbled, "literal"},
		{"macro_rules", "macro_rules | x => x", rejected, "macro_rules"},
		{"notation", "local notation x => y", rejected, "local"},
		{"elab", "elab x : tactic => y", rejected, "elab"},
		{"unsafe", "exact unsafe x", rejected, "unsafe"},
		{"run_tac", "run_tac do pure ()", rejected, "run_tac"},
		{"run_tac behind a number", "iterate 1run_tac do pure ()", garbled, "1 with letters behind it"},
		{"run_tac behind hexadecimal digits", "iterate 0x1frun_tac do pure ()", garbled, "0x1f with letters behind it"},
		{"run_tac behind an exponent", "iterate 1e5run_tac do pure ()", garbled, "1e5 with letters behind it"},
		{"sorry behind decimals", "exact 1.5sorry", garbled, "5 with letters behind it"},
		{"by_elab", "exact by_elab x", rejected, "by_elab"},
		{"Lean", "exact Lean.Elab.Tactic.x", rejected, "Lean.Elab.Tactic.x"},
		{"Lean, by the root", "exact _root_.Lean.x", rejected, "_root_.Lean.x"},
		{"#eval", "simp\n#eval 1", rejected, "#eval"},
		{"#eval with a comment", "simp\n#/- -/eval 1", rejected, "#eval"},
		{"#print", "simp\n#print axioms two_add", rejected, "#print"},
		{"#exit", "simp\n#exit", rejected, "#exit"},
		{"import", "import Lean", rejected, "import"},
		{"control character", "simp\x00", garbled, "control character"},
		{"not UTF-8", "simp \xff", garbled, "not UTF-8"},
		{"too long", strings.Repeat(" ", maxText+1), problem.TimeLimitExceeded, "more than 1048576 bytes"},
		{"many brackets", strings.Repeat("(", maxText), garbled, "no partner"},
		{"many comments", strings.Repeat("/-", maxText/2), garbled, "a comment does not end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			check := &problem.Check{System: "lean", Statement: "theorem two_add (n : Nat) : n + 0 = n := by"}
			status, message, err := p.Prove(t.Context(), check, c.sample)
			if err != nil || status != c.want || !strings.Contains(message, c.message) {
				t.Errorf("got %s %q %v, want %s %q", status, message, err, c.want, c.message)
			}
		})
	}
}

// TestCode compares what is sent.
func TestCode(t *testing.T) {
	const theorem = "theorem foo (n : ℕ) : n + 0 = n := by"
	const file = "import Mathlib\nopen Nat -- names\n\n" + theorem
	for _, c := range []struct{ name, statement, sample, want string }{
		{"tactics", theorem, "  simp", "theorem foo (n : ℕ) : n + 0 = n := (by\n  simp\n)\n"},
		{"sorry taken off", theorem + " sorry", "  simp", "theorem foo (n : ℕ) : n + 0 = n := (by\n  simp\n)\n"},
		{"by said again", theorem, "by simp", "theorem foo (n : ℕ) : n + 0 = n := (\nby simp\n)\n"},
		{"a term", "theorem foo : True :=", "trivial", "theorem foo : True := (\ntrivial\n)\n"},
		{"comments", theorem, "  simp -- (\n  /- ) \n é -/ done", "theorem foo (n : ℕ) : n + 0 = n := (by\n  simp     \n       \n      done\n)\n"},
		{"the theorem again", file, "theorem foo (n : ℕ) :\n    n + 0 = n := by simp\n                    done", "import Mathlib\nopen Nat -- names\n\ntheorem foo (n : ℕ) : n + 0 = n := (\n                 by simp\n                    done\n)\n"},
		{"all of it again", file, "import Mathlib\nopen Nat\n/- proof -/\n" + theorem + "\n  simp", "import Mathlib\nopen Nat -- names\n\ntheorem foo (n : ℕ) : n + 0 = n := (\n                                   by\n  simp\n)\n"},
		{"images and preimages", theorem, "  exact f '' s ∩ g ⁻¹' t' ∩ h⁻¹", "theorem foo (n : ℕ) : n + 0 = n := (by\n  exact f '' s ∩ g ⁻¹' t' ∩ h⁻¹\n)\n"},
		{"options", theorem, "  set_option maxHeartbeats 400000 in simp", "theorem foo (n : ℕ) : n + 0 = n := (by\n  set_option maxHeartbeats 400000 in simp\n)\n"},
		{"numbers", theorem, "  norm_num [x.1.2, 0xFf, 0b1_0, 0o17, 1_000, 1e5, 2.5E-3, 5!]", "theorem foo (n : ℕ) : n + 0 = n := (by\n  norm_num [x.1.2, 0xFf, 0b1_0, 0o17, 1_000, 1e5, 2.5E-3, 5!]\n)\n"},
		{"words inside names", theorem, "  exact Nat.instance_end opened", "theorem foo (n : ℕ) : n + 0 = n := (by\n  exact Nat.instance_end opened\n)\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := readStatement(c.statement)
			if err != nil {
				t.Fatal(err)
			}
			code, mark, err := s.code(c.sample, []byte("x"))
			if err != nil {
				t.Fatal(err)
			}
			if want := c.want + "#print \"" + mark + "\"\n#print axioms foo\n#print \"" + mark + "\"\n"; code != want {
				t.Errorf("got\n%s\nwant\n%s", code, want)
			}
		})
	}
}

func TestMarksDiffer(t *testing.T) {
	s, err := readStatement("theorem foo : True := by")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range []struct{ sample, secret string }{{"simp", "a"}, {"simp", "b"}, {"trivial", "a"}} {
		_, mark, err := s.code(c.sample, []byte(c.secret))
		if err != nil || seen[mark] {
			t.Errorf("%v: mark %q %v is not new", c, mark, err)
		}
		seen[mark] = true
	}
}

func TestBadStatements(t *testing.T) {
	p := newProver(t, Config{})
	for _, c := range []struct{ name, statement, want string }{
		{"no end", "theorem foo : True", "must end with := or := by"},
		{"proved", "theorem foo : True := trivial", "must end with := or := by"},
		{"no theorem", "def foo : Nat :=", "has no theorem or lemma"},
		{"no name", "example : True :=", "has no theorem or lemma"},
		{"theorem without a name", "theorem : True := by", "has no theorem or lemma with a name"},
		{"sorry", "def x : Nat := sorry\ntheorem foo : True := by", "has sorry"},
		{"open bracket", "theorem foo : (True := by", "has a ( without"},
		{"open comment", "theorem foo : True := by /-", "a comment does not end"},
		{"private", "private theorem foo : True := by", "has private"},
		{"one word", "theorem", "must end with"},
		{"too long", strings.Repeat(" ", maxText+1), "has 1048577 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := p.Prove(t.Context(), &problem.Check{System: "lean", Statement: c.statement}, "trivial")
			e, ok := errors.AsType[*problem.Invalid](err)
			if !ok || e.Field != "check.statement" || !strings.Contains(e.Message, c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	_, _, err := p.Prove(t.Context(), &problem.Check{Theorem: "id"}, "trivial")
	if e, ok := errors.AsType[*problem.Invalid](err); !ok || e.Field != "check.theorem" {
		t.Errorf("got %v, want a fault of check.theorem", err)
	}
}

func TestEndpoints(t *testing.T) {
	for _, c := range []struct{ endpoint, version, url string }{
		{"", checkerVersion + " 60s ", ""},
		{"http://h:1", checkerVersion + " 60s default", "http://h:1/api/check"},
		{"http://h:1/", checkerVersion + " 60s default", "http://h:1/api/check"},
		{"lean4.9=https://h/verify?a=b", checkerVersion + " 60s lean4.9", "https://h/verify?a=b"},
		{"http://h/verify?a=b", checkerVersion + " 60s default", "http://h/verify?a=b"},
		{"ftp://h", "", ""},
		{"name=", "", ""},
		{"http://user:secret@h", "", ""},
	} {
		p, err := New(Config{Endpoint: c.endpoint})
		if _, ok := errors.AsType[*problem.Invalid](err); ok != (c.version == "") {
			t.Errorf("%s: got %v", c.endpoint, err)
		}
		if err != nil {
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: the error tells the secret: %v", c.endpoint, err)
			}
			continue
		}
		if p.Version() != c.version || p.url != nil && p.url.String() != c.url || (p.url == nil) != (c.url == "") {
			t.Errorf("%s: got %s %v, want %s %s", c.endpoint, p.Version(), p.url, c.version, c.url)
		}
	}
}

// TestUnreachable: no server, no verdict.
func TestUnreachable(t *testing.T) {
	check := &problem.Check{System: "lean", Statement: "theorem foo : True := by"}
	if _, _, err := newProver(t, Config{}).Prove(t.Context(), check, "trivial"); err == nil || !strings.Contains(err.Error(), "--lean") {
		t.Errorf("got %v, want it to say --lean", err)
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	_, _, err := newProver(t, Config{Endpoint: "m=" + gone.URL}).Prove(t.Context(), check, "trivial")
	if err == nil || !strings.Contains(err.Error(), "the Lean server m gives no answer") || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("got %v, want that m gives no answer", err)
	}
}

// TestCancelled ends a request that is under way.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	}))
	defer s.Close()
	check := &problem.Check{System: "lean", Statement: "theorem foo : True := by"}
	if _, _, err := newProver(t, Config{Endpoint: s.URL}).Prove(ctx, check, "trivial"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// FuzzCode: whatever is sent has nothing hidden, and ends the parentheses only where this package does.
func FuzzCode(f *testing.F) {
	for _, s := range []string{"simp", "exact ⟨a, (b)⟩", "simp -- x\n/- /- -/ -/ done", "f '' s", "x⁻¹'('", "exact \"a\"", "by simp", "theorem foo : True := by simp", "#print x", "h'.1 ▸ λ x'"} {
		f.Add(s)
	}
	s, err := readStatement("theorem foo : True := by")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, sample string) {
		code, mark, err := s.code(sample, []byte("x"))
		if err != nil {
			return
		}
		proof, ok := strings.CutPrefix(code, "theorem foo : True := (")
		proof, ok2 := strings.CutSuffix(proof, "\n)\n#print \""+mark+"\"\n#print axioms foo\n#print \""+mark+"\"\n")
		if !ok || !ok2 {
			t.Fatalf("got %q", code)
		}
		for _, hidden := range []string{"--", "/-", "-/", "\"", "`", "«"} {
			if strings.Contains(proof, hidden) {
				t.Errorf("%q has %s", proof, hidden)
			}
		}
		tokens, plain, err := lex(proof, false)
		if err != nil || plain != proof || unbalanced(tokens) != "" {
			t.Errorf("%q: got %v %q %q", proof, err, plain, unbalanced(tokens))
		}
	})
}

func TestBetween(t *testing.T) {
	at := func(line int, severity, data string) message { return message{severity, position{line, 0}, data} }
	for _, c := range []struct {
		name     string
		messages []message
		want     string // "" where it is not to be believed
	}{
		{"as it should be", []message{at(5, "info", "M"), at(6, "info", "x"), at(7, "info", "M")}, "x"},
		{"line ends", []message{at(5, "info", "M\n"), at(6, "info", "x"), at(7, "info", "M\n")}, "x"},
		{"others elsewhere", []message{at(2, "info", "y"), at(5, "info", "M"), at(6, "info", "x"), at(7, "info", "M"), at(8, "warning", "z")}, "x"},
		{"three marks", []message{at(3, "info", "M"), at(5, "info", "M"), at(6, "info", "x"), at(7, "info", "M")}, ""},
		{"marks too far apart", []message{at(3, "info", "M"), at(4, "info", "x"), at(7, "info", "M")}, ""},
		{"marks in reverse", []message{at(7, "info", "M"), at(6, "info", "x"), at(5, "info", "M")}, ""},
		{"one mark", []message{at(5, "info", "M"), at(6, "info", "x")}, ""},
		{"another line", []message{at(5, "info", "M"), at(4, "info", "x"), at(7, "info", "M")}, ""},
		{"a warning", []message{at(5, "info", "M"), at(6, "warning", "x"), at(7, "info", "M")}, ""},
		{"a mark that warns", []message{at(5, "warning", "M"), at(6, "info", "x"), at(7, "info", "M")}, ""},
		{"two", []message{at(5, "info", "M"), at(6, "info", "x"), at(6, "info", "y"), at(7, "info", "M")}, ""},
	} {
		if got, ok := between(c.messages, "M"); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s: got %q %t, want %q", c.name, got, ok, c.want)
		}
	}
}
