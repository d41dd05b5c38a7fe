package verify

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"borel/problem"
	"borel/sandbox"
)

// Beside each verdict lies its origin: what it takes to run it again and to see whether the same comes out. It is apart
// from the verdict, because whoever finds a verdict does not need it, and it has no problem in it, because thousands of
// verdicts share one.
//
//	key                                value
//	verdict key                        problem.Verdict in JSON, without what is the sample's
//	("origin", verdict key)            header in JSON, '\n', the program (of answer checks: the text), as it was
//	("origin problem", problem)        problem.Problem in JSON: its language, check, limits and variant
//
// A problem is put again once in some thousand verdicts, lest it be forgotten before them.
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

func originKey(verdict Key) Key {
	w := newKey("origin")
	w.bytes(verdict[:])
	return w.sum()
}

// encode is the inverse of decodeOrigin.
func (o *origin) encode() ([]byte, error) {
	header, err := json.Marshal(o)
	return append(append(header, '\n'), o.program...), err
}

func decodeOrigin(b []byte) (*origin, error) {
	var o origin
	header, program, ok := bytes.Cut(b, []byte("\n"))
	if !ok {
		return nil, errors.New("an origin has no header")
	}
	o.program = string(program)
	return &o, json.Unmarshal(header, &o)
}

// entry is a value with its key.
type entry struct {
	key   Key
	value []byte
}

// asked is what verdicts of p depend on, as it is stored.
func asked(p *problem.Problem) (entry, error) {
	b, err := json.Marshal(problem.Problem{Language: p.Language, Check: p.Check, Limits: p.Limits, Variant: p.Variant})
	w := newKey("origin problem")
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

// remember stores a verdict with its origin, the verdict last.
func (j *judge) remember(key Key, d problem.Verdict, o origin) error {
	err := j.rememberOrigin(key, o)
	var b []byte
	if err == nil {
		b, err = json.Marshal(d)
	}
	if err == nil {
		err = j.v.cfg.Verdicts.Put(key, b)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	return nil
}

func (j *judge) rememberOrigin(key Key, o origin) error {
	p, err := j.asked()
	if err != nil {
		return err
	}
	o.Problem = p.key
	if j.v.kept.again(p.key) {
		if err := j.v.cfg.Verdicts.Put(p.key, p.value); err != nil {
			return err
		}
		j.v.kept.has(p.key)
	}
	b, err := o.encode()
	if err != nil {
		return err
	}
	return j.v.cfg.Verdicts.Put(originKey(key), b)
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
