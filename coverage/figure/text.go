package figure

import (
	"bytes"
	"io"

	"borel/coverage"
)

// letters is what a terminal can show.
type letters struct{ ascii, colour bool }

// print is a chart in characters.
func (c *chart) print(b *bytes.Buffer, columns, rows int, l letters) {}

func (p Picture) bars(w io.Writer, c *chart, bins []coverage.Bin) error { return p.write(w, c) }
