package coverage

// Difference is pass@K of system B less that of system A on the same problems, with the interval of the difference.
type Difference struct {
	K          int     `json:"k"`
	A          float64 `json:"a" doc:"pass@k of the first system"`
	B          float64 `json:"b" doc:"pass@k of the second"`
	Difference float64 `json:"difference" doc:"b − a"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Better     float64 `json:"better" doc:"probability that b is truly above a"`
}
