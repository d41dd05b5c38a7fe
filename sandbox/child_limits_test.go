package sandbox_test

import (
	"reflect"
	"testing"
)

// TestChildrenLimits: limits that a program with children keeps to do not show, and what it says it used is what it needs.
// Whoever keeps a result for a request with other limits relies on that.
func TestChildrenLimits(t *testing.T) {
	tpl := python(t)
	for _, c := range children {
		s := childSpec(c.source)
		want := run(t, tpl, s)
		if want.Fuel > 60e6 {
			continue // it takes long
		}
		s.Limits.Fuel, s.Limits.Virtual = want.Fuel, want.Virtual+1 // time is rounded down
		s.Limits.Output = int64(max(len(want.Stdout), len(want.Stderr)))
		if got := run(t, tpl, s); !reflect.DeepEqual(got, want) {
			t.Errorf("%s, with no more than it used:\ngot  %.1000v\nwant %.1000v", c.name, got, want)
		}
	}
}
