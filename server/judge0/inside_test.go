package judge0

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDecode64(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "YQ==": "a", "YWI=": "ab", "YWJj": "abc", "YWJjZA==": "abcd", "YWJjZA": "abcd", "YWJ": "ab", "YQ": "a", "Y": "",
		"Y W\nJ\tj": "abc", "YWJj====ZGVm": "abcdef", "YWI=ZGVm": "ab", "Y=WJj": "abc", "!é": "", "_-": "",
	} {
		if got := string(decode64(text)); got != want {
			t.Errorf("decode64(%q) is %q, want %q", text, got, want)
		}
	}
}

func FuzzBase64(f *testing.F) {
	f.Add([]byte("\xfe some text that is longer than sixty characters of base64 are"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got := decode64(encode64(b)); !bytes.Equal(got, b) {
			t.Errorf("decode64(encode64(%q)) is %q", b, got)
		}
		want, err := base64.StdEncoding.DecodeString(string(b))
		if got := decode64(string(b)); err == nil && !bytes.Equal(got, want) {
			t.Errorf("decode64(%q) is %q, want %q", b, got, want)
		}
	})
}

func TestWords(t *testing.T) {
	for text, want := range map[string][]string{
		"": nil, "  ": nil, "a b": {"a", "b"}, " a\t\nb ": {"a", "b"}, `'a b' c`: {"a b", "c"}, `a'b c'd`: {"ab cd"}, `""`: {""}, `'' x`: {"", "x"},
		`"a\"b\\c\d"`: {`a"b\c\d`}, `a\ b`: {"a b"}, `\`: {`\`}, "a;rm b|c`d`$(e)&": {"arm", "bcd(e)"}, "é 'ü'": {"é", "ü"},
	} {
		if got, err := words(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("words(%q) is %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"'", `"`, `a "b`, `'a"`, `"a\"`} {
		if got, err := words(text); err != errQuote {
			t.Errorf("words(%q) is %q, %v; want an open quote", text, got, err)
		}
	}
}

func TestStrip(t *testing.T) {
	for text, want := range map[string]string{"": "", "\n\n": "", "a \nb\t\r\n \n": "a\nb", " a": " a", "a\n\nb": "a\n\nb", "a\x00\n": "a"} {
		if got := string(strip([]byte(text))); got != want {
			t.Errorf("strip(%q) is %q, want %q", text, got, want)
		}
	}
}

// made is an archive that write makes.
func made(t *testing.T, write func(*zip.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if err := write(z); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// add writes n bytes of zeros as a file, quickly.
func add(z *zip.Writer, name string, n int64, mode fs.FileMode) error {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate}
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	if strings.HasPrefix(name, "stored") {
		h.Method = zip.Store
	}
	h.SetMode(mode)
	w, err := z.CreateHeader(h)
	if err == nil {
		_, err = io.CopyN(w, zeros{}, n)
	}
	return err
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestUnpackRefuses(t *testing.T) {
	if testing.Short() {
		t.Skip("one thing after another: nothing for the race detector")
	}
	whole := made(t, func(z *zip.Writer) error { return add(z, "a", 100_000, 0o600) })
	liar := bytes.Clone(whole) // it says that the file has one byte
	at := bytes.LastIndex(liar, []byte("PK\x01\x02"))
	copy(liar[at+24:], []byte{1, 0, 0, 0})
	secret := bytes.Clone(whole)
	secret[bytes.LastIndex(secret, []byte("PK\x01\x02"))+8] |= 1
	for name, c := range map[string]struct {
		archive []byte
		want    string
	}{
		"nothing":      {[]byte{}, "is not a zip archive in base64"},
		"text":         {[]byte("no archive"), "is not a zip archive in base64"},
		"cut short":    {whole[:len(whole)-30], "is not a zip archive in base64"},
		"a large file": {made(t, func(z *zip.Writer) error { return add(z, "a", maxExtractKB<<10+1, 0o600) }), `path "a": has more than 10240 kilobytes, the limit`},
		"a lie":        {liar, `path "a": cannot be unpacked: not a valid zip file`},
		"encrypted":    {secret, `path "a" is encrypted`},
		"a link":       {made(t, func(z *zip.Writer) error { return add(z, "a", 10, fs.ModeSymlink|0o777) }), `path "a" is a link or a device; files are allowed`},
		"a pipe":       {made(t, func(z *zip.Writer) error { return add(z, "a", 0, fs.ModeNamedPipe|0o600) }), `path "a" is a link or a device; files are allowed`},
		"much in pieces": {made(t, func(z *zip.Writer) (err error) {
			for i := 0; i < 8 && err == nil; i++ {
				err = add(z, fmt.Sprint("stored", i), maxExtractKB<<10, 0o600)
			}
			return err
		}), "has more than 64 megabytes of content, the limit"},
		"many": {made(t, func(z *zip.Writer) (err error) {
			for i := 0; i < 10_001 && err == nil; i++ {
				_, err = z.Create(fmt.Sprint(i))
			}
			return err
		}), "has more than 10000 entries, the limit"},
	} {
		if files, err := unpack(c.archive); err == nil || err.Error() != c.want {
			t.Errorf("%s: %d files, %v; want %s", name, len(files), err, c.want)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, b []byte) {
		files, err := unpack(b)
		for name := range files {
			if err == nil && (name == "" || name[0] == '/' || strings.HasPrefix(name, "..")) {
				t.Errorf("path %q", name)
			}
		}
	})
}

func TestPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "127.0.0.1": false, "127.1.2.3": false, "0.0.0.0": false, "10.1.1.1": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false, "198.18.0.1": false, "::": false, "::1": false, "fe80::1": false,
		"fc00::1": false, "fd12::1": false, "ff02::1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "::7f00:1": false, "2001::1": false, "fec0::1": false, "172.32.0.1": true,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("public(%s) is %v", text, got)
		}
	}
	if got := plain(netip.MustParseAddrPort("[::ffff:127.0.0.1]:80")).Addr(); public(got) {
		t.Errorf("%s is public", got)
	}
}

// A name that is listed leads nowhere inside, whatever it resolves to.
func TestDialIsChecked(t *testing.T) {
	reached := false
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer s.Close()
	to := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	named := &callbacks{hosts: []string{strings.TrimPrefix(to, "http://")}} // as a name that somebody else answers for
	if !named.allow(to) {
		t.Fatal("the name is listed")
	}
	if err := named.put(t.Context(), to, nil); err == nil || !strings.Contains(err.Error(), "is not public") || reached {
		t.Errorf("put: %v, reached %v", err, reached)
	}
	if err := newCallbacks([]string{strings.TrimPrefix(to, "http://")}).put(t.Context(), to, nil); err != nil || !reached {
		t.Errorf("put to what is listed: %v, reached %v", err, reached)
	}
}

// What waits is bounded in bytes, too.
func TestOpenBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("one thing after another: nothing for the race detector")
	}
	b := newBook(newMemory(), slog.New(slog.DiscardHandler))
	half := &submission{Source: make([]byte, MaxOpen*3/8)} // which base64 makes a half
	for i, want := range []error{nil, nil, errQueue} {
		err := b.reserve(1)
		if err != want {
			t.Errorf("submission %d: %v, want %v", i, err, want)
		}
		if err == nil {
			_, err = b.keep([]*submission{half})
		}
		if err != want {
			t.Errorf("submission %d: %v", i, err)
		}
	}
	e := <-b.queue
	end := b.begin(e)
	end.Status = statusAccepted
	b.end(e, end, output{})
	if err := b.reserve(1); err != nil {
		t.Errorf("after an end: %v", err)
	}
}

// The oldest are forgotten beyond each limit, and what has not ended stays, with all after it.
func TestForgotten(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*book)
		later  time.Duration
		want   string
	}{
		"young": {func(*book) {}, MaxAge - time.Minute, "0123"},
		"old":   {func(*book) {}, MaxAge + time.Minute, ""},
		"large": {func(b *book) {
			for _, e := range b.order {
				e.bytes += MaxBytes / 3
				b.bytes += MaxBytes / 3
			}
		}, 0, "23"},
		"still queued": {func(b *book) { b.order[1].status = statusQueue }, MaxAge + time.Minute, "123"},
	} {
		store := newMemory()
		b := newBook(store, slog.New(slog.DiscardHandler))
		for i := range 4 {
			if err := b.reserve(1); err != nil {
				t.Fatal(err)
			}
			kept, err := b.keep([]*submission{{Source: []byte(fmt.Sprint(i))}})
			if err != nil {
				t.Fatal(err)
			}
			e := <-b.queue
			end := b.begin(e)
			end.Status = statusAccepted
			b.end(e, end, output{})
			b.mu.Lock()
			b.bytes += 3 - e.bytes
			e.bytes = 3
			b.mu.Unlock()
			if _, st, err := b.find(kept[0].token); err != nil || !st.Finished.Equal(st.Updated) {
				t.Errorf("%s: %+v, %v", name, st, err)
			}
		}
		c.change(b)
		b.expire(time.Now().Add(c.later))
		got := ""
		for _, e := range b.order {
			var s submission
			if err := b.read(e, kindSubmission, &s); err != nil {
				t.Error(err)
			}
			got += string(s.Source)
		}
		if got != c.want || len(b.tokens) != len(c.want) || len(store.values[kindState]) != len(c.want) {
			t.Errorf("%s: %q is left, %d tokens, %v; want %q", name, got, len(b.tokens), slices.Sorted(maps.Keys(store.values[kindState])), c.want)
		}
	}
}

func TestScalar(t *testing.T) {
	for text, want := range map[string]scalar{
		`null`: {}, `[1]`: {}, `{}`: {}, `"a\u00e9"`: {'"', "aé"}, `1.50`: {'0', "1.50"}, `true`: {'t', "true"},
	} {
		got := scalar{'"', "before"}
		if err := got.UnmarshalJSON([]byte(text)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, %v; want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]int64{"71": 71, " 71 ": 71, "71.9": 71, "7x": 7, "x": 0, "-3": -3, "1e2": 100, "0x10": 0, "-": 0} {
		if got := (scalar{'"', text}).whole(); got != want {
			t.Errorf("whole(%q) is %d, want %d", text, got, want)
		}
	}
}
