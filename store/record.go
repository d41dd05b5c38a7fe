package store

import (
	"encoding/binary"
	"errors"
	"hash/crc32"

	"github.com/klauspost/compress/s2"

	"borel/verify"
)

// MaxValueBytes is the longest value that is kept. A longer one is forgotten at once, as is one that, compressed,
// would take more than a quarter of its cache: Put answers nil and Stats counts it.
const MaxValueBytes = 256 << 20

const (
	inlineBytes   = 4 << 10   // a longer payload lies in parts
	partBytes     = 128 << 10 // of each part but the last
	compressBytes = 1 << 10   // a shorter value is kept as it is
)

// record is a value as it lies in the database. Its head is
//
//	form[1] number[8] length[4] parts[4] sum[4] payload
//
// where payload is empty if parts is not 0: it then lies in parts 0 … parts−1 under number. sum is the CRC-32C of the
// table, the key, form, length, parts and the whole payload, so that bytes of another value are recognised as such.
// Badger checks its blocks too; it does not check that head and parts belong together.
type record struct {
	form    byte
	number  uint64 // of the put
	length  uint32 // of the value, bytes
	parts   uint32
	sum     uint32
	payload []byte
}

// Forms of a payload.
const (
	formRaw = 1
	formS2  = 2 // an S2 block (github.com/klauspost/compress/s2)
)

const headBytes = 1 + 8 + 4 + 4 + 4

var errDamaged = errors.New("damaged value")

// newRecord makes a record of value, which has at most MaxValueBytes. The record shares no memory with value.
func newRecord(table byte, k verify.Key, value []byte) record {
	r := record{form: formRaw, length: uint32(len(value))}
	if len(value) >= compressBytes {
		if packed := s2.Encode(nil, value); len(packed) < len(value)-len(value)/8 {
			r.form = formS2
			// The encoder's buffer is as long as the value; what waits to be written should not hold on to it.
			r.payload = append(make([]byte, 0, len(packed)), packed...)
		}
	}
	if r.form == formRaw {
		r.payload = append(make([]byte, 0, len(value)), value...)
	}
	if len(r.payload) > inlineBytes {
		r.parts = uint32((len(r.payload) + partBytes - 1) / partBytes)
	}
	r.sum = r.checksum(table, k)
	return r
}

// head is what lies under the record's key.
func (r *record) head() []byte {
	b := make([]byte, 0, headBytes+inlineBytes)
	b = append(b, r.form)
	b = binary.BigEndian.AppendUint64(b, r.number)
	b = binary.BigEndian.AppendUint32(b, r.length)
	b = binary.BigEndian.AppendUint32(b, r.parts)
	b = binary.BigEndian.AppendUint32(b, r.sum)
	if r.parts == 0 {
		b = append(b, r.payload...)
	}
	return b
}

// part is what lies under part i.
func (r *record) part(i uint32) []byte {
	from := int(i) * partBytes
	return r.payload[from:min(from+partBytes, len(r.payload))]
}

// decodeHead is the inverse of head. The payload points into b.
func decodeHead(b []byte) (record, error) {
	if len(b) < headBytes {
		return record{}, errDamaged
	}
	r := record{
		form:    b[0],
		number:  binary.BigEndian.Uint64(b[1:]),
		length:  binary.BigEndian.Uint32(b[9:]),
		parts:   binary.BigEndian.Uint32(b[13:]),
		sum:     binary.BigEndian.Uint32(b[17:]),
		payload: b[headBytes:],
	}
	if r.length > MaxValueBytes || r.parts > MaxValueBytes/partBytes+1 {
		return record{}, errDamaged
	}
	return r, nil
}

// value unpacks a record whose payload is whole. The slice is the caller's.
func (r *record) value(table byte, k verify.Key) ([]byte, error) {
	if r.sum != r.checksum(table, k) {
		return nil, errDamaged
	}
	switch r.form {
	case formRaw:
		if len(r.payload) != int(r.length) {
			return nil, errDamaged
		}
		return append(make([]byte, 0, len(r.payload)), r.payload...), nil
	case formS2:
		// The length is checked first, so that no damage makes us allocate more than was put.
		if n, err := s2.DecodedLen(r.payload); err != nil || n != int(r.length) {
			return nil, errDamaged
		}
		value, err := s2.Decode(nil, r.payload)
		if err != nil {
			return nil, errDamaged
		}
		return value, nil
	}
	return nil, errDamaged
}

// same says whether both certainly hold the same value of the same key. Parts are not read for it.
func (r *record) same(o *record) bool {
	return r.parts == 0 && o.parts == 0 && r.form == o.form && r.length == o.length && r.sum == o.sum &&
		string(r.payload) == string(o.payload)
}

// charge is what the record counts for in its cache: the payload, and about what its keys, head and place in the
// order take.
func (r *record) charge() int64 { return int64(len(r.payload)) + 16*int64(r.parts) + 150 }

func (r *record) checksum(table byte, k verify.Key) uint32 {
	b := append([]byte{table}, k[:]...)
	b = append(b, r.form)
	b = binary.BigEndian.AppendUint32(b, r.length)
	b = binary.BigEndian.AppendUint32(b, r.parts)
	return crc32.Update(crc32.Checksum(b, castagnoli), castagnoli, r.payload)
}

// castagnoli is the polynomial that processors have an instruction for.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)
