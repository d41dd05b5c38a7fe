package store

import (
	"encoding/binary"
	"hash/crc32"
)

// count is how much of one kind is kept.
type count struct {
	records int64
	bytes   int64 // sum of the charges
}

// totals are written with every change, in the same transaction, so that opening a store needs no counting:
//
//	next[8] runs[8] run bytes[8] verdicts[8] verdict bytes[8] sum[4]
//
// After a loss of power in the default mode they can be off by what was lost; GC counts anew.
type totals struct {
	next     uint64 // number of the next put
	runs     count
	verdicts count
}

const totalsBytes = 5*8 + 4

// of returns the count of a table.
func (t *totals) of(table byte) *count {
	if table == tableRuns {
		return &t.runs
	}
	return &t.verdicts
}

func (t totals) encode() []byte {
	b := make([]byte, 0, totalsBytes)
	for _, n := range []int64{int64(t.next), t.runs.records, t.runs.bytes, t.verdicts.records, t.verdicts.bytes} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// decodeTotals reports false where b is damaged.
func decodeTotals(b []byte) (totals, bool) {
	if len(b) != totalsBytes || binary.BigEndian.Uint32(b[totalsBytes-4:]) != crc32.Checksum(b[:totalsBytes-4], castagnoli) {
		return totals{}, false
	}
	n := func(i int) int64 { return int64(binary.BigEndian.Uint64(b[8*i:])) }
	return totals{
		next:     uint64(n(0)),
		runs:     count{records: n(1), bytes: n(2)},
		verdicts: count{records: n(3), bytes: n(4)},
	}, true
}

// place is a value of the order table.
type place struct {
	of     byte   // from the key
	number uint64 // from the key
	hash   [32]byte
	charge int64
	parts  uint32
}

const placeBytes = 32 + 8 + 4

func (p place) encode() []byte {
	b := append(make([]byte, 0, placeBytes), p.hash[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(p.charge))
	return binary.BigEndian.AppendUint32(b, p.parts)
}

// decodePlace reports false where key or value are not of the order table.
func decodePlace(key, b []byte) (place, bool) {
	k, err := decodeKey(key)
	if err != nil || k.table != tableOrder || len(b) != placeBytes {
		return place{}, false
	}
	p := place{of: k.of, number: k.number}
	copy(p.hash[:], b)
	p.charge = int64(binary.BigEndian.Uint64(b[32:]))
	p.parts = binary.BigEndian.Uint32(b[40:])
	return p, p.charge >= 0 && p.charge <= 2*MaxValueBytes && p.parts <= MaxValueBytes/partBytes+1
}
