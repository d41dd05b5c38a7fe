package verify

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"borel/problem"
	"borel/sandbox"
)

// Behind each verdict stands its origin: what it takes to make it again and to see whether the same comes out. The
// problem is not in it, because thousands of verdicts share one.
//
//	key                          value
//	verdict key                  problem.Verdict in JSON (without what is the sample's), '\n', origin in JSON, '\n',
//	                             the program (of answer checks: the text) as it was
//	("asked", problem)           posed in JSON: what the verdicts of a problem depend on besides the program
//
// Who finds a verdict reads the first line. A problem is put again once in some thousand verdicts, lest it be forgotten
// before them.
type origin struct {
	Problem Key     `json:"problem"`
	Runs    []trace `json:"runs,omitempty"`
	program string
}

// trace is what one run did, as far as it takes to tell it from another.
type trace struct {
	Reason   sandbox.Reason `json:"reason"`
	ExitCode int            `json:"exit"`
	Stdout   string         `json:"stdout"` // digests
	Stderr   string         `json:"stderr"`
	Fuel     int64          `json:"fuel"`
	Virtual  time.Duration  `json:"virtual"`
	Memory   int64          `json:"memory"`
}

func traceOf(r *sandbox.Result) trace {
	digest := func(b []byte) string {
		w := newKey("output")
		w.bytes(b)
		return shortDigest(w)
	}
	return trace{r.Reason, r.ExitCode, digest(r.Stdout), digest(r.Stderr), r.Fuel, r.Virtual, r.Memory}
}

// encodeVerdict is the value of a verdict's key.
func encodeVerdict(d problem.Verdict, o origin) ([]byte, error) {
	first, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	second, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	return slices.Concat(first, []byte("\n"), second, []byte("\n"), []byte(o.program)), nil
}

// decodeVerdict reads the first line of such a value; rest is what decodeOrigin reads. ok is false where it is no
// verdict's.
func decodeVerdict(b []byte) (d problem.Verdict, rest []byte, ok bool) {
	first, rest, _ := bytes.Cut(b, []byte("\n"))
	if json.Unmarshal(first, &d) != nil || d.Status == "" || d.Status == problem.Unknown {
		return problem.Verdict{}, nil, false
	}
	return d, rest, true
}

func decodeOrigin(rest []byte) (o origin, ok bool) {
	second, program, ok := bytes.Cut(rest, []byte("\n"))
	o.program = string(program)
	return o, ok && json.Unmarshal(second, &o) == nil
}

// entry is a value with its key.
type entry struct {
	key   Key
	value []byte
}

// posed is what all verdicts of a problem depend on: its language, check, limits and variant, what of the rest its check
// looks at, and the image.
type posed struct {
	problem.Problem
	Identity string `json:"identity,omitempty"`
}

// asked is what p poses, as it is stored.
func asked(p *problem.Problem, identity string) (entry, error) {
	q := posed{problem.Problem{Language: p.Language, Check: p.Check, Limits: p.Limits, Variant: p.Variant}, identity}
	if p.Check.Isolation == problem.Split {
		q.Prompt, q.Reference = p.Prompt, p.Reference
	}
	b, err := json.Marshal(q)
	w := newKey("asked")
	w.bytes(b)
	return entry{w.sum(), b}, err
}

// kept remembers which problems need not be put again yet.
type kept struct {
	mu       sync.Mutex
	problems map[Key]bool // under mu
	verdicts int          // under mu: since problems was last emptied
}

// keptVerdicts is after how many verdicts problems are put again. It bounds the problems remembered too.
const keptVerdicts = 4096

// again counts a verdict, and tells whether its problem is to be put.
func (k *kept) again(p Key) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.verdicts++; k.verdicts >= keptVerdicts || k.problems == nil {
		k.problems, k.verdicts = map[Key]bool{}, 0
	}
	return !k.problems[p]
}

// has notes that p was put.
func (k *kept) has(p Key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.problems[p] = true
}

// remember stores a verdict with its origin.
func (j *judge) remember(key Key, identity string, d problem.Verdict, o origin) error {
	p, err := j.asked(identity)
	if err != nil {
		return err
	}
	if j.v.kept.again(p.key) {
		if err := j.v.cfg.Verdicts.Put(p.key, p.value); err != nil {
			return fmt.Errorf("%w: %w", errStore, err)
		}
		j.v.kept.has(p.key)
	}
	o.Problem = p.key
	b, err := encodeVerdict(d, o)
	if err != nil {
		return err
	}
	if err := j.v.cfg.Verdicts.Put(key, b); err != nil {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	return nil
}

// MarshalText writes a key in hexadecimal.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *Key) UnmarshalText(b []byte) error {
	if len(b) != hex.EncodedLen(len(k)) {
		return fmt.Errorf("has %d characters, a key has %d hexadecimal digits", len(b), hex.EncodedLen(len(k)))
	}
	if _, err := hex.Decode(k[:], b); err != nil {
		return errors.New("holds another character than hexadecimal digits")
	}
	return nil
}
