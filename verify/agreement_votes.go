package verify

import (
	"cmp"
	"context"
	"math/big"
	"slices"

	"borel/problem"
)

// votes judges samples by each other where nothing is run: those that state the same answer are a group. Answers are found
// and normalised as in an answer check; an answer of one line is expected, since nothing says how long it is.
type votes struct {
	*judge
	answer *answerCheck
}

func newVotes(j *judge) *votes {
	c := &j.p.Check
	a := &answerCheck{check: c, marker: c.Marker, lines: 1}
	if c.Equal == "number" {
		a.number = new(big.Rat) // asks for one
	}
	a.sympy.run = j.run
	return &votes{j, a}
}

// Answers reads what texts answer to a problem of answer check c, for votes: found and normalised as the check does, the same for equal
// answers but for those that only differ as mathematics; "" where a text states none that the check could accept. Nothing is run.
// The error is an *[problem.Invalid]: what c expects is no answer.
func Answers(c *problem.Check) (func(text string) string, error) {
	a, err := newAnswer(c)
	if err != nil {
		return nil, err
	}
	v := votes{&judge{p: &problem.Problem{Check: *c}}, a}
	return func(text string) string {
		var d decision
		v.read(text, &d)
		return d.Program
	}, nil
}

func (v *votes) version() string { return "votes/1 " + v.answer.version() }

func (v *votes) key(w *keyWriter) {
	w.text(cmp.Or(v.p.Check.Equal, "string"))
	w.text(v.p.Check.Marker)
}

// decide finds the answer; a text that states none has no vote.
func (v *votes) decide(_ context.Context, text string, d *decision) error {
	v.read(text, d)
	return nil
}

func (v *votes) read(text string, d *decision) {
	answer, rule, n, none := v.answer.extract(text)
	d.Extraction = rule
	switch {
	case none != "":
	case v.p.Check.Equal == "choice":
		if answer = choice(answer); answer == "" {
			none = "it is not one letter"
		}
	case v.p.Check.Equal == "math":
		e := readMath(answer)
		answer = e.normal()
	case v.p.Check.Equal == "number" && n == nil:
		none = "it is not one number"
	case v.p.Check.Equal == "number":
		answer = plain(n)
	}
	if none != "" {
		d.Status, d.Message = problem.NoProgram, "no answer: "+none
		return
	}
	d.Status, d.Program = problem.NotJudged, answer
	w := newKey("answer")
	w.text(v.version())
	w.text(answer)
	d.Behaviour = shortDigest(w)
}

func (*votes) admit(int) error { return nil }

// Bounds on comparing answers as mathematics, which may run a program for each pair.
const (
	comparedGroups = 8  // of the largest
	comparedPairs  = 16 // at most
)

// choose counts. Answers that are written otherwise and equal as mathematics are one, as far as the bounds go.
func (v *votes) choose(ctx context.Context, all []decision) (*problem.Selection, error) {
	var groups []*problem.Group
	by := map[string]*problem.Group{}
	for i := range all {
		d := &all[i]
		if d.Behaviour == "" { // without an answer, or not decided
			continue
		}
		g := by[d.Behaviour]
		if g == nil {
			g = &problem.Group{}
			by[d.Behaviour] = g
			groups = append(groups, g)
		}
		g.Samples = append(g.Samples, i)
	}
	if len(groups) == 0 {
		return nil, nil
	}
	larger := func(x, y *problem.Group) int {
		return cmp.Or(len(y.Samples)-len(x.Samples), x.Samples[0]-y.Samples[0])
	}
	slices.SortFunc(groups, larger)
	if v.p.Check.Equal == "math" {
		if err := v.join(ctx, groups, all); err != nil {
			return nil, err
		}
		groups = slices.DeleteFunc(groups, func(g *problem.Group) bool { return len(g.Samples) == 0 })
		slices.SortFunc(groups, larger)
	}
	s := &problem.Selection{Index: groups[0].Samples[0], Scores: make([]float64, len(all))}
	for _, g := range groups {
		g.Score = float64(len(g.Samples))
		s.Groups = append(s.Groups, *g)
		for _, i := range g.Samples {
			s.Scores[i] = g.Score
		}
	}
	return s, nil
}

// join empties groups whose answer equals that of a larger one, to which their samples go. The error is ctx's own: pairs
// that could not be compared stay apart.
func (v *votes) join(ctx context.Context, groups []*problem.Group, all []decision) error {
	groups = groups[:min(len(groups), comparedGroups)]
	read := make([]expression, len(groups))
	for i, g := range groups {
		answer, _, _, _ := v.answer.extract(all[g.Samples[0]].program)
		read[i] = readMath(answer)
	}
	pairs := 0
	for i := range groups {
		for k := range i {
			if len(groups[k].Samples) == 0 {
				continue
			}
			if pairs++; pairs > comparedPairs {
				return nil
			}
			is, _, err := read[k].same(ctx, &read[i], &v.answer.sympy)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err == nil && is == equal {
				groups[k].Samples = append(groups[k].Samples, groups[i].Samples...)
				slices.Sort(groups[k].Samples)
				groups[i].Samples = nil
				break
			}
		}
	}
	return nil
}
