package worker

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"borel/confine"
	"borel/languages"
	"borel/sandbox"

	"golang.org/x/sys/unix"
)

// fake is a worker that does not do its duty, as how says. It loads nothing.
func fake(how string, c serveConfig) {
	socket := os.NewFile(socketFD, "socket")
	in := bufio.NewReader(socket)
	hello := Hello{Protocol: Protocol, Mode: sandbox.Safe, Identities: map[string]string{}}
	for _, name := range confine.Names() {
		hello.Isolation = append(hello.Isolation, confine.Layer{Name: name, Active: name != confine.Landlock})
	}
	for _, name := range languages.Names() {
		hello.Identities[name] = "fake"
	}
	switch how {
	case "breaks, then cannot start":
		if _, err := os.Stat(filepath.Join(c.cacheDir, "called")); err == nil {
			os.Exit(3)
		}
	case "dies":
		fmt.Fprintln(os.Stderr, "the image is broken")
		os.Exit(3)
	case "says why":
		Encode(socket, &Answer{Fault: &Fault{classService, "digest of the image differs"}})
		os.Exit(1)
	case "says nothing":
		hang()
	case "writes rubbish":
		socket.WriteString("HTTP/1.1 400 Bad Request\r\n\r\n")
		hang()
	case "promises much":
		socket.Write([]byte{0x3f, 0xff, 0xff, 0xff})
		hang()
	case "another version":
		hello.Protocol++
	case "another identity":
		if first(c.cacheDir) || first(filepath.Join(c.cacheDir, "called")) {
			break // the one that freezes memory, and another one
		}
		hello.Identities[python.Name] = fmt.Sprint("of process ", os.Getpid(), time.Now().UnixNano())
	case "fails its control run":
	}
	if Encode(socket, &Answer{Hello: &hello}) != nil {
		return
	}
	for {
		var r Request
		if Decode(in, MaxFrame, &r) != nil {
			return
		}
		good := sandbox.Result{Reason: sandbox.Finished, Returned: make([]uint32, len(r.Spec.Steps)), Fuel: 1, Virtual: 1, Memory: 1 << 20}
		a := Answer{Number: r.Number, Result: &good}
		if len(r.Spec.Steps[0].Source) == 0 { // a control run
			if how == "fails its control run" {
				good.Reason = sandbox.Trap
			}
			Encode(socket, &a)
			continue
		}
		act(how, c, &r, &a, socket)
		if r.Cancel {
			continue
		}
		Encode(socket, &a)
	}
}

// act makes an answer wrong, or does something else.
func act(how string, c serveConfig, r *Request, a *Answer, socket *os.File) {
	res, l := a.Result, r.Spec.Limits
	switch how {
	case "another run's number":
		a.Number++
	case "the last run's number":
		a.Number--
	case "negative fuel":
		res.Fuel = -1
	case "too much fuel":
		res.Fuel = l.Fuel + 1
	case "too much time":
		res.Virtual = l.Virtual + 1
	case "too much memory":
		res.Memory = l.Memory + 1
	case "too much output":
		res.Stdout = make([]byte, l.Output+1)
	case "very much output":
		res.Stderr = make([]byte, 100<<20)
	case "too many steps":
		res.Returned = make([]uint32, len(r.Spec.Steps)+2)
	case "a file nobody asked for":
		res.Files = map[string][]byte{"secret": nil}
	case "a large file":
		res.Files = map[string][]byte{"out": make([]byte, l.FileBytes+1)}
	case "another reason":
		res.Reason = "accepted"
	case "a trap that is none":
		res.Trap = "x"
	case "a long trap":
		res.Reason, res.Trap = sandbox.Trap, strings.Repeat("x", maxText+1)
	case "nothing":
		a.Result = nil
	case "both":
		a.Fault = &Fault{classService, "x"}
	case "hello again":
		a.Hello = &Hello{}
	case "another class":
		a.Fault, a.Result = &Fault{"accepted", "x"}, nil
	case "cancelled by itself":
		a.Fault, a.Result = &Fault{classCancelled, ""}, nil
	case "bytes too many":
		b := binary.BigEndian.AppendUint32(nil, 3)
		socket.Write(append(b, 0xa0, 0xa0, 0xa0))
		hang()
	case "half an answer":
		socket.Write([]byte{0, 0, 0, 100, 0xa1})
		os.Exit(0)
	case "no answer":
		hang()
	case "ends":
		os.Exit(7)
	case "breaks":
		breaks()
	case "breaks by Go":
		panic("as Go's runtime does")
	case "has no memory":
		fmt.Fprintln(os.Stderr, "fatal error: runtime: out of memory")
		os.Exit(2)
	case "breaks once":
		if first(c.cacheDir) {
			breaks()
		}
	case "ends once":
		if first(c.cacheDir) {
			os.Exit(7)
		}
		breaks()
	case "breaks, then cannot start":
		first(c.cacheDir)
		breaks()
	}
}

func hang() {
	for {
		time.Sleep(time.Hour)
	}
}

// breaks touches memory that is not there, while Go's runtime does not listen to the signal. A signal that the process
// sent itself would not end it: it may be the first one of its namespace.
func breaks() {
	var action [4]uintptr // struct sigaction: the default
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(unix.SIGSEGV), uintptr(unsafe.Pointer(&action)), 0, 8, 0, 0)
	b, err := unix.Mmap(-1, 0, 1, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		panic(err)
	}
	b[0] = 1
}

// first reports whether it is called for the first time by any process that was given dir.
func first(dir string) bool {
	return os.Mkdir(filepath.Join(dir, "called"), 0o700) == nil
}
