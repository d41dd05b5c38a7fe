package sampler

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/sashabaranov/go-openai"

	"borel/problem"
)

// answer is what one request brought.
type answer struct {
	drawn   []problem.Drawn
	missing []span // samples that were asked for, or were to be, and did not come
	err     error
}

// choice is a choice of either API.
type choice struct {
	index  int
	text   string
	finish string
	whole  bool // it has what every choice has
}

// request draws the samples of s with one request, or as many as the endpoint that takes it allows.
func (s *Sampler) request(ctx context.Context, d problem.Draw, sp span) answer {
	c := &call{want: sp.to - sp.from, limits: map[*endpoint]int{}}
	c.edit = func(body []byte, n int) ([]byte, error) { return setFields(body, d, sp.from, n) }
	ctx = context.WithValue(ctx, callKey{}, c)
	for {
		choices, usage, err := s.ask(ctx, d)
		if err != nil {
			if ctx.Err() != nil {
				return answer{err: ctx.Err()}
			}
			if c.endpoint == nil {
				return answer{err: plain(err)}
			}
			err := c.endpoint.failed(err)
			if c.sent > 1 && (err.Status == http.StatusBadRequest || err.Status == http.StatusUnprocessableEntity) {
				// It may be n that is refused; what says so differs between servers. One choice settles it.
				c.limits[c.endpoint] = c.sent / 2
				continue
			}
			return answer{err: err}
		}
		s.pool.learnCeiling(c, len(choices))
		choices = usable(choices, c.sent)
		if len(choices) == 0 {
			return answer{err: &Error{c.endpoint.alias, http.StatusOK, errors.New("answered without any choice")}}
		}
		a := answer{}
		next := sp.from
		for _, ch := range choices {
			i := sp.from + ch.index
			a.missing = appendSpan(a.missing, next, i)
			next = i + 1
			sample := problem.Text(ch.text)
			if d.Mode == modeCompletion {
				sample = problem.Completion(ch.text)
			}
			a.drawn = append(a.drawn, problem.Drawn{Index: i, Sample: sample, FinishReason: ch.finish})
		}
		a.missing = appendSpan(a.missing, next, sp.to)
		a.drawn[0].Usage = s.pool.count(c.endpoint, choices, usage, d.MaxTokens)
		return a
	}
}

func appendSpan(spans []span, from, to int) []span {
	if from >= to {
		return spans
	}
	return append(spans, span{from, to})
}

// ask sends one request through the pool. What go-openai would leave out for being zero, setFields puts in.
func (s *Sampler) ask(ctx context.Context, d problem.Draw) ([]choice, openai.Usage, error) {
	if d.Mode == modeCompletion {
		resp, err := s.client.CreateCompletion(ctx, openai.CompletionRequest{Model: d.Model, Prompt: d.Prompt, MaxTokens: d.MaxTokens, Stop: d.Stop})
		if err != nil {
			return nil, openai.Usage{}, err
		}
		var choices []choice
		for _, c := range resp.Choices {
			choices = append(choices, choice{c.Index, c.Text, c.FinishReason, c.Text != "" || c.FinishReason != ""})
		}
		if resp.Usage == nil {
			resp.Usage = &openai.Usage{}
		}
		return choices, *resp.Usage, nil
	}
	//lint:ignore SA1019 the newer max_completion_tokens is OpenAI's own; other servers may know max_tokens only
	req := openai.ChatCompletionRequest{Model: d.Model, MaxTokens: d.MaxTokens, Stop: d.Stop}
	if d.System != "" {
		req.Messages = append(req.Messages, openai.ChatCompletionMessage{Role: openai.ChatMessageRoleSystem, Content: d.System})
	}
	req.Messages = append(req.Messages, openai.ChatCompletionMessage{Role: openai.ChatMessageRoleUser, Content: d.Prompt})
	resp, err := s.client.CreateChatCompletion(ctx, req)
	if errors.Is(err, openai.ErrReasoningModelMaxTokensDeprecated) { // refused before it was sent
		//lint:ignore SA1019 as above
		req.MaxTokens, req.MaxCompletionTokens = 0, d.MaxTokens
		resp, err = s.client.CreateChatCompletion(ctx, req)
	}
	if err != nil {
		return nil, openai.Usage{}, err
	}
	var choices []choice
	for _, c := range resp.Choices {
		choices = append(choices, choice{c.Index, c.Message.Content, string(c.FinishReason), c.Message.Content != "" || c.FinishReason != ""})
	}
	return choices, resp.Usage, nil
}

// setFields sets what go-openai cannot: zeros, which it leaves out, float64 and 64-bit seeds. An n of one is left out,
// for servers that know none.
func setFields(body []byte, d problem.Draw, from, n int) ([]byte, error) {
	var own map[string]json.RawMessage
	if err := json.Unmarshal(body, &own); err != nil {
		return nil, fmt.Errorf("the request cannot be built: %w", err)
	}
	fields := map[string]any{}
	for k, v := range own {
		fields[k] = v
	}
	fields["seed"] = d.Seed<<20 + int64(from)
	if d.Temperature != nil {
		fields["temperature"] = *d.Temperature
	}
	if d.TopP != nil {
		fields["top_p"] = *d.TopP
	}
	if n > 1 {
		fields["n"] = n
	}
	return json.Marshal(fields)
}

// usable returns the choices that can be samples, by index, at most n. One that was aborted, or that has neither text
// nor a reason why it ended, is the server's fault and no sample.
func usable(choices []choice, n int) []choice {
	seen := map[int]bool{}
	for _, c := range choices {
		if c.index < 0 || c.index >= n {
			break
		}
		seen[c.index] = true
	}
	if len(seen) != len(choices) { // indices that cannot be right: the order counts
		choices = choices[:min(len(choices), n)]
		for i := range choices {
			choices[i].index = i
		}
	}
	choices = slices.DeleteFunc(choices, func(c choice) bool { return !c.whole || c.finish == "abort" || c.finish == "error" })
	slices.SortFunc(choices, func(a, b choice) int { return cmp.Compare(a.index, b.index) })
	return choices
}

// learnCeiling lowers the endpoint's ceiling where it has refused a larger n than the one it now answered, or answers one
// choice whatever n is. Fewer choices, but several, are taken for an accident.
func (p *Pool) learnCeiling(c *call, got int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if limit, refused := c.limits[c.endpoint]; refused {
		c.endpoint.ceiling = min(c.endpoint.ceiling, limit)
	}
	if got == 1 && c.sent > 1 {
		c.endpoint.ceiling = 1
	}
}

// count returns what a request used, as the package comment says.
func (p *Pool) count(e *endpoint, choices []choice, u openai.Usage, maxTokens int) problem.Usage {
	all, longest := 0, 0 // tokens that all choices together, and the longest, must at least have had
	for _, ch := range choices {
		least := min(1, len(ch.text))
		if ch.finish == "length" && u.CompletionTokens == maxTokens {
			least = maxTokens
		}
		all += least
		longest = max(longest, least)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if 0 < u.CompletionTokens && u.CompletionTokens < all {
		e.countsOne = true
	}
	if e.countsOne {
		u.CompletionTokens += all - longest
	}
	return problem.Usage{PromptTokens: u.PromptTokens, CompletionTokens: u.CompletionTokens, Requests: 1}
}
