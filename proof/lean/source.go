package lean

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"borel/problem"
)

// statement is what is to be proved: everything before the proof.
type statement struct {
	text   string  // up to := and without by
	tokens []token // of text
	from   int     // index of the token theorem, or lemma
	name   string
	by     bool // the proof is a tactic block
}

// readStatement takes a check's statement apart: whatever Lean accepts (imports, open, definitions), then one theorem or
// lemma up to := or := by, behind which sorry may stand. The error is an *[problem.Invalid].
func readStatement(text string) (*statement, error) {
	const field = "check.statement"
	tokens, _, err := lex(text, true)
	if err != nil {
		return nil, problem.Invalidf(field, "%s", err)
	}
	s := &statement{}
	if n := len(tokens); n > 0 && tokens[n-1].text == "sorry" {
		tokens = tokens[:n-1]
	}
	if n := len(tokens); n > 0 && tokens[n-1].text == "by" {
		tokens, s.by = tokens[:n-1], true
	}
	n := len(tokens)
	if n < 2 || tokens[n-2].text != ":" || tokens[n-1].text != "=" || tokens[n-2].end != tokens[n-1].at {
		return nil, problem.Invalidf(field, "must end with := or := by")
	}
	s.tokens, s.text = tokens, text[:tokens[n-1].end]
	s.from = -1
	for i, t := range tokens {
		switch {
		case t.text == "theorem", t.text == "lemma":
			s.from = i
		case t.text == "sorry", t.text == "private":
			return nil, problem.Invalidf(field, "has %s", t.text)
		}
	}
	if s.from < 0 || !tokens[s.from+1].word {
		return nil, problem.Invalidf(field, "has no theorem or lemma with a name")
	}
	s.name = strings.TrimPrefix(tokens[s.from+1].text, "_root_.")
	if b := unbalanced(tokens); b != "" {
		return nil, problem.Invalidf(field, "has a %s without its partner", b)
	}
	return s, nil
}

// refused are words that no proof needs. Most of them begin commands, which cannot stand inside the parentheses that the
// proof is put into: this is the second lock of that door. The others run code of the sample's inside the checker, or
// give up.
var refused = words(`
	abbrev add_decl_doc alias attribute axiom builtin_initialize class declare_syntax_cat def deriving elab elab_rules end
	example export extends import include inductive infix infixl infixr initialize instance irreducible_def lemma local macro
	macro_rules mutual namespace noncomputable notation notation3 omit opaque open partial postfix prefix private protected
	public scoped section simproc structure syntax theorem universe unsafe variable
	by_elab run_cmd run_elab run_meta run_tac
	admit native_decide sorry`)

// refusedParts are refused as any part of a name: Lean.Elab.Tactic has the first of them.
var refusedParts = words(`
	Lean BaseIO CommandElabM CoreM EIO IO MetaM TacticM TermElabM
	addDecl addDeclWithoutChecking skipKernelTC csimp extern implemented_by
	lcProof lcUnreachable ofReduceBool ofReduceNat reduceBool reduceNat sorryAx trustCompiler unsafeBaseIO unsafeCast unsafeEIO unsafeIO
	_root_`)

// options are those that a proof may set.
var options = words("maxHeartbeats maxRecDepth synthInstance.maxHeartbeats")

// commands are those that # may not stand before.
var commands = words("check eval exit help print reduce synth")

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

// code is the text to be checked: the statement with the proof of a sample, and three commands. The first and the last
// print mark; between them stands the one that tells the axioms.
//
// The proof is what follows the statement, or the theorem of it, where the sample begins with that, word for word; else
// it is all of the sample. Its comments are blanked, and it stands in parentheses that it cannot close: whatever ends it
// ends the text, with an error. The error says what a proof may not have.
func (s *statement) code(sample string, secret []byte) (code, mark string, err error) {
	proof, opening := s.proof(sample)
	tokens, plain, err := lex(proof, false)
	if err != nil {
		return "", "", err
	}
	if err := acceptable(tokens); err != nil {
		return "", "", err
	}
	if opening == "by" && len(tokens) > 0 && tokens[0].text == "by" {
		opening = ""
	}
	code = s.text + " (" + opening + "\n" + plain + "\n)\n"
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(code))
	mark = "borel " + hex.EncodeToString(h.Sum(nil)[:16])
	return code + fmt.Sprintf("#print \"%s\"\n#print axioms %s\n#print \"%s\"\n", mark, s.name, mark), mark, nil
}

// proof takes the proof out of a sample; opening is what stands before it.
func (s *statement) proof(sample string) (proof, opening string) {
	tokens, _, err := lex(sample, true)
	for _, said := range [][]token{s.tokens, s.tokens[s.from:]} {
		if err == nil && len(tokens) >= len(said) && slices.EqualFunc(said, tokens[:len(said)], func(a, b token) bool { return a.text == b.text }) {
			end := tokens[len(said)-1].end
			column := utf8.RuneCountInString(sample[strings.LastIndexByte(sample[:end], '\n')+1 : end])
			return strings.Repeat(" ", column) + sample[end:], "" // columns count in Lean
		}
	}
	if s.by {
		opening = "by"
	}
	return sample, opening
}

// banned is what a proof may not have.
type banned struct{ what string }

func (b *banned) Error() string { return "the proof has " + clip(b.what) + ", which is not allowed" }

// acceptable says what of a proof is not.
func acceptable(tokens []token) error {
	if b := unbalanced(tokens); b != "" {
		return fmt.Errorf("a %s of the proof has no partner", b)
	}
	for i, t := range tokens {
		switch {
		case strings.ContainsAny(t.text, "`«»"):
			return &banned{t.text}
		case refused[t.text]:
			return &banned{t.text}
		case t.text == "#" && i+1 < len(tokens) && commands[tokens[i+1].text]:
			return &banned{"#" + tokens[i+1].text}
		case t.text == "set_option" && (i+1 == len(tokens) || !options[tokens[i+1].text]):
			return &banned{"set_option of another option than maxHeartbeats, maxRecDepth or synthInstance.maxHeartbeats"}
		case t.word:
			for part := range strings.SplitSeq(t.text, ".") {
				if refusedParts[part] {
					return &banned{t.text}
				}
			}
		}
	}
	return nil
}
