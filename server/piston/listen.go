package piston

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// signals are those that a client may send; what they do to a program that takes no heed of them.
var (
	deadly = []string{
		"SIGABRT", "SIGALRM", "SIGBUS", "SIGEMT", "SIGFPE", "SIGHUP", "SIGILL", "SIGINT", "SIGIO", "SIGIOT", "SIGKILL", "SIGLOST", "SIGPOLL", "SIGPROF", "SIGPWR", "SIGQUIT",
		"SIGSEGV", "SIGSTKFLT", "SIGSYS", "SIGTERM", "SIGTRAP", "SIGUNUSED", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGXCPU",
	}
	harmless = []string{"SIGCHLD", "SIGCLD", "SIGCONT", "SIGINFO", "SIGPIPE", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXFSZ", "SIGWINCH"}
)

// order is a message of a client.
type order struct {
	Type   value `json:"type"`
	Stream value `json:"stream"`
	Data   value `json:"data"`
	Signal value `json:"signal"`
	fields
}

// listen takes the client's messages until there are no more, or one ends the session.
func (s *session) listen(ctx context.Context) {
	for {
		_, data, err := s.conn.Read(ctx)
		if err != nil {
			s.end(errGone)
			return
		}
		if err := s.take(data); err != nil {
			s.end(err)
			var k killed
			if !errors.As(err, &k) {
				return
			}
		}
	}
}

// take does what a message says. The error ends the session.
func (s *session) take(data []byte) error {
	var m order
	if err := syntax(data, json.Unmarshal(data, new(value), lax)); err != nil {
		return notified(strings.TrimPrefix(err.Error(), "SyntaxError: "))
	}
	switch value(data).Kind() {
	case 'n':
		return notified("Cannot read property 'type' of null")
	case '{':
		if err := json.Unmarshal(data, &m, lax); err != nil {
			return notified(err.Error())
		}
	}
	if kind(m.Type) != '"' {
		return nil
	}
	what := text(m.Type)
	if (what == "data" || what == "signal") && s.job == nil {
		return &closing{4003, "Not yet initialized", ""}
	}
	switch what {
	case "init":
		return s.init(&m.fields)
	case "data":
		if kind(m.Stream) != '"' || text(m.Stream) != "stdin" {
			return &closing{4004, "Can only write to stdin", ""}
		}
		if kind(m.Data) != '"' {
			return notified(`The "chunk" argument must be of type string or an instance of Buffer or Uint8Array`)
		}
		return s.add(text(m.Data))
	case "eof": // not the original's, which has no way to say it
		s.mu.Lock()
		s.whole = true
		s.mu.Unlock()
		s.wake()
	case "signal":
		switch name := text(m.Signal); {
		case kind(m.Signal) == '"' && slices.Contains(deadly, name):
			return killed(name)
		case kind(m.Signal) != '"' || !slices.Contains(harmless, name):
			return &closing{4005, "Invalid signal", ""}
		}
	}
	return nil
}

func (s *session) init(f *fields) error {
	if s.job != nil {
		return &closing{4000, "Already Initialized", ""}
	}
	j, err := s.api.job(f)
	if err != nil {
		return notified(err.Error())
	}
	j.request.Stdin = "" // the original leaves out what init has
	j.request.Limits.OutputKB = maxOutputKB
	s.job = j
	close(s.begun)
	return nil
}

func (s *session) add(data string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.input)+len(data) > maxInput {
		return notified(fmt.Sprintf("stdin has more than %d bytes, the limit", maxInput))
	}
	if !s.whole {
		s.input = append(s.input, data...)
	}
	s.wake()
	return nil
}

func (s *session) wake() {
	select {
	case s.fresh <- struct{}{}:
	default:
	}
}
