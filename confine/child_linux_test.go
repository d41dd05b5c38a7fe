package confine

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMain runs the tests, or in a process that they start what a confined process does.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "child" {
		child(os.Args[2])
		return
	}
	os.Exit(m.Run())
}

// order is what a child is to do.
type order struct {
	Options Options
	Layers  []string  // nil means all
	Refuse  []refused // system calls that fail before Apply already, as on another kernel or in a container
	NoProc  bool      // hides /proc
	Do      string    // of actions
	Arg     string
}

// refused is a system call that fails where an argument has a bit.
type refused struct {
	Call  uint32
	Errno unix.Errno
	Arg   int
	Bit   uint64 // 0: whatever the arguments
}

func refuse(calls []refused) {
	if len(calls) == 0 {
		return
	}
	var rules []rule
	for _, c := range calls {
		rules = append(rules, rule{c.Call, answer(c.Errno), []condition{{c.Arg, c.Bit, c.Bit}}})
	}
	filter, err := assemble(rules, allow)
	check(err)
	check(allThreads("prctl(PR_SET_NO_NEW_PRIVS)", unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1))
	check(install(filter))
}

// answered is what a child says: two lines of JSON, before and after what it does.
type answered struct {
	Report Report
	Result string // empty: it could do it
	Err    string // why it was refused
}

func child(text string) {
	var o order
	check(json.Unmarshal([]byte(text), &o))
	act := actions[o.Do]
	if act.before != nil {
		act.before(o.Arg)
	}
	if o.NoProc {
		check(unix.Mount("tmpfs", "/proc", "tmpfs", 0, ""))
	}
	refuse(o.Refuse)
	report, err := apply(o.Options, func(name string) bool { return o.Layers == nil || slices.Contains(o.Layers, name) })
	check(err)
	out := json.NewEncoder(os.Stdout)
	check(out.Encode(answered{Report: report}))
	var a answered
	a.Result, err = act.do(o.Arg)
	if err != nil {
		a.Err = err.Error()
	}
	check(out.Encode(a))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
}

// ended is how a child ended.
type ended struct {
	report  Report
	result  string
	refused string         // the error of what it tried
	signal  syscall.Signal // that killed it
	stderr  string
}

// start runs a child, whose command prepare readies.
func start(t *testing.T, o order, prepare func(*exec.Cmd) string) ended {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe")
	o.Options.Keep = append(o.Options.Keep, 0, 1, 2)
	o.Options.Namespaces = prepare(cmd)
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Args = []string{"borel", "child", string(text)}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	e := ended{stderr: stderr.String()}
	lines := bufio.NewScanner(&stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var a answered
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatalf("a child says %q: %v", lines.Text(), err)
		}
		if a.Report != nil {
			e.report = a.Report
		} else {
			e.result, e.refused = a.Result, a.Err
		}
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if status := exit.Sys().(syscall.WaitStatus); status.Signaled() {
			e.signal = status.Signal()
			return e
		}
	}
	if err != nil {
		t.Fatalf("child %s: %v\n%s", text, err, strings.TrimSpace(e.stderr))
	}
	return e
}
