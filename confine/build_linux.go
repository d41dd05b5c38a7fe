//go:build !cgo

package confine

// callsOfBuild are those that the way this binary was built adds.
var callsOfBuild []rule
