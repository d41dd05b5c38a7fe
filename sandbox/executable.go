package sandbox

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"io"
	"os"
	"regexp"
	"sync"
)

// executable names this program's code, empty where it cannot be read: what is made by it and kept in files is of use to the
// same code only. The linker's build ID is a digest of all that went into a program; where it left none, or one of its user's
// choice, the name is a digest of the file, which takes some tens of milliseconds.
var executable = sync.OnceValue(func() string {
	f, err := os.Open("/proc/self/exe") // also where the file was replaced since
	if err != nil {
		path, err := os.Executable()
		if err != nil {
			return ""
		}
		if f, err = os.Open(path); err != nil {
			return ""
		}
	}
	defer f.Close()
	if id := buildID(f); id != "" {
		return id
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
})

// goBuildID is what go build writes (cmd/go/internal/work/buildid.go): digests of the link's inputs, of the main package's
// inputs and code, and of the program.
var goBuildID = regexp.MustCompile(`^[\w-]{20}/[\w-]{20}/[\w-]{20}/[\w-]{20}$`)

// buildID is the Go build ID of an ELF file, empty where it has none.
func buildID(r io.ReaderAt) string {
	f, err := elf.NewFile(r)
	if err != nil {
		return ""
	}
	s := f.Section(".note.go.buildid")
	if s == nil || s.Size > 1<<10 {
		return ""
	}
	b, err := s.Data()
	if err != nil || len(b) < 16 {
		return ""
	}
	// A note: lengths of name and content, type, name, content. Go pads its name to 4 bytes.
	name, n, kind := f.ByteOrder.Uint32(b), f.ByteOrder.Uint32(b[4:]), f.ByteOrder.Uint32(b[8:])
	const goNote = 4
	if name != 4 || kind != goNote || !bytes.Equal(b[12:16], []byte("Go\x00\x00")) || uint64(n) > uint64(len(b)-16) {
		return ""
	}
	id := b[16 : 16+n]
	if !goBuildID.Match(id) {
		return ""
	}
	return string(id)
}
