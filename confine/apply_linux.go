package confine

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/psx"
)

// Apply confines this process: all its threads, for ever. It is called once, while nothing else in the process opens
// files or starts threads of its own. An error means that it stopped half-way: the process must end.
func Apply(o Options) (Report, error) {
	return apply(o, func(string) bool { return true })
}

// apply makes the layers that are wanted.
func apply(o Options, wanted func(name string) bool) (Report, error) {
	o.setDefaults()
	warm()
	var r Report
	for _, layer := range []struct {
		name string
		make func(Options) (detail string, err error)
	}{
		{Namespaces, checkNamespaces},
		{NoNewPrivs, noNewPrivs},
		{Environment, clearEnvironment},
		{Descriptors, closeDescriptors},
		{Rlimits, setRlimits}, // reads /proc, which the next one takes away
		{Root, emptyRoot},
		{Capabilities, dropCapabilities},
		{Landlock, restrictPaths},
		{Seccomp, filterCalls},
	} {
		if !wanted(layer.name) {
			continue
		}
		detail, err := layer.make(o)
		if broken, ok := err.(*brokenError); ok {
			return r, fmt.Errorf("layer %s: %w", layer.name, broken.err)
		}
		if err != nil {
			detail = err.Error()
		}
		r = append(r, Layer{Name: layer.name, Active: err == nil, Detail: detail})
	}
	return r, nil
}

// brokenError is an error that leaves the process in a state that is neither the old one nor the layer's.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return e.err.Error() }

// warm makes the runtime and the standard library do what they do once, when it is first needed.
func warm() {
	if r, w, err := os.Pipe(); err == nil { // the poller
		r.Close()
		w.Close()
	}
	_ = time.Now().Local().String() // the time zone's file
}

// allThreads makes a system call on every thread of the process.
func allThreads(call string, trap uintptr, args ...uintptr) error {
	var a [6]uintptr
	copy(a[:], args)
	if _, _, e := psx.Syscall6(trap, a[0], a[1], a[2], a[3], a[4], a[5]); e != 0 {
		return fmt.Errorf("%s: %w", call, e)
	}
	return nil
}

func has(namespaces, name string) bool {
	for n := range strings.SplitSeq(namespaces, ",") {
		if n == name {
			return true
		}
	}
	return false
}

// checkNamespaces believes the parent, except where it can see for itself.
func checkNamespaces(o Options) (string, error) {
	if o.Namespaces == "" {
		return "", errors.New("none: the kernel, a container or a setting (user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns) refuses them")
	}
	if has(o.Namespaces, "pid") && os.Getpid() != 1 {
		return "", &brokenError{fmt.Errorf("said to have a pid namespace, but is process %d there", os.Getpid())}
	}
	for _, ns := range namespaces[:len(namespaces)-1] { // a cgroup namespace is good to have, and no more
		if !has(o.Namespaces, ns.name) {
			return "", fmt.Errorf("only %s: %s is not granted, by the kernel or because this binary was built with cgo", o.Namespaces, ns.name)
		}
	}
	return o.Namespaces, nil
}

func noNewPrivs(Options) (string, error) {
	return "", allThreads("prctl(PR_SET_NO_NEW_PRIVS)", unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1)
}

// clearEnvironment forgets the variables. Those that the process was started with stay readable in its memory.
func clearEnvironment(Options) (string, error) {
	n := len(os.Environ())
	os.Clearenv()
	if n > 0 {
		return "", fmt.Errorf("started with %d variables, which stay readable in memory", n)
	}
	return "", nil
}
