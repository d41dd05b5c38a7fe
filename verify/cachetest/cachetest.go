// Package cachetest holds the contract of [verify.Cache] as a test. Every implementation runs it:
//
//	func TestConformance(t *testing.T) {
//		cachetest.Run(t, func(t *testing.T) verify.Cache { return verify.NewMemory(0) })
//	}
package cachetest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"borel/verify"
)

// largeBytes is the largest output stream that a run may have, in bytes.
const largeBytes = 64 << 20

// Run tests the caches that open returns. Each call of open must return an empty cache that keeps at least 256 MiB;
// what it holds open is to be released with t.Cleanup. A cache that also is an [io.Closer] must answer with an error
// once it was closed.
func Run(t *testing.T, open func(t *testing.T) verify.Cache) {
	t.Run("missing", func(t *testing.T) {
		c := open(t)
		wantMissing(t, c, key("nobody put this"))
	})

	t.Run("put and get", func(t *testing.T) {
		c := open(t)
		for i := range 100 {
			put(t, c, key("k", i), []byte(fmt.Sprint("value ", i)))
		}
		for i := range 100 {
			wantValue(t, c, key("k", i), []byte(fmt.Sprint("value ", i)))
		}
		wantMissing(t, c, key("k", 100))
	})

	t.Run("overwrite", func(t *testing.T) {
		c := open(t)
		// Short over long, long over short, equal length: whichever way the two are kept, the last one put counts.
		for i, size := range []int{10, 100_000, 10, 300_000, 300_000, 1, 1, 0, 5} {
			value := bytes.Repeat([]byte{byte('a' + i)}, size)
			put(t, c, key("same"), value)
			wantValue(t, c, key("same"), value)
		}
	})

	t.Run("each", func(t *testing.T) {
		c, ok := open(t).(verify.Lister)
		if !ok {
			t.Skip("it cannot tell what it holds")
		}
		want := map[verify.Key][]byte{}
		for i := range 1000 {
			want[key("each", i)] = noise(i * i % 20_000) // in one piece, and in several
			put(t, c.(verify.Cache), key("each", i), want[key("each", i)])
		}
		for range 2 { // while they wait to be written, and afterwards
			got := map[verify.Key][]byte{}
			err := c.Each(t.Context(), func(k verify.Key, value []byte) error {
				if got[k] != nil {
					t.Errorf("%s came twice", k)
				}
				got[k] = append([]byte{}, value...)
				return nil
			})
			if err != nil || len(got) != len(want) {
				t.Fatalf("%d values (%v), want %d", len(got), err, len(want))
			}
			for k, v := range want {
				if !bytes.Equal(got[k], v) {
					t.Errorf("%s: got %d bytes, want %d", k, len(got[k]), len(v))
				}
			}
			wantValue(t, c.(verify.Cache), key("each", 999), want[key("each", 999)])
		}
		calls := 0
		if err := c.Each(t.Context(), func(verify.Key, []byte) error { calls++; return io.ErrNoProgress }); err != io.ErrNoProgress || calls != 1 {
			t.Errorf("got %v after %d calls, want the function's error after one", err, calls)
		}
	})

	t.Run("keys that differ in one bit", func(t *testing.T) {
		c := open(t)
		for bit := range 256 {
			put(t, c, oneBit(bit), []byte{byte(bit)})
		}
		for bit := range 256 {
			wantValue(t, c, oneBit(bit), []byte{byte(bit)})
		}
		wantMissing(t, c, verify.Key{})
	})

	t.Run("empty value", func(t *testing.T) {
		c := open(t)
		put(t, c, key("empty"), []byte{})
		put(t, c, key("nil"), nil)
		wantValue(t, c, key("empty"), nil)
		wantValue(t, c, key("nil"), nil)
	})

	t.Run("values of all sizes", func(t *testing.T) {
		c := open(t)
		sizes := []int{1, 100, 1000, 1023, 1024, 1025, 4095, 4096, 4097, 128<<10 - 1, 128 << 10, 128<<10 + 1, 1<<20 + 7}
		for _, size := range sizes {
			put(t, c, key("text", size), text(size))
			put(t, c, key("noise", size), noise(size))
		}
		for _, size := range sizes {
			wantValue(t, c, key("text", size), text(size))
			wantValue(t, c, key("noise", size), noise(size))
		}
	})

	t.Run("large value", func(t *testing.T) {
		if testing.Short() {
			t.Skip("a large value takes a second")
		}
		c := open(t)
		value := noise(largeBytes)
		put(t, c, key("large"), value)
		put(t, c, key("small"), []byte("beside it"))
		wantValue(t, c, key("large"), value)
		wantValue(t, c, key("small"), []byte("beside it"))
	})

	t.Run("slices belong to the caller", func(t *testing.T) {
		c := open(t)
		for _, size := range []int{10, 2000, 300_000} {
			k, value := key("owned", size), noise(size)
			given := bytes.Clone(value)
			put(t, c, k, given)
			clear(given)
			wantValue(t, c, k, value)
			got, _, err := c.Get(k)
			if err != nil {
				t.Fatal(err)
			}
			clear(got)
			wantValue(t, c, k, value)
			_ = append(got, "written past its end"...)
			wantValue(t, c, k, value)
		}
	})

	t.Run("hammer", func(t *testing.T) { hammer(t, open(t)) })

	t.Run("closed", func(t *testing.T) {
		c := open(t)
		closer, ok := c.(io.Closer)
		if !ok {
			t.Skip("this cache cannot be closed")
		}
		put(t, c, key("before"), []byte("v"))
		if err := closer.Close(); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := c.Get(key("before")); err == nil || ok {
			t.Errorf("Get after Close: found %v, error %v; want an error", ok, err)
		}
		if err := c.Put(key("after"), []byte("v")); err == nil {
			t.Error("Put after Close: no error")
		}
	})
}

// hammer puts and gets the same few keys from many goroutines. Each value says whose it is and repeats one byte, so
// that a mixture of two values, or the value of another key, is recognised.
func hammer(t *testing.T, c verify.Cache) {
	const goroutines, rounds, keys = 8, 200, 10
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 1))
			for range rounds {
				n := r.IntN(keys)
				if r.IntN(3) == 0 {
					size := []int{1, 50, 3000, 200_000}[r.IntN(4)]
					value := bytes.Repeat([]byte{byte(r.IntN(256))}, size)
					value[0] = byte(n)
					if err := c.Put(key("hammer", n), value); err != nil {
						t.Error(err)
						return
					}
					continue
				}
				got, ok, err := c.Get(key("hammer", n))
				if err != nil {
					t.Error(err)
					return
				}
				if !ok {
					continue
				}
				if len(got) == 0 || got[0] != byte(n) {
					t.Errorf("key %d: got a value of %d bytes that was put under another key", n, len(got))
					return
				}
				if body := got[1:]; len(body) > 0 && bytes.Count(body, body[:1]) != len(body) {
					t.Errorf("key %d: got a mixture of two values", n)
					return
				}
			}
		})
	}
	wg.Wait()
	for n := range keys {
		value := []byte{byte(n), 'z'}
		put(t, c, key("hammer", n), value)
		wantValue(t, c, key("hammer", n), value)
	}
}

func put(t *testing.T, c verify.Cache, k verify.Key, value []byte) {
	t.Helper()
	if err := c.Put(k, value); err != nil {
		t.Fatalf("Put of %d bytes: %v", len(value), err)
	}
}

func wantValue(t *testing.T, c verify.Cache, k verify.Key, want []byte) {
	t.Helper()
	got, ok, err := c.Get(k)
	if err != nil || !ok {
		t.Fatalf("Get: found %v, error %v; want a value of %d bytes", ok, err, len(want))
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("Get: got %d bytes, want %d, or bytes differ", len(got), len(want))
	}
}

func wantMissing(t *testing.T, c verify.Cache, k verify.Key) {
	t.Helper()
	if got, ok, err := c.Get(k); ok || err != nil {
		t.Fatalf("Get: got %d bytes, found %v, error %v; want nothing", len(got), ok, err)
	}
}

func key(parts ...any) verify.Key {
	var k verify.Key
	copy(k[:], fmt.Sprint(parts...))
	return k
}

func oneBit(bit int) verify.Key {
	var k verify.Key
	k[bit/8] = 1 << (bit % 8)
	return k
}

// text compresses well, noise does not.
func text(size int) []byte { return bytes.Repeat([]byte("to be or not "), size/13+1)[:size] }

func noise(size int) []byte {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(size)}).Read(b)
	return b
}
