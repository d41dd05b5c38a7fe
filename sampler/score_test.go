package sampler

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestScore(t *testing.T) {
	for _, c := range []struct {
		name    string
		status  int
		answer  string
		want    float64
		message string // part of the error; "": none
	}{
		{"a score", 200, `{"id":"s","object":"list","created":1,"model":"rm","data":[{"index":0,"object":"score","score":-1.25}],"usage":{}}`, -1.25, ""},
		{"zero", 200, `{"data":[{"score":0}]}`, 0, ""},
		{"none", 200, `{"data":[{"index":0}]}`, 0, "no score"},
		{"two", 200, `{"data":[{"score":1},{"score":2}]}`, 0, "no score"},
		{"a string", 200, `{"data":[{"score":"1"}]}`, 0, "no score"},
		{"not JSON", 200, `<html>`, 0, "no score"},
		{"refused", 400, `{"message":"this model does not score"}`, 0, "answered 400 to a request for a score"},
		{"broken", 500, ``, 0, "answered 500"},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var asked map[string]string
				b, _ := io.ReadAll(r.Body)
				if err := json.Unmarshal(b, &asked); err != nil || r.URL.Path != "/v1/score" || asked["model"] != "rm" || asked["text_1"] != "2+2?" || asked["text_2"] != "4" {
					t.Errorf("%s asked for %s: %v", r.URL.Path, b, err)
				}
				w.WriteHeader(c.status)
				io.WriteString(w, c.answer)
			}))
			defer srv.Close()
			e, err := ParseEndpoint("rm=" + srv.URL + "/v1")
			if err != nil {
				t.Fatal(err)
			}
			s, err := New(Config{Endpoints: []Endpoint{e}, Attempts: 2, Pause: time.Nanosecond})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			got, err := s.Score(t.Context(), "rm", "2+2?", "4")
			if c.message == "" {
				if err != nil || got != c.want {
					t.Errorf("got %g, %v; want %g", got, err, c.want)
				}
				return
			}
			if fault, ok := errors.AsType[*Error](err); !ok || fault.Alias != "rm" || !strings.Contains(err.Error(), c.message) {
				t.Errorf("got %g, %v; want an error of rm: %s", got, err, c.message)
			}
		})
	}
}
