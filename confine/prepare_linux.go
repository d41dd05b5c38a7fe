package confine

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// Prepare readies the command of a process that will call [Apply]: no environment, the root folder as its working
// folder, a session of its own, death with its parent, and as many namespaces as the kernel grants. It returns these,
// for Options.Namespaces. Path, Args, files and the rest are the caller's.
//
// The process is killed when the thread that started it ends, which Go's threads do only where a goroutine ends that is
// locked to one: do not start it from such a goroutine.
func Prepare(cmd *exec.Cmd) (namespaces string) {
	names := granted()
	cmd.Env = []string{} // nil would be this process's own
	cmd.Dir = "/"
	cmd.SysProcAttr = attr(names)
	return strings.Join(names, ",")
}

// ids is how ids in the namespace relate to those outside. Root keeps a second one, for Apply to change to.
func ids(own int) []syscall.SysProcIDMap {
	m := []syscall.SysProcIDMap{{ContainerID: 0, HostID: own, Size: 1}}
	if os.Getuid() == 0 && own != nobody {
		m = append(m, syscall.SysProcIDMap{ContainerID: nobody, HostID: nobody, Size: 1})
	}
	return m
}

// nobody is the user and the group without files, by convention.
const nobody = 65534

type namespace struct {
	name string
	flag uintptr
}

// namespaces are those that a process may have of its own, the user namespace first: it gives the right to the others.
var namespaces = []namespace{
	{"user", syscall.CLONE_NEWUSER},
	{"mount", syscall.CLONE_NEWNS},
	{"pid", syscall.CLONE_NEWPID},
	{"network", syscall.CLONE_NEWNET},
	{"ipc", syscall.CLONE_NEWIPC},
	{"uts", syscall.CLONE_NEWUTS},
	{"cgroup", syscall.CLONE_NEWCGROUP},
}

func attr(names []string) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	for _, name := range names {
		for _, ns := range namespaces {
			if ns.name == name {
				a.Cloneflags |= ns.flag
			}
		}
	}
	if a.Cloneflags&syscall.CLONE_NEWUSER != 0 {
		a.UidMappings, a.GidMappings = ids(os.Getuid()), ids(os.Getgid())
		a.GidMappingsEnableSetgroups = os.Getuid() == 0
	}
	return a
}

// granted lists the namespaces that the kernel gives this process's children: all, or as many as it gives together.
var granted = sync.OnceValue(func() (names []string) {
	all := slices.Clone(namespaces)
	if cgo { // the C library's threads are found in /proc, under the process's number there
		all = slices.DeleteFunc(all, func(ns namespace) bool { return ns.name == "pid" })
	}
	for _, ns := range all {
		names = append(names, ns.name)
	}
	if grants(names) {
		return names
	}
	names = nil
	for _, ns := range all {
		if with := append(names[:len(names):len(names)], ns.name); grants(with) {
			names = with
		}
	}
	return names
})

// grants tries namespaces without running anything: the kernel makes them before it looks at the program's name, which
// is too long for any.
func grants(names []string) bool {
	path := "/" + strings.Repeat("x", 4096)
	p, err := os.StartProcess(path, []string{path}, &os.ProcAttr{Dir: "/", Sys: attr(names)})
	if err == nil {
		p.Kill()
		p.Wait()
	}
	return errors.Is(err, syscall.ENAMETOOLONG)
}
