package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Files of the folder, besides Badger's own in badger/.
const (
	formatFile = "FORMAT"      // the version of the layout
	lockFile   = "lock"        // locked while a process has the store open; stays
	addrFile   = "server.addr" // where that process can be reached; removed at Close
)

// LockedError says that another process has the folder open.
type LockedError struct {
	Dir  string
	Addr string // what that process passed to Announce; empty if it did not
}

func (e *LockedError) Error() string {
	if e.Addr == "" {
		return fmt.Sprintf("store %s is in use by another process: end that one, or choose another folder", e.Dir)
	}
	return fmt.Sprintf("store %s is in use by the server at %s: ask that one, end it, or choose another folder", e.Dir, e.Addr)
}

// folder is a locked folder of this package's format.
type folder struct {
	dir  string
	lock *os.File
}

func openFolder(dir string) (*folder, error) {
	if err := mkdir(dir); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store: the folder cannot be written to: choose another, or give yourself write permission: %w", err)
	}
	locked, err := tryLock(lock)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("store: lock %s: %w", lock.Name(), err), lock.Close())
	}
	if !locked {
		// Without an address the error is of less use, and still true.
		addr, _ := os.ReadFile(filepath.Join(dir, addrFile))
		return nil, errors.Join(&LockedError{Dir: dir, Addr: strings.TrimSpace(string(addr))}, lock.Close())
	}
	f := &folder{dir: dir, lock: lock}
	// Whoever left an address here did not live to remove it.
	err = f.forgetAddr()
	if err == nil {
		err = f.checkFormat()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("store %s: %w", dir, err), f.close())
	}
	return f, nil
}

// checkFormat refuses a folder of another version, and stamps a new one.
func (f *folder) checkFormat() error {
	path := filepath.Join(f.dir, formatFile)
	got, err := os.ReadFile(path)
	switch {
	case err == nil && string(got) == format:
		return nil
	case err == nil:
		return fmt.Errorf("the folder has format %q, this program reads %q: use the program that wrote it, or another folder",
			strings.TrimSpace(string(got)), strings.TrimSpace(format))
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if _, err := os.Stat(dbDir(f.dir)); err == nil {
		return fmt.Errorf("the folder has a database but no file %s: put back the file, or choose another folder", formatFile)
	}
	return f.write(formatFile, format)
}

func (f *folder) announce(addr string) error {
	if err := f.write(addrFile, addr+"\n"); err != nil {
		return fmt.Errorf("store %s: announce: %w", f.dir, err)
	}
	return nil
}

// write replaces a file at once, so that no reader finds half of it, nor a crash leaves half of it.
func (f *folder) write(name, content string) error {
	path := filepath.Join(f.dir, name)
	tmp, err := os.CreateTemp(f.dir, name+".*")
	if err != nil {
		return err
	}
	_, err = tmp.WriteString(content)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return syncDir(f.dir)
}

func (f *folder) forgetAddr() error {
	if err := os.Remove(filepath.Join(f.dir, addrFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (f *folder) close() error { return errors.Join(f.forgetAddr(), f.lock.Close()) }

// mkdir makes dir with its parents.
func mkdir(dir string) error {
	if dir == "" {
		return errors.New("store: no folder is named")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("store: the folder cannot be made or used: choose another, or give yourself write permission: %w", err)
	}
	return nil
}
