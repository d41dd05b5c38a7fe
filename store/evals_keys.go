package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"borel/eval"
	"borel/verify"
)

// Kinds of keys in the table of evaluations: the second byte.
const (
	evalJob    = 'j'
	evalStatus = 't'
	evalDead   = 'd'
	evalProb   = 'p'
	evalTally  = 'c'
	evalRow    = 'v'
	evalSample = 's'
	evalRef    = 'r'
	evalDigest = 'i'
	evalPart   = 'x'
	evalSubmit = 'u' // of submissions
)

// evalKey is a key of the table of evaluations, taken apart. Which fields matter depends on kind.
type evalKey struct {
	kind    byte
	hash    [32]byte // s, r: of an identity; i: of a digest
	job     uint64   // all but s, x; u: number of the submission
	value   byte     // u
	problem uint32   // p, c, v
	sample  uint32   // v, s
	owner   string   // x: the key whose value this is a part of
	sum     uint32   // x: of that value
	part    uint32   // x
}

// ofJob is what the keys of a kind begin with that are of one job.
func ofJob(kind byte, job uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{tableEvals, kind}, job)
}

// rowsOf is what the keys of the rows of a problem begin with.
func rowsOf(job uint64, index int) []byte {
	return binary.BigEndian.AppendUint32(ofJob(evalRow, job), uint32(index))
}

func jobKey(kind byte, job uint64) []byte { return evalKey{kind: kind, job: job}.encode() }
func problemKey(kind byte, job uint64, index int) []byte {
	return evalKey{kind: kind, job: job, problem: uint32(index)}.encode()
}
func rowKey(job uint64, index, sample int) []byte {
	return evalKey{kind: evalRow, job: job, problem: uint32(index), sample: uint32(sample)}.encode()
}
func sampleKey(id eval.Identity, index int) []byte {
	return evalKey{kind: evalSample, hash: id, sample: uint32(index)}.encode()
}
func refKey(id eval.Identity, job uint64) []byte {
	return evalKey{kind: evalRef, hash: id, job: job}.encode()
}
func digestKey(d eval.Digest, job uint64) []byte {
	return evalKey{kind: evalDigest, hash: d, job: job}.encode()
}

// partsKey is the key of part i of the owner's value.
func partsKey(owner []byte, sum uint32, i int) []byte {
	return evalKey{kind: evalPart, owner: string(owner), sum: sum, part: uint32(i)}.encode()
}

func submissionKey(value byte, number uint64) []byte {
	return evalKey{kind: evalSubmit, value: value, job: number}.encode()
}

// fixed is the length of the keys of each kind but parts, with both leading bytes.
var fixed = map[byte]int{
	evalJob: 10, evalStatus: 10, evalDead: 10, evalProb: 14, evalTally: 14, evalRow: 18, evalSample: 38, evalRef: 42, evalDigest: 42, evalSubmit: 11,
}

func (k evalKey) encode() []byte {
	b := append(make([]byte, 0, 64), tableEvals, k.kind)
	switch k.kind {
	case evalSample:
		b = append(b, k.hash[:]...)
		return binary.BigEndian.AppendUint32(b, k.sample)
	case evalRef, evalDigest:
		b = append(b, k.hash[:]...)
		return binary.BigEndian.AppendUint64(b, k.job)
	case evalPart:
		b = append(b, k.owner...)
		b = binary.BigEndian.AppendUint32(b, k.sum)
		return binary.BigEndian.AppendUint32(b, k.part)
	}
	if k.kind == evalSubmit {
		b = append(b, k.value)
	}
	b = binary.BigEndian.AppendUint64(b, k.job)
	if k.kind == evalProb || k.kind == evalTally || k.kind == evalRow {
		b = binary.BigEndian.AppendUint32(b, k.problem)
	}
	if k.kind == evalRow {
		b = binary.BigEndian.AppendUint32(b, k.sample)
	}
	return b
}

// decodeEvalKey is the inverse of encode. It refuses what encode cannot have written.
func decodeEvalKey(b []byte) (evalKey, error) {
	wrong := fmt.Errorf("key of %d bytes in the table of evaluations is not of this layout", len(b))
	if len(b) < 2 || b[0] != tableEvals {
		return evalKey{}, wrong
	}
	k, rest := evalKey{kind: b[1]}, b[2:]
	if k.kind == evalPart {
		end := len(rest) - 8
		if end < 2 || rest[1] == evalPart {
			return evalKey{}, wrong
		}
		if _, err := decodeEvalKey(rest[:end]); err != nil {
			return evalKey{}, wrong
		}
		k.owner, k.sum, k.part = string(rest[:end]), binary.BigEndian.Uint32(rest[end:]), binary.BigEndian.Uint32(rest[end+4:])
		return k, nil
	}
	if len(b) != fixed[k.kind] {
		return evalKey{}, wrong
	}
	switch k.kind {
	case evalSample:
		copy(k.hash[:], rest)
		k.sample = binary.BigEndian.Uint32(rest[32:])
		return k, nil
	case evalRef, evalDigest:
		copy(k.hash[:], rest)
		k.job = binary.BigEndian.Uint64(rest[32:])
		return k, nil
	}
	if k.kind == evalSubmit {
		k.value, rest = rest[0], rest[1:]
	}
	k.job = binary.BigEndian.Uint64(rest)
	if len(rest) > 8 {
		k.problem = binary.BigEndian.Uint32(rest[8:])
	}
	if len(rest) > 12 {
		k.sample = binary.BigEndian.Uint32(rest[12:])
	}
	return k, nil
}

// sumKey stands for a key in the checksum of its value.
func sumKey(key []byte) verify.Key { return sha256.Sum256(key) }
