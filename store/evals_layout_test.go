package store

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"borel/eval"
	"borel/problem"
)

// EvalKeys counts the keys of the table of evaluations.
func EvalKeys(t testing.TB, s *Store) int {
	t.Helper()
	n := 0
	err := s.evals.view(func(txn *badger.Txn) error {
		return eachKey(txn, []byte{tableEvals}, func(key []byte) error {
			n++
			_, err := decodeKey(key)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func FuzzEvalKeyRoundTrip(f *testing.F) {
	for kind := range fixed {
		f.Add(kind, []byte("an identity"), uint64(1<<63), uint32(7), uint32(9))
	}
	f.Add(byte(evalPart), []byte("an owner"), uint64(3), uint32(7), uint32(9))
	f.Fuzz(func(t *testing.T, kind byte, text []byte, job uint64, index, sample uint32) {
		k := evalKey{kind: kind}
		switch kind {
		case evalJob, evalStatus, evalDead:
			k.job = job
		case evalProb, evalTally:
			k.job, k.problem = job, index
		case evalRow:
			k.job, k.problem, k.sample = job, index, sample
		case evalSample:
			k.sample = sample
			copy(k.hash[:], text)
		case evalRef, evalDigest:
			k.job = job
			copy(k.hash[:], text)
		case evalSubmit:
			k.job, k.value = job, byte(index)
		case evalPart:
			k.owner, k.sum, k.part = string(rowKey(job, int(index), int(sample))), index, sample
		default:
			return
		}
		got, err := decodeKey(k.encode())
		if err != nil || got.eval != k {
			t.Errorf("decode(encode(k)) is %+v, %v; want %+v", got.eval, err, k)
		}
	})
}

func FuzzEvalKeyBytes(f *testing.F) {
	f.Add(rowKey(1, 2, 3))
	f.Add(sampleKey(eval.Identity{1}, 2))
	f.Add(refKey(eval.Identity{1}, 2))
	f.Add(partsKey(jobKey(evalJob, 1), 2, 3))
	f.Add(partsKey(partsKey(jobKey(evalJob, 1), 2, 3), 4, 5))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := decodeEvalKey(b)
		if err == nil && !bytes.Equal(k.encode(), b) {
			t.Errorf("encode(decode(%q)) is %q", b, k.encode())
		}
	})
}

func FuzzRowRoundTrip(f *testing.F) {
	f.Add(byte(1), true, uint16(3), "m", "stop")
	f.Add(byte(9), false, uint16(0), "", "length")
	f.Fuzz(func(t *testing.T, status byte, drawn bool, round uint16, message, finish string) {
		if int(status) >= len(statuses) || status == 0 {
			return
		}
		r := eval.NewRow{Round: int(round), Row: eval.Row{Drawn: drawn, FinishReason: finish, Verdict: problem.Verdict{Status: statuses[status], Message: message}}}
		b, err := encodeRow(&r)
		if err != nil {
			t.Fatal(err)
		}
		h, row, err := decodeRow(b)
		if err != nil || h != headOfRow(&r) || row.Drawn != drawn || row.Verdict.Status != statuses[status] {
			t.Errorf("%+v comes back as %+v, %+v, %v", r, h, row, err)
		}
		for cut := range min(len(b), rowHeadBytes) {
			if _, _, err := decodeRow(b[:cut]); !errors.Is(err, errDamaged) {
				t.Errorf("%d of its bytes are %v", cut, err)
			}
		}
	})
}

// What is damaged is an error, not a job without it.
func TestDamagedEvaluation(t *testing.T) {
	s, err := Open(Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	e := s.Evals()
	job, err := e.Create(t.Context(), eval.Spec{N: 1}, eval.Digest{}, []problem.Problem{{ID: "a"}}, make([]eval.Identity, 1), time.Unix(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	err = e.change(func(b *batch) error {
		return b.set(problemKey(evalTally, job, 0), []byte("nonsense"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Tallies(job, 0, 1); !errors.Is(err, errDamaged) {
		t.Errorf("a damaged tally: %v", err)
	}
	if st, err := s.Stats(); err != nil || st.Damaged != 1 {
		t.Errorf("%d damaged, %v", st.Damaged, err)
	}
}

// Every status that a verdict can have can be written.
func TestEveryStatusHasACode(t *testing.T) {
	for _, s := range []problem.Status{problem.Accepted, problem.WrongAnswer, problem.RuntimeError, problem.CompileError, problem.TimeLimitExceeded,
		problem.MemoryLimitExceeded, problem.OutputLimitExceeded, problem.NoProgram, problem.Unknown, problem.NotJudged} {
		b, err := encodeRow(&eval.NewRow{Row: eval.Row{Verdict: problem.Verdict{Status: s}}})
		if err != nil {
			t.Error(err)
			continue
		}
		if h, err := decodeRowHead(b); err != nil || h.status != s {
			t.Errorf("%s comes back as %s, %v", s, h.status, err)
		}
	}
	if _, err := encodeRow(&eval.NewRow{Row: eval.Row{Verdict: problem.Verdict{Status: "odd"}}}); err == nil {
		t.Error("an unknown status was written")
	}
}
