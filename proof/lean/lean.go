// Package lean decides proofs in Lean 4, through a server of the operator's: Kimina's (POST /api/check, or /verify), or one
// that answers like it. There is no Lean in here.
//
//	p, err := lean.New(lean.Config{Endpoint: "mathlib=http://127.0.0.1:8000"})
//	status, message, err := p.Prove(ctx, check, "simp")
//
// # What is accepted
//
// The text that Lean checks is made here: the check's statement, then the sample's proof in parentheses, then #print
// axioms. A sample is accepted iff Lean reports no error and no sorry, and the theorem depends on no other axioms than
// propext, Classical.choice and Quot.sound.
//
// # What a sample cannot do
//
// The server says what it thinks of a text as a list of messages, and a sample that could run commands could forge any of
// them, add axioms, or have the kernel skip its check. So a sample is a proof and nothing else:
//
//   - Its comments are blanked and its brackets are balanced, so that it can neither swallow what follows nor close the
//     parentheses around it. A command inside parentheses is a syntax error, which is an error message.
//   - It has no strings, characters, quotations or names in «», which could hold brackets or code that is not seen here,
//     and no letters behind a number, where Lean begins a word.
//   - It has none of the words that begin commands, and none of the ways to run code of its own while it is checked (run_tac,
//     by_elab, anything of the name space Lean), which could forge messages or deceive the kernel.
//   - The message that tells the axioms stands between two others with a text made of a secret of this process (an HMAC of
//     the text checked), on the line between theirs. Verdicts do not depend on that secret.
//
// What a proof may have, and is refused here all the same, is listed in docs/proofs.md.
//
// # Time
//
// Lean counts its own work in heartbeats, and running out of them is time_limit_exceeded, the same on every machine. A
// server's time-out counts seconds; a proof that meets it twice is time_limit_exceeded too, and that is the one verdict
// of borel's that depends on the speed of a machine.
package lean

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"borel/problem"
)

// checkerVersion is part of every verdict's key: change it when other proofs are accepted, or other reasons given.
const checkerVersion = "lean/2"

// maxText is how many bytes a statement, or a proof, may have.
const maxText = 1 << 20

// Config is what a Prover needs.
type Config struct {
	// Endpoint is [NAME=]URL; empty: there is no server. NAME, default "default", stands for the environment: verdicts are
	// remembered under it, so name a server anew when its Lean or its Mathlib changes. A URL without a path means
	// /api/check; one that ends in /verify is spoken to in the older form.
	Endpoint string
	Key      string        // bearer token, if the server wants one
	Secret   []byte        // what marks are made with; default: random
	Pause    time.Duration // before a request is repeated for the first time; default 250 ms
}

// Prover asks a server. It is safe for concurrent use.
type Prover struct {
	name   string
	url    *url.URL // nil: there is none
	key    string
	secret []byte
	pause  time.Duration
	client *http.Client
}

// New returns a Prover. The error is an *[problem.Invalid]. Nothing is asked of the server yet.
func New(c Config) (*Prover, error) {
	p := &Prover{key: c.Key, secret: c.Secret, pause: cmp.Or(c.Pause, 250*time.Millisecond)}
	p.client = &http.Client{
		Transport:     http.DefaultTransport.(*http.Transport).Clone(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if len(p.secret) == 0 {
		p.secret = make([]byte, 32)
		rand.Read(p.secret)
	}
	if c.Endpoint == "" {
		return p, nil
	}
	name, address, named := strings.Cut(c.Endpoint, "=")
	if !named || !regexp.MustCompile(`^[A-Za-z0-9._-]+$`).MatchString(name) {
		name, address = "default", c.Endpoint
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, problem.Invalidf("lean", "must be [NAME=]URL with a URL such as http://127.0.0.1:8000, without a user")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/api/check"
	}
	p.name, p.url = name, u
	return p, nil
}

// Version names the checker and the environment of the server.
func (p *Prover) Version() string {
	return fmt.Sprintf("%s %ds %s", checkerVersion, checkSeconds, p.name)
}

// Prove decides a proof of c's statement. The status is accepted, wrong_answer, compile_error (it cannot be read),
// time_limit_exceeded or runtime_error (it ends Lean). The error is an
// *[problem.Invalid] of c, ctx's own, or a fault of the server.
func (p *Prover) Prove(ctx context.Context, c *problem.Check, proof string) (problem.Status, string, error) {
	if c.Theorem != "" {
		return "", "", problem.Invalidf("check.theorem", "names a theorem of a Metamath database; Lean needs a statement")
	}
	if len(c.Statement) > maxText {
		return "", "", problem.Invalidf("check.statement", "has %d bytes, the limit is %d", len(c.Statement), maxText)
	}
	s, err := readStatement(c.Statement)
	if err != nil {
		return "", "", err
	}
	if len(proof) > maxText {
		return problem.TimeLimitExceeded, fmt.Sprintf("the proof has more than %d bytes", maxText), nil
	}
	code, mark, err := s.code(proof, p.secret)
	if banned, ok := errors.AsType[*banned](err); ok {
		return problem.WrongAnswer, banned.Error(), nil
	}
	if err != nil {
		return problem.CompileError, err.Error(), nil
	}
	if p.url == nil {
		return "", "", errors.New("there is no Lean server: name one with --lean")
	}
	a, err := p.ask(ctx, code)
	if err == nil && a.Error != nil { // once more: the server may have been busy, or its process may have been ended
		a, err = p.ask(ctx, code)
	}
	if err != nil {
		return "", "", err
	}
	if a.Error != nil {
		return p.blame(ctx, *a.Error)
	}
	if a.Response.Message != nil {
		return "", "", p.fault("did not understand: %s", clip(*a.Response.Message))
	}
	return p.judge(s, mark, a)
}

var timedOut = regexp.MustCompile(`^Lean REPL command timed out in `)

// blame decides a proof for which the server twice had an error in the place of an answer. It is the proof's fault where
// the server still answers another one.
func (p *Prover) blame(ctx context.Context, fault string) (problem.Status, string, error) {
	a, err := p.ask(ctx, "theorem borel_control : True := trivial\n")
	if err != nil {
		return "", "", err
	}
	if a.Error != nil || a.Response.Message != nil || len(a.Response.Messages) > 0 {
		return "", "", p.fault("says: %s", clip(fault))
	}
	if timedOut.MatchString(fault) {
		return problem.TimeLimitExceeded, fmt.Sprintf("Lean was not done after %d s, twice", checkSeconds), nil
	}
	return problem.RuntimeError, "Lean ended, twice, and answers other texts", nil
}

// allowed are the axioms of Lean's own logic.
var allowed = []string{"propext", "Classical.choice", "Quot.sound"}

var (
	noAxioms   = regexp.MustCompile(`^'(.+)' does not depend on any axioms$`)
	someAxioms = regexp.MustCompile(`^'(.+)' depends on axioms: \[(.*)\]$`)
	heartbeats = regexp.MustCompile(`^\(deterministic\) timeout|maximum number of heartbeats`)
	noSyntax   = regexp.MustCompile(`^(<input>:\d+:\d+: )?(unexpected |expected |unterminated |missing end of )`)
	usesSorry  = regexp.MustCompile("declaration uses ['`]?sorry")
)

// judge decides a proof by what Lean says of it.
func (p *Prover) judge(s *statement, mark string, a *answer) (problem.Status, string, error) {
	messages := a.Response.Messages
	for _, m := range messages {
		if m.Severity != "error" {
			continue
		}
		text := fmt.Sprintf("line %d: %s", m.Pos.Line, clip(m.Data))
		switch {
		case heartbeats.MatchString(m.Data):
			return problem.TimeLimitExceeded, text, nil
		case noSyntax.MatchString(m.Data):
			return problem.CompileError, text, nil
		}
		return problem.WrongAnswer, text, nil
	}
	if len(a.Response.Sorries) > 0 || slices.ContainsFunc(messages, func(m message) bool { return usesSorry.MatchString(m.Data) }) {
		return problem.WrongAnswer, "the proof uses sorry", nil
	}
	said, ok := between(messages, mark)
	if !ok {
		return "", "", p.fault("does not say which axioms %s depends on", s.name)
	}
	said = strings.Join(strings.Fields(said), " ")
	if m := noAxioms.FindStringSubmatch(said); m != nil && s.isName(m[1]) {
		return problem.Accepted, "", nil
	}
	m := someAxioms.FindStringSubmatch(said)
	if m == nil || !s.isName(m[1]) {
		return "", "", p.fault("does not say which axioms %s depends on, but %s", s.name, clip(said))
	}
	for axiom := range strings.SplitSeq(m[2], ",") {
		if axiom = strings.TrimSpace(axiom); !slices.Contains(allowed, axiom) {
			return problem.WrongAnswer, "the proof uses the axiom " + clip(axiom), nil
		}
	}
	return problem.Accepted, "", nil
}

// between is the one message on the line between the two that say mark.
func between(messages []message, mark string) (data string, ok bool) {
	var marks []int
	for _, m := range messages {
		if strings.TrimSpace(m.Data) == mark && m.Severity == "info" {
			marks = append(marks, m.Pos.Line)
		}
	}
	if len(marks) != 2 || marks[1]-marks[0] != 2 {
		return "", false
	}
	n := 0
	for _, m := range messages {
		if m.Pos.Line == marks[0]+1 {
			data, ok = m.Data, m.Severity == "info"
			n++
		}
	}
	return data, ok && n == 1
}

// isName reports whether a full name is the theorem's: the statement may stand in a name space.
func (s *statement) isName(full string) bool {
	return full == s.name || strings.HasSuffix(full, "."+s.name)
}

// clip shortens what a server says.
func clip(text string) string {
	if text = strings.ToValidUTF8(text, "�"); len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "…"
	}
	return text
}
