package judge0

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"borel/eval"
	"borel/server"
)

// book knows every submission that is kept, and which of them wait.
type book struct {
	store  Store
	log    *slog.Logger
	fault  error       // of reading the store; then nothing can be done
	queue  chan *entry // those that wait
	recall []*entry    // those whose callback the last process did not come to

	mu       sync.Mutex
	tokens   map[string]*entry
	order    []*entry // by number
	next     uint64   // number of the next
	reserved int      // places in queue of those that are being kept
	working  int
	bytes    int64 // of all
	open     int64 // of those that have not ended
}

// entry is a submission in the book.
type entry struct {
	number  uint64
	token   string
	created time.Time
	ended   chan struct{} // closed at its end

	// Under book.mu.
	language int
	status   int
	bytes    int64
	live     *state // until its end is kept
}

var (
	errQueue  = refused(http.StatusServiceUnavailable, "queue is full")
	errAbsent = &server.Failure{Status: http.StatusNotFound, Detail: "Not Found"}
)

// newBook reads what the store has; what had not ended waits again.
func newBook(store Store, log *slog.Logger) *book {
	b := &book{store: store, log: log, tokens: map[string]*entry{}, next: 1}
	var open []*entry
	b.fault = store.Sweep()
	if b.fault == nil {
		b.fault = store.Each(kindState, func(number uint64, value []byte) error {
			var s state
			if err := json.Unmarshal(value, &s); err != nil {
				log.Error("a submission cannot be read", "number", number, "err", err)
				return nil
			}
			e := &entry{number: number, token: s.Token, created: s.Created, ended: make(chan struct{}), language: s.LanguageID, status: s.Status, bytes: s.Bytes}
			b.next = number + 1
			switch {
			case !s.ended():
				s.Status, e.status, e.live = statusQueue, statusQueue, &s
				open = append(open, e)
			case s.Callback:
				b.recall = append(b.recall, e)
				fallthrough
			default:
				close(e.ended)
			}
			b.enter(e)
			return nil
		})
	}
	if b.fault != nil {
		log.Error("submissions cannot be read", "err", b.fault)
	}
	b.queue = make(chan *entry, MaxQueue+len(open))
	for _, e := range open {
		b.queue <- e
	}
	return b
}

// enter puts e into the book. Only who holds mu may call it, or newBook.
func (b *book) enter(e *entry) {
	b.tokens[e.token] = e
	b.order = append(b.order, e)
	b.bytes += e.bytes
	if e.live != nil {
		b.open += e.bytes
	}
}

// reserve takes n places in the queue, or none.
func (b *book) reserve(n int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fault != nil {
		return unkept(b.fault)
	}
	if len(b.queue)+b.reserved+n > MaxQueue || b.open > MaxOpen {
		return errQueue
	}
	b.reserved += n
	return nil
}

func (b *book) release(n int) {
	b.mu.Lock()
	b.reserved -= n
	b.mu.Unlock()
}

// keep keeps submissions and queues them, all or none, in places that were reserved. The places are taken whatever happens.
func (b *book) keep(list []*submission) (kept []*entry, err error) {
	defer b.release(len(list))
	now := time.Now().UTC()
	for _, s := range list {
		value := encode(s)
		st := &state{Token: newToken(), LanguageID: s.LanguageID, Status: statusQueue, Created: now, Updated: now, Bytes: int64(len(value))}
		b.mu.Lock()
		e := &entry{number: b.next, token: st.Token, created: now, ended: make(chan struct{}), language: st.LanguageID, status: st.Status, bytes: st.Bytes, live: st}
		b.next++
		b.mu.Unlock()
		if err = b.store.Put(e.number, false, map[byte][]byte{kindSubmission: value, kindState: encode(st)}); err != nil {
			break
		}
		kept = append(kept, e)
	}
	if err != nil {
		for _, e := range kept {
			b.delete(e.number)
		}
		return nil, unkept(err)
	}
	b.mu.Lock()
	for _, e := range kept {
		b.enter(e)
		b.queue <- e // there is room: its place was reserved
	}
	gone := b.excess(now)
	b.mu.Unlock()
	b.delete(gone...)
	return kept, nil
}

// unkept is the answer where a submission cannot be kept.
func unkept(err error) error {
	if errors.Is(err, eval.ErrFull) {
		return &server.Failure{Status: http.StatusServiceUnavailable, Detail: "the disk is nearly full: submissions cannot be kept", RetryAfter: 60, Code: own}
	}
	return fmt.Errorf("submissions cannot be kept: %w", err)
}

// excess takes the oldest out of the book that are beyond a limit, and tells their numbers. What has not ended stays, and all
// after it. Where there are too many it goes a little below the limit, so that not every new one has to. Only who holds mu may
// call it.
func (b *book) excess(now time.Time) (gone []uint64) {
	count, bytes := MaxKept, int64(MaxBytes)
	if len(b.order) > count || b.bytes > bytes {
		count, bytes = count-count/64, bytes-bytes/64
	}
	for len(b.order) > 0 {
		e := b.order[0]
		if e.status <= statusProcessing || len(b.order) <= count && b.bytes <= bytes && now.Sub(e.created) <= MaxAge {
			break
		}
		b.order[0] = nil
		b.order = b.order[1:]
		b.bytes -= e.bytes
		delete(b.tokens, e.token)
		gone = append(gone, e.number)
	}
	return gone
}

// expire forgets what has become too old.
func (b *book) expire(now time.Time) {
	b.mu.Lock()
	gone := b.excess(now)
	b.mu.Unlock()
	b.delete(gone...)
}

func (b *book) delete(numbers ...uint64) {
	if len(numbers) == 0 {
		return
	}
	if err := b.store.Delete([]byte{kindState, kindOutput, kindSubmission}, numbers...); err != nil {
		b.log.Error("submissions are not forgotten", "err", err)
	}
}

// find is the entry of a token, and how far it is.
func (b *book) find(token string) (*entry, state, error) {
	b.mu.Lock()
	e := b.tokens[token]
	var live *state
	if e != nil && e.live != nil {
		copied := *e.live
		live = &copied
	}
	b.mu.Unlock()
	switch {
	case b.fault != nil:
		return nil, state{}, unkept(b.fault)
	case e == nil:
		return nil, state{}, errAbsent
	case live != nil:
		return e, *live, nil
	}
	var s state
	err := b.read(e, kindState, &s)
	return e, s, err
}

// read reads a value of a submission into v; errAbsent where it was forgotten meanwhile.
func (b *book) read(e *entry, kind byte, v any) error {
	value, found, err := b.store.Get(e.number, kind)
	if err != nil {
		return fmt.Errorf("submission %s: %w", e.token, err)
	}
	if !found {
		return errAbsent
	}
	return json.Unmarshal(value, v)
}

// begin marks a submission as being run.
func (b *book) begin(e *entry) (s state) {
	now := time.Now().UTC()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.working++
	e.status = statusProcessing
	e.live.Status, e.live.Started, e.live.Updated = statusProcessing, &now, now
	return *e.live
}

// leave is begin taken back: nothing came of it, and the next process begins it anew.
func (b *book) leave(e *entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.working--
	e.status, e.live.Status, e.live.Started = statusQueue, statusQueue, nil
}

// end keeps what became of a submission and lets those go who wait for it. The error is logged: what cannot be kept is told
// as an internal error, and run again by the next process.
func (b *book) end(e *entry, s state, out output) {
	now := time.Now().UTC()
	value := encode(out)
	s.Finished, s.Updated, s.Bytes = &now, now, s.Bytes+int64(len(value))
	err := b.store.Put(e.number, true, map[byte][]byte{kindState: encode(s), kindOutput: value})
	if err != nil {
		b.log.Error("the end of a submission is not kept", "token", e.token, "err", err)
		s = state{Token: s.Token, LanguageID: s.LanguageID, Status: statusInternal, Created: s.Created, Updated: now, Started: s.Started, Finished: &now,
			Message: new("what the program did cannot be kept"), Bytes: e.bytes}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.working--
	b.bytes += s.Bytes - e.bytes
	b.open -= e.bytes
	e.status, e.bytes, e.live = s.Status, s.Bytes, nil
	if err != nil {
		e.live = &s
	}
	close(e.ended)
}

// called marks that whoever was to be called back was, or cannot be.
func (b *book) called(e *entry, s state) {
	s.Callback = false
	b.mu.Lock()
	kept := b.tokens[e.token] == e && e.live == nil
	b.mu.Unlock()
	if !kept {
		return
	}
	if err := b.store.Put(e.number, true, map[byte][]byte{kindState: encode(s)}); err != nil {
		b.log.Error("a callback will be made again", "token", e.token, "err", err)
	}
}

// newToken is a UUID of version 4, as nobody can guess.
func newToken() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
