package coverage

// Scored is a sample as selectors see it, and the truth about it.
type Scored struct {
	Right  bool    `json:"right"`
	Score  float64 `json:"score,omitempty" doc:"of a reward model or another ranking; higher is better"`
	Answer string  `json:"answer,omitempty" doc:"normalised answer, for votes; empty casts none"`
}
