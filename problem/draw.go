package problem

import "encoding/json"

// RecordedSamples is the header of an answer by which an endpoint that plays recorded samples says how many it has of the
// prompt. Sample i of more than these is one of them again, and must not be counted a second time.
const RecordedSamples = "Borel-Recorded-Samples"

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

	// SeedBase, unless nil: sample i is drawn with seed *SeedBase + i, whatever Seed is.
	SeedBase *int64

	// Fields are further fields of the request's body, sent as they are. What is set above comes before them, and n, seed and
	// stream are the sampler's. Where messages or prompt is among them, Prompt and System are not sent.
	Fields map[string]json.RawMessage

	// RequestID names the requests at the endpoints (X-Request-Id); "": each gets a name of its own.
	RequestID string

	// EachFault: samples whose request failed are yielded with Err, and the others are still drawn; so are samples that an
	// endpoint of recorded ones ([RecordedSamples]) has already given. Otherwise the first fault ends the stream.
	EachFault bool
}

// Drawn is one sample as it arrived. Index is its place in the problem, not its order of arrival.
type Drawn struct {
	Index        int
	Sample       Sample
	FinishReason string
	Usage        Usage // what the request that brought this sample used; on one sample of each request only

	Err      error           // with Draw.EachFault: why the sample was not drawn; the fields below and Sample are then empty
	Endpoint string          // alias of the endpoint that answered
	Choice   json.RawMessage // the choice as the endpoint answered it
	Answer   json.RawMessage // the answer without its choices: id, model, created, …; the same for all choices of a request
	Tokens   int             // of this sample, where the endpoint told (by logprobs, or alone in its request); 0: not known
	LogProb  *float64        // mean log probability of its tokens, where the endpoint gave logprobs
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
