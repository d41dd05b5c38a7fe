package main

import (
	"context"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"os/exec"
)

//go:embed bench/prefork/server.py
var preforkSource string

// prefork is a server of native Python that forks for each program.
type prefork struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out io.Reader
}

func startPrefork(ctx context.Context, python string) (*prefork, error) {
	p := &prefork{cmd: exec.CommandContext(ctx, python, "-I", "-c", preforkSource)}
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if p.out, err = p.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("prefork server: %w", err)
	}
	return p, nil
}

// run wants source to end well.
func (p *prefork) run(source string) error {
	if _, err := p.in.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(source))), source...)); err != nil {
		return fmt.Errorf("prefork server: %w", err)
	}
	var head [5]byte
	if _, err := io.ReadFull(p.out, head[:]); err != nil {
		return fmt.Errorf("prefork server: %w", err)
	}
	out := make([]byte, binary.LittleEndian.Uint32(head[1:]))
	if _, err := io.ReadFull(p.out, out); err != nil {
		return fmt.Errorf("prefork server: %w", err)
	}
	if head[0] != 0 {
		return fmt.Errorf("prefork server: exit code %d: %s", head[0], lastBytes(out, 300))
	}
	return nil
}

func (p *prefork) stop() {
	p.in.Close()
	p.cmd.Wait() // it ends at the end of its input
}
