// Package coverage is the statistics of repeated sampling.
package coverage

// Count is what is known of one problem: of N decided samples C were right. Unknown ones are in neither.
type Count struct {
	Problem string `json:"problem,omitempty"`
	N       int    `json:"n"`
	C       int    `json:"c"`
	Unknown int    `json:"unknown,omitempty"`
	Stopped string `json:"stopped,omitempty"` // "" or "all": N was fixed beforehand; "first_accepted": pass@k would be biased
}

// Point is one point of a coverage curve: pass@K with its interval.
type Point struct {
	K    int     `json:"k"`
	Pass float64 `json:"pass"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}
