package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"borel/confine"
)

// TestServerInPoorSystem: a server without /proc, or without memory files, has workers that judge as others do. What is
// lost by it is isolation, which is told, or speed, which is logged.
func TestServerInPoorSystem(t *testing.T) {
	for _, c := range []struct {
		lacks   string
		missing string // layer of isolation
	}{
		{"proc", confine.Rlimits},
		{"memory files", ""},
	} {
		t.Run(c.lacks, func(t *testing.T) {
			if raceEnabled && c.lacks == "proc" {
				t.Skip("the race detector needs /proc")
			}
			cmd := exec.Command(self(t), "poor", c.lacks, cacheDir(t))
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			cmd.SysProcAttr = &syscall.SysProcAttr{
				Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS, // what it mounts is for it alone
				UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
				GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
			}
			out, err := cmd.Output()
			if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) {
				t.Skip("takes a user namespace: ", err)
			}
			var got poorAnswer
			if err != nil || json.Unmarshal(out, &got) != nil {
				t.Fatalf("%v, %s, %s", err, out, &stderr)
			}
			if got.Stdout != "285\n" {
				t.Errorf("the program printed %q", got.Stdout)
			}
			if c.missing != "" && !slices.Contains(got.Missing, c.missing) {
				t.Errorf("missing layers %v, want %s among them", got.Missing, c.missing)
			}
		})
	}
}

type poorAnswer struct {
	Stdout  string
	Missing []string
}

// poor is a server in a system that lacks something.
func poor(lacks, dir string) error {
	switch lacks {
	case "proc":
		if err := unix.Mount("tmpfs", "/proc", "tmpfs", 0, ""); err != nil {
			return fmt.Errorf("hiding /proc: %w", err)
		}
		if _, err := os.Stat("/proc/self"); err == nil {
			return errors.New("/proc is still there")
		}
	case "memory files":
		if err := refuseMemoryFiles(); err != nil {
			return err
		}
		if fd, err := unix.MemfdCreate("x", 0); err == nil {
			return fmt.Errorf("memory file %d was made", fd)
		}
	}
	p, err := New(Config{Workers: 1, CacheDir: dir})
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.Wait(context.Background()); err != nil {
		return err
	}
	res, err := p.Run(context.Background(), python.Guest(), program("print(sum(i * i for i in range(10)))"))
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(poorAnswer{string(res.Stdout), p.Status().Isolation.Missing()})
}

// refuseMemoryFiles makes memfd_create fail in this process and those that it starts.
func refuseMemoryFiles() error {
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS}, // the call's number
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: unix.SYS_MEMFD_CREATE},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if _, _, e := syscall.AllThreadsSyscall(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0); e != 0 {
		return fmt.Errorf("no_new_privs: %w", e)
	}
	if _, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog))); e != 0 {
		return fmt.Errorf("seccomp: %w", e)
	}
	return nil
}

func servePoor() {
	if err := poor(os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, strings.TrimSpace(err.Error()))
		os.Exit(1)
	}
	os.Exit(0)
}
