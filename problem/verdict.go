package problem

// Status is a check's decision on a sample.
type Status string

// Every status. All but Accepted, Unknown and NotJudged mean wrong.
const (
	Accepted            Status = "accepted"
	WrongAnswer         Status = "wrong_answer"
	RuntimeError        Status = "runtime_error"
	CompileError        Status = "compile_error"
	TimeLimitExceeded   Status = "time_limit_exceeded"
	MemoryLimitExceeded Status = "memory_limit_exceeded"
	OutputLimitExceeded Status = "output_limit_exceeded"
	NoProgram           Status = "no_program" // nothing could be extracted from the sample
	Unknown             Status = "unknown"    // a fault of the service; see Verdict.Error
	NotJudged           Status = "not_judged" // nothing decides a single sample of this check: neither right, nor wrong, nor failed
)

// Known reports that s is one of these.
func (s Status) Known() bool {
	switch s {
	case Accepted, WrongAnswer, RuntimeError, CompileError, TimeLimitExceeded, MemoryLimitExceeded, OutputLimitExceeded, NoProgram, Unknown, NotJudged:
		return true
	}
	return false
}

// Verdict is a check's decision on one sample.
type Verdict struct {
	Index          int          `json:"index" doc:"position of the sample in the request"`
	Status         Status       `json:"status"`
	Reward         *float64     `json:"reward" doc:"1 accepted, 0 wrong, null where that is not known"`
	Message        string       `json:"message" doc:"for people: why"`
	Error          string       `json:"error,omitempty" doc:"unknown only: the fault of the service"`
	Extraction     string       `json:"extraction,omitempty" doc:"the rule by which the program or answer was taken out of the sample"`
	Program        string       `json:"program,omitempty" doc:"the program, where it is not the sample itself"`
	Note           string       `json:"note,omitempty" doc:"how the check was carried out, where that is not what it asks for"`
	Cases          []CaseResult `json:"cases,omitempty" doc:"stdio and calls: the cases that were judged, in order"`
	Points         *float64     `json:"points,omitempty" doc:"stdio and calls: the share of the points that was earned, 0 to 1; cases that were not judged count as lost. agreement: the share of the tests that passed, or of the inputs that were answered"`
	HeldOut        *Part        `json:"held_out,omitempty" doc:"what the held-out check decided"`
	Selector       *Part        `json:"selector,omitempty" doc:"what the selector check decided"`
	Score          *float64     `json:"score,omitempty" doc:"the reward model's"`
	ScoreError     string       `json:"score_error,omitempty" doc:"why the reward model gave none"`
	Fuel           int64        `json:"fuel" doc:"work done by all runs, in units of fuel"`
	VirtualSeconds float64      `json:"virtual_seconds" doc:"the guests' clock: work and sleep"`
	MemoryBytes    int64        `json:"memory_bytes,omitempty" doc:"greatest linear memory of any run"`
	Cached         bool         `json:"cached" doc:"nothing was run for this verdict"`
	Key            string       `json:"key,omitempty" doc:"names the verdict in the cache, in hexadecimal"`
	// Behaviour is a digest of what the program did: equal behaviour, equal digest. Selection groups by it.
	Behaviour string `json:"behaviour,omitempty" doc:"digest of what the runs did, or of the normalised answer; equal for equal behaviour"`
}

// Part is the decision of a check that is judged beside another one.
type Part struct {
	Status  Status `json:"status"`
	Message string `json:"message,omitempty"`
	Error   string `json:"error,omitempty"`
	Key     string `json:"key,omitempty"`
}

// Selection is what an agreement check makes of a set of samples.
type Selection struct {
	Index   int         `json:"index" doc:"the sample that is selected: the first of the best group"`
	Groups  []Group     `json:"groups" doc:"samples that no test tells apart, best group first; every sample that was run is in one"`
	Scores  []float64   `json:"scores" doc:"of each sample its group's score; 0 for one that was not run"`
	Tests   int         `json:"tests" doc:"generated tests that were run, with repeats; of mbr and cluster the inputs in them, of majority 0"`
	Differs []Differing `json:"differs,omitempty" doc:"inputs that tell the first two groups apart, a few at most"`
}

// Group is a set of samples that behave alike.
type Group struct {
	Samples []int   `json:"samples" doc:"indexes, ascending"`
	Tests   int     `json:"tests" doc:"how many generated tests they pass, with repeats; of mbr and cluster on how many inputs they give a value"`
	Score   float64 `json:"score" doc:"codet: √samples × tests; mbr: the share of outputs that they have in common with another sample, on average; cluster and majority: samples. 0 where they pass nothing"`
}

// Differing is an input on which two groups do not do the same.
type Differing struct {
	Input   string   `json:"input" doc:"a call of the entry point"`
	Outputs []string `json:"outputs" doc:"what the first and the second group give, as Python shows it, or why they give nothing"`
}

// CaseResult is the decision on one case of a stdio or calls check.
type CaseResult struct {
	Status         Status  `json:"status"`
	Points         float64 `json:"points,omitempty" doc:"the share of the case's points that was earned, 0 to 1"`
	Message        string  `json:"message,omitempty"`
	Fuel           int64   `json:"fuel"`
	VirtualSeconds float64 `json:"virtual_seconds"`
	MemoryBytes    int64   `json:"memory_bytes"`
}

// SetReward fills Reward from Status.
func (v *Verdict) SetReward() {
	v.Reward = nil
	switch v.Status {
	case Accepted:
		one := 1.0
		v.Reward = &one
	case Unknown, NotJudged:
	default:
		zero := 0.0
		v.Reward = &zero
	}
}

// Counts are the numbers of verdicts of a problem. Samples includes unknown ones.
type Counts struct {
	Samples   int `json:"samples"`
	Accepted  int `json:"accepted"`
	Unknown   int `json:"unknown"`
	NotJudged int `json:"not_judged,omitempty"`
}

// Add counts one verdict.
func (c *Counts) Add(s Status) {
	c.Samples++
	switch s {
	case Accepted:
		c.Accepted++
	case Unknown:
		c.Unknown++
	case NotJudged:
		c.NotJudged++
	}
}

// Replay is a verdict that was made again, and what differs from the one that was kept.
type Replay struct {
	Verdict
	Same    bool         `json:"same" doc:"the verdict and all its runs came out as before"`
	Differs []Difference `json:"differs,omitempty" doc:"what did not, the first hundred at most"`
}

// Difference is one thing that came out otherwise.
type Difference struct {
	What string `json:"what" doc:"key, status, message, behaviour, extraction, runs (their number), or of a run reason, exit_code, stdout, stderr (digests), fuel, virtual_seconds, memory_bytes: runs[3].stdout"`
	Was  string `json:"was"`
	Is   string `json:"is"`
}
