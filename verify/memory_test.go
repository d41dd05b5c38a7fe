package verify_test

import (
	"runtime"
	"testing"

	"borel/verify"
	"borel/verify/cachetest"
)

func TestMemoryConformance(t *testing.T) {
	cachetest.Run(t, func(t *testing.T) verify.Cache { return verify.NewMemory(256 << 20) })
}

func TestMemoryForgetsTheLeastRecentlyUsed(t *testing.T) {
	m := verify.NewMemory(3 * 1200) // three values of 1000 bytes with their bookkeeping
	value := make([]byte, 1000)
	for i := range 3 {
		m.Put(verify.Key{byte(i)}, value)
	}
	if _, ok, _ := m.Get(verify.Key{0}); !ok {
		t.Fatal("value 0 is gone, though three fit")
	}
	m.Put(verify.Key{3}, value)
	for i, want := range []bool{true, false, true, true} {
		if _, got, _ := m.Get(verify.Key{byte(i)}); got != want {
			t.Errorf("value %d found: %v, want %v", i, got, want)
		}
	}
}

func TestMemoryOverwriteIsNotCountedTwice(t *testing.T) {
	m := verify.NewMemory(2 * 1200)
	for range 10 {
		m.Put(verify.Key{1}, make([]byte, 1000))
	}
	m.Put(verify.Key{2}, make([]byte, 1000))
	if _, ok, _ := m.Get(verify.Key{1}); !ok {
		t.Error("value 1 was forgotten, though two fit")
	}
}

func TestMemoryForgetsWhatIsTooLarge(t *testing.T) {
	m := verify.NewMemory(1 << 10)
	m.Put(verify.Key{1}, []byte("small"))
	m.Put(verify.Key{1}, make([]byte, 1<<11))
	if _, ok, _ := m.Get(verify.Key{1}); ok {
		t.Error("got a value, though the last one put exceeds the whole cache")
	}
}

// TestMemoryCountsItsBookkeeping compares what a Memory believes it uses with what the heap says.
func TestMemoryCountsItsBookkeeping(t *testing.T) {
	const max = 16 << 20
	before := heap()
	m := verify.NewMemory(max)
	for i := range 1_000_000 {
		m.Put(verify.Key{byte(i), byte(i >> 8), byte(i >> 16)}, []byte("x"))
	}
	used := heap() - before
	runtime.KeepAlive(m)
	if used < max/2 || used > max*3/2 {
		t.Errorf("a Memory of %d bytes uses %d", max, used)
	}
}

func heap() int64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

func BenchmarkMemoryGet(b *testing.B) {
	m := verify.NewMemory(64 << 20)
	for i := range 100_000 {
		m.Put(verify.Key{byte(i), byte(i >> 8), byte(i >> 16)}, make([]byte, 300))
	}
	i := 0
	for b.Loop() {
		i = (i + 7919) % 100_000
		if _, ok, _ := m.Get(verify.Key{byte(i), byte(i >> 8), byte(i >> 16)}); !ok {
			b.Fatal("missing")
		}
	}
}
