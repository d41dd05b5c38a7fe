package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"text/tabwriter"

	"borel/wasm"
)

type imagesCmd struct {
	List imagesListCmd `cmd:"" default:"withargs" help:"Show what there is (the default)."`
	Add  imagesAddCmd  `cmd:"" help:"Add what this binary does not carry: metamath, a database that proofs are checked against."`
}

type imagesListCmd struct {
	JSON bool `name:"json" help:"Print as JSON."`
}

// imageLine is an image as it is shown: what it is, and what programs find in it.
type imageLine struct {
	Name     string        `json:"name"`
	Version  string        `json:"version"`
	Digest   wasm.Digest   `json:"digest"`
	Recipe   wasm.Digest   `json:"recipe,omitzero"`
	Pinned   bool          `json:"pinned"` // whether it is the one that this version of borel is meant to have
	Size     int64         `json:"size"`   // bytes, in this binary or on disk
	Packages []wasm.Source `json:"packages"`
}

func (c *imagesListCmd) Run(m *Main) error {
	img, err := wasm.Python()
	if err != nil {
		return err
	}
	database, err := metamathLine()
	if err != nil {
		return err
	}
	up := imageLine{img.Name, img.Version, img.Digest, img.Recipe, img.Pinned, img.Size, img.Packages}
	if c.JSON {
		e := json.NewEncoder(m.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(append([]imageLine{up}, database...))
	}
	w := tabwriter.NewWriter(m.Stdout, 0, 0, 2, ' ', 0)
	pinned := ""
	if !up.Pinned {
		pinned = "  (not the pinned one: built by another compiler or recipe)"
	}
	fmt.Fprintf(w, "image\t%s %s, %.1f MB\n", up.Name, up.Version, float64(up.Size)/1e6)
	fmt.Fprintf(w, "digest\t%s%s\n", up.Digest, pinned)
	fmt.Fprintf(w, "recipe\t%s\n", up.Recipe)
	for _, p := range up.Packages {
		fmt.Fprintf(w, "package\t%s %s\n", p.Name, p.Version)
	}
	for _, d := range database {
		pinned := ""
		if !d.Pinned {
			pinned = "  (not the pinned one)"
		}
		fmt.Fprintf(w, "proofs\t%s %s, %.1f MB\n", d.Name, d.Version, float64(d.Size)/1e6)
		fmt.Fprintf(w, "digest\t%s%s\n", d.Digest, pinned)
	}
	if len(database) == 0 {
		fmt.Fprintf(w, "proofs\tno database; borel images add metamath adds one\n")
	}
	return w.Flush()
}

// metamathLine is the database of proof checks, if there is one.
func metamathLine() ([]imageLine, error) {
	lib, err := metamathLibrary()
	if err != nil {
		return nil, err
	}
	m, err := lib.Manifest()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	line := imageLine{Name: "metamath", Version: m.Name + " of " + m.Version, Pinned: m.Digest == metamathFileDigest, Size: m.Bytes, Packages: []wasm.Source{}}
	err = line.Digest.UnmarshalText([]byte(m.Digest))
	return []imageLine{line}, err
}
