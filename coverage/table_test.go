package coverage

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	var b strings.Builder
	if err := Table(&b, []Point{{1, .03, .01, .08}, {10, .25, .1, .5}, {100, .9, .7, 1}}, Options{Level: 0.9, Kind: Problems}); err != nil {
		t.Fatal(err)
	}
	want := `  k   pass@k   90 % interval, other problems of the same kind
  1  0.03000   0.01000 – 0.08000
 10  0.25000   0.10000 – 0.50000
100  0.90000   0.70000 – 1.00000
`
	if b.String() != want {
		t.Errorf("%s\nwant\n%s", b.String(), want)
	}
}
