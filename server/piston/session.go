package piston

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	"borel/problem"

	"github.com/coder/websocket"
	"github.com/go-json-experiment/json"
)

// Limits of an interactive job. What it may take besides is bounded as in every job.
const (
	maxMessage  = 16 << 20         // bytes
	maxInput    = 4 << 20          // bytes, in all
	maxOutputKB = 4 << 10          // of each stream; it is kept, to be compared with what comes next
	maxRuns     = 1000             // times that a program is run, once for each time that it waits for input
	maxData     = 64 << 10         // bytes of output in one message
	maxAge      = time.Hour        // of real time, looked at where a program waits for input
	sendTime    = 30 * time.Second // for a client to take a message
)

// session is an interactive job. Its program is run with the input that there is; where it reads on, the session waits for more
// input and runs it again from its beginning with all of it: a program does the same again, and only what it writes then is
// told. Time on its clock does not pass while it waits.
type session struct {
	api  *api
	conn *websocket.Conn
	ctx  context.Context // of what the program does; its cause says why the session ends before the program does
	end  context.CancelCauseFunc

	begun chan struct{} // closed once job is there
	fresh chan struct{} // something was added to input
	job   *job

	mu    sync.Mutex // guards what follows
	input []byte
	whole bool // no more input follows

	sent [2]int // bytes of stdout and stderr
	last problem.Output
}

// closing is a reason to end a session with a status, after a message where there is one.
type closing struct {
	status  websocket.StatusCode
	reason  string
	message string
}

func (e *closing) Error() string { return e.reason }

// notified is how errors of JavaScript end a session.
func notified(message string) error { return &closing{4002, "Notified Error", message} }

// killed is the signal that ends a program.
type killed string

func (k killed) Error() string { return string(k) }

var errGone = errors.New("the client is gone")

func newSession(a *api) *session {
	s := &session{api: a, begun: make(chan struct{}), fresh: make(chan struct{}, 1)}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	return s
}

// serve answers conn until the job or the session ends.
func (s *session) serve(conn *websocket.Conn) {
	s.conn = conn
	defer conn.CloseNow()
	conn.SetReadLimit(maxMessage)
	reading, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.listen(reading)
	}()
	defer func() { stop(); <-done }()
	defer s.end(nil)

	err := s.play()
	var (
		why    *closing
		signal killed
	)
	switch {
	case err == nil, errors.As(err, &signal):
		if err != nil {
			err = s.exit("run", nil, (*string)(&signal))
		}
		if err == nil {
			conn.Close(4999, "Job Completed")
		}
	case errors.As(err, &why):
		if why.message != "" {
			s.send(errorEvent{"error", why.message})
		}
		conn.Close(why.status, why.reason)
	case errors.Is(err, errStopping):
		conn.Close(websocket.StatusGoingAway, errStopping.Error())
	}
}

// The messages that are sent.
type (
	runtimeEvent struct {
		Type     string `json:"type"`
		Language string `json:"language"`
		Version  string `json:"version"`
	}
	stageEvent struct {
		Type  string `json:"type"`
		Stage string `json:"stage"`
	}
	dataEvent struct {
		Type   string `json:"type"`
		Stream string `json:"stream"`
		Data   string `json:"data"`
	}
	exitEvent struct {
		Type   string  `json:"type"`
		Stage  string  `json:"stage"`
		Code   *int    `json:"code"`
		Signal *string `json:"signal"`
	}
	errorEvent struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	}
)

func (s *session) send(event any) error {
	b, err := json.Marshal(event)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), sendTime)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, b)
}

func (s *session) exit(stage string, code *int, signal *string) error {
	return s.send(exitEvent{"exit", stage, code, signal})
}

// play carries the job out. The error is why the session ends otherwise than by the program's end.
func (s *session) play() error {
	late := time.NewTimer(s.api.InitTime)
	defer late.Stop()
	select {
	case <-s.begun:
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	case <-late.C:
		return &closing{4001, "Initialization Timeout", ""}
	}
	r := s.job.runtime
	if err := s.send(runtimeEvent{"runtime", r.Language, r.Version}); err != nil {
		return err
	}
	if r.Language == codeforces {
		return s.judged()
	}
	if err := s.send(stageEvent{"stage", "run"}); err != nil {
		return err
	}
	old := time.Now().Add(maxAge)
	for range maxRuns {
		s.mu.Lock()
		input, whole := string(s.input), s.whole
		s.mu.Unlock()
		run, err := s.run(input, whole)
		if err != nil {
			return err
		}
		waits := run.Reason == "input" && !s.api.overdue(s.job, run)
		if err := s.show(run, !waits); err != nil {
			return err
		}
		if !waits {
			end := s.api.stage(s.job, run)
			return s.exit("run", end.Code, end.Signal)
		}
		if err := s.wait(len(input), old); err != nil {
			return err
		}
	}
	return notified(fmt.Sprintf("the program has waited for input %d times, the limit", maxRuns))
}

// wait returns once there is more input than n bytes, or its end. A program that gets none in time is ended.
func (s *session) wait(n int, old time.Time) error {
	t := time.NewTimer(min(s.api.Wait, time.Until(old)))
	defer t.Stop()
	for {
		s.mu.Lock()
		more := len(s.input) > n || s.whole
		s.mu.Unlock()
		if more {
			return nil
		}
		select {
		case <-s.fresh:
		case <-s.ctx.Done():
			return context.Cause(s.ctx)
		case <-t.C:
			return killed("SIGKILL")
		}
	}
}

// slotted calls f while it holds a slot. Its error is worded for the client.
func (s *session) slotted(f func() error) error {
	select {
	case s.api.sessions.slots <- struct{}{}:
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	}
	err := f()
	<-s.api.sessions.slots
	var invalid *problem.Invalid
	switch {
	case err == nil:
		return nil
	case s.ctx.Err() != nil:
		return context.Cause(s.ctx)
	case errors.As(err, &invalid):
		return notified(invalid.Error())
	}
	s.api.Logger.Error("interactive job failed", "err", err)
	return notified("the job could not be carried out")
}

// run runs the program with the input that there is.
func (s *session) run(input string, whole bool) (*problem.Run, error) {
	r := s.job.request
	r.Stdin, r.MoreStdin = input, !whole
	var run problem.Run
	err := s.slotted(func() (err error) {
		run, err = s.api.Verifier.Run(s.ctx, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(run.Output.Stdout, s.last.Stdout) || !bytes.HasPrefix(run.Output.Stderr, s.last.Stderr) {
		return nil, notified("the program did not do again what it had done")
	}
	s.last = run.Output
	return &run, nil
}

// judged is the job of a runtime that takes no input.
func (s *session) judged() error {
	var res *result
	err := s.slotted(func() (err error) {
		res, err = s.api.run(s.ctx, s.job)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range []struct {
		name string
		*stage
	}{{"compile", res.Compile}, {"run", &res.Run}} {
		err := errors.Join(s.send(stageEvent{"stage", p.name}),
			s.tell(0, []byte(p.Stdout)), s.tell(1, []byte(p.Stderr)), s.exit(p.name, p.Code, p.Signal))
		if err != nil {
			return err
		}
	}
	return nil
}

// show sends what run wrote beyond what was sent. A character that may go on is kept back until the last time.
func (s *session) show(run *problem.Run, last bool) error {
	rest := [2][]byte{run.Output.Stdout, run.Output.Stderr}
	if !last {
		for i := range rest {
			rest[i] = wholeRunes(rest[i])
		}
	}
	at := [2]int{}
	tell := func(stream, n int) error {
		n = min(n, len(rest[stream])-at[stream])
		from := max(at[stream], s.sent[stream])
		at[stream] += n
		if from >= at[stream] {
			return nil
		}
		s.sent[stream] = at[stream]
		return s.tell(stream, rest[stream][from:at[stream]])
	}
	for i, n := range run.Output.Order {
		if err := tell(i%2, int(n)); err != nil {
			return err
		}
	}
	return errors.Join(tell(0, len(rest[0])), tell(1, len(rest[1])))
}

// tell sends data of a stream, in pieces.
func (s *session) tell(stream int, data []byte) error {
	for len(data) > 0 {
		piece := data
		if len(piece) > maxData {
			piece = wholeRunes(piece[:maxData])
		}
		if err := s.send(dataEvent{"data", [2]string{"stdout", "stderr"}[stream], valid(piece)}); err != nil {
			return err
		}
		data = data[len(piece):]
	}
	return nil
}

// wholeRunes is b without the beginning of a character at its end.
func wholeRunes(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}
