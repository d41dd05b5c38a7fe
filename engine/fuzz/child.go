package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"borel/sandbox"
)

// child is a process that runs modules in one mode.
type child struct {
	c      *comparison
	mode   sandbox.Mode
	to     uint64
	args   []string // instead of modules up to that one
	cmd    *exec.Cmd
	lines  *bufio.Scanner
	stderr bytes.Buffer
	memory uint64 // address
	cpu    time.Duration
}

const fault = "fault"

// next is the line about module i; no process runs before the first. A process that ends without a line about it did so
// because of the module.
func (p *child) next(ctx context.Context, i uint64) (string, error) {
	if p.cmd == nil {
		if err := p.start(ctx, i); err != nil {
			return "", err
		}
	}
	// Patience only: nothing that a module does takes so long.
	patience := time.AfterFunc(10*time.Minute, func() { p.cmd.Process.Kill() })
	defer patience.Stop()
	if p.lines.Scan() {
		n, line, _ := strings.Cut(p.lines.Text(), " ")
		if n != strconv.FormatUint(i, 10) {
			return "", fmt.Errorf("%s wrote %q instead of module %d", p.mode, p.lines.Text(), i)
		}
		return line, nil
	}
	return p.ended(), ctx.Err()
}

func (p *child) start(ctx context.Context, from uint64) error {
	args := p.args
	if args == nil {
		args = []string{"-from", fmt.Sprint(from), "-modules", fmt.Sprint(p.to - from)}
	}
	args = append([]string{"-run", string(p.mode), "-seed", fmt.Sprint(p.c.seed)}, args...)
	p.cmd = exec.CommandContext(ctx, p.c.binary(p.mode), args...)
	p.cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=off", "GOMEMLIMIT=64MiB", "GOTRACEBACK=single")
	p.stderr.Reset()
	p.cmd.Stderr = &p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		p.cmd = nil
		return err
	}
	p.lines = bufio.NewScanner(out)
	if !p.lines.Scan() {
		return fmt.Errorf("%s: %s", p.mode, p.ended())
	}
	_, err = fmt.Sscanf(p.lines.Text(), "memory %d", &p.memory)
	return err
}

var faultAddress = regexp.MustCompile(`(?m)^\[signal SIGSEGV: segmentation violation code=\S+ addr=(0x[0-9a-f]+) `)

// ended tells why the process ended.
func (p *child) ended() string {
	err := p.cmd.Wait()
	p.cpu += p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
	p.cmd = nil
	if m := faultAddress.FindSubmatch(p.stderr.Bytes()); m != nil {
		if at, err := strconv.ParseUint(string(m[1]), 0, 64); err == nil && at-p.memory < reserved {
			return fault
		}
	}
	// Go tells of a fault on the stack of compiled code, where there may be no room, and which its garbage collector cannot read.
	for _, how := range []string{"runtime: split stack overflow", "\nruntime.scanstack("} {
		if strings.Contains(p.stderr.String(), how) {
			return fault
		}
	}
	return fmt.Sprintf("ended %v %q", err, p.stderr.String()[:min(300, p.stderr.Len())])
}

// close ends the process, if there is one.
func (p *child) close() {
	if p.cmd != nil {
		p.cmd.Process.Kill()
		p.ended()
	}
}
