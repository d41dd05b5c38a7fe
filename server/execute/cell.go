package execute

import (
	"maps"
	"slices"
	"strings"

	"borel/problem"
	"borel/server"

	"github.com/go-json-experiment/json/jsontext"
)

// e2bShown is what a cell shows: as E2B's Result has it, of the cell's last expression or of a display().
type e2bShown struct {
	Text       *string        `json:"text"`
	HTML       *string        `json:"html"`
	Markdown   *string        `json:"markdown"`
	SVG        *string        `json:"svg"`
	PNG        *string        `json:"png" doc:"base64"`
	JPEG       *string        `json:"jpeg" doc:"base64"`
	PDF        *string        `json:"pdf" doc:"base64"`
	LaTeX      *string        `json:"latex"`
	JSON       any            `json:"json"`
	JavaScript *string        `json:"javascript"`
	Data       any            `json:"data"`
	Chart      any            `json:"chart"`
	Extra      map[string]any `json:"extra" doc:"what has another media type, under it"`
	Main       bool           `json:"is_main_result" doc:"the value of the last expression"`

	bytes int64 // of all forms, as JSON
}

// show makes it of forms by media type.
func show(forms map[string]string, main bool) e2bShown {
	s := e2bShown{Extra: map[string]any{}, Main: main}
	texts := map[string]**string{
		"text/plain": &s.Text, "text/html": &s.HTML, "text/markdown": &s.Markdown, "image/svg+xml": &s.SVG, "image/png": &s.PNG, "image/jpeg": &s.JPEG,
		"application/pdf": &s.PDF, "text/latex": &s.LaTeX, "application/javascript": &s.JavaScript,
	}
	values := map[string]*any{"application/json": &s.JSON, "e2b/data": &s.Data, "e2b/chart": &s.Chart}
	for _, kind := range slices.Sorted(maps.Keys(forms)) {
		form := forms[kind]
		s.bytes += int64(server.ForeignSize(kind, form))
		switch value := jsontext.Value(form); {
		case texts[kind] != nil:
			*texts[kind] = &form
		case values[kind] != nil && value.IsValid() && value.Kind() == '{': // the original has no others
			*values[kind] = value
		default:
			s.Extra[kind] = form
		}
	}
	if s.Text != nil {
		*s.Text = unquote(*s.Text)
	}
	return s
}

// unquote takes the quotes of a string's repr off, as the original does: what they escaped stays so.
func unquote(s string) string {
	for _, q := range []string{"'", `"`} {
		if len(s) > 1 && strings.HasPrefix(s, q) && strings.HasSuffix(s, q) {
			return s[1 : len(s)-1]
		}
	}
	return s
}

// e2bRaised is an exception that a cell did not catch, or what stopped it.
type e2bRaised struct {
	Name      string `json:"name"`
	Value     string `json:"value"`
	Traceback string `json:"traceback"`
}

// outcome is what the last cell of a run did.
type outcome struct {
	stdout, stderr string
	results        []e2bShown
	err            *e2bRaised
	late           bool // a time limit stopped it
	stopped        bool // it did not come to its end, nor to an exception: what it did to the interpreter is lost
}

// last is the outcome of the n-th cell, the last one of those that were asked for.
func last(run *problem.Run, n int) outcome {
	var o outcome
	if len(run.Cells) == n {
		cell := &run.Cells[n-1]
		o.stdout, o.stderr = cell.Stdout, cell.Stderr
		for _, forms := range cell.Display {
			o.results = append(o.results, show(forms, false))
		}
		if cell.Result != nil {
			o.results = append(o.results, show(cell.Result, true))
		}
		if e := cell.Error; e != nil {
			o.err = &e2bRaised{e.Name, e.Value, e.Traceback}
		}
	}
	if o.size() > server.ForeignAnswer {
		o = outcome{}
		run.Reason = "output"
	}
	switch run.Reason {
	case "fuel", "sleep":
		o.stop("TimeLimitExceeded", "Execution timed out")
		o.late = true
	case "output":
		o.stop("OutputLimitExceeded", "the limit of output was reached")
	case "finished":
	default: // the interpreter ended: by os._exit, by breaking, for want of memory
		if o.err == nil {
			o.stop("ContextRestarting", "Context was restarted")
		}
	}
	return o
}

// size is about how many bytes it takes as JSON.
func (o *outcome) size() int64 {
	n := int64(server.ForeignSize(o.stdout, o.stderr))
	for _, r := range o.results {
		n += r.bytes
	}
	if o.err != nil {
		n += int64(server.ForeignSize(o.err.Value, o.err.Traceback))
	}
	return n
}

func (o *outcome) stop(name, value string) {
	o.stopped, o.err = true, &e2bRaised{name, value, ""}
}

// text is what a client that wants one text takes: the value of the last expression.
func (o *outcome) text() *string {
	for _, r := range o.results {
		if r.Main {
			return r.Text
		}
	}
	return nil
}
