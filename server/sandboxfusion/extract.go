package sandboxfusion

import (
	"regexp"
	"slices"
	"strings"
)

// How the original takes a program out of a completion (sandbox/utils/extraction.py), so that the same one is judged.

// Ways of extraction, in its words.
const (
	fenced           = "fenced"
	incompleteFenced = "incomplete_fenced"
	heuristic        = "heuristic"
	empty            = "empty"
	custom           = "custom" // by the caller's own logic; no word of the original's
)

// block is a piece of code in a completion.
type block struct {
	Priority int    `json:"priority"`
	Language string `json:"language"`
	Code     string `json:"code"`
	how      string
}

// Priorities of blocks.
const (
	priorityFenced     = 30
	priorityIncomplete = 20
	priorityHeuristic  = 10
)

const pySpace = `[\s\v\x{1c}-\x{1f}\x{85}\p{Z}]` // white space of Python's regular expressions

var (
	fencedBlock     = regexp.MustCompile("(?s)```([^\n]*)\n(.*?)\n" + pySpace + "*```")
	unclosedBlock   = regexp.MustCompile("(?s)```([^\n]*)\n(.*)")
	pythonLike      = regexp.MustCompile(`(?m)(?:^(?:import|from|#)[^\n]+\n)*^(?:def|class) [^\n]+\n(?:` + pySpace + `+[^\n]+\n)+`)
	pythonTags      = []string{"python", "Python", "py", "Python3", "python3", "PY"}
	endsAtMain      = `if __name__ == "__main__":`
	endsAtExample   = "# Example usage"
	beginsMain      = "if __name__ =="
	topLevelNewline = regexp.MustCompile(`\n[^\s\v\x{1c}-\x{1f}\x{85}\p{Z}]`)
)

// tagged are the blocks that pattern finds; of their tags only Python's mean a language here.
func tagged(text string, pattern *regexp.Regexp, priority int, how string) (found []block) {
	for _, m := range pattern.FindAllStringSubmatch(text, -1) {
		b := block{Priority: priority, Code: m[2], how: how}
		if slices.Contains(pythonTags, strings.TrimSpace(m[1])) {
			b.Language = "python"
		}
		found = append(found, b)
	}
	return found
}

func fencedBlocks(text string) []block { return tagged(text, fencedBlock, priorityFenced, fenced) }

func unclosedBlocks(text string) []block {
	return tagged(text, unclosedBlock, priorityIncomplete, incompleteFenced)
}

// likelyBlocks are functions and classes in text without fences.
func likelyBlocks(text string) (found []block) {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	for _, code := range pythonLike.FindAllString(strings.Join(lines, "\n")+"\n", -1) {
		found = append(found, block{priorityHeuristic, "python", code, heuristic})
	}
	return found
}

// extract is the first block in Python of those with the greatest priority, or the first of them.
func extract(completion string, more []block) (code, how string) {
	all := slices.Concat(fencedBlocks(completion), likelyBlocks(completion), unclosedBlocks(completion), more)
	if len(all) == 0 {
		return "", empty
	}
	greatest := slices.MaxFunc(all, func(a, b block) int { return a.Priority - b.Priority }).Priority
	all = slices.DeleteFunc(all, func(b block) bool { return b.Priority != greatest })
	first := max(slices.IndexFunc(all, func(b block) bool { return b.Language == "python" }), 0)
	return all[first].Code, all[first].how
}

// freeform is extraction as AutoEval has it: one block or all, without what runs when the program is started.
func freeform(completion string, all bool, index *int) (code, how string) {
	blocks := fencedBlocks(completion)
	if len(blocks) == 0 {
		blocks = unclosedBlocks(completion)
	}
	if len(blocks) == 0 {
		blocks = likelyBlocks(completion)
	}
	if len(blocks) == 0 {
		return "", empty
	}
	how = blocks[0].how
	switch {
	case index != nil:
		i := *index
		if i < 0 {
			i += len(blocks)
		}
		if i >= 0 && i < len(blocks) {
			code = blocks[i].Code
		}
	case all:
		for i, b := range blocks {
			if i > 0 {
				code += "\n\n"
			}
			code += b.Code
		}
	default:
		code = blocks[0].Code
	}
	code = strings.ReplaceAll(code, "\r", "")
	for _, end := range []string{endsAtMain, endsAtExample} {
		if before, _, ok := strings.Cut(code, end); ok {
			code = strings.TrimSpace(before)
		}
	}
	return code, how
}

// trimmed is a completion up to its first line at top level: there a model that continues a function has gone on to
// something else.
func trimmed(completion string) string {
	if at := topLevelNewline.FindStringIndex(completion); at != nil {
		return completion[:at[0]]
	}
	return completion
}
