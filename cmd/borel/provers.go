package main

import (
	"borel/proof/lean"
	"borel/verify"
)

// proverFlags say where proofs are checked that this process cannot check itself.
type proverFlags struct {
	Lean    string `placeholder:"[NAME=]URL" help:"Kimina server that checks proofs in Lean 4, such as http://127.0.0.1:8000. NAME stands for its Lean and Mathlib: verdicts are remembered under it."`
	LeanKey string `placeholder:"KEY" help:"Bearer token sent to it; better given as BOREL_LEAN_KEY."`
}

// provers decide the proofs of each system.
func (f proverFlags) provers() (map[string]verify.Prover, error) {
	p, err := lean.New(lean.Config{Endpoint: f.Lean, Key: f.LeanKey})
	if err != nil {
		return nil, flagFault(err)
	}
	all := map[string]verify.Prover{"lean": p}
	if lib, err := metamathLibrary(); err == nil { // no home folder: no database either
		all["metamath"] = lib
	}
	return all, nil
}
