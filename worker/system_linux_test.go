package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// self is this test binary, to be started as something else than a test.
func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Systems that cannot start a worker: the message says what is missing.
func TestPoorSystem(t *testing.T) {
	for _, c := range []struct {
		name    string
		command []string
		err     string
	}{
		{"no binary", []string{filepath.Join(t.TempDir(), "borel"), "worker"}, "no such file or directory"},
		{"a binary that may not be executed", []string{"/etc/passwd"}, "permission denied"},
		{"a binary that is none", []string{"/bin/echo"}, "EOF (exit status 0)"},
		{"few descriptors", []string{"/bin/sh", "-c", `ulimit -n 5; exec "$@"`, "sh", self(t), "worker"}, "too many open files"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := open(t, Config{Workers: 1, Command: c.command})
			if err := p.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("got %v, want %q", err, c.err)
			}
		})
	}
}

// Where addresses are too few to be reserved, memory is copied, and programs are judged as elsewhere.
func TestLittleAddressSpace(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector itself needs more address space")
	}
	p := open(t, Config{Workers: 1, CacheDir: cacheDir(t), Command: []string{"/bin/sh", "-c", `ulimit -v 1800000; exec "$@"`, "sh", self(t), "worker"}})
	res, err := p.Run(t.Context(), python.Guest(), program("print(sum(i * i for i in range(10)))"))
	if err != nil || string(res.Stdout) != "285\n" {
		t.Errorf("got %+v, %v", res, err)
	}
}

// A server that has no descriptors left cannot start a worker, and says so; it can as soon as it has some again.
func TestNoDescriptors(t *testing.T) {
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 3, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	p := fakes(t, "", Config{Workers: 1})
	err := p.Wait(t.Context())
	if errLimit := unix.Setrlimit(unix.RLIMIT_NOFILE, &old); errLimit != nil {
		t.Fatal(errLimit)
	}
	if err == nil || !strings.Contains(err.Error(), "too many open files") {
		t.Errorf("got %v", err)
	}
	if _, err := p.Run(t.Context(), python.Guest(), program("x")); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// A worker has no environment and no files of ours, even those that this process inherited or opened carelessly.
func TestNothingIsInherited(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	careless, err := unix.Dup(int(f.Fd())) // without close-on-exec
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(careless)
	t.Setenv("BOREL_ENDPOINT_KEY", "secret")
	p := ready(t, Config{Workers: 1})
	pid := children(t)[0]
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if errors.Is(err, fs.ErrPermission) {
		t.Skip(err)
	}
	if err != nil || len(environ) > 0 {
		t.Errorf("environment %q, %v", environ, err)
	}
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	open, err := os.ReadDir(dir)
	if err != nil || len(open) < 4 {
		t.Fatalf("got %v, %v", open, err)
	}
	for _, e := range open {
		target, err := os.Readlink(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.HasSuffix(target, "/null"), strings.HasPrefix(target, "socket:"), strings.HasPrefix(target, "pipe:"), strings.HasPrefix(target, "anon_inode:"),
			strings.HasPrefix(target, "/memfd:borel-frozen"), strings.HasSuffix(target, "/pagemap"):
		default:
			t.Errorf("descriptor %s is %s", e.Name(), target)
		}
	}
	if _, err := p.Run(t.Context(), python.Guest(), program("print(1)")); err != nil {
		t.Error(err)
	}
}

// Workers do not outlive the process that started them.
func TestParentKilled(t *testing.T) {
	cmd := exec.Command(self(t), "parent", cacheDir(t))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pids []int
	for lines := bufio.NewScanner(out); len(pids) < 2 && lines.Scan(); {
		pid, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	cmd.Process.Kill()
	cmd.Wait()
	if len(pids) != 2 {
		t.Fatalf("workers: %v", pids)
	}
	for _, pid := range pids {
		for began := time.Now(); ; time.Sleep(time.Millisecond) {
			state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			if err != nil || strings.Contains(string(state), ") Z ") { // a zombie waits for a reaper that containers may lack
				break
			}
			if time.Since(began) > 5*time.Second {
				t.Fatalf("worker %d is still there: %s", pid, state)
			}
		}
	}
}

// parent starts two workers, tells their ids, has both run without end, and waits to be killed.
func parent(dir string) {
	p, err := New(Config{CacheDir: dir, Workers: 2})
	if err != nil {
		panic(err)
	}
	for p.Status().Ready < 2 {
		time.Sleep(time.Millisecond)
	}
	p.usual.mu.Lock()
	for _, w := range p.usual.idle {
		fmt.Println(w.cmd.Process.Pid)
	}
	p.usual.mu.Unlock()
	for range 2 {
		go p.Run(context.Background(), python.Guest(), program("while True: pass"))
	}
	hang()
}
