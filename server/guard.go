package server

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// guard decides who may ask.
type guard struct {
	tokens [][sha256.Size]byte
	hosts  []string
	cross  *http.CrossOriginProtection
}

func newGuard(tokens, hosts []string) guard {
	g := guard{hosts: hosts, cross: http.NewCrossOriginProtection()}
	for _, t := range tokens {
		g.tokens = append(g.tokens, sha256.Sum256([]byte(t)))
	}
	return g
}

// place checks where a request says it goes to and comes from. A page whose name was rebound to a loopback address
// still sends its own name as the Host; a page that simply posts here sends its Origin.
func (g guard) place(r *http.Request) error {
	if !g.knows(r) {
		return &fault{http.StatusForbidden, fmt.Sprintf("host %q is not a name of this server; allow it with --allow-host", r.Host), 0}
	}
	if err := g.cross.Check(r); err != nil {
		return errOrigin
	}
	// Check lets every GET pass; nothing here is for other pages to read either.
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || u.Host != r.Host {
			return errOrigin
		}
	}
	return nil
}

// knows reports whether the Host is localhost, a loopback address, the address that the connection came in on, or a
// configured name.
func (g guard) knows(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || slices.Contains(g.hosts, host) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	if ip.IsLoopback() {
		return true
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && local.AddrPort().Addr().Unmap() == ip.Unmap()
}

// token checks the token, which comes as RFC 6750 has it or as one of the other APIs' clients send theirs: as the password
// of a URL (Authorization: Basic), bare, or as X-Auth-Token. Digests are compared, all of them and in constant time, so that
// the time tells nothing of a token, its length included.
func (g guard) token(r *http.Request) error {
	if len(g.tokens) == 0 {
		return nil
	}
	given := r.Header.Get("Authorization")
	if _, password, ok := r.BasicAuth(); ok {
		given = password
	} else if scheme, rest, ok := strings.Cut(given, " "); ok && strings.EqualFold(scheme, "Bearer") {
		given = strings.TrimSpace(rest)
	}
	sum := sha256.Sum256([]byte(cmp.Or(given, r.Header.Get("X-Auth-Token"))))
	known := 0
	for _, t := range g.tokens {
		known |= subtle.ConstantTimeCompare(sum[:], t[:])
	}
	if known == 0 {
		return errUnauthorised
	}
	return nil
}
