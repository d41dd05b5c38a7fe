// Package confine takes away from a process everything that it does not need, so that guest code which breaks out of
// WebAssembly finds itself in an empty place: no files, no network, no other processes, no way to get any of them.
//
// A process that runs guests is started and confined in two steps. The parent prepares the command:
//
//	cmd := exec.Command("/proc/self/exe", "worker", …)
//	namespaces := confine.Prepare(cmd)     // hand this to the worker, as an argument or over its pipe
//	err := cmd.Start()
//
// and the worker, when it has loaded everything and before it reads its first request, gives up the rest:
//
//	report, err := confine.Apply(confine.Options{Keep: []int{3}, Namespaces: namespaces})
//
// # Layers
//
// Each layer stands alone, so that a kernel, a container or a system without one of them still has the others. What
// could not be had is in the [Report] with its reason, and is never an error: whether a missing layer is fatal is for the
// caller to say. An error of Apply means that the process is in a state that nobody planned; end it.
//
// # Ordinary mistakes
//
// Apply closes what is open and forbids opening more. Whatever is done lazily must be done before: load every image, run
// a program, log a line. A process that breaks the seccomp filter is killed by SIGSYS, which its parent sees.
//
// Binaries built with cgo are confined less: they keep their root folder and see other processes, because the C library's
// threads are changed with the help of /proc. borel is built without cgo; the race detector, which needs it, is for tests.
package confine

// Layer is one barrier.
type Layer struct {
	Name   string `json:"name"`
	Active bool   `json:"active"`
	Detail string `json:"detail,omitempty"` // what it holds, or why it is missing
}

// Report says which layers hold, in the order of [Names].
type Report []Layer

// The names of the layers.
const (
	NoNewPrivs   = "no_new_privs" // executing a program gives no privileges, and nobody may trace the process
	Namespaces   = "namespaces"   // a view of its own of users, mounts, processes, network, IPC and host name
	Environment  = "environment"  // no environment variables
	Descriptors  = "descriptors"  // no open files but those kept
	Rlimits      = "rlimits"      // bounds on memory, descriptors and threads; no file grows
	Root         = "root"         // an empty root folder that cannot be written
	Capabilities = "capabilities" // no rights of root, and not root's files
	Landlock     = "landlock"     // no path and no network, whatever the root folder holds
	Seccomp      = "seccomp"      // only the system calls that running guests takes
)

// Names lists the layers in the order in which Apply makes them; the parent makes the namespaces.
func Names() []string {
	return []string{Namespaces, NoNewPrivs, Environment, Descriptors, Rlimits, Root, Capabilities, Landlock, Seccomp}
}

// Missing names the layers that do not hold. A layer that the report does not mention does not hold.
func (r Report) Missing() (names []string) {
	for _, name := range Names() {
		if !r.Has(name) {
			names = append(names, name)
		}
	}
	return names
}

// Has reports whether a layer holds.
func (r Report) Has(name string) bool {
	for _, l := range r {
		if l.Name == name {
			return l.Active
		}
	}
	return false
}

// Options of Apply. The zero value keeps no descriptor open and assumes no namespace.
type Options struct {
	// Keep are the descriptors that stay open, besides those that the Go runtime and the sandbox hold for themselves.
	// 0, 1 and 2 become the null device unless they are here. Pipes and sockets are still written to; files on disk are not.
	Keep []int
	// Namespaces is what Prepare returned in the parent. Apply changes mounts only if they are the process's own.
	Namespaces string
	// AddressSpace is how much may be mapped beyond what is mapped already, in bytes; 0 means 8 GiB. An instance of a
	// guest reserves 2 GiB, of which it uses what its limits allow.
	AddressSpace uint64
}

func (o *Options) setDefaults() {
	if o.AddressSpace == 0 {
		o.AddressSpace = 8 << 30
	}
}
