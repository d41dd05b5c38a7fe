package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"borel/wasm"
)

type imagesCmd struct {
	JSON bool `name:"json" help:"Print as JSON."`
}

// imageLine is an image as it is shown: what it is, and what programs find in it.
type imageLine struct {
	Name     string        `json:"name"`
	Version  string        `json:"version"`
	Digest   wasm.Digest   `json:"digest"`
	Recipe   wasm.Digest   `json:"recipe"`
	Pinned   bool          `json:"pinned"` // whether it is the image that this version of borel is meant to carry
	Size     int64         `json:"size"`   // bytes in this binary
	Packages []wasm.Source `json:"packages"`
}

func (c *imagesCmd) Run(m *Main) error {
	img, err := wasm.Python()
	if err != nil {
		return err
	}
	up := imageLine{img.Name, img.Version, img.Digest, img.Recipe, img.Pinned, img.Size, img.Packages}
	if c.JSON {
		e := json.NewEncoder(m.Stdout)
		e.SetIndent("", "  ")
		return e.Encode([]imageLine{up})
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
	return w.Flush()
}
