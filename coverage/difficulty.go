package coverage

// Difficulty is how the success rates of the problems of an evaluation are spread.
type Difficulty struct {
	Bins   []Bin   `json:"bins" doc:"problems by the rate of right samples; the first holds those never solved"`
	Never  Never   `json:"never" doc:"problems that no number of samples would solve"`
	Movers []Mover `json:"movers" doc:"the problems that move the curve most between two k, greatest first"`
}

// Bin is the problems whose rate is above Above and at most UpTo; the first bin is rate 0 alone.
type Bin struct {
	Above    float64 `json:"above"`
	UpTo     float64 `json:"up_to"`
	Problems int     `json:"problems" doc:"by the rate seen, c/n"`
	Believed float64 `json:"believed" doc:"expected number of problems whose true rate is there"`
}

// Never is the share of problems that no number of samples would solve.
type Never struct {
	Unsolved int     `json:"unsolved" doc:"problems of which no sample was right"`
	Share    float64 `json:"share" doc:"expected share of problems with a rate of 0"`
	Most     float64 `json:"most" doc:"upper bound on that share, at the level of the intervals"`
}

// Mover is a problem, and by how much it raises the curve.
type Mover struct {
	Problem string  `json:"problem"`
	From    int     `json:"from" doc:"k"`
	To      int     `json:"to" doc:"k"`
	Gain    float64 `json:"gain" doc:"of its own pass@k from one to the other, divided by the number of problems"`
}
