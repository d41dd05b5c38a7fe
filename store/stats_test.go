package store

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// Crossing the watermark is logged once in each direction, and puts go on when space is back.
func TestFreeSpaceComesAndGoes(t *testing.T) {
	var log bytes.Buffer
	s, err := Open(Config{Dir: t.TempDir(), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, low := range []bool{false, true, true, true, false, false, true} {
		s.cfg.MinFreeBytes = -1
		if low {
			s.cfg.MinFreeBytes = 1 << 62
		}
		s.free.asked.Store(0) // a second has passed
		err := s.room()
		if _, full := errors.AsType[*FullError](err); full != low {
			t.Errorf("step %d: %v, want an error: %v", i, err, low)
		}
	}
	if got := strings.Count(log.String(), "free space"); got != 3 {
		t.Errorf("three crossings are logged %d times:\n%s", got, &log)
	}
}
