package problem

// Draw asks an endpoint for N samples of one prompt.
type Draw struct {
	Model       string
	Mode        string // chat (the default) or completion
	Prompt      string
	N           int
	First       int      // index of the first sample; the others follow
	Seed        int64    // sample i is drawn with seed Seed × 2²⁰ + i
	Temperature *float64 // nil: the endpoint's own default; 0 is sent as 0
	TopP        *float64
	MaxTokens   int // 0: the endpoint's own default
	Stop        []string
	System      string // chat only: a system message before the prompt
}

// Drawn is one sample as it arrived. Index is its place in the problem, not its order of arrival.
type Drawn struct {
	Index        int
	Sample       Sample
	FinishReason string
	Usage        Usage // what the request that brought this sample used; on one sample of each request only
}

// Usage is what an endpoint charged.
type Usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	Requests         int `json:"requests"`
}

// Add adds v to u.
func (u *Usage) Add(v Usage) {
	u.PromptTokens += v.PromptTokens
	u.CompletionTokens += v.CompletionTokens
	u.Requests += v.Requests
}
