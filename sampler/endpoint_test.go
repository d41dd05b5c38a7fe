package sampler

import (
	"errors"
	"strings"
	"testing"

	"borel/problem"
)

func TestParseEndpoint(t *testing.T) {
	for _, tt := range []struct{ in, alias, url string }{
		{"http://127.0.0.1:8000/v1", "127.0.0.1:8000", "http://127.0.0.1:8000/v1"},
		{"gpu=http://10.0.0.1:8000/v1", "gpu", "http://10.0.0.1:8000/v1"},
		{"https://api.example.org/v1/", "api.example.org", "https://api.example.org/v1/"},
		{"http://[::1]:80/v1", "[::1]:80", "http://[::1]:80/v1"},
	} {
		e, err := ParseEndpoint(tt.in)
		if err != nil || e != (Endpoint{Alias: tt.alias, URL: tt.url}) {
			t.Errorf("%s: got %+v, %v", tt.in, e, err)
		}
	}
	for _, in := range []string{"", "gpu", "=http://h/v1", "ftp://h/v1", "http:///v1", "http://user:secret@h/v1", "http://h/v1?key=secret", "http://h/v1#secret", "a b=http://h/v1", "http://h/%zzsecret", "http://h:secret/"} {
		_, err := ParseEndpoint(in)
		if e, ok := errors.AsType[*problem.Invalid](err); !ok || e.Field != "endpoint" {
			t.Errorf("%q: got %v, want an Invalid", in, err)
		} else if strings.Contains(err.Error(), "http://h/%zz") {
			t.Errorf("%q: the error repeats the URL: %v", in, err)
		}
	}
}

func FuzzParseEndpoint(f *testing.F) {
	f.Add("gpu=http://10.0.0.1:8000/v1")
	f.Add("https://[::1]/v1?a=b")
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseEndpoint(s)
		if err != nil {
			return
		}
		if again, err := ParseEndpoint(e.Alias + "=" + e.URL); err != nil || again != e {
			t.Errorf("%q: got %+v, then %+v, %v", s, e, again, err)
		}
	})
}
