package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"borel/dataset"
	"borel/sampler"
	"borel/server"
	"borel/server/sandboxfusion"

	"github.com/go-json-experiment/json/jsontext"
)

// fusionAPI is SandboxFusion's API, with the datasets that were read.
func fusionAPI(c *serveCmd, _ *sampler.Sampler, _ server.Config, v server.Verifier) server.API {
	return sandboxfusion.New(sandboxfusion.Config{Verifier: v, Datasets: c.datasets})
}

// fusionDatasets reads those that the flags name.
func (c *serveCmd) fusionDatasets() (sets []sandboxfusion.Dataset, err error) {
	for _, spec := range c.SandboxfusionDataset {
		name, file, ok := strings.Cut(spec, "=")
		if !ok || name == "" || file == "" {
			return nil, usage("sandboxfusion-dataset: %q is not NAME=FILE or NAME=CLASS:FILE", spec)
		}
		if slices.ContainsFunc(sets, func(d sandboxfusion.Dataset) bool { return d.Name == name }) {
			return nil, usage("sandboxfusion-dataset: %s is there twice", name)
		}
		class, rows, ok := strings.Cut(file, ":")
		d := sandboxfusion.Dataset{Name: name}
		if ok && slices.Contains(sandboxfusion.Classes, class) {
			d.Class, file = class, rows
		}
		if err := readFusion(&d, file); err != nil {
			return nil, fmt.Errorf("the dataset %s: %w", name, err)
		}
		sets = append(sets, d)
	}
	return sets, nil
}

// readFusion reads the rows of a class as the original has them, or problems in any form.
func readFusion(d *sandboxfusion.Dataset, file string) (err error) {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close() // it was read
	if d.Class == "" {
		set, err := dataset.Read(f, file, dataset.Options{})
		if err != nil {
			return err
		}
		d.Completes = set.Form == "humaneval" || set.Form == "multipl-e"
		ask := dataset.For(set.Form, "chat")
		for _, item := range set.Items {
			d.Problems = append(d.Problems, sandboxfusion.Problem{Problem: item.Problem, Chat: ask.Render(item.Prompt)})
		}
		return nil
	}
	plain, err := dataset.Plain(f)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	lines := jsontext.NewDecoder(plain, jsontext.AllowDuplicateNames(true))
	for {
		row, err := lines.ReadValue()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", file, err)
		case row.Kind() != '{':
			return fmt.Errorf("%s: row %d is no object", file, len(d.Rows)+1)
		}
		d.Rows = append(d.Rows, row.Clone())
	}
}
