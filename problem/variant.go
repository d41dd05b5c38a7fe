package problem

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Variant is what a program can see and should not depend on. An audit varies it: a verdict that changes with it was
// luck. The zero value is what every run has that does not ask for another.
type Variant struct {
	Seed     int64  `json:"seed,omitempty" doc:"of all randomness that the program can see; default 0"`
	HashSeed uint32 `json:"hash_seed,omitempty" doc:"of the hashes of strings, and so of the order of sets; default 0. Each other value costs the start of an interpreter of its own"`
	Start    Start  `json:"start,omitzero" doc:"what the program's clock shows at first: RFC 3339, or whole seconds since 1970; default 2026-01-01T00:00:00Z"`
}

// Start is a time at which a program's clock begins; the zero value means the default.
type Start struct{ time.Time }

// The first and the last Start. The guest's clock counts nanoseconds since 1970 in 63 bits, and must not reach their
// end while the run lasts.
var (
	MinStart = time.Unix(0, 0).UTC()
	MaxStart = time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC)
)

// UnmarshalText reads RFC 3339, or whole seconds since 1970.
func (s *Start) UnmarshalText(b []byte) error {
	if n, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		s.Time = time.Unix(n, 0).UTC()
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		return fmt.Errorf("%.50q is neither a time as 2026-01-01T00:00:00Z (RFC 3339) nor whole seconds since 1970", b)
	}
	s.Time = t.UTC()
	return nil
}

// UnmarshalJSON reads a string in RFC 3339, a whole number of seconds since 1970, or null.
func (s *Start) UnmarshalJSON(b []byte) error {
	switch {
	case string(b) == "null":
		*s = Start{}
		return nil
	case len(b) > 0 && b[0] == '"':
		var text string
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
		return s.UnmarshalText([]byte(text))
	}
	return s.UnmarshalText(b)
}

// MarshalJSON writes RFC 3339.
func (s Start) MarshalJSON() ([]byte, error) { return json.Marshal(s.Format(time.RFC3339Nano)) }

// MarshalText writes RFC 3339.
func (s Start) MarshalText() ([]byte, error) { return []byte(s.Format(time.RFC3339Nano)), nil }

// Over is v, with what it leaves out taken from w.
func (v Variant) Over(w Variant) Variant {
	if v.Seed != 0 {
		w.Seed = v.Seed
	}
	if v.HashSeed != 0 {
		w.HashSeed = v.HashSeed
	}
	if !v.Start.IsZero() {
		w.Start = v.Start
	}
	return w
}

// Validate reports the first fault of v, as an *[Invalid] whose field begins with at.
func (v Variant) Validate(at string) error {
	if s := v.Start; !s.IsZero() && (s.Before(MinStart) || s.After(MaxStart)) {
		return Invalidf(at+"start", "must be between %s and %s", MinStart.Format(time.RFC3339), MaxStart.Format(time.RFC3339))
	}
	return nil
}
