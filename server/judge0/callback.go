package judge0

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Bounds on calling back, as those of a Judge0 that is configured as it comes.
const (
	callTries = 3
	callTime  = 5 * time.Second // for each try, all of it
)

// callbacks is who may be called back: the host of the URL must be listed, and whatever address that turns out to be at the
// moment of dialling must be a public one, or be listed as ADDRESS:PORT itself. So no name, whoever answers for it, leads to
// a place inside that nobody listed.
type callbacks struct {
	hosts []string         // host for the port of the scheme, or host:port
	inner []netip.AddrPort // addresses that need not be public
}

func newCallbacks(list []string) *callbacks {
	c := &callbacks{}
	for _, entry := range list {
		entry = strings.ToLower(strings.TrimSpace(entry))
		c.hosts = append(c.hosts, entry)
		if port, ok := strings.CutPrefix(entry, "localhost:"); ok {
			for _, host := range []string{"127.0.0.1", "::1"} {
				c.list(net.JoinHostPort(host, port))
			}
		}
		c.list(entry)
	}
	return c
}

func (c *callbacks) list(entry string) {
	if a, err := netip.ParseAddrPort(entry); err == nil {
		c.inner = append(c.inner, plain(a))
	}
}

func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// allow reports whether the URL may be called; where it leads to is seen when it is.
func (c *callbacks) allow(raw string) bool {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return false
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	usual := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	if (port == "" || port == usual) && slices.Contains(c.hosts, host) {
		return true
	}
	if port == "" {
		port = usual
	}
	return slices.Contains(c.hosts, net.JoinHostPort(host, port))
}

// dial refuses an address that is neither public nor listed. It sees what is really dialled, after every name was looked up.
func (c *callbacks) dial(_, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %q is not understood", address)
	}
	if a = plain(a); !public(a.Addr()) && !slices.Contains(c.inner, a) {
		return fmt.Errorf("address %s is not public", a)
	}
	return nil
}

// special are the networks, besides those that netip knows, in which nobody public is reached, or one whose address is that
// of an inner one written otherwise.
var special = func() (list []netip.Prefix) {
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10",
	} {
		list = append(list, netip.MustParsePrefix(p))
	}
	return list
}()

func public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}

// put sends body. It follows no redirect, uses no proxy, and reads nothing of the answer but its status.
func (c *callbacks) put(ctx context.Context, to string, body []byte) error {
	dialer := net.Dialer{Timeout: callTime, Control: c.dial}
	transport := &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10}
	defer transport.CloseIdleConnections()
	client := http.Client{
		Transport: transport, Timeout: callTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, strings.TrimSpace(to), bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// callBack tells whoever is to be called back what became of a submission, in base64. Any answer is one; without any it is
// tried again. When ctx ends first, the next process calls.
func (d *door) callBack(ctx context.Context, e *entry) {
	var s submission
	_, st, err := d.book.find(e.token)
	if err == nil {
		err = d.book.read(e, kindSubmission, &s)
	}
	var shown map[string]any
	if err == nil {
		shown, err = d.tell(e, &st, view{true, defaultFields})
	}
	if err == nil && !d.callbacks.allow(*s.CallbackURL) { // the list is shorter than it was
		err = fmt.Errorf("the callback is not allowed")
	}
	var body []byte
	if err == nil {
		body, err = json.Marshal(shown)
	}
	if err == nil {
		for range callTries {
			if err = d.callbacks.put(ctx, *s.CallbackURL, body); err == nil || ctx.Err() != nil {
				break
			}
		}
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		d.log.Warn("a callback failed", "token", e.token, "err", err)
	}
	d.book.called(e, st)
}
