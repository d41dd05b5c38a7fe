package main

import (
	"borel/proof/lean"
	"borel/verify"
)

// judgeFlags say who is asked, besides this process, when samples are judged.
type judgeFlags struct {
	scorerFlags
	proverFlags
}

// config is that of a verifier which asks them. The caller calls done, unless there is an error.
func (f judgeFlags) config(m *Main) (cfg verify.Config, done func(), err error) {
	if cfg, done, err = f.scorerFlags.config(m); err != nil {
		return cfg, nil, err
	}
	if cfg.Provers, err = f.provers(); err != nil {
		done()
	}
	return cfg, done, err
}

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
