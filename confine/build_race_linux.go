//go:build race

package confine

// callsOfBuild are those of the race detector and of the C library that it needs.
var callsOfBuild = []rule{}
