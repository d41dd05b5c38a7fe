package sandbox

import (
	"path/filepath"
	"runtime"

	"github.com/tetratelabs/wazero"
)

// wazeroVersion is part of every run's key: what the compiler makes of a module can change with it (an open bug
// miscompiles on arm64, and its fix will change results). A test holds it to go.mod.
const wazeroVersion = "v1.12.0"

// Mode is how guests are compiled. Results do not depend on it.
type Mode string

const (
	Stock       Mode = "stock"       // by wazero as it was released
	Safe        Mode = "safe"        // by wazero with the patches of ../engine, every check kept
	Guarded     Mode = "guarded"     // the same without checks of addresses: an access outside of the memory ends the process
	Interpreted Mode = "interpreted" // not at all
)

// Room is how many bytes of address space an instance takes.
func (m Mode) Room() uint64 { return max(m.room().size, m.room().guard) }

func (m Mode) room() room {
	r := room{size: maxMemory}
	if m == Guarded {
		r.guard = guardedBytes
	}
	return r
}

// Patches names the patches of ../engine that this program was built with; it is empty where there are none.
func Patches() string {
	if c, ok := wazero.NewRuntimeConfigCompiler().(interface{ Patches() string }); ok {
		return c.Patches()
	}
	return ""
}

// compiler is the configuration of wazero for cfg, its mode, and whether memory is to fault where a guest must not reach.
func (cfg *Config) compiler() (rc wazero.RuntimeConfig, mode Mode) {
	rc = wazero.NewRuntimeConfig()
	if cfg.Interpreter || !(runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64") {
		return wazero.NewRuntimeConfigInterpreter(), Interpreted
	}
	patched, ok := rc.(interface {
		WithFixedMemory(guarded bool) wazero.RuntimeConfig
	})
	if !ok {
		return rc, Stock
	}
	if cfg.Portable || !cfg.mapped() || runtime.GOARCH != "amd64" { // code for arm64 was never run with them
		return rc, Safe
	}
	if cfg.Guarded {
		most := uint64(cfg.Parallel) * (2 + MaxChildren) * guardedBytes // of a run, its peer, and all that the two start
		if err := reservable(most); err != nil {
			cfg.Logger.Warn("guests are compiled with checks of addresses, which is slower: the system does not reserve enough of them", "bytes", most, "err", err)
		} else {
			return patched.WithFixedMemory(true), Guarded
		}
	}
	return patched.WithFixedMemory(false), Safe
}

// codeDir is where compiled code is kept: a folder of its own for each compiler, because wazero's key names no compiler,
// and code for guarded memory must never run on another.
func (cfg *Config) codeDir(mode Mode) string {
	if p := Patches(); p != "" {
		return filepath.Join(cfg.CacheDir, "wazero-"+p+"-"+string(mode))
	}
	return cfg.CacheDir
}
