package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Bounds on a file.
const (
	MaxLine    = 1 << 30 // bytes of a line, or of a record of an array: a problem with many samples stands on one
	MaxRecords = 1 << 20 // records of a file of problems
)

// Plain unpacks in where it is gzip, which its first bytes tell.
func Plain(in io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(in, 1<<20)
	if magic, err := buffered.Peek(2); err != nil || !isGzip(magic) {
		return buffered, nil
	}
	return gzip.NewReader(buffered)
}

// isGzip reports whether a file that begins so is gzip.
func isGzip(begin []byte) bool { return len(begin) >= 2 && begin[0] == 0x1f && begin[1] == 0x8b }

// What is kept of a gzip file in memory is bounded by the file: problems, even those with tests that hardly differ, do not
// unpack to more than maxRatio times it, beyond freely bytes.
const (
	maxRatio = 200
	freely   = 256 << 20
)

// kept unpacks in as Plain does, for who keeps what it reads.
func kept(in io.Reader) (io.Reader, error) {
	b := &bounded{packed: in}
	plain, err := Plain(readerFunc(b.read))
	if _, is := plain.(*gzip.Reader); err != nil || !is {
		return plain, err
	}
	return readerFunc(func(p []byte) (int, error) {
		n, err := plain.Read(p)
		if b.out += int64(n); b.out > freely && b.out/maxRatio > b.in {
			return n, fmt.Errorf("unpacks to more than %d times its size", maxRatio)
		}
		return n, err
	}), nil
}

// bounded counts what is read and what it unpacks to.
type bounded struct {
	packed  io.Reader
	in, out int64
}

func (b *bounded) read(p []byte) (int, error) {
	n, err := b.packed.Read(p)
	b.in += int64(n)
	return n, err
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Lines calls f with every line of in that is not blank. Errors begin with name and line. A line that is not UTF-8 is
// an error: JSON's decoder would replace what is not, and another program be judged.
func Lines(in io.Reader, name string, f func(line []byte) error) error {
	return lines(in, name, func(line []byte, _ int64) error { return f(line) })
}

// lines is Lines, which also says at which byte of in a line begins.
func lines(in io.Reader, name string, f func(line []byte, at int64) error) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 1<<20), MaxLine)
	var passed, at int64 // bytes up to the end of the line, and up to its beginning
	lines.Split(func(data []byte, end bool) (int, []byte, error) {
		n, line, err := bufio.ScanLines(data, end)
		at, passed = passed, passed+int64(n)
		return n, line, err
	})
	n := 0
	for lines.Scan() {
		n++
		whole := lines.Bytes()
		line := bytes.TrimSpace(whole)
		if len(line) == 0 {
			continue
		}
		if at := InvalidUTF8(line); at >= 0 {
			return fmt.Errorf("%s, line %d: is not UTF-8 at byte %d", name, n, at)
		}
		if err := f(line, at+int64(len(whole)-len(bytes.TrimLeftFunc(whole, unicode.IsSpace)))); err != nil {
			return fmt.Errorf("%s, line %d: %w", name, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s, line %d: %w", name, n+1, err)
	}
	return nil
}

// records calls f with every record of in, lines or the elements of an array, and the byte of in at which it begins.
func records(in io.Reader, name string, f func(record []byte, at int64) error) error {
	n := 0
	counted := func(r []byte, at int64) error {
		if n++; n > MaxRecords {
			return fmt.Errorf("the file has more than %d records", MaxRecords)
		}
		return f(r, at)
	}
	b := bufio.NewReaderSize(in, 1<<16)
	start, err := b.Peek(1 << 12)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", name, err)
	}
	if bytes.HasPrefix(bytes.TrimSpace(start), []byte("[")) {
		return array(b, name, counted)
	}
	return lines(b, name, counted)
}

// array calls f with the elements of an array.
func array(in io.Reader, name string, f func(record []byte, at int64) error) error {
	p := &places{in: in, left: MaxLine}
	d := json.NewDecoder(p)
	at := func(err error) error {
		return fmt.Errorf("%s, line %d: %w", name, p.line(d.InputOffset()), JSONError(err))
	}
	if _, err := d.Token(); err != nil {
		return at(err)
	}
	for d.More() {
		p.left = MaxLine
		var r json.RawMessage
		if err := d.Decode(&r); err != nil {
			return at(err)
		}
		if i := InvalidUTF8(r); i >= 0 {
			return at(fmt.Errorf("is not UTF-8 at byte %d", i))
		}
		if err := f(r, d.InputOffset()-int64(len(r))); err != nil {
			return at(err)
		}
	}
	if _, err := d.Token(); err != nil {
		return at(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return at(errors.New("something stands behind the array"))
	}
	return nil
}

// places counts the lines of what is read, and bounds how much of it is read for one record.
type places struct {
	in     io.Reader
	read   int64
	left   int
	passed int     // lines that ended before those in breaks
	breaks []int64 // where lines end that were not passed
}

func (p *places) Read(b []byte) (int, error) {
	if p.left <= 0 {
		return 0, fmt.Errorf("a record has more than %d bytes", MaxLine)
	}
	n, err := p.in.Read(b[:min(len(b), p.left)])
	for i, c := range b[:n] {
		if c == '\n' {
			p.breaks = append(p.breaks, p.read+int64(i))
		}
	}
	p.read += int64(n)
	p.left -= n
	return n, err
}

// line is the number of the line at offset, which never goes back.
func (p *places) line(offset int64) int {
	i, _ := slices.BinarySearch(p.breaks, offset)
	p.passed += i
	p.breaks = slices.Delete(p.breaks, 0, i)
	return p.passed + 1
}

// InvalidUTF8 is the place of the first byte of b that is not text; -1 where all are.
func InvalidUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// JSONError says of half a record that it is half a record.
func JSONError(err error) error {
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("is not JSON, or only part of it: %s at byte %d", s.Error(), s.Offset)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("is only part of a JSON value")
	}
	return err
}
