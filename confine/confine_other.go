//go:build !linux

package confine

import (
	"os/exec"
	"runtime"
)

// Prepare readies the command of a process that will call [Apply]. It returns the namespaces that the process will
// have, for Options.Namespaces.
func Prepare(cmd *exec.Cmd) (namespaces string) {
	cmd.Env = []string{}
	return ""
}

// Apply confines this process.
func Apply(Options) (Report, error) {
	var r Report
	for _, name := range Names() {
		r = append(r, Layer{Name: name, Detail: "not on " + runtime.GOOS})
	}
	return r, nil
}
