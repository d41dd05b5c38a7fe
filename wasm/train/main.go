// Command train runs a Python program in an interpreter that counts how often each of its branches goes which way, on a
// host that is the same every time: the clock is a counter, randomness has a fixed seed, folders list in order. The
// recipe of the Python image calls it; see train in wasm/python/library.sh.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"testing/fstest"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
)

func main() {
	module := flag.String("module", "", "WebAssembly `file` of the interpreter")
	library := flag.String("library", "", "`folder` of the standard library's sources")
	program := flag.String("program", "", "`folder` of the program")
	profile := flag.String("profile", "", "`folder` that the interpreter writes its counters to, as the file raw")
	flag.Parse()
	if err := train(context.Background(), *module, *library, *program, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func train(ctx context.Context, module, library, program, profile string) error {
	code, err := os.ReadFile(module)
	if err != nil {
		return err
	}
	files := fstest.MapFS{"usr/lib/python3.13/lib-dynload": &fstest.MapFile{Mode: fs.ModeDir | 0o755}}
	for prefix, folder := range map[string]string{"usr/lib/python3.13": library, "train": program} {
		if err := add(files, prefix, os.DirFS(folder)); err != nil {
			return err
		}
	}

	rt := wazero.NewRuntime(ctx)
	defer rt.Close(ctx)
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, rt); err != nil {
		return err
	}
	// wazero's own clocks and randomness are the same in every process, unless it is asked for real ones.
	config := wazero.NewModuleConfig().WithArgs("python3", "-S", "-B", "/train").WithEnv("PYTHONHASHSEED", "0").
		WithFSConfig(wazero.NewFSConfig().WithFSMount(files, "/").WithDirMount(profile, "/profile")).
		WithStdout(plain{os.Stdout}).WithStderr(plain{os.Stderr})
	_, err = rt.InstantiateWithConfig(ctx, code, config)
	if exit, ok := err.(*sys.ExitError); ok && exit.ExitCode() == 0 {
		err = nil
	}
	return err
}

// plain hides what a writer is: an interpreter asks a file for its position, and a terminal or a pipe for other things.
type plain struct{ io.Writer }

// add puts the regular files below root into files, below prefix, without what differs between machines: dates, owners,
// and what Pythons that ran there have left behind.
func add(files fstest.MapFS, prefix string, root fs.FS) error {
	return fs.WalkDir(root, ".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Name() == "__pycache__" {
			return fs.SkipDir
		}
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := fs.ReadFile(root, path)
		files[prefix+"/"+path] = &fstest.MapFile{Data: data, Mode: 0o644}
		return err
	})
}
