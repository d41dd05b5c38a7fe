package execute

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"borel/server"
)

func newContexts() *contexts { return &contexts{all: map[string]*session{}} }

// alone waits without a slot to give back.
func alone(wait func() error) error { return wait() }

// executed executes a cell without running it.
func (s *contexts) executed(t *testing.T, x *session, code string) error {
	t.Helper()
	turn, err := s.begin(t.Context(), alone, x, code, nil)
	if err == nil {
		s.end(turn, true)
	}
	return err
}

func TestContextsForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, o := newContexts(), owner{}
		a, b := s.add(o, "").ID, s.add(o, "").ID
		time.Sleep(contextAge - time.Second)
		if s.find(o, a) == nil {
			t.Fatal("forgotten too early")
		}
		time.Sleep(2 * time.Second)
		if s.find(o, b) != nil || s.find(o, a) == nil {
			t.Error("that which was not used is to be forgotten, and only that")
		}
		for range maxContexts {
			time.Sleep(time.Millisecond)
			s.add(o, "")
		}
		if n := len(s.all); n != maxContexts || s.find(o, a) != nil {
			t.Errorf("%d contexts, want %d without the oldest", n, maxContexts)
		}
		time.Sleep(contextAge + time.Second)
		if got := s.list(o); len(got) != 0 || len(s.all) != 0 {
			t.Errorf("%d are left", len(got))
		}
	})
}

func TestContextsBounds(t *testing.T) {
	s, o := newContexts(), owner{}
	x := s.find(o, s.add(o, "").ID)
	for range maxCells {
		if err := s.executed(t, x, "1"); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(err error, want string) {
		t.Helper()
		f, ok := err.(*server.Failure)
		if !ok || f.Status != http.StatusRequestEntityTooLarge || f.Detail != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	refused(s.executed(t, x, "1"), fmt.Sprintf("Context %s has 256 cells of 256 bytes; with one of 1 more it is beyond the limits, 256 cells and 4194304 bytes: restart it, or create another", x.ID))
	if !s.clear(o, x.ID) || s.bytes != 0 || s.executed(t, x, "1") != nil {
		t.Error("not restarted")
	}
	big := strings.Repeat("#", maxCellBytes)
	refused(s.executed(t, x, big), fmt.Sprintf("Context %s has 1 cells of 1 bytes; with one of 4194304 more it is beyond the limits, 256 cells and 4194304 bytes: restart it, or create another", x.ID))

	for range 100 {
		if err := s.executed(t, s.find(o, s.add(o, "").ID), big); err != nil {
			t.Fatal(err)
		}
	}
	sum := 0
	for _, x := range s.all {
		sum += x.bytes
	}
	if s.bytes != sum || sum > maxContextBytes || len(s.all) != maxContextBytes/maxCellBytes {
		t.Errorf("%d contexts of %d bytes, counted as %d", len(s.all), sum, s.bytes)
	}
}

// A cell that is executed while its context is restarted or removed is not remembered.
func TestContextsMeanwhile(t *testing.T) {
	s, o := newContexts(), owner{}
	x := s.find(o, s.add(o, "").ID)
	turn, err := s.begin(t.Context(), alone, x, "1", nil)
	if err != nil {
		t.Fatal(err)
	}
	s.clear(o, x.ID)
	s.end(turn, true)
	if len(x.cells) != 0 || s.bytes != 0 {
		t.Errorf("remembered after a restart: %q", x.cells)
	}
	if turn, err = s.begin(t.Context(), alone, x, "1", nil); err != nil {
		t.Fatal(err)
	}
	if !s.remove(o, x.ID) || s.remove(o, x.ID) {
		t.Error("not removed, or twice")
	}
	s.end(turn, true)
	if len(x.cells) != 0 || s.bytes != 0 {
		t.Errorf("remembered after it was removed: %q", x.cells)
	}
}
