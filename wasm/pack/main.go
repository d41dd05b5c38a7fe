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
	sources := flag.String("sources", "", "lock `file` that lists the sources")
	packages := flag.String("packages", "", "lock `file` that lists the packages; none by default")
	module := flag.String("module", "", "WebAssembly `file`")
	root := flag.String("root", "", "`folder` that stands for the guest's root")
	manifest := flag.String("manifest", "", "manifest `file` to write")
	image := flag.String("o", "", "image `file` to write")
	flag.Parse()
	if err := run(m, *sources, *packages, *module, *root, *manifest, *image); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func run(m wasm.Manifest, sources, packages, module, root, manifest, image string) (err error) {
	if m.Sources, err = readLock(sources, "source"); err != nil {
		return err
	}
	if packages != "" {
		if m.Packages, err = readLock(packages, "package"); err != nil {
			return err
		}
	}
	code, err := os.ReadFile(module)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	if err := wasm.Pack(&packed, &m, code, os.DirFS(root)); err != nil {
		return err
	}
	text, err := m.Encode()
	if err != nil {
		return err
	}
	if err := os.WriteFile(manifest, text, 0o644); err != nil {
		return err
	}
	return os.WriteFile(image, packed.Bytes(), 0o644)
}

func readLock(name, kind string) ([]wasm.Source, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	list, err := parseLock(string(text), kind)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return list, nil
}

// parseLock returns what a lock file lists, one a line: KIND NAME VERSION SHA-256 PATH.
func parseLock(text, kind string) ([]wasm.Source, error) {
	var list []wasm.Source
	for i, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || strings.HasPrefix(fields[0], "#") || fields[0] == "tool" && len(fields) == 3:
		case fields[0] == kind && len(fields) == 5:
			s := wasm.Source{Name: fields[1], Version: fields[2]}
			if err := s.SHA256.UnmarshalText([]byte(fields[3])); err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			list = append(list, s)
		default:
			return nil, fmt.Errorf("line %d is neither a %s nor a tool: %s", i+1, kind, line)
		}
	}
	return list, nil
}
