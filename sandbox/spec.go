package sandbox

import (
	"time"
)

// Spec is everything that a run depends on. The same Spec on the same Template gives the same Result, on any machine
// of the same processor architecture and under any load. It is plain data: it can be hashed, stored and sent.
type Spec struct {
	Steps  []Step            // guest calls, in order; a step that does not return ends the run
	Stdin  []byte            // what the guest reads from descriptor 0
	Files  map[string][]byte // clean relative path → content, in the working folder before the first step
	Fetch  []string          // clean relative paths whose content Result.Files shall hold, Limits.FileBytes in all
	Args   []string          // argv; Args[0] is the program's name
	Seed   int64             // of all randomness that the guest can see
	Start  time.Time         // what the guest's clock shows at first; zero means DefaultStart
	Limits Limits
}

// Step is one call into the guest: run Source, which tracebacks call Name. While a step runs its source also stands
// as the file Name in the working folder; it is not there before.
type Step struct {
	Name   string
	Source []byte
}

// Limits bound one run. A zero field means unlimited only where it says so.
type Limits struct {
	Fuel      int64         // units of work
	Virtual   time.Duration // of the guest's clock, which advances with fuel and with sleep
	Memory    int64         // bytes of linear memory
	Output    int64         // bytes on each of stdout and stderr
	Files     int           // files and folders that the run may create, those of Spec.Files counted in
	FileBytes int64         // content of all files that are not the image's, Spec.Files counted in
	Wall      time.Duration // protects the host: past it the run is an error, not a result; zero means none
}

// Reason is why a run ended. It is decided by the host's own counters, never by what the guest says.
type Reason string

// Every Reason.
const (
	Finished Reason = "finished" // every step returned
	Exited   Reason = "exited"   // the guest left by itself (proc_exit)
	Fuel     Reason = "fuel"     // Limits.Fuel was used up
	Sleep    Reason = "sleep"    // Limits.Virtual was slept away
	Memory   Reason = "memory"   // growth past Limits.Memory was refused, and the run failed
	Output   Reason = "output"   // more than Limits.Output was written to stdout or stderr
	Files    Reason = "files"    // Limits.Files or Limits.FileBytes was met, and the run failed
	Trap     Reason = "trap"     // the guest broke: unreachable, out of bounds, stack exhausted
)

// Result is what a run did.
type Result struct {
	Reason   Reason
	ExitCode int      // of Exited; otherwise 0
	Returned []uint32 // per step that returned: the value of the guest's step function
	Stdout   []byte
	Stderr   []byte
	Files    map[string][]byte // of Spec.Fetch, those that exist
	Fuel     int64             // used, at most Limits.Fuel
	Virtual  time.Duration     // elapsed on the guest's clock
	Memory   int64             // greatest size of linear memory, bytes
	Trap     string            // of Trap: what broke
}
