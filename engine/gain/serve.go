package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"borel/internal/processor"
	"borel/languages"
	"borel/sandbox"
)

// answer writes the mode that programs run in, then for each program named on in its time, its fuel and a checksum of what it
// printed.
func answer(ctx context.Context, cache string, in io.Reader, out io.Writer) (err error) {
	rt, err := languages.New(ctx, languages.Config{CacheDir: cache, Guarded: true, Parallel: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rt.Close()) }()
	if err := rt.Wait(ctx); err != nil {
		return err
	}
	fmt.Fprintln(out, rt.Mode())
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		source, err := os.ReadFile(lines.Text())
		if err != nil {
			return err
		}
		ms, res, err := timed(ctx, rt, string(source))
		if err != nil {
			return fmt.Errorf("%s: %w", lines.Text(), err)
		}
		fmt.Fprintf(out, "%.3f %d %08x\n", ms, res.Fuel, crc32.ChecksumIEEE(res.Stdout))
	}
	return lines.Err()
}

var limits = languages.Limits{Seconds: 60, Memory: 256 << 20, Output: 1 << 20, Files: 100, FileBytes: 1 << 20}

// timed runs a program and tells how many milliseconds of a processor it took.
func timed(ctx context.Context, rt *languages.Runtime, source string) (ms float64, res sandbox.Result, err error) {
	lang, _ := languages.Find("python")
	ms, err = processor.Time(func() error {
		res, err = rt.Run(ctx, lang.Guest(), lang.Spec(languages.Program{Steps: []string{source}, Limits: limits}))
		return err
	})
	if err != nil {
		return 0, res, err
	}
	if end := lang.End(1, res); end.Kind != languages.Done {
		return 0, res, fmt.Errorf("did not end well: %s (%s)", end.Message, res.Reason)
	}
	return ms, res, nil
}
