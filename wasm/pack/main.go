// Command pack makes an image of a module and its files. The recipes call it.
//
// It compares what it packed with the pinned manifest: where the recipe is the pinned one and the image is not, it
// says loudly which toolchain differs; where the recipe has changed, it writes the new manifest there, to be committed.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"borel/wasm"
)

func main() {
	var m wasm.Manifest
	flag.StringVar(&m.Name, "name", "", "`name` of the image")
	flag.StringVar(&m.Version, "version", "", "`version` of the interpreter")
	flag.IntVar(&m.ABI, "abi", 0, "version of the module's exports")
	flag.StringVar(&m.Toolchain, "toolchain", "", "the compiler, in its own `words`")
	flag.TextVar(&m.Recipe, "recipe", wasm.Digest{}, "`digest` of the recipe")
	lock := flag.String("lock", "", "`file` that lists the sources")
	module := flag.String("module", "", "WebAssembly `file`")
	root := flag.String("root", "", "`folder` that stands for the guest's root")
	pinned := flag.String("pinned", "", "manifest `file` of the image that is meant to come out")
	out := flag.String("o", "", "image `file` to write")
	flag.Parse()
	if err := run(m, *lock, *module, *root, *pinned, *out); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func run(m wasm.Manifest, lock, module, root, pinned, out string) error {
	text, err := os.ReadFile(lock)
	if err != nil {
		return err
	}
	if m.Sources, err = parseLock(string(text)); err != nil {
		return fmt.Errorf("%s: %w", lock, err)
	}
	code, err := os.ReadFile(module)
	if err != nil {
		return err
	}
	var image bytes.Buffer
	if err := wasm.Pack(&image, &m, code, os.DirFS(root)); err != nil {
		return err
	}
	if err := os.WriteFile(out, image.Bytes(), 0o644); err != nil {
		return err
	}
	return compare(m, pinned)
}

// parseLock returns the sources that a lock file lists, one a line: source NAME VERSION SHA-256 PATH.
func parseLock(text string) ([]wasm.Source, error) {
	var sources []wasm.Source
	for i, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || strings.HasPrefix(fields[0], "#") || fields[0] == "tool" && len(fields) == 3:
		case fields[0] == "source" && len(fields) == 5:
			s := wasm.Source{Name: fields[1], Version: fields[2]}
			if err := s.SHA256.UnmarshalText([]byte(fields[3])); err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			sources = append(sources, s)
		default:
			return nil, fmt.Errorf("line %d is neither a source nor a tool: %s", i+1, line)
		}
	}
	return sources, nil
}

// readPinned returns the manifest in a file, a zero one where there is no file.
func readPinned(path string) (m wasm.Manifest, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

func compare(m wasm.Manifest, pinned string) error {
	want, err := readPinned(pinned)
	switch {
	case err != nil:
		return err
	case m.Recipe != want.Recipe:
		fmt.Fprintf(os.Stderr, "the recipe of the %s image has changed: its manifest is now in %s, to be committed\n", m.Name, pinned)
		text, err := m.Encode()
		if err != nil {
			return err
		}
		return os.WriteFile(pinned, text, 0o644)
	case m.Digest != want.Digest:
		fmt.Fprintf(os.Stderr, `WARNING: this %s image is not the pinned one, though its recipe is. It works, but results are cached under another key.
	pinned: %s, built with %s
	this:   %s, built with %s
`, m.Name, want.Digest, want.Toolchain, m.Digest, m.Toolchain)
	}
	return nil
}
