package main

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"borel/proof/metamath"
)

// What Debian's package of Metamath's databases must be.
const (
	metamathPackage = "metamath-databases"
	metamathVersion = "0.0.0~20210101.git55fe226-2"
	metamathDigest  = "c72523c221db6c1039fa909150f9c53fb9175809792f2e80e55e1baa965445a1" // SHA-256 of the package
	metamathFile    = "./usr/share/metamath/databases/set.mm"

	metamathFileDigest = "4d93307bc81337a621031739acfffb4159175f94fb90e727f4a231401091e45b" // SHA-256 of that file
)

// metamathLibrary is where the database of proof checks lies, in the user's cache folder: it can be fetched again.
func metamathLibrary() (*metamath.Library, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("no cache folder is known to keep images in: %w", err)
	}
	return metamath.NewLibrary(filepath.Join(dir, "borel", "images", "metamath")), nil
}

type imagesAddCmd struct {
	Name string `arg:"" enum:"metamath" help:"What to add: metamath, the database set.mm that proofs are checked against."`
	File string `placeholder:"FILE" type:"existingfile" help:"Add this database instead of the one in Debian's package."`
}

func (c *imagesAddCmd) Run(ctx context.Context, m *Main) error {
	lib, err := metamathLibrary()
	if err != nil {
		return err
	}
	name, version := "set.mm", metamathPackage+" "+metamathVersion
	var text string
	if c.File != "" {
		name, version = filepath.Base(c.File), "a file"
		b, err := os.ReadFile(c.File)
		if err != nil {
			return err
		}
		text = string(b)
	} else if text, err = fetchMetamath(ctx, m); err != nil {
		return err
	}
	m.say("checking every proof of %s", name)
	man, err := lib.Add(ctx, name, version, text)
	if err != nil {
		return err
	}
	fmt.Fprintf(m.Stdout, "added %s (%s): %d axioms, %d theorems, all proofs right\ndigest %s\n", man.Name, man.Version, man.Axioms, man.Theorems, man.Digest)
	return nil
}

// fetchMetamath returns set.mm of Debian's package, which this machine's apt fetches.
func fetchMetamath(ctx context.Context, m *Main) (text string, err error) {
	for _, tool := range []string{"apt-get", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", fmt.Errorf("%s, which fetches Debian's package %s, is not on this machine: get set.mm by other means and add it with --file", tool, metamathPackage)
		}
	}
	dir, err := os.MkdirTemp("", "borel-metamath-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	m.say("fetching %s %s", metamathPackage, metamathVersion)
	apt := exec.CommandContext(ctx, "apt-get", "download", "-q", metamathPackage+"="+metamathVersion)
	apt.Dir = dir
	if out, err := apt.CombinedOutput(); err != nil {
		return "", fmt.Errorf("apt-get has no %s %s (apt-get update may help; otherwise add a database with --file): %w\n%s", metamathPackage, metamathVersion, err, out)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	if err != nil || len(names) != 1 {
		return "", fmt.Errorf("apt-get left %d packages, not one", len(names))
	}
	b, err := os.ReadFile(names[0])
	if err != nil {
		return "", err
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != metamathDigest {
		return "", fmt.Errorf("the package that apt-get fetched has digest %x; pinned is %s", sum, metamathDigest)
	}
	return unpackMetamath(ctx, names[0])
}

// unpackMetamath takes set.mm out of a package.
func unpackMetamath(ctx context.Context, deb string) (string, error) {
	unpack := exec.CommandContext(ctx, "dpkg-deb", "--fsys-tarfile", deb)
	out, err := unpack.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := unpack.Start(); err != nil {
		return "", err
	}
	var text strings.Builder
	err = func() error {
		for r := tar.NewReader(out); ; {
			h, err := r.Next()
			if err != nil {
				return fmt.Errorf("%s in the package: %w", metamathFile, err)
			}
			if h.Name == metamathFile {
				_, err := io.Copy(&text, r)
				return err
			}
		}
	}()
	_, drained := io.Copy(io.Discard, out)
	return text.String(), errors.Join(err, drained, unpack.Wait())
}
