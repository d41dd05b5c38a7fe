// Command pack makes an image of a module and its files, and its manifest as a file of its own. The recipes call it.
package main

import (
	"bytes"
	"flag"
	"fmt"
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
	manifest := flag.String("manifest", "", "manifest `file` to write")
	image := flag.String("o", "", "image `file` to write")
	flag.Parse()
	if err := run(m, *lock, *module, *root, *manifest, *image); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func run(m wasm.Manifest, lock, module, root, manifest, image string) error {
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
	var packed bytes.Buffer
	if err := wasm.Pack(&packed, &m, code, os.DirFS(root)); err != nil {
		return err
	}
	if text, err = m.Encode(); err != nil {
		return err
	}
	if err := os.WriteFile(manifest, text, 0o644); err != nil {
		return err
	}
	return os.WriteFile(image, packed.Bytes(), 0o644)
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
