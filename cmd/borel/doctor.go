package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"borel/confine"
	"borel/problem"
	"borel/sandbox"
	"borel/store"
	"borel/verify"
	"borel/wasm"
	"borel/worker"
)

type doctorCmd struct {
	JSON bool `name:"json" help:"Print as JSON."`
	dataFlags
	isolationFlags
}

// checkup is what doctor finds. A field error says what is wrong, and what to do.
type checkup struct {
	Version   string    `json:"version"`
	Machine   machine   `json:"machine"`
	Engine    engineUp  `json:"engine"`
	Isolation isolation `json:"isolation"`
	Image     imageUp   `json:"image"`
	Code      codeUp    `json:"code_cache"`
	Data      dataUp    `json:"data"`
}

type machine struct {
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	Processors int    `json:"processors"` // those that this process may use
	kernel
}

type engineUp struct {
	Mode    string  `json:"mode"` // stock: wazero as it is; safe or guarded: with patches, see ../../engine
	Wazero  string  `json:"wazero"`
	Patches string  `json:"patches,omitempty"` // their digest
	ReadyMS float64 `json:"ready_ms"`          // to load the image
	RunMS   float64 `json:"run_ms"`            // of print(1), the second time
	Error   string  `json:"error,omitempty"`
}

func (e engineUp) String() string {
	s := e.Mode + ", wazero " + e.Wazero
	if e.Patches != "" {
		s += " with patches " + e.Patches
	}
	return s
}

// isolation is what stands between a guest that breaks out of WebAssembly and the host: layer by layer whether it holds
// ("seccomp": true), "mode", which is process or none, and "details", what a layer does or why it is missing.
type isolation map[string]any

// isolationOf tells what workers say of themselves; r is nil where there are none.
func isolationOf(mode string, r confine.Report) isolation {
	details := map[string]string{}
	i := isolation{"mode": mode, "details": details}
	for _, name := range confine.Names() {
		i[name] = r.Has(name)
	}
	for _, l := range r {
		details[l.Name] = l.Detail
	}
	return i
}

// isolationText is the same for people.
func isolationText(r confine.Report, none bool) string {
	switch {
	case none:
		return "none: WebAssembly alone stands between programs and this process"
	case r == nil:
		return "not known: no worker could be started"
	}
	var holds, missing []string
	for _, name := range confine.Names() {
		if r.Has(name) {
			holds = append(holds, name)
			continue
		}
		for _, l := range r {
			if l.Name == name && l.Detail != "" {
				name += " (" + l.Detail + ")"
			}
		}
		missing = append(missing, name)
	}
	s := "programs run in processes of their own"
	if len(holds) > 0 {
		s += ", with " + strings.Join(holds, ", ")
	}
	if len(missing) > 0 {
		s += "; missing: " + strings.Join(missing, ", ")
	}
	return s
}

type imageUp struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
	Pinned  bool   `json:"pinned"` // the one that this version of the program is meant to carry
	Error   string `json:"error,omitempty"`
}

type codeUp struct {
	Dir   string `json:"dir"`
	Bytes int64  `json:"bytes"`
	Error string `json:"error,omitempty"`
}

type dataUp struct {
	Dir       string `json:"dir"`
	DiskBytes int64  `json:"disk_bytes"`
	FreeBytes int64  `json:"free_bytes"`
	UsedBy    string `json:"used_by,omitempty"` // address of the server that holds the folder
	Error     string `json:"error,omitempty"`
}

func (c *doctorCmd) Run(ctx context.Context, m *Main) error {
	d := checkup{
		Version: version(),
		Machine: machine{runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), probe()},
		Image:   examineImage(),
		Data:    c.examineData(m),
	}
	var layers confine.Report
	d.Engine, layers = c.examineEngine(ctx, m)
	d.Isolation = isolationOf(c.Isolation, layers)
	d.Code = examineCode()
	var err error
	if c.JSON {
		err = json.NewEncoder(m.Stdout).Encode(d)
	} else {
		_, err = fmt.Fprint(m.Stdout, d.text(layers, c.Isolation == isolationNone))
	}
	if err == nil && d.faults() > 0 {
		err = &exit{code: exitError}
	}
	return err
}

func examineImage() imageUp {
	img, err := wasm.Python()
	if err != nil {
		return imageUp{Name: "python", Error: err.Error()}
	}
	up := imageUp{Name: img.Name, Version: img.Version, Digest: img.Digest.String(), Pinned: img.Pinned}
	if err := img.Verify(); err != nil {
		up.Error = err.Error()
	}
	return up
}

// examineEngine starts what runs programs, and runs one.
func (c *doctorCmd) examineEngine(ctx context.Context, m *Main) (up engineUp, layers confine.Report) {
	up = engineUp{Mode: string(sandbox.Stock), Wazero: moduleVersion("github.com/tetratelabs/wazero"), Patches: sandbox.Patches()}
	if up.Patches != "" {
		up.Mode = string(sandbox.Safe) // unless we see better
	}
	failed := func(err error) (engineUp, confine.Report) {
		if err != nil {
			up.Error = err.Error()
		}
		return up, layers
	}
	began := time.Now()
	c.Workers = cmp.Or(c.Workers, 1)
	rt, err := c.executor(ctx, m.log)
	if err != nil {
		return failed(err)
	}
	err = rt.Wait(ctx)
	up.ReadyMS = ms(time.Since(began))
	up.Mode = cmp.Or(string(modeOf(rt)), up.Mode)
	if p, ok := rt.(*worker.Pool); ok {
		layers = p.Status().Isolation
	}
	v := verify.New(verify.Config{Runner: rt, Runs: verify.NewMemory(0), Verdicts: verify.NewMemory(0)})
	for range 2 {
		if err != nil {
			break
		}
		var run problem.Run
		began = time.Now()
		run, err = v.Run(ctx, problem.RunRequest{Source: "print(1)", Fresh: true})
		up.RunMS = ms(time.Since(began))
		if err == nil && run.Stdout != "1\n" {
			err = fmt.Errorf("print(1) wrote %q and %q", run.Stdout, run.Stderr)
		}
	}
	if errClose := rt.Close(); errClose != nil {
		err = errors.Join(err, errClose)
	}
	return failed(err)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == path {
				return d.Version
			}
		}
	}
	return "unknown"
}

func examineCode() codeUp {
	up := codeUp{Dir: codeDir()}
	if up.Dir == "" {
		up.Error = "no cache folder is known: every start compiles the image anew; set XDG_CACHE_HOME or HOME"
		return up
	}
	err := filepath.WalkDir(up.Dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			up.Bytes += info.Size()
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		up.Error = err.Error()
	}
	return up
}

// examineData looks at the data folder; one that is not there yet is not made.
func (c *doctorCmd) examineData(m *Main) dataUp {
	dir, err := c.dataFlags.dir()
	if err != nil {
		return dataUp{Error: err.Error()}
	}
	up := dataUp{Dir: dir}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return up
	}
	s, err := store.Open(store.Config{Dir: dir, Logger: m.log})
	if locked, ok := errors.AsType[*store.LockedError](err); ok {
		up.UsedBy = locked.Addr
		if up.UsedBy == "" {
			up.UsedBy = "another command"
		}
		return up
	}
	if err != nil {
		up.Error = err.Error()
		return up
	}
	t, err := s.Stats()
	up.DiskBytes, up.FreeBytes = t.DiskBytes, t.FreeBytes
	if err = errors.Join(err, s.Close()); err != nil {
		up.Error = err.Error()
	} else if t.Paused {
		up.Error = fmt.Sprintf("nothing new is remembered while less than %s are free: free some space", size(t.MinFree))
	}
	return up
}

func (d *checkup) faults() int {
	n := 0
	for _, e := range []string{d.Engine.Error, d.Image.Error, d.Code.Error, d.Data.Error} {
		if e != "" {
			n++
		}
	}
	return n
}

func (d *checkup) text(layers confine.Report, none bool) string {
	var b strings.Builder
	line := func(name, fault, format string, a ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", name, fmt.Sprintf(format, a...))
		if fault != "" {
			fmt.Fprintf(&b, "%-10s FAULT: %s\n", "", fault)
		}
	}
	line("borel", "", "%s", d.Version)
	line("machine", "", "%s/%s, %d processors, %s", d.Machine.OS, d.Machine.Arch, d.Machine.Processors, d.Machine.kernel)
	line("image", d.Image.Error, "%s %s %.16s (pinned: %t)", d.Image.Name, d.Image.Version, d.Image.Digest, d.Image.Pinned)
	line("engine", d.Engine.Error, "%s, ready in %.0f ms, print(1) in %.2f ms", d.Engine, d.Engine.ReadyMS, d.Engine.RunMS)
	line("isolation", "", "%s", isolationText(layers, none))
	line("code", d.Code.Error, "%s, %s", d.Code.Dir, size(d.Code.Bytes))
	switch {
	case d.Data.UsedBy != "":
		line("data", "", "%s, used by %s", d.Data.Dir, d.Data.UsedBy)
	case d.Data.FreeBytes == 0 && d.Data.Error == "":
		line("data", "", "%s, not made yet", d.Data.Dir)
	default:
		line("data", d.Data.Error, "%s, %s, %s free", d.Data.Dir, size(d.Data.DiskBytes), size(d.Data.FreeBytes))
	}
	return b.String()
}
