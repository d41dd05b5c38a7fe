package judge0_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// listen serves on a loopback address, and answers it as HOST:PORT.
func listen(t *testing.T, saw func(r *http.Request, body string)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		saw(r, string(b))
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// Who is listed is called once, with the end of the run in base64.
func TestCallback(t *testing.T) {
	got := make(chan string, 10)
	host := listen(t, func(r *http.Request, body string) {
		got <- r.Method + " " + r.URL.Path + " " + r.Header.Get("Content-Type") + "\n" + body
	})
	f := open(t, func(s *setup) { s.judge0.Callbacks = []string{host} })
	status, body := f.post(t, "/submissions?wait=true", source("print(1)", `,"callback_url":"http://`+host+`/hook?x=1"`))
	if status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	head, call, _ := strings.Cut(<-got, "\n")
	if want := "PUT /hook application/json"; head != want {
		t.Errorf("%s, want %s", head, want)
	}
	o := object(t, body)
	o["stdout"] = "MQo=\n"
	has(t, "callback", call, string(encoded(t, o)))
	f.stop()
	if len(got) > 0 {
		t.Errorf("called again: %s", <-got)
	}
}

// What is not listed is refused; and where the list says yes, the address that is dialled says no.
func TestCallbackToInternalAddresses(t *testing.T) {
	var calls atomic.Int64
	host := listen(t, func(*http.Request, string) { calls.Add(1) })
	_, port, err := net.SplitHostPort(host)
	if err != nil {
		t.Fatal(err)
	}
	redirects := listenRedirect(t, "http://"+host+"/")
	f := open(t, func(s *setup) {
		s.judge0.Callbacks = []string{"127.0.0.1", redirects} // an address without a port is no listed ADDRESS:PORT
	})
	for _, url := range []string{
		"http://" + host + "/", "http://localhost:" + port + "/", "http://[::1]:" + port + "/", "http://[::ffff:127.0.0.1]:" + port + "/", "http://2130706433:" + port + "/",
		"http://0x7f.1:" + port + "/", "http://0.0.0.0:" + port + "/", "http://127.0.0.1@example.com/", "http://user:pw@" + redirects + "/", "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/",
		"ftp://" + redirects + "/", "file:///etc/passwd", "//" + redirects + "/", "gopher://" + host, "javascript:1", "http://", "http://%zz/", "http://" + redirects + ".example.com/",
	} {
		status, body := f.post(t, "/submissions?wait=true", source("pass", `,"callback_url":"`+url+`"`))
		if want := `{"callback_url":["setting callback is not allowed"]}`; status != 422 || body != want {
			t.Errorf("%s: %d %s, want %s", url, status, body, want)
		}
	}
	for _, url := range []string{"http://127.0.0.1/", "http://" + redirects + "/"} {
		if status, body := f.post(t, "/submissions?wait=true", source("pass", `,"callback_url":"`+url+`"`)); status != 201 {
			t.Errorf("%s: %d %s", url, status, body)
		}
	}
	f.stop() // which waits for the calls, or ends them
	if n := calls.Load(); n != 0 {
		t.Errorf("%d calls reached an address that is not listed", n)
	}
}

func listenRedirect(t *testing.T, to string) string {
	t.Helper()
	s := httptest.NewServer(http.RedirectHandler(to, http.StatusTemporaryRedirect))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// Nobody answers: it is tried three times.
func TestCallbackIsTriedThreeTimes(t *testing.T) {
	var calls atomic.Int64
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	third := make(chan struct{})
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			c.Close()
			if calls.Add(1) == 3 {
				close(third)
			}
		}
	}()
	defer ln.Close()
	host := ln.Addr().String()
	f := open(t, func(s *setup) { s.judge0.Callbacks = []string{host} })
	status, body := f.post(t, "/submissions?wait=true", source("pass", `,"callback_url":"http://`+host+`"`))
	if status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	<-third
	f.stop()
	if n := calls.Load(); n != 3 {
		t.Errorf("%d tries, want 3", n)
	}
}
