package main

import (
	"fmt"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress tells how far long work is: a bar where stderr is a terminal, else a line every few seconds.
type progress struct {
	m     *Main
	what  string
	total int
	done  int
	told  time.Time
	bars  *mpb.Progress
	bar   *mpb.Bar
}

// every is how often a line is written where there is no terminal.
const every = 5 * time.Second

// progress begins; what names the units, such as "samples".
func (m *Main) progress(what string, total int) *progress {
	p := &progress{m: m, what: what, total: total, told: time.Now()}
	if f, ok := m.Stderr.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		p.bars = mpb.New(mpb.WithOutput(f), mpb.WithWidth(60))
		p.bar = p.bars.AddBar(int64(total),
			mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.CountersNoUnit(what+" %d / %d")),
			mpb.AppendDecorators(decor.AverageSpeed(0, "%.0f/s "), decor.AverageETA(decor.ET_STYLE_GO)))
	}
	return p
}

// step counts one. It is not safe for concurrent use.
func (p *progress) step() {
	p.done++
	if p.bar != nil {
		p.bar.Increment()
		return
	}
	if time.Since(p.told) >= every {
		p.told = time.Now()
		fmt.Fprintf(p.m.Stderr, "borel: %d of %d %s\n", p.done, p.total, p.what)
	}
}

// end removes the bar.
func (p *progress) end() {
	if p.bar != nil {
		p.bar.Abort(true)
		p.bars.Wait()
	}
}
