package verify

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// compareSandboxFusion decides as check_stdio_test_case of SandboxFusion does (bytedance/SandboxFusion,
// sandbox/utils/testing.py) on CPython. White space around both texts is taken off; then they have as many lines. Each line is
// lower-cased and its white space taken off; two lines are equal, or float() reads both and they differ by less than 1e-5 ×
// the expected one.
//
// Its faults: inf and nan equal themselves only where they are written alike; a line with several numbers is text. Output
// that is not UTF-8 is wrong.
func compareSandboxFusion(got, want string) (bool, string) {
	return compareStripped(got, want, func(g, w string) (string, string, bool) {
		return g, w, equalSandboxFusion(strings.TrimFunc(lower(g), pythonSpace), strings.TrimFunc(lower(w), pythonSpace))
	})
}

// compareStripped compares two texts line by line, once the white space around both is off and they have as many lines. same
// decides two lines, and returns them as a message is to show them.
func compareStripped(got, want string, same func(got, want string) (g, w string, ok bool)) (bool, string) {
	if !utf8.ValidString(got) {
		return false, "the output is not UTF-8"
	}
	got, want = strings.TrimFunc(got, pythonSpace), strings.TrimFunc(want, pythonSpace)
	if g, w := strings.Count(got, "\n"), strings.Count(want, "\n"); g != w {
		return false, fmt.Sprintf("got lines: %d, want: %d", g+1, w+1)
	}
	for n := 1; got != "" || want != ""; n++ {
		var g, w string
		g, got, _ = strings.Cut(got, "\n")
		w, want, _ = strings.Cut(want, "\n")
		g, w, ok := same(g, w)
		if !ok {
			return false, fmt.Sprintf("line %d: got %s, want %s", n, quote(g), quote(w))
		}
	}
	return true, ""
}

func equalSandboxFusion(got, want string) bool {
	if got == want {
		return true
	}
	g, ok := pythonNumber(got)
	if !ok {
		return false
	}
	w, ok := pythonNumber(want)
	return ok && math.Abs(g.float-w.float)/math.Max(math.Abs(w.float), 1e-10) < referencePrecision
}
