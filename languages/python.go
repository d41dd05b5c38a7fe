package languages

import (
	_ "embed"
	"strconv"
	"strings"

	"borel/sandbox"
	"borel/wasm"
)

//go:embed python/ready.py
var pythonReady string

//go:embed python/harness.py
var pythonHarness string

//go:embed python/wire.py
var pythonWire string

//go:embed python/calls.py
var pythonCalls string

//go:embed python/cells.py
var pythonCells string

//go:embed python/process.py
var pythonProcess string

//go:embed python/equal.py
var pythonEqual string

//go:embed python/warm.py
var pythonWarm string

// pythonRate is the fuel in one second: about what CPython compiled for this machine would do in a second on the
// reference programs of `borel bench` (cpu/…). See docs/benchmarks.md for the calibration.
const pythonRate = 320_000_000

// pythonBase is what a fresh interpreter counts as: about what CPython itself uses, its stack of 16 MB counted in. The
// modules that are ready beside it are not the program's.
const pythonBase = 29 << 20

var python = Language{Name: "python", rate: pythonRate, steps: []string{"main.py", "tests.py"}, load: PythonImage}

// pythonSetup is what begin() of python/process.py reads, of a child with all that there may be: by marshal, in its version 2.
const pythonSetup = "\x00\x28\x09\x00\x00\x00\x5b\x01\x00\x00\x00\x75\x02\x00\x00\x00\x2d\x63\x5b\x03\x00\x00\x00\x75\x07\x00\x00\x00\x70\x79\x74\x68\x6f\x6e\x33\x75\x02\x00\x00\x00\x2d\x63\x75\x01\x00\x00\x00\x31\x75\x00\x00\x00\x00\x4e\x75\x04\x00\x00\x00\x31\x0a\x32\x0a\x54\x5b\x00\x00\x00\x00\x75\x08\x00\x00\x00\x2f\x73\x61\x6e\x64\x62\x6f\x78\x5b\x01\x00\x00\x00\x28\x02\x00\x00\x00\x75\x01\x00\x00\x00\x41\x75\x01\x00\x00\x00\x62"

// PythonImage is CPython, ready to be loaded into an engine.
func PythonImage() (sandbox.Image, error) {
	w, err := wasm.Python()
	if err != nil {
		return sandbox.Image{}, err
	}
	files := sandbox.NewTree()
	for path, size := range w.Files() {
		files.Add(path, int(size), func() ([]byte, error) { return w.Read(path) })
	}
	image := sandbox.Image{Name: "python", Digest: sandbox.Digest(w.Digest), Module: w.Module, Files: files, Rate: pythonRate, Base: pythonBase,
		Harness: []byte("_WIRE = " + strconv.QuoteToASCII(pythonWire+pythonCalls) + "\n_PROCESS = " + strconv.QuoteToASCII(pythonProcess) + "\n_CELLS = " + strconv.QuoteToASCII(pythonCells) + "\n_EQUAL = " + strconv.QuoteToASCII(pythonEqual) + "\n" + pythonReady + pythonHarness)}
	image.Setup = []byte(pythonSetup)
	for source := range strings.SplitSeq(pythonWarm, "---\n") {
		image.Warm = append(image.Warm, sandbox.Spec{Steps: []sandbox.Step{{Name: "main.py", Source: []byte(source)}}, Args: []string{"main.py"}})
	}
	return image, nil
}
