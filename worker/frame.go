package worker

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"github.com/fxamacker/cbor/v2"
)

// MaxFrame is the greatest frame, in bytes, whatever the limits of a run allow.
const MaxFrame = 1 << 30

// headBytes is the length of a frame's head: the body's length, most significant byte first.
const headBytes = 4

// The encoding is CBOR (RFC 8949) in its plainest form: definite lengths, no tags, times as RFC 3339 text. Text may hold
// any bytes, as arguments and paths may.
var (
	encoding = must(cbor.EncOptions{Time: cbor.TimeRFC3339NanoUTC, TagsMd: cbor.TagsForbidden, IndefLength: cbor.IndefLengthForbidden}.UserBufferEncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 8, MaxArrayElements: 1 << 17, MaxMapPairs: 1 << 17,
		UTF8: cbor.UTF8DecodeInvalid, FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
	}.DecMode())
)

func must[M any](mode M, err error) M {
	if err != nil {
		panic(err) // the options above contradict one another
	}
	return mode
}

// buffers are for frames being written.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keepBuffer is the size beyond which a buffer is left to the garbage collector.
const keepBuffer = 1 << 20

// Encode writes m as one frame, in one Write.
func Encode[M Request | Answer](w io.Writer, m *M) error {
	b := buffers.Get().(*bytes.Buffer)
	defer func() {
		if b.Cap() <= keepBuffer {
			buffers.Put(b)
		}
	}()
	b.Reset()
	b.Write(make([]byte, headBytes))
	if err := encoding.MarshalToBuffer(m, b); err != nil {
		return err
	}
	n := b.Len() - headBytes
	if n > MaxFrame {
		return fmt.Errorf("a frame of %d bytes: the limit is %d", n, MaxFrame)
	}
	binary.BigEndian.PutUint32(b.Bytes(), uint32(n))
	_, err := w.Write(b.Bytes())
	return err
}

// Decode reads one frame of at most limit bytes into m, which is zero. The error is io.EOF where r ends before a frame
// begins. Memory is taken as bytes arrive, not as a head promises them.
func Decode[M Request | Answer](r *bufio.Reader, limit int64, m *M) error {
	head, err := r.Peek(headBytes)
	if err != nil {
		if err == io.EOF && len(head) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	n := int64(binary.BigEndian.Uint32(head))
	if n > limit {
		return fmt.Errorf("a frame of %d bytes: the limit is %d", n, limit)
	}
	r.Discard(headBytes)
	if n <= int64(r.Size()) {
		b, err := r.Peek(int(n))
		if err != nil {
			return cutShort(err)
		}
		err = decoding.Unmarshal(b, m)
		r.Discard(int(n))
		return err
	}
	var b bytes.Buffer
	if _, err := io.CopyN(&b, r, n); err != nil {
		return cutShort(err)
	}
	return decoding.Unmarshal(b.Bytes(), m)
}

func cutShort(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
