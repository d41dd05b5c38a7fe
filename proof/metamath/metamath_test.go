package metamath

import (
	"os"
	"runtime"
	"testing"
	"time"
)

func TestX(t *testing.T) {
	b, err := os.ReadFile("/tmp/mm/x/usr/share/metamath/databases/" + os.Getenv("DB"))
	if err != nil {
		t.Skip()
	}
	text := string(b)
	b = nil
	for _, check := range []bool{false, true} {
		s := time.Now()
		db, err := Read(t.Context(), text, check)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(time.Since(s), db.Size())
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		t.Log(m.HeapAlloc>>20, len(text)>>20)
		runtime.KeepAlive(db)
	}
	runtime.KeepAlive(text)
}
