package table

import (
	"fmt"
	"strings"
	"unicode"
)

// caption is what stands under or above a table in a paper.
func (g grid) caption() string {
	s := g.name
	for _, n := range g.notes {
		s += ". " + n
	}
	for _, row := range g.rows {
		for _, c := range row {
			if c.best && len(g.rows) > 1 {
				return s + ". Bold: the highest of a column."
			}
		}
	}
	return s + "."
}

// markdown is a table as GitHub, Pandoc and others read it, with the caption under it.
func (g grid) markdown(b *strings.Builder) {
	if len(g.head) == 0 {
		fmt.Fprintf(b, "%s\n", escapeMarkdown(g.caption()))
		return
	}
	line := func(texts []string) { fmt.Fprintf(b, "| %s |\n", strings.Join(texts, " | ")) }
	var head, rule []string
	for i, h := range g.head {
		head = append(head, escapeMarkdown(h))
		if i < g.words {
			rule = append(rule, ":--")
		} else {
			rule = append(rule, "--:")
		}
	}
	line(head)
	line(rule)
	for _, row := range g.rows {
		var texts []string
		for _, c := range row {
			text := escapeMarkdown(c.text)
			if c.best && len(g.rows) > 1 {
				text = "**" + text + "**"
			}
			if c.aside != "" {
				text += " " + escapeMarkdown(c.aside)
			}
			texts = append(texts, text)
		}
		line(texts)
	}
	fmt.Fprintf(b, "\n%s\n", escapeMarkdown(g.caption()))
}

// latex is a table environment with the rules of booktabs. The name of a system is text, whatever it holds.
func (g grid) latex(b *strings.Builder) {
	if len(g.head) == 0 {
		fmt.Fprintf(b, "\n%s\n\n", escapeLaTeX(g.caption()))
		return
	}
	columns := strings.Repeat("l", g.words) + strings.Repeat("r", len(g.head)-g.words)
	fmt.Fprintf(b, "\\begin{table}\n\\centering\n\\caption{%s}\n\\begin{tabular}{%s}\n\\toprule\n", escapeLaTeX(g.caption()), columns)
	line := func(texts []string) {
		if t := texts[0]; strings.HasPrefix(t, "[") || strings.HasPrefix(t, "*") {
			texts[0] = "{}" + t // which the end of the line before would take for its own
		}
		fmt.Fprintf(b, "%s \\\\\n", strings.Join(texts, " & "))
	}
	var head []string
	for _, h := range g.head {
		head = append(head, escapeLaTeX(h))
	}
	line(head)
	b.WriteString("\\midrule\n")
	for _, row := range g.rows {
		var texts []string
		for _, c := range row {
			text := escapeLaTeX(c.text)
			if c.best && len(g.rows) > 1 {
				text = "\\textbf{" + text + "}"
			}
			if c.aside != "" {
				text += " {\\scriptsize " + escapeLaTeX(c.aside) + "}"
			}
			texts = append(texts, text)
		}
		line(texts)
	}
	b.WriteString("\\bottomrule\n\\end{tabular}\n\\end{table}\n")
}

// oneLine has no control characters, so that a name cannot end its cell.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "&", "&amp;", "$", `\$`, "~", `\~`, "[", `\[`, "]", `\]`)

func escapeMarkdown(s string) string { return markdownEscapes.Replace(oneLine(s)) }

var latexEscapes = strings.NewReplacer(`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "$", `\$`, "&", `\&`, "#", `\#`, "%", `\%`, "_", `\_`,
	"^", `\textasciicircum{}`, "~", `\textasciitilde{}`, "–", "--", "±", `$\pm$`, "−", "$-$", "≤", `$\leq$`, "<", `\textless{}`, ">", `\textgreater{}`, "|", `\textbar{}`)

func escapeLaTeX(s string) string {
	return latexEscapes.Replace(oneLine(s))
}
