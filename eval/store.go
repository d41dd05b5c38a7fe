package eval

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"borel/problem"
)

// ErrNotFound says that there is no such job, or no such problem in it.
var ErrNotFound = errors.New("no such evaluation job")

// ErrFull is what an error of a store is (errors.Is) that has no room to write.
var ErrFull = errors.New("the disk is nearly full")

// Store keeps jobs, their problems, the samples that were drawn and the verdicts. What a method returned nil for
// survives the death of the process. An error of Write or Update is a store that cannot be written to just now: nothing
// was written, or a part that writing the same again does not count twice. Methods are safe for concurrent use.
type Store interface {
	// Create keeps a job and answers its number. spec is without its problems.
	Create(ctx context.Context, spec Spec, digest Digest, problems []problem.Problem, identities []Identity, created time.Time) (uint64, error)
	Record(job uint64) (Record, error) // ErrNotFound
	// Records reads the newest first, of numbers below before unless that is 0; more says that there are further ones.
	Records(before uint64, limit int) (records []Record, more bool, err error)
	Find(digest Digest) ([]uint64, error) // jobs of this digest, the oldest first
	Open() ([]uint64, error)              // jobs that have not ended, the oldest first
	Problem(job uint64, index int) (problem.Problem, error)
	Tallies(job uint64, from, limit int) ([]Tally, error) // of problems from, from+1, …

	// Held tells what is kept of the first n samples of a problem.
	Held(job uint64, index, n int) (Held, error)
	Sample(id Identity, index int) (s Sample, found bool, err error)
	Rows(ctx context.Context, job uint64, q RowQuery) (rows []Row, next string, err error)

	// Update changes the status of a job.
	Update(job uint64, change func(*Status) error) (Record, error)
	// Write keeps what is in c. A row takes the place of an earlier one, and the counts of its problem and its job go
	// with it, in one transaction. A sample that is kept already stays as it is.
	Write(job uint64, c Changes) (Written, error)

	// Delete removes a job at once from every answer. What it held is removed by Purge.
	Delete(job uint64) error
	// Purge removes what deleted jobs, and jobs whose creation was cut short, have left, samples too unless another job refers to them.
	Purge(ctx context.Context) error
}

// Identity names the samples of one prompt, drawn in one way.
type Identity [32]byte

// Digest names what is evaluated: see [Spec.Digest].
type Digest [32]byte

// Record is all that is kept of a job, besides its problems and what came of them.
type Record struct {
	Number   uint64
	Spec     Spec // without its problems
	Digest   Digest
	Problems int
	Created  time.Time
	Status
}

// Status is what changes of a job. Running and Paused are not kept: they are how a Queued job is while an engine is at it.
type Status struct {
	State   State     `json:"state"`
	Reason  string    `json:"reason,omitempty"`
	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
	Seconds float64   `json:"seconds,omitempty"`
	N       int       `json:"n"` // of each problem; Extend makes it larger
	Progress

	// Round grows with each Extend, Resume and Regrade. Rows older than JudgeFrom are judged again; rows older than
	// RetryFrom whose sample failed or whose verdict is unknown are tried again.
	Round      int              `json:"round,omitempty"`
	JudgeFrom  int              `json:"judge_from,omitempty"`
	RetryFrom  int              `json:"retry_from,omitempty"`
	ErrorsOnly bool             `json:"errors_only,omitempty"` // draw nothing that has no row yet
	Was        State            `json:"was,omitempty"`         // with ErrorsOnly: how it ended before it had all samples, and ends again
	Changes    []problem.Change `json:"changes,omitempty"`     // of the checks, in order
}

// Tally counts what a job has of one problem.
type Tally struct {
	Problem  string         `json:"problem"`
	Counts   problem.Counts `json:"counts"`
	Failed   int            `json:"failed,omitempty" doc:"samples that the endpoints did not give"`
	Unjudged int            `json:"unjudged,omitempty" doc:"samples that were drawn and could not be decided"`
	Cut      int            `json:"cut,omitempty" doc:"answers that were cut by length"`
	Votes    bool           `json:"votes,omitempty" doc:"its samples state answers, which can vote"`
	Finished bool           `json:"finished" doc:"it wants no more samples"`
	Selected *int           `json:"selected,omitempty" doc:"the sample that is selected, by select or by an agreement check, once the problem is finished"`
	Right    bool           `json:"selected_right,omitempty" doc:"the selected sample is accepted"`
	Unsure   bool           `json:"selected_unknown,omitempty" doc:"whether the selected sample is right is not known, or none was drawn"`

	Index    int      `json:"-"`
	Identity Identity `json:"-"`
	Round    int      `json:"-"` // in which it was finished
}

// Sample is a sample as it was drawn.
type Sample struct {
	Text         string    `json:"text"`
	FinishReason string    `json:"finish,omitempty"`
	Tokens       int       `json:"tokens,omitempty"`
	LogProb      *float64  `json:"logprob,omitempty"`
	Endpoint     string    `json:"endpoint,omitempty"`
	Drawn        time.Time `json:"drawn,omitzero"`
}

// Held is what is kept of the first samples of a problem.
type Held struct {
	Drawn []bool // that there is a sample
	Rows  []Mark
}

// Mark is what Held tells of a row.
type Mark struct {
	Present bool
	Drawn   bool
	Status  problem.Status
	Round   int
}

// Changes are what a job has to keep.
type Changes struct {
	Samples  []NewSample
	Rows     []NewRow
	Finished []Finish
	Seconds  float64 // the job has spent running, in all
}

// NewSample is a sample to keep. What it cost is counted if it was not kept before.
type NewSample struct {
	Identity Identity
	Index    int
	Sample
	Usage problem.Usage
}

// NewRow is a row to keep. Its Text is kept with the sample.
type NewRow struct {
	Index int // of the problem
	Round int
	Row
}

// Finish says that a problem wants no more samples in this round.
type Finish struct {
	Index, Round int
	Selected     *int
	Right        bool
	Unsure       bool
}

// Written is what Write came to: the job's progress, and the tallies that changed.
type Written struct {
	Progress Progress
	Tallies  []Tally
}

// RowQuery asks for rows of a job, in the order of its problems and samples.
type RowQuery struct {
	Problem string         // of this problem alone
	At      *int           // of the problem at this place alone
	Status  problem.Status // with this status alone
	Failed  bool           // those alone that no endpoint gave
	After   string         // go on behind a page, with what it gave as next
	Limit   int            // rows of a page at most
	Text    bool           // with the text of the samples
}

// MaxPage is the greatest number of rows, problems or jobs of a page.
const MaxPage = 1000

// jobPrefix leads the ID of a job; its number follows.
const jobPrefix = "eval-"

// JobID is the ID of the job of a number.
func JobID(number uint64) string { return jobPrefix + strconv.FormatUint(number, 10) }

// number is the inverse of JobID.
func number(id string) (uint64, error) {
	digits, ok := strings.CutPrefix(id, jobPrefix)
	n, err := strconv.ParseUint(digits, 10, 64)
	if !ok || err != nil || JobID(n) != id {
		return 0, fmt.Errorf("%.60q: %w", id, ErrNotFound)
	}
	return n, nil
}

// Job is how a record is told.
func (r *Record) job() Job {
	j := Job{
		ID: JobID(r.Number), State: r.State, Reason: r.Reason, Created: r.Created, Started: r.Started, Ended: r.Ended,
		Seconds: r.Seconds, Spec: r.Spec, Digest: fmt.Sprintf("%x", r.Digest), Problems: r.Problems, Progress: r.Progress,
	}
	j.Spec.N = r.N
	return j
}

// Add counts a row in, or with by −1 out. It tells how the counts of the whole job change.
func (t *Tally) Add(drawn bool, status problem.Status, cut bool, by int) {
	t.Counts.Samples += by
	switch status {
	case problem.Accepted:
		t.Counts.Accepted += by
	case problem.Unknown:
		t.Counts.Unknown += by
		if drawn {
			t.Unjudged += by
		} else {
			t.Failed += by
		}
	case problem.NotJudged:
		t.Counts.NotJudged += by
	}
	if cut {
		t.Cut += by
	}
}

// Since makes t what it is in a round: what was finished in an earlier one is open again.
func (t *Tally) Since(round int) {
	if t.Round != round {
		t.Finished, t.Right, t.Unsure = false, false, false
	}
}

// Replace changes the counts of a job as those of one problem go from one tally to another.
func (p *Progress) Replace(was, is Tally) {
	p.Counts.Samples += is.Counts.Samples - was.Counts.Samples
	p.Counts.Accepted += is.Counts.Accepted - was.Counts.Accepted
	p.Counts.Unknown += is.Counts.Unknown - was.Counts.Unknown
	p.Counts.NotJudged += is.Counts.NotJudged - was.Counts.NotJudged
	p.Failed += is.Failed - was.Failed
	p.Unjudged += is.Unjudged - was.Unjudged
	p.Cut += is.Cut - was.Cut
	p.Solved += one(is.Counts.Accepted > 0) - one(was.Counts.Accepted > 0)
	p.Finished += one(is.Finished) - one(was.Finished)
	p.Selected += one(is.Right) - one(was.Right)
	p.SelectedUnknown += one(is.Unsure) - one(was.Unsure)
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
