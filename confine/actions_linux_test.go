package confine

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// action is something that a child does once it is confined.
type action struct {
	before func(arg string)
	do     func(arg string) (result string, err error)
}

var actions map[string]action

func init() {
	try := func(f func(arg string) error) action {
		return action{do: func(arg string) (string, error) {
			if err := f(arg); err != nil {
				return "", err
			}
			return "done", nil
		}}
	}
	call := func(nr uintptr, args ...uintptr) action {
		return try(func(string) error {
			var a [6]uintptr
			copy(a[:], args)
			if _, _, e := unix.Syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5]); e != 0 {
				return e
			}
			return nil
		})
	}
	var own *os.File
	actions = map[string]action{
		"nothing":  try(func(string) error { return nil }),
		"programs": {load, runPrograms},
		"extend":   {loadTemplate, extend},
		"runtime":  {before: func(string) { runtime.GOMAXPROCS(8) }, do: useRuntime},
		"status":   {do: threadStatus},
		"granted":  {do: func(string) (string, error) { return strings.Join(granted(), ","), nil }},
		"ids":      {do: func(string) (string, error) { return fmt.Sprint(os.Getuid(), os.Getgid()), nil }},
		"environ":  {do: func(string) (string, error) { return strings.Join(os.Environ(), " "), nil }},
		"list":     {do: listRoot},

		"open": {do: func(path string) (string, error) {
			b, err := os.ReadFile(path)
			return string(b), err
		}},
		"stat": try(func(path string) error {
			_, err := os.Stat(path)
			return err
		}),
		"write": try(func(path string) error { return os.WriteFile(path, []byte("x"), 0o666) }),
		"connect": try(func(addr string) error {
			c, err := net.DialTimeout("tcp", addr, 10*time.Second)
			if err == nil {
				err = c.Close()
			}
			return err
		}),
		"abstract": try(func(name string) error {
			c, err := net.Dial("unix", name)
			if err == nil {
				err = c.Close()
			}
			return err
		}),
		"socket": call(unix.SYS_SOCKET, unix.AF_UNIX, unix.SOCK_STREAM),
		"exec": try(func(string) error {
			return syscall.Exec("/proc/self/exe", []string{"x", "child", `{"Do":"nothing"}`}, nil)
		}),
		"start": try(func(string) error {
			p, err := os.StartProcess("/proc/self/exe", []string{"x", "child", `{"Do":"nothing","Layers":[]}`}, &os.ProcAttr{Env: []string{}})
			if err == nil {
				_, err = p.Wait()
			}
			return err
		}),
		"kill":   try(func(pid string) error { return unix.Kill(number(pid), 0) }),
		"ptrace": try(func(pid string) error { return unix.PtraceSeize(number(pid)) }),
		"tgkill": try(func(pid string) error { return unix.Tgkill(number(pid), number(pid), 0) }),
		"setuid": call(unix.SYS_SETUID, 0),
		"mount": try(func(dir string) error { // a bind of the folder onto itself, undone at once: it may succeed on the host where a layer is missing
			err := unix.Mount(dir, dir, "", unix.MS_BIND, "")
			if err == nil {
				err = unix.Unmount(dir, unix.MNT_DETACH)
			}
			return err
		}),
		"raise": try(func(string) error {
			var l unix.Rlimit
			err := unix.Getrlimit(unix.RLIMIT_CORE, &l)
			if err == nil {
				l.Cur, l.Max = l.Cur+1, l.Max+1
				err = unix.Setrlimit(unix.RLIMIT_CORE, &l)
			}
			return err
		}),
		"map code":     call(unix.SYS_MMAP, 0, 4096, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_ANON|unix.MAP_PRIVATE, ^uintptr(0), 0),
		"protect code": {do: protectCode},
		"map much":     call(unix.SYS_MMAP, 0, 64<<30, unix.PROT_READ, unix.MAP_ANON|unix.MAP_PRIVATE|unix.MAP_NORESERVE, ^uintptr(0), 0),
		"descriptors": {do: func(string) (string, error) {
			for n := 0; ; n++ {
				if _, err := unix.Dup(0); err != nil {
					return strconv.Itoa(n), err
				}
			}
		}},
		"processes": {do: manyProcesses},
		"memory file": try(func(string) error { // as the sandbox makes them before it is confined
			fd, err := unix.MemfdCreate("x", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
			if err == nil {
				_, err = unix.Write(fd, []byte("x"))
			}
			return err
		}),
		"inherited": {do: func(string) (string, error) {
			b := make([]byte, 100)
			n, err := unix.Pread(3, b, 0)
			return string(b[:max(n, 0)]), err
		}},
		"own": {
			before: func(path string) {
				var err error
				own, err = os.Open(path)
				check(err)
			},
			do: func(string) (string, error) {
				b, err := io.ReadAll(own)
				return fmt.Sprintf("read %q", b), err
			},
		},
		"stdin": {do: func(string) (string, error) {
			b, err := io.ReadAll(os.Stdin)
			return fmt.Sprintf("read %q", b), err
		}},

		// Calls that the filter answers, and variants of allowed calls that it does not allow.
		"clone3":        call(unix.SYS_CLONE3, 0, 0),
		"prctl":         call(unix.SYS_PRCTL, unix.PR_GET_DUMPABLE),
		"clone":         call(unix.SYS_CLONE, uintptr(unix.SIGCHLD)),
		"clone user":    call(unix.SYS_CLONE, unix.CLONE_THREAD|unix.CLONE_SIGHAND|unix.CLONE_VM|unix.CLONE_NEWUSER),
		"ioctl":         call(unix.SYS_IOCTL, 0, unix.TIOCSTI, 0),
		"fcntl":         call(unix.SYS_FCNTL, 0, unix.F_DUPFD, 0),
		"memfd":         call(unix.SYS_MEMFD_CREATE, uintptr(unsafe.Pointer(&[]byte("x\x00")[0])), unix.MFD_EXEC),
		"ftruncate":     call(unix.SYS_FTRUNCATE, 0, 0),
		"pwrite":        call(unix.SYS_PWRITE64, 0),
		"seal":          call(unix.SYS_FCNTL, 0, unix.F_ADD_SEALS, unix.F_SEAL_SEAL),
		"unshare":       call(unix.SYS_UNSHARE, unix.CLONE_NEWUSER),
		"io_uring":      call(unix.SYS_IO_URING_SETUP, 0, 0),
		"bpf":           call(unix.SYS_BPF),
		"process_vm":    call(unix.SYS_PROCESS_VM_READV, 1),
		"pidfd":         call(unix.SYS_PIDFD_OPEN, 1),
		"recvmsg":       call(unix.SYS_RECVMSG, 0),
		"no call":       call(5000),
		"other numbers": call(1 << 30),
	}
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	check(err)
	return n
}

func listRoot(string) (string, error) {
	entries, err := os.ReadDir("/")
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " "), err
}

func protectCode(string) (string, error) {
	b, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	check(err)
	return "done", unix.Mprotect(b, unix.PROT_READ|unix.PROT_EXEC)
}

// manyProcesses makes processes that nobody waits for, until it may not.
func manyProcesses(string) (string, error) {
	for n := range 4 * maxThreads {
		pid, _, e := unix.RawSyscall(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0)
		if e != 0 {
			return strconv.Itoa(n), e
		}
		if pid == 0 {
			unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
		}
	}
	return "done", nil
}

// threadStatus is what /proc says of every thread: their privileges, without repetition.
func threadStatus(string) (string, error) {
	dirs, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return "", err
	}
	seen := map[string]bool{}
	for _, d := range dirs {
		b, err := os.ReadFile("/proc/self/task/" + d.Name() + "/status")
		if err != nil {
			return "", err
		}
		var s []string
		for line := range bytes.Lines(b) {
			for _, name := range []string{"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp:"} {
				if bytes.HasPrefix(line, []byte(name)) {
					s = append(s, strings.Join(strings.Fields(string(line)), ""))
				}
			}
		}
		seen[strings.Join(s, " ")] = true
	}
	var all []string
	for s := range seen {
		all = append(all, s)
	}
	return fmt.Sprintf("%t %s", len(dirs) > 2, strings.Join(all, "; ")), nil
}

// useRuntime makes the Go runtime do what it does: goroutines on many threads, blocked calls, timers, collections.
func useRuntime(string) (string, error) {
	var wg sync.WaitGroup
	ticks := make(chan time.Time, 64)
	for i := range 64 {
		wg.Go(func() {
			runtime.LockOSThread() // a thread for each, which ends with it
			var kept [][]byte
			for n := range 200 {
				kept = append(kept, make([]byte, 1<<10*(n%64+1)))
			}
			ticks <- <-time.After(time.Duration(len(kept)*i) * time.Microsecond)
		})
	}
	done := make(chan string)
	go func() { // blocks in read, which takes a thread of its own
		b := make([]byte, 1)
		n, err := syscall.Read(0, b)
		done <- fmt.Sprint(n, err)
	}()
	spin := time.Now()
	for time.Since(spin) < 30*time.Millisecond { // long enough to be pre-empted
	}
	wg.Wait()
	runtime.GC()
	return fmt.Sprint(len(ticks), " ", <-done), nil
}
