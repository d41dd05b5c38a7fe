package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"

	"borel/eval"
	"borel/problem"
)

// Evals keeps evaluation jobs; it is an [eval.Store]. What was written is in the database when a method returns: a
// process that is killed loses none of it, and with Durable a machine neither. No limit of the store is about jobs: what
// they hold stays until they are deleted.
type Evals struct {
	s *Store

	mu     sync.Mutex // held while a job is made
	making uint64     // its number; with s.write
}

// Evals are the evaluation jobs of the store.
func (s *Store) Evals() *Evals { return s.evals }

// evalStatusBytes is what must be free to change the status of a job: it is small, and must be possible when a full disk
// has paused the rest.
const evalStatusBytes = openBytes

// view runs f on what was written last.
func (e *Evals) view(f func(txn *badger.Txn) error) (err error) {
	if err := e.s.enter(); err != nil {
		return err
	}
	defer e.s.life.RUnlock()
	defer e.recovered(&err)
	txn := e.s.db.NewTransactionAt(maxVersion, false)
	defer txn.Discard()
	return e.fault(f(txn))
}

// change runs f on a batch and commits it.
func (e *Evals) change(f func(b *batch) error) (err error) {
	if err := e.s.enter(); err != nil {
		return err
	}
	defer e.s.life.RUnlock()
	e.s.write.Lock()
	defer e.s.write.Unlock()
	b := e.s.newBatch()
	defer func() {
		if err != nil {
			b.txn.Discard()
		}
	}()
	defer e.recovered(&err)
	if err := f(b); err != nil {
		return e.fault(err)
	}
	return e.fault(b.commit())
}

// recovered makes a panic of Badger over a damaged block an error.
func (e *Evals) recovered(err *error) {
	if p := recover(); p != nil {
		e.s.log.Error("badger panicked over evaluation records", "dir", e.s.cfg.Dir, "panic", fmt.Sprint(p))
		*err = e.fault(errDamaged)
	}
}

func (e *Evals) fault(err error) error {
	if errors.Is(err, errDamaged) {
		e.s.damaged.Add(1)
		return fmt.Errorf("store %s: evaluation records are damaged: %w", e.s.cfg.Dir, err)
	}
	return err
}

// room is nil while jobs may be written to.
func (e *Evals) room() error {
	if err := e.s.enter(); err != nil {
		return err
	}
	defer e.s.life.RUnlock()
	return e.s.room()
}

// jobRecord is the JSON of what a job is.
type jobRecord struct {
	Spec     eval.Spec `json:"spec"`
	Digest   []byte    `json:"digest"`
	Problems int       `json:"problems"`
	Created  time.Time `json:"created"`
}

const nextJob = "next job" // name of the number of the next job

// Create implements [eval.Store]. The error may be a *[FullError].
func (e *Evals) Create(ctx context.Context, spec eval.Spec, digest eval.Digest, problems []problem.Problem, identities []eval.Identity, created time.Time) (uint64, error) {
	if err := e.room(); err != nil {
		return 0, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	var number uint64
	err := e.change(func(b *batch) error {
		var err error
		if number, err = nextNumber(b.txn); err != nil {
			return err
		}
		e.making = number
		return errors.Join(
			b.set(metaKey(nextJob), binary.BigEndian.AppendUint64(nil, number+1)),
			b.set(jobKey(evalDead, number), nil))
	})
	if err != nil {
		return 0, err
	}
	defer e.made()
	const chunk = 64
	for from := 0; from < len(problems); from += chunk {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		to := min(from+chunk, len(problems))
		err := e.change(func(b *batch) error {
			for i := from; i < to; i++ {
				if err := b.newProblem(number, i, &problems[i], identities[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return number, e.change(func(b *batch) error {
		key := jobKey(evalJob, number)
		job, err := jsonRecord(key, jobRecord{spec, digest[:], len(problems), created})
		if err != nil {
			return err
		}
		if err := b.longEval(key, job); err != nil {
			return err
		}
		return errors.Join(
			b.setEval(key, job),
			b.setStatus(number, &eval.Status{State: eval.Queued, N: spec.N}),
			b.set(digestKey(digest, number), nil),
			b.delete(jobKey(evalDead, number)))
	})
}

// made tells Purge that what the last creation left is nobody's, unless it succeeded.
func (e *Evals) made() {
	e.s.write.Lock()
	e.making = 0
	e.s.write.Unlock()
}

func nextNumber(txn *badger.Txn) (uint64, error) {
	item, err := txn.Get(metaKey(nextJob))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return 1, nil
	}
	if err != nil {
		return 0, err
	}
	b, err := item.ValueCopy(nil)
	if err == nil && len(b) != 8 {
		err = errDamaged
	}
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(b), nil
}

// newProblem adds a problem to a job that is being made.
func (b *batch) newProblem(job uint64, index int, p *problem.Problem, id eval.Identity) error {
	key := problemKey(evalProb, job, index)
	r, err := jsonRecord(key, p)
	if err != nil {
		return err
	}
	if err := b.longEval(key, r); err != nil {
		return err
	}
	at := problemKey(evalTally, job, index)
	t, err := jsonRecord(at, newTallyRecord(eval.Tally{Problem: p.ID, Identity: id, Votes: p.Check.Kind == problem.KindAnswer || p.Check.Votes()}))
	if err != nil {
		return err
	}
	if err := b.room(3, int64(len(r.head())+len(t.head()))+100); err != nil {
		return err
	}
	return errors.Join(b.setEval(key, r), b.setEval(at, t), b.set(refKey(id, job), nil))
}

func (b *batch) setStatus(job uint64, s *eval.Status) error {
	key := jobKey(evalStatus, job)
	r, err := jsonRecord(key, s)
	if err != nil {
		return err
	}
	if r.parts > 0 {
		return fmt.Errorf("a status of %d bytes is too long to keep", r.length)
	}
	return b.set(key, r.head())
}

// readRecord answers eval.ErrNotFound where there is no such job.
func readRecord(txn *badger.Txn, job uint64) (eval.Record, error) {
	var j jobRecord
	r := eval.Record{Number: job}
	err := readJSON(txn, jobKey(evalJob, job), &j)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return r, fmt.Errorf("%s: %w", eval.JobID(job), eval.ErrNotFound)
	}
	if err == nil {
		err = readJSON(txn, jobKey(evalStatus, job), &r.Status)
	}
	if errors.Is(err, badger.ErrKeyNotFound) {
		err = errDamaged
	}
	r.Spec, r.Problems, r.Created = j.Spec, j.Problems, j.Created
	copy(r.Digest[:], j.Digest)
	return r, err
}

// Update implements [eval.Store].
func (e *Evals) Update(job uint64, change func(*eval.Status) error) (r eval.Record, err error) {
	if free, err := freeBytes(e.s.cfg.Dir); err == nil && free < evalStatusBytes {
		return r, &FullError{Dir: e.s.cfg.Dir, FreeBytes: free, Need: evalStatusBytes}
	}
	err = e.change(func(b *batch) error {
		if r, err = readRecord(b.txn, job); err != nil {
			return err
		}
		if err := change(&r.Status); err != nil {
			return err
		}
		return b.setStatus(job, &r.Status)
	})
	return r, err
}
