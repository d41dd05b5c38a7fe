package sampler

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"

	"borel/problem"
)

const requestID = "X-Request-Id"

// idForm is what may be passed on as the id of a request.
var idForm = regexp.MustCompile(`^[A-Za-z0-9._:/+=-]{1,128}$`)

// idOf returns the id of a request, or a new one.
func idOf(req *http.Request) string {
	if id := req.Header.Get(requestID); idForm.MatchString(id) {
		return id
	}
	return rand.Text()
}

// keptBack are the headers of a request that are not for the endpoint. Accept-Encoding: so that the transport asks for
// gzip, and undoes it, itself.
var keptBack = []string{"Authorization", "Api-Key", "X-Api-Key", "X-Goog-Api-Key", "X-Auth-Token", "Cookie", "Proxy-Authorization", "Accept-Encoding", "Connection", "Keep-Alive",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade", "Expect", "Forwarded", "X-Forwarded-For", "X-Real-Ip", "Origin", "Referer"}

// send makes one attempt; again says whether another makes sense. The request counts as under way until the answer is
// read, or a stream is closed.
func (p *Pool) send(ctx context.Context, e *endpoint, n int, c *call, req *http.Request, body []byte) (resp *http.Response, again bool, err error) {
	c.endpoint, c.sent, c.answer, c.after, c.recorded = e, n, nil, 0, 0
	free := func() {}
	if c.list == nil {
		free = func() { p.leave(e) }
	}
	out, err := p.outgoing(e, n, c, req, body)
	if err != nil {
		free()
		return nil, false, &Error{Alias: e.alias, Err: err}
	}
	w := p.guard(ctx)
	if resp, err = p.transport.RoundTrip(out.WithContext(w.ctx)); err != nil {
		err = w.why(err)
		w.stop()
		free()
		return nil, true, err
	}
	resp.Header.Del("Set-Cookie")
	c.after = retryAfter(resp)
	if n, err := strconv.Atoi(resp.Header.Get(problem.RecordedSamples)); err == nil && n > 0 {
		c.recorded = n
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		resp.Body.Close()
		w.stop()
		free()
		return nil, false, &Error{Alias: e.alias, Status: resp.StatusCode, Err: fmt.Errorf("answered %d; redirects are not followed", resp.StatusCode)}
	}
	body = nil
	if kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err == nil && kind == "text/event-stream" && resp.StatusCode == http.StatusOK {
		fault, err := w.open(resp)
		if err != nil {
			resp.Body.Close()
			w.stop()
			free()
			return nil, true, err
		}
		if fault == nil {
			w.broke = func() { p.broke(e) }
			resp.Body = &finally{resp.Body, sync.OnceFunc(func() {
				w.stop()
				if c.list == nil {
					p.release(e)
				}
			})}
			return resp, false, nil
		}
		body = fault // the stream is over
		resp.Body.Close()
		resp.Header.Set("Content-Type", "application/json")
	} else if body, err = readAll(w.body(resp.Body), maxBody); err != nil {
		w.stop()
		free()
		if errors.Is(err, errTooLong) {
			return nil, false, &Error{Alias: e.alias, Status: http.StatusBadGateway, Err: fmt.Errorf("the answer is %w", err)}
		}
		return nil, true, err
	}
	w.stop()
	free()
	again = retryable(resp.StatusCode)
	if resp.StatusCode == http.StatusOK {
		if code, sure := inBand(body); code != 0 {
			resp.StatusCode, resp.Status = code, fmt.Sprintf("%d %s", code, http.StatusText(code))
			again = sure && retryable(code)
		}
	}
	if resp.StatusCode >= http.StatusBadRequest && e.key != "" {
		body = bytes.ReplaceAll(body, []byte(e.key), []byte("(key)"))
	}
	c.answer = body
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return resp, again, nil
}

// outgoing is the request as e gets it.
func (p *Pool) outgoing(e *endpoint, n int, c *call, req *http.Request, body []byte) (*http.Request, error) {
	var err error
	if c.edit != nil {
		if body, err = c.edit(body, n); err != nil {
			return nil, err
		}
	}
	if c.model != "" {
		if body, err = look(body).rename(body, c.model); err != nil {
			return nil, err
		}
	}
	out := &http.Request{
		Method: req.Method, URL: e.resolve(req.URL.Path, req.URL.RawQuery), Header: req.Header.Clone(), Body: http.NoBody,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if len(body) > 0 {
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		out.Body, _ = out.GetBody()
		out.ContentLength = int64(len(body))
	}
	if out.Header == nil {
		out.Header = http.Header{}
	}
	for _, h := range keptBack {
		out.Header.Del(h)
	}
	out.Header.Set(requestID, c.id)
	if e.key != "" {
		out.Header.Set("Authorization", "Bearer "+e.key)
	}
	return out, nil
}

// retryable says whether a request that was answered with this status may be repeated.
func retryable(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// retryAfter reads Retry-After, which is a number of seconds or a date (RFC 9110, 10.2.3); 0 where there is none.
func retryAfter(resp *http.Response) time.Duration {
	v := resp.Header.Get("Retry-After")
	if s, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(s) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, time.Until(t))
	}
	return 0
}

func status(resp *http.Response) int {
	if resp == nil {
		return 0
	}
	return resp.StatusCode
}

// readAll reads and closes r, which may be nil.
func readAll(r io.ReadCloser, limit int64) ([]byte, error) {
	if r == nil {
		return nil, nil
	}
	defer r.Close()
	return io.ReadAll(&bounded{r, limit})
}

// bounded fails with errTooLong after limit bytes.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooLong
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n - 1, errTooLong
	}
	return n, err
}

// finally calls then once the body is closed.
type finally struct {
	io.ReadCloser
	then func()
}

func (f *finally) Close() error {
	defer f.then()
	return f.ReadCloser.Close()
}

// newTransport keeps as many connections as there can be requests under way at an endpoint.
func newTransport(connect time.Duration, inFlight int) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second}).DialContext
	t.TLSHandshakeTimeout = connect
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 0, inFlight // 0: no other bound
	t.MaxResponseHeaderBytes = 1 << 20
	return t
}
