package store

import (
	"encoding/binary"
	"fmt"

	"borel/verify"
)

// Layout of the database. A key is one byte that names the table, then big-endian fields, so that the order of keys is
// the order of the fields. Numbers of puts grow by one and are never used twice.
//
//	key                          value                                  leaves
//	r  key[32]                   head of a run: see record.go           when it is among the oldest beyond the limit
//	v  key[32]                   head of a verdict                      likewise, with the limit of verdicts
//	c  number[8] part[4]         part of a value too long for its head  with its head
//	o  table[1] number[8]        key[32] charge[8] parts[4]             with its head
//	m  name                      totals: see totals.go; next job        never
//	e  kind[1] …                 evaluation jobs: below                 when its job is deleted
//
// The table of evaluations, all values of which are records:
//
//	ej job[8]                    what the job is: JSON
//	et job[8]                    its status and progress: JSON
//	ep job[8] problem[4]         a problem of it: JSON
//	ec job[8] problem[4]         what it has of the problem: counts, identity of the samples: JSON
//	ev job[8] problem[4] n[4]    its row of sample n: see evals_value.go
//	es identity[32] n[4]         sample n of a prompt drawn in one way, for all jobs that ask for it: JSON
//	er identity[32] job[8]       nothing: the job refers to these samples
//	ei digest[32] job[8]         nothing: what the job evaluates
//	ed job[8]                    nothing: the job is being made, or is deleted; what it holds is to be removed
//	ex key sum[4] part[4]        part of the value of that key, too long for its head, whose checksum is sum
//
// and of submissions, whose values are records too, in the same table:
//
//	eu kind[1] number[8]         a value of a submission: see submissions.go     when the submission is deleted
//
// "o" is the order of insertion: number → which run or verdict (table is r or v) was put with that number, what it
// costs in bytes, and in how many parts it is. Long values lie under the number of their put, not under their key, so
// that what arrives together lies together and compaction need not sort it again.
//
// The whole has one version, in the file FORMAT of the folder. A change to this table, to the heads or to the totals
// is a new version.
const (
	tableRuns     = 'r'
	tableVerdicts = 'v'
	tableParts    = 'c'
	tableOrder    = 'o'
	tableMeta     = 'm'
	tableEvals    = 'e'
)

// format is the content of the file FORMAT.
const format = "borel store 1\n"

// dbKey is a key of the database, taken apart. Which fields matter depends on table.
type dbKey struct {
	table  byte
	hash   verify.Key // r, v
	of     byte       // o: r or v
	number uint64     // c, o
	part   uint32     // c
	name   string     // m
	eval   evalKey    // e
}

func headKey(table byte, k verify.Key) []byte { return dbKey{table: table, hash: k}.encode() }
func partKey(number uint64, part uint32) []byte {
	return dbKey{table: tableParts, number: number, part: part}.encode()
}
func orderKey(of byte, number uint64) []byte {
	return dbKey{table: tableOrder, of: of, number: number}.encode()
}
func metaKey(name string) []byte { return dbKey{table: tableMeta, name: name}.encode() }

func (k dbKey) encode() []byte {
	switch k.table {
	case tableRuns, tableVerdicts:
		return append([]byte{k.table}, k.hash[:]...)
	case tableParts:
		b := binary.BigEndian.AppendUint64([]byte{k.table}, k.number)
		return binary.BigEndian.AppendUint32(b, k.part)
	case tableOrder:
		return binary.BigEndian.AppendUint64([]byte{k.table, k.of}, k.number)
	case tableEvals:
		return k.eval.encode()
	default:
		return append([]byte{k.table}, k.name...)
	}
}

// decodeKey is the inverse of encode. It refuses what encode cannot have written.
func decodeKey(b []byte) (dbKey, error) {
	if len(b) == 0 {
		return dbKey{}, fmt.Errorf("empty key")
	}
	k, rest := dbKey{table: b[0]}, b[1:]
	switch {
	case (k.table == tableRuns || k.table == tableVerdicts) && len(rest) == len(k.hash):
		copy(k.hash[:], rest)
	case k.table == tableParts && len(rest) == 12:
		k.number = binary.BigEndian.Uint64(rest)
		k.part = binary.BigEndian.Uint32(rest[8:])
	case k.table == tableOrder && len(rest) == 9 && (rest[0] == tableRuns || rest[0] == tableVerdicts):
		k.of = rest[0]
		k.number = binary.BigEndian.Uint64(rest[1:])
	case k.table == tableMeta:
		k.name = string(rest)
	case k.table == tableEvals:
		var err error
		if k.eval, err = decodeEvalKey(b); err != nil {
			return dbKey{}, err
		}
	default:
		return dbKey{}, fmt.Errorf("key of %d bytes in table %q is not of this layout", len(b), k.table)
	}
	return k, nil
}
