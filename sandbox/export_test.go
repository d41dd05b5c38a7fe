package sandbox

// Forgetful is t without its memory of programs: each run compiles its own.
func (t *Template) Forgetful() *Template {
	x := *t
	x.again = nil
	return &x
}

// Checkpoints counts the programs of which t keeps a checkpoint.
func (t *Template) Checkpoints() (n int) {
	t.again.mu.Lock()
	defer t.again.mu.Unlock()
	for _, p := range t.again.programs {
		if p.compiled.Load() != nil {
			n++
		}
	}
	return n
}
