package store_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"borel/store"
)

const benchValues = 100_000

// BenchmarkGet reads verdicts of 300 bytes of a store that was closed and opened again.
func BenchmarkGet(b *testing.B) {
	dir := b.TempDir()
	s := open(b, store.Config{Dir: dir})
	for i := range benchValues {
		put(b, s.Verdicts(), i, noise(i, 300))
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	c := open(b, store.Config{Dir: dir}).Verdicts()
	for i := range benchValues {
		if !holds(b, c, i, noise(i, 300)) {
			b.Fatal(i, "is missing")
		}
	}
	b.Run("found", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i += 7919 {
			if _, ok, err := c.Get(key(i % benchValues)); !ok || err != nil {
				b.Fatal(ok, err)
			}
		}
	})
	b.Run("missing", func(b *testing.B) {
		for i := benchValues; b.Loop(); i++ {
			if _, ok, err := c.Get(key(i)); ok || err != nil {
				b.Fatal(ok, err)
			}
		}
	})
}

// BenchmarkPut puts values of 300 bytes, each under a key of its own.
func BenchmarkPut(b *testing.B) {
	b.Run("default", func(b *testing.B) {
		c := open(b, store.Config{Dir: b.TempDir()}).Runs()
		value := noise(1, 300)
		for i := 0; b.Loop(); i++ {
			put(b, c, i, value)
		}
	})
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("durable-%d-callers", callers), func(b *testing.B) {
			c := open(b, store.Config{Dir: b.TempDir(), Durable: true}).Runs()
			value := noise(1, 300)
			var n atomic.Int64
			b.SetParallelism(callers) // times GOMAXPROCS
			if callers == 1 {
				for i := 0; b.Loop(); i++ {
					put(b, c, i, value)
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := c.Put(key(int(n.Add(1))), value); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
