package confine

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestRefused tries what a confined process may not do: behind all layers, and behind single ones that stop it alone.
func TestRefused(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	listen := func(network, addr string) string {
		l, err := net.Listen(network, addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return l.Addr().String()
	}
	server := listen("tcp", "127.0.0.1:0")
	parent := strconv.Itoa(os.Getpid())
	abstract := listen("unix", "@borel-confine-"+parent)

	const killed = "killed"
	seccomp := []string{Seccomp}
	for _, c := range []struct {
		do, arg string
		layers  []string // nil means all
		want    string   // in the error; killed: by SIGSYS
	}{
		{"open", secret, nil, "permission denied"},
		{"open", secret, seccomp, "permission denied"},
		{"open", secret, []string{Landlock}, "permission denied"},
		{"open", secret, []string{Root}, "no such file"},
		{"open", "/proc/1/environ", nil, "permission denied"},
		{"open", "/proc/1/environ", []string{Root}, "no such file"},
		{"open", "/proc/" + parent + "/environ", []string{Landlock}, "permission denied"},
		{"stat", "/", nil, killed},
		{"stat", secret, []string{Root}, "no such file"},
		{"write", secret, nil, "permission denied"},
		{"write", secret, []string{Landlock}, "permission denied"},
		{"write", "/x", []string{Root}, "read-only file system"},
		{"connect", server, nil, killed},
		{"connect", server, seccomp, killed},
		{"connect", server, []string{Landlock}, "permission denied"},
		{"connect", server, []string{Namespaces}, "network is unreachable"},
		{"abstract", abstract, []string{Landlock}, "operation not permitted"},
		{"abstract", abstract, []string{Namespaces}, "connection refused"},
		{"socket", "", nil, killed},
		{"exec", "", nil, killed},
		{"exec", "", []string{Landlock}, "permission denied"},
		{"start", "", nil, killed},
		{"start", "", seccomp, killed},
		{"kill", parent, nil, killed},
		{"kill", parent, []string{Namespaces}, "no such process"},
		{"kill", parent, []string{Landlock}, "operation not permitted"},
		{"kill", parent, []string{Capabilities}, "operation not permitted"},
		{"ptrace", parent, nil, killed},
		{"ptrace", parent, []string{Namespaces}, "no such process"},
		{"ptrace", parent, []string{Landlock}, "operation not permitted"},
		{"tgkill", parent, nil, killed},
		{"setuid", "", nil, killed},
		{"setuid", "", []string{Capabilities}, "operation not permitted"},
		{"mount", "/tmp", nil, killed},
		{"mount", "/tmp", []string{Capabilities, Namespaces}, "operation not permitted"},
		{"mount", "/tmp", []string{Landlock, Namespaces}, "operation not permitted"},
		{"raise", "", nil, killed},
		{"raise", "", []string{Rlimits, Capabilities}, "operation not permitted"},
		{"map code", "", nil, killed},
		{"protect code", "", nil, killed},
		{"map much", "", nil, "cannot allocate memory"},
		{"map much", "", []string{Rlimits}, "cannot allocate memory"},
		{"descriptors", "", []string{Rlimits}, "too many open files"},
		{"processes", "", []string{Rlimits, Capabilities}, "resource temporarily unavailable"},
		{"memory file", "", nil, killed},
		{"memory file", "", []string{Rlimits}, "file too large"},
		{"clone3", "", nil, "not implemented"},
		{"prctl", "", nil, "invalid argument"},
		{"clone", "", nil, killed},
		{"clone user", "", nil, killed},
		{"ioctl", "", nil, killed},
		{"fcntl", "", nil, killed},
		{"memfd", "", nil, killed},
		{"ftruncate", "", nil, killed},
		{"pwrite", "", nil, killed},
		{"seal", "", nil, killed},
		{"unshare", "", nil, killed},
		{"io_uring", "", nil, killed},
		{"bpf", "", nil, killed},
		{"process_vm", "", nil, killed},
		{"pidfd", "", nil, killed},
		{"recvmsg", "", nil, killed},
		{"no call", "", nil, killed},
		{"other numbers", "", nil, killed},
	} {
		t.Run(strings.TrimSpace(c.do+" "+strings.Join(c.layers, " ")), func(t *testing.T) {
			if c.do == "kill" && slices.Equal(c.layers, []string{Capabilities}) && os.Getuid() != 0 {
				t.Skip("a plain user's worker stays that user's")
			}
			layers := c.layers
			if layers != nil {
				layers = append(slices.Clone(layers), NoNewPrivs) // without it a plain user may not have seccomp nor landlock
			}
			prepare := Prepare
			if layers != nil && !slices.ContainsFunc(layers, func(l string) bool { return l == Namespaces || l == Root || l == Rlimits }) {
				prepare = bare
			}
			if (c.do == "mount" || c.do == "write") && !slices.Contains(granted(), "mount") {
				t.Skip("without a mount namespace of its own a child that is not refused would change this system")
			}
			e := start(t, order{Do: c.do, Arg: c.arg, Layers: layers}, prepare)
			for _, l := range e.report {
				if !l.Active && (c.layers == nil || slices.Contains(c.layers, l.Name)) {
					if c.layers == nil && l.Name != Seccomp {
						continue
					}
					t.Skipf("%s: %s", l.Name, l.Detail)
				}
			}
			switch {
			case c.want == killed && e.signal != unix.SIGSYS:
				t.Errorf("%q, refused %q, signal %v, want SIGSYS", e.result, e.refused, e.signal)
			case c.want != killed && !strings.Contains(e.refused, c.want):
				t.Errorf("%q, refused %q, signal %v, want %q", e.result, e.refused, e.signal, c.want)
			}
		})
	}
}

// bare readies a command of a process without namespaces.
func bare(cmd *exec.Cmd) string {
	cmd.Env = []string{}
	return ""
}

// TestAllowed: nothing of what a worker does is refused.
func TestAllowed(t *testing.T) {
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip(err)
	}
	for _, c := range []struct{ do, arg, want string }{
		{"programs", filepath.Join(cache, "borel", "code"), "42 512 deep y"},
		{"extend", filepath.Join(cache, "borel", "code"), "40\n50\nxx\n41\n51\nxx\n42\n52\nxx\n"},
		{"runtime", "", "64 0 <nil>"},
	} {
		for name, prepare := range map[string]func(*exec.Cmd) string{"prepared": Prepare, "bare": bare} {
			t.Run(c.do+" "+name, func(t *testing.T) {
				e := start(t, order{Do: c.do, Arg: c.arg}, prepare)
				if e.result != c.want {
					t.Errorf("%q, refused %q, signal %v\n%s", e.result, e.refused, e.signal, e.stderr)
				}
			})
		}
	}
}

// TestDescriptors: nothing of the parent's or the process's own stays open but what is kept.
func TestDescriptors(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(secret)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, c := range []struct {
		do      string
		layers  []string
		keep    []int
		want    string
		refused string
	}{
		{"inherited", []string{}, nil, "secret", ""},
		{"inherited", []string{Descriptors}, nil, "", "bad file descriptor"},
		{"inherited", nil, nil, "", "bad file descriptor"},
		{"inherited", nil, []int{3}, "secret", ""},
		{"own", []string{}, nil, `read "secret"`, ""},
		{"own", []string{Descriptors}, nil, `read ""`, ""},
		{"own", nil, nil, `read ""`, ""},
		{"descriptors", []string{Descriptors, Rlimits}, nil, strconv.Itoa(spare), "too many open files"},
	} {
		e := start(t, order{Do: c.do, Arg: secret, Layers: c.layers, Options: Options{Keep: c.keep}}, func(cmd *exec.Cmd) string {
			cmd.ExtraFiles = []*os.File{f}
			return Prepare(cmd)
		})
		if e.result != c.want || !strings.Contains(e.refused, c.refused) {
			t.Errorf("%s behind %v, keeping %v: %q, refused %q, signal %v; want %q, %q", c.do, c.layers, c.keep, e.result, e.refused, e.signal, c.want, c.refused)
		}
	}
}

// TestThreads: what is per thread holds on all of them.
func TestThreads(t *testing.T) {
	layers := []string{NoNewPrivs, Capabilities}
	if e := start(t, order{Do: "status", Layers: layers}, Prepare); e.result != "true CapInh:0000000000000000 CapPrm:0000000000000000 CapEff:0000000000000000 CapBnd:0000000000000000 CapAmb:0000000000000000 NoNewPrivs:1 Seccomp:0" {
		t.Errorf("%+v", e)
	}
	if e := start(t, order{Do: "status", Layers: []string{Seccomp, NoNewPrivs}}, Prepare); e.refused == "" {
		t.Errorf("%+v", e)
	}
}

// TestEmpty: nobody is root any more, and the environment and the root folder are empty.
func TestEmpty(t *testing.T) {
	if e := start(t, order{Do: "list", Layers: []string{Root}}, Prepare); e.report.Has(Root) && (e.result != "" || e.refused != "") {
		t.Errorf("root: %+v", e)
	}
	if os.Getuid() == 0 {
		for _, prepare := range []func(*exec.Cmd) string{Prepare, bare} {
			if e := start(t, order{Do: "ids"}, prepare); e.result != "" && e.result != "65534 65534" {
				t.Errorf("ids: %+v", e)
			}
		}
	}
	e := start(t, order{Do: "environ", Layers: []string{Environment}}, func(cmd *exec.Cmd) string {
		cmd.Env = []string{"KEY=secret"}
		return ""
	})
	if e.result != "" || e.report.Has(Environment) || !strings.Contains(e.report[0].Detail, "started with 1 variables") {
		t.Errorf("environment: %+v", e)
	}
}

// TestWithout: a layer that the system refuses is missing with its reason, and the others hold.
func TestWithout(t *testing.T) {
	for _, c := range []struct {
		name    string
		o       order
		prepare func(*exec.Cmd) string
		missing []string
		reason  string // of the first one
	}{
		{"landlock", order{Refuse: []refused{{Call: unix.SYS_LANDLOCK_CREATE_RULESET, Errno: unix.ENOSYS}}}, Prepare, []string{Landlock}, "the kernel has no landlock"},
		{"landlock at boot", order{Refuse: []refused{{Call: unix.SYS_LANDLOCK_CREATE_RULESET, Errno: unix.EOPNOTSUPP}}}, Prepare, []string{Landlock}, "lsm="},
		{"landlock in a container", order{Refuse: []refused{{Call: unix.SYS_LANDLOCK_RESTRICT_SELF, Errno: unix.EPERM}}}, Prepare, []string{Landlock}, "operation not permitted"},
		{"seccomp", order{Refuse: []refused{{Call: unix.SYS_SECCOMP, Errno: unix.ENOSYS}}}, Prepare, []string{Seccomp}, "the kernel has no seccomp"},
		{"seccomp that kills", order{Refuse: []refused{{Call: unix.SYS_SECCOMP, Errno: unix.EOPNOTSUPP}}}, Prepare, []string{Seccomp}, "Linux 4.14"},
		{"seccomp in a container", order{Refuse: []refused{{Call: unix.SYS_SECCOMP, Errno: unix.EPERM}}}, Prepare, []string{Seccomp}, "operation not permitted"},
		{"mounts", order{Refuse: []refused{{Call: unix.SYS_MOUNT, Errno: unix.EACCES}}}, Prepare, []string{Root}, "permission denied"},
		{"pivot_root", order{Refuse: []refused{{Call: unix.SYS_PIVOT_ROOT, Errno: unix.EINVAL}}}, Prepare, nil, ""},
		{"pivot_root and chroot", order{Refuse: []refused{{Call: unix.SYS_PIVOT_ROOT, Errno: unix.EINVAL}, {Call: unix.SYS_CHROOT, Errno: unix.EPERM}}}, Prepare, []string{Root}, "operation not permitted"},
		{"close_range", order{Refuse: []refused{{Call: unix.SYS_CLOSE_RANGE, Errno: unix.ENOSYS}}}, Prepare, nil, ""},
		{"capset", order{Refuse: []refused{{Call: unix.SYS_CAPSET, Errno: unix.EPERM}}}, Prepare, []string{Capabilities}, "capset: operation not permitted"},
		{"limits", order{Refuse: []refused{{Call: unix.SYS_PRLIMIT64, Errno: unix.EPERM}}}, Prepare, []string{Rlimits}, "operation not permitted"},
		{"namespaces", order{}, bare, []string{Namespaces, Root}, "user.max_user_namespaces"},
		{"a network", order{}, func(cmd *exec.Cmd) string {
			Prepare(cmd)
			cmd.SysProcAttr = attr([]string{"user", "mount", "pid", "ipc", "uts"})
			return "user,mount,pid,ipc,uts"
		}, []string{Namespaces}, "network is not granted"},
		{"proc", order{NoProc: true}, Prepare, []string{Rlimits}, "address space is not bounded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.o.NoProc && !slices.Contains(granted(), "mount") {
				t.Skip("takes a mount namespace")
			}
			c.o.Do = "runtime"
			if len(c.o.Refuse) == 0 && !c.o.NoProc {
				c.o.Do = "nothing"
			}
			e := start(t, c.o, c.prepare)
			if e.signal != 0 || e.refused != "" || e.result == "" {
				t.Fatalf("%+v", e)
			}
			got := e.report.Missing()
			if cgo { // two layers are never whole
				never := func(name string) bool { return name == Root || name == Namespaces }
				got, c.missing = slices.DeleteFunc(got, never), slices.DeleteFunc(c.missing, never)
			}
			if !slices.Equal(got, c.missing) {
				t.Fatalf("missing %v, want %v: %+v", got, c.missing, e.report)
			}
			for _, l := range e.report {
				if len(c.missing) > 0 && l.Name == c.missing[0] && !strings.Contains(l.Detail, c.reason) {
					t.Errorf("%s: %q, want %q", l.Name, l.Detail, c.reason)
				}
			}
		})
	}
}

// TestGranted: as many namespaces as the kernel gives.
func TestGranted(t *testing.T) {
	all := strings.Join(granted(), ",")
	if all == "" {
		t.Skip("this system grants no namespaces")
	}
	deny := func(flag uint64, e unix.Errno) []refused {
		return []refused{{Call: unix.SYS_CLONE, Errno: e, Arg: 0, Bit: flag}}
	}
	for _, c := range []struct {
		name   string
		refuse []refused
		want   string
	}{
		{"as they are", nil, all},
		{"no network", deny(unix.CLONE_NEWNET, unix.EINVAL), strings.Replace(all, ",network", "", 1)},
		{"no processes", []refused{{Call: unix.SYS_CLONE, Errno: unix.EPERM, Arg: 0, Bit: uint64(unix.SIGCHLD)}}, ""},
	} {
		if e := start(t, order{Do: "granted", Layers: []string{}, Refuse: c.refuse}, bare); e.result != c.want {
			t.Errorf("%s: %q, want %q (%q)", c.name, e.result, c.want, e.refused)
		}
	}
}

// TestLies: a process that is told of a namespace that it does not have changes nothing.
func TestLies(t *testing.T) {
	cmd := exec.Command("/proc/self/exe", "child", `{"Options":{"Namespaces":"user,mount,pid"},"Do":"nothing"}`)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "said to have a pid namespace") {
		t.Errorf("%v, %s", err, out)
	}
}
