package sampler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/sashabaranov/go-openai"

	"borel/problem"
)

// answer is what one request brought.
type answer struct {
	asked   span
	drawn   []problem.Drawn
	missing []span // samples that were asked for, or were to be, and did not come
	err     error  // then nothing came
}

// request draws the samples of s with one request, or as many as the endpoint that takes it allows.
func (s *Sampler) request(ctx context.Context, d problem.Draw, sp span) answer {
	c := &call{want: sp.to - sp.from, limits: map[*endpoint]int{}, id: d.RequestID}
	c.edit = func(body []byte, n int) ([]byte, error) { return setFields(body, d, sp.from, n) }
	ctx = context.WithValue(ctx, callKey{}, c)
	for {
		choices, usage, err := s.ask(ctx, d)
		if err == nil {
			err = keepRaw(choices, c.answer)
		}
		if err != nil {
			if ctx.Err() != nil {
				return answer{asked: sp, err: ctx.Err()}
			}
			if c.endpoint == nil {
				return answer{asked: sp, err: plain(err)}
			}
			err := c.endpoint.failed(err)
			if err.Status >= http.StatusBadRequest && err.Body == nil {
				err.Body, err.After = c.answer, c.after
			}
			if c.sent > 1 && (err.Status == http.StatusBadRequest || err.Status == http.StatusUnprocessableEntity) {
				// It may be n that is refused; what says so differs between servers. One choice settles it.
				c.limits[c.endpoint] = c.sent / 2
				continue
			}
			return answer{asked: sp, err: err}
		}
		s.pool.learnCeiling(c, len(choices))
		choices = usable(choices, c.sent)
		if len(choices) == 0 {
			return answer{asked: sp, err: &Error{Alias: c.endpoint.alias, Status: http.StatusOK, Body: c.answer, Err: errors.New("answered without any choice")}}
		}
		return s.arrived(d, sp, c, choices, usage)
	}
}

// arrived makes the samples of what came.
func (s *Sampler) arrived(d problem.Draw, sp span, c *call, choices []choice, u openai.Usage) answer {
	a := answer{asked: sp}
	u = believable(u)
	head := withoutChoices(c.answer)
	next := sp.from
	for _, ch := range choices {
		i := sp.from + ch.index
		a.missing = appendSpan(a.missing, next, i)
		next = i + 1
		if d.EachFault && c.recorded > 0 && i >= c.recorded {
			a.drawn = append(a.drawn, problem.Drawn{Index: i, Err: &Error{Alias: c.endpoint.alias, Status: http.StatusBadRequest,
				Err: fmt.Errorf("has only %d recorded samples of this prompt, and would answer with one of them again", c.recorded)}})
			continue
		}
		sample := problem.Text(ch.text)
		if d.Mode == modeCompletion {
			sample = problem.Completion(ch.text)
		}
		x := problem.Drawn{Index: i, Sample: sample, FinishReason: ch.finish, Endpoint: c.endpoint.alias, Choice: ch.raw, Answer: head}
		if x.Tokens, x.LogProb = logProb(ch.logprobs); x.Tokens == 0 && c.sent == 1 {
			x.Tokens = u.CompletionTokens
		}
		a.drawn = append(a.drawn, x)
	}
	a.missing = appendSpan(a.missing, next, sp.to)
	a.drawn[0].Usage = s.pool.count(c.endpoint, choices, u, d.MaxTokens)
	return a
}

func appendSpan(spans []span, from, to int) []span {
	if from >= to {
		return spans
	}
	return append(spans, span{from, to})
}

// ask sends one request through the pool. What go-openai has no field for, or would leave out for being zero, setFields
// puts in.
func (s *Sampler) ask(ctx context.Context, d problem.Draw) ([]choice, openai.Usage, error) {
	if d.Mode == modeCompletion {
		// The model comes later: go-openai has its own list of those that it would complete with.
		resp, err := s.pool.client.CreateCompletion(ctx, openai.CompletionRequest{Prompt: d.Prompt, MaxTokens: d.MaxTokens, Stop: d.Stop})
		if err != nil {
			return nil, openai.Usage{}, err
		}
		var choices []choice
		for _, c := range resp.Choices {
			choices = append(choices, choice{index: c.Index, text: c.Text, finish: c.FinishReason, whole: c.Text != "" || c.FinishReason != ""})
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
	resp, err := s.pool.client.CreateChatCompletion(ctx, req)
	if errors.Is(err, openai.ErrReasoningModelMaxTokensDeprecated) { // refused before it was sent
		//lint:ignore SA1019 as above
		req.MaxTokens, req.MaxCompletionTokens = 0, d.MaxTokens
		resp, err = s.pool.client.CreateChatCompletion(ctx, req)
	}
	if err != nil {
		return nil, openai.Usage{}, err
	}
	var choices []choice
	for _, c := range resp.Choices {
		text := c.Message.Content
		for _, part := range c.Message.MultiContent {
			text += part.Text
		}
		whole := text != "" || c.FinishReason != "" || len(c.Message.ToolCalls) > 0 || c.Message.FunctionCall != nil || c.Message.Refusal != ""
		choices = append(choices, choice{index: c.Index, text: text, finish: string(c.FinishReason), whole: whole})
	}
	return choices, resp.Usage, nil
}

// setFields sets what go-openai cannot: further fields, zeros, which it leaves out, float64 and 64-bit seeds. An n of one
// is left out, for servers that know none.
func setFields(body []byte, d problem.Draw, from, n int) ([]byte, error) {
	var own map[string]json.RawMessage
	if err := json.Unmarshal(body, &own); err != nil {
		return nil, fmt.Errorf("the request cannot be built: %w", err)
	}
	fields := map[string]any{}
	for k, v := range d.Fields {
		fields[k] = v
	}
	for _, k := range []string{"n", "stream_options"} { // what goes with a stream goes with it
		delete(fields, k)
	}
	asked := promptField(d)
	for k, v := range own {
		if _, given := d.Fields[k]; !given || k != asked && k != "model" {
			fields[k] = v
		}
	}
	if _, given := d.Fields["model"]; d.Model != "" || !given {
		fields["model"] = d.Model
	}
	fields["seed"] = d.Seed<<20 + int64(from)
	if d.SeedBase != nil {
		fields["seed"] = *d.SeedBase + int64(from)
	}
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

// promptField is the field of the body that holds the prompt.
func promptField(d problem.Draw) string {
	if d.Mode == modeCompletion {
		return "prompt"
	}
	return "messages"
}

// validateFields reports the first fault of d.Fields, as an *[problem.Invalid].
func validateFields(d problem.Draw) error {
	size := 0
	for k, v := range d.Fields {
		size += len(k) + len(v)
		if !json.Valid(v) {
			return problem.Invalidf("fields."+k, "is not JSON")
		}
	}
	if size > maxBody {
		return problem.Invalidf("fields", "have %d bytes together, the limit is %d", size, maxBody)
	}
	raw, given := d.Fields[promptField(d)]
	if !given {
		return nil
	}
	var list []json.RawMessage
	isList := json.Unmarshal(raw, &list) == nil && list != nil
	if d.Mode != modeCompletion {
		if !isList || len(list) == 0 {
			return problem.Invalidf("messages", "must be a list that is not empty")
		}
		return nil
	}
	// One prompt: a text, a list of token numbers, or a list of one of these.
	var token int64
	switch {
	case isList && len(list) == 0:
		return problem.Invalidf("prompt", "is empty")
	case isList && len(list) > 1 && json.Unmarshal(list[0], &token) != nil:
		return problem.Invalidf("prompt", "holds %d prompts; samples are drawn of one", len(list))
	case !isList && json.Unmarshal(raw, new(string)) != nil || string(raw) == "null":
		return problem.Invalidf("prompt", "must be a string or a list")
	}
	return nil
}
