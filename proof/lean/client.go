package lean

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Limits of an exchange with the server.
const (
	checkSeconds = 60       // what the server may take for one proof; part of the version
	maxAnswer    = 16 << 20 // bytes
	attempts     = 5        // of one request, where the server is busy or breaks off
	maxPause     = time.Minute
)

// message is what Lean says of a place in a text.
type message struct {
	Severity string   `json:"severity"`
	Pos      position `json:"pos"`
	Data     string   `json:"data"`
}

type position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// answer is a server's for one text. Error is its own, of a time-out or a Lean process that ended; Message in Response
// is the REPL's, where it did not understand.
type answer struct {
	ID       string  `json:"id"`
	CustomID string  `json:"custom_id"` // of /verify
	Error    *string `json:"error"`
	Response *struct {
		Message  *string           `json:"message"`
		Messages []message         `json:"messages"`
		Sorries  []json.RawMessage `json:"sorries"`
	} `json:"response"`
}

// ask has the server check a text. The error is ctx's own or a fault of the server.
func (p *Prover) ask(ctx context.Context, code string) (*answer, error) {
	const id = "borel"
	var body any = map[string]any{
		"snippets": []map[string]string{{"id": id, "code": code}}, "timeout": checkSeconds, "debug": false, "reuse": true,
	}
	if strings.HasSuffix(p.url.Path, "/verify") {
		body = map[string]any{"codes": []map[string]string{{"custom_id": id, "proof": code}}, "timeout": checkSeconds, "disable_cache": false}
	}
	request, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	b, err := p.send(ctx, request)
	if err != nil {
		return nil, err
	}
	var all struct {
		Results []answer `json:"results"`
	}
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, p.fault("answered what is not JSON of the API: %v", err)
	}
	if len(all.Results) != 1 || all.Results[0].ID+all.Results[0].CustomID != id {
		return nil, p.fault("answered %d results, not the one that was asked for", len(all.Results))
	}
	a := &all.Results[0]
	if a.Error == nil && a.Response == nil {
		return nil, p.fault("answered neither a response nor an error")
	}
	return a, nil
}

// send posts a request until it is answered, and returns the answer's body. Statuses 429 and from 499 on, and broken
// connections, are tried again, after as long as Retry-After says, else after a pause that doubles.
func (p *Prover) send(ctx context.Context, body []byte) ([]byte, error) {
	pause := p.pause
	for attempt := 1; ; attempt++ {
		b, after, err := p.post(ctx, body)
		again, ok := errors.AsType[*retryable](err)
		if !ok || ctx.Err() != nil {
			return b, err
		}
		if attempt == attempts {
			return nil, again.error
		}
		if after == 0 {
			after, pause = pause, 2*pause
		}
		select {
		case <-time.After(min(after, maxPause)):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// retryable is an error after which the same request may succeed.
type retryable struct{ error }

func (p *Prover) post(ctx context.Context, body []byte) (answer []byte, after time.Duration, err error) {
	inner, cancel := context.WithTimeout(ctx, 3*checkSeconds*time.Second) // it may wait for a free process first
	defer cancel()
	req, err := http.NewRequestWithContext(inner, http.MethodPost, p.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if p.key != "" {
		req.Header.Set("Authorization", "Bearer "+p.key)
	}
	resp, err := p.client.Do(req)
	switch {
	case ctx.Err() != nil:
		return nil, 0, ctx.Err()
	case inner.Err() != nil:
		return nil, 0, p.fault("gives no answer for %d s", 3*checkSeconds)
	case err != nil:
		if op, ok := errors.AsType[*net.OpError](err); ok {
			err = op.Err // without the address
		} else {
			err = errors.Unwrap(err)
		}
		return nil, 0, &retryable{p.fault("gives no answer: %v", err)}
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case ctx.Err() != nil:
		return nil, 0, ctx.Err()
	case err != nil:
		return nil, 0, &retryable{p.fault("broke off its answer: %v", err)}
	case len(b) > maxAnswer:
		return nil, 0, p.fault("answered more than %d bytes", maxAnswer)
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 499:
		if s, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 16); err == nil {
			after = time.Duration(s) * time.Second
		}
		return nil, after, &retryable{p.fault("answered %d, %d times", resp.StatusCode, attempts)}
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return nil, 0, p.fault("answered %d: it refuses the key", resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return nil, 0, p.fault("answered %d", resp.StatusCode)
	}
	return b, 0, nil
}

func (p *Prover) fault(format string, a ...any) error {
	return fmt.Errorf("the Lean server %s "+format, append([]any{p.name}, a...)...)
}
