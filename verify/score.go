package verify

import (
	"context"
	"encoding/json"

	"borel/problem"
)

// score puts what the reward model says of s beside its verdict, from the cache where it was asked before. What keeps the
// model from answering does not touch the verdict. The error is ctx's own.
func (j *judge) score(ctx context.Context, s problem.Sample, d *problem.Verdict) error {
	model := j.p.Check.Score.Model
	w := newKey("score")
	w.text(model)
	w.text(j.p.Prompt)
	w.text(s.Raw())
	key := w.sum()
	if !j.fresh {
		if b, ok, err := j.v.cfg.Verdicts.Get(key); err == nil && ok && json.Unmarshal(b, &d.Score) == nil && d.Score != nil {
			return nil
		}
	}
	score, err := j.v.cfg.Scorer.Score(ctx, model, j.p.Prompt, s.Raw())
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var b []byte
	if err == nil {
		b, err = json.Marshal(score)
	}
	if err == nil {
		err = j.v.cfg.Verdicts.Put(key, b)
	}
	if err != nil {
		d.Score, d.ScoreError = nil, err.Error()
		return nil
	}
	d.Score, d.Cached = &score, false
	return nil
}
