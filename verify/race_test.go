//go:build race

package verify

// race is set where the race detector makes everything ten times slower.
const race = true
