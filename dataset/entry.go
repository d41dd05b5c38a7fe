package dataset

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"

	"borel/problem"
)

// Entry is a record of a recording: samples of one problem that stand together.
type Entry struct {
	Problem  *Recorded
	First, N int    // the samples of Problem from First on, so many
	Name     string // of the file that the record is, in a recording of files

	file io.ReaderAt
	at   int64
	size int32
}

// entry is an Entry as it is kept, one for each line.
type entry struct {
	of             *Recorded
	at             int64
	size, first, n int32
}

// Entries are the records, in the order of the file.
func (r *Recording) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for i, e := range r.entries {
			name := ""
			if r.names != nil {
				name = r.names[i]
			}
			if !yield(Entry{e.of, int(e.first), int(e.n), name, r.file, e.at, e.size}) {
				return
			}
		}
	}
}

// Files reports that each record is a file.
func (r *Recording) Files() bool { return r.names != nil }

// Len is how many records there are.
func (r *Recording) Len() int { return len(r.entries) }

// Raw reads the record as it stands in the file.
func (e Entry) Raw() ([]byte, error) {
	b := make([]byte, e.size)
	if _, err := e.file.ReadAt(b, e.at); err != nil {
		return nil, fmt.Errorf("a record of problem %q cannot be read: %w", e.Problem.ID, err)
	}
	return b, nil
}

// File is one of many that a recording is made of, as a record in JSON.
type File struct {
	Name   string
	Record []byte
}

// OpenFiles is [OpenRecording] of files that hold a record each. They are copied to a temporary file that Close removes. Errors
// begin with the file's name; name is that of all.
func OpenFiles(files iter.Seq2[File, error], name string, known []problem.Problem, o Options) (_ *Recording, err error) {
	copied, err := os.CreateTemp("", "borel-samples-")
	if err != nil {
		return nil, err
	}
	r := &Recording{file: copied, remove: func() error { return errors.Join(copied.Close(), os.Remove(copied.Name())) }}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	index := newRecordings(o, copied, known)
	var at int64
	for f, err := range files {
		if err != nil {
			return nil, err
		}
		if len(f.Record) > math.MaxInt32 {
			return nil, fmt.Errorf("%s: has more than %d bytes", f.Name, math.MaxInt32)
		}
		if len(f.Record) == 0 || f.Record[0] != '{' {
			return nil, fmt.Errorf("%s: is no object", f.Name)
		}
		n, err := copied.Write(f.Record)
		if err != nil {
			return nil, err
		}
		if err := index.record(f.Record, at); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		at += int64(n)
		r.names = append(r.names, f.Name)
	}
	return r, r.finish(index, name)
}
