package problem

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Kinds of Check.
const (
	KindUnit      = "unit"      // tests run as code after the program
	KindCalls     = "calls"     // a function called on arguments, what it returns compared
	KindStdio     = "stdio"     // one run per case, stdout compared
	KindAnswer    = "answer"    // an answer extracted from text and compared
	KindAgreement = "agreement" // samples judged by each other, on generated tests
	KindProof     = "proof"     // a proof checked by a proof assistant
)

// Kinds lists the kinds of checks.
var Kinds = []string{KindUnit, KindCalls, KindStdio, KindAnswer, KindAgreement, KindProof}

// Isolations of a unit check, and what Fallback may name.
const (
	Shared = "shared" // program and tests in one interpreter
	Split  = "split"  // each in a sandbox of its own, values cross
)

// Ways of an agreement check to select.
const (
	SelectCodeT    = "codet"    // by the generated tests that samples pass
	SelectMBR      = "mbr"      // the sample whose outputs most others have too
	SelectCluster  = "cluster"  // the largest set of samples with the same outputs
	SelectMajority = "majority" // the answer that most samples state; nothing is run
)

// Check says how a sample is decided. Kind selects which of the other fields matter.
type Check struct {
	Kind string `json:"kind" enum:"unit,calls,stdio,answer,agreement,proof"`

	// unit: the program runs as one step, then the tests as the next. Accepted iff the tests' step runs to its end.
	Tests      string `json:"tests,omitempty" doc:"unit: test code, run after the program"`
	EntryPoint string `json:"entry_point,omitempty" doc:"unit, calls, agreement: the function that the program must define; guides extraction. calls: Class.method calls the method of a new object"`
	Isolation  string `json:"isolation,omitempty" enum:"shared,split" doc:"unit: shared (the default): program and tests share one interpreter; split: each has a sandbox of its own, and calls cross by value"`
	Fallback   string `json:"fallback,omitempty" enum:"none,shared" doc:"unit, split: what becomes of a problem whose values cannot cross, as its reference shows: none (the default): it is refused; shared: it is judged so, with a note"`

	// calls: the entry point is called with each case's arguments. stdio: one run per case.
	Cases      []Case `json:"cases,omitempty" doc:"stdio and calls: what goes in, and what is expected"`
	Compare    string `json:"compare,omitempty" doc:"stdio: tokens (the default), exact, float, float:1e-6, llmonk, deepmind, sandboxfusion, livecodebench or codeforces; calls: exact (the default), float:1e-6 or unordered"`
	Checker    *Code  `json:"checker,omitempty" doc:"stdio: a program that judges each output, called with the paths of input, output and expected output; exit code 0 accepts, 1 rejects. calls: defines check(args, kwargs, want, got)"`
	Interactor *Code  `json:"interactor,omitempty" doc:"stdio: a program whose standard input and output are joined to the sample's; called with the paths of input and expected output; exit code 0 accepts, 1 rejects"`
	AllCases   bool   `json:"all_cases,omitempty" doc:"stdio and calls: judge every case; otherwise the first failing one ends the check"`

	// answer: no program is run.
	Answer string `json:"answer,omitempty" doc:"answer: the expected answer"`
	Equal  string `json:"equal,omitempty" enum:"string,number,math,choice" doc:"answer, and agreement by majority: string (the default), number, math (symbolic equality) or choice (a letter)"`
	Marker string `json:"marker,omitempty" doc:"answer, and agreement by majority: the answer follows the last occurrence of this text"`

	// agreement: a sample alone cannot be decided; a set can. Without an entry point every assert is a test.
	GeneratedTests []string `json:"generated_tests,omitempty" doc:"agreement: model outputs that hold asserts on the entry point; each continues a prompt that ends in assert"`
	Select         string   `json:"select,omitempty" enum:"codet,mbr,cluster,majority" doc:"agreement: codet (the default): by the tests that samples pass; mbr: the sample whose outputs on the tests' inputs most others have too; cluster: the most samples with the same outputs; majority: the answer that most samples state, which needs no tests"`

	// proof: the sample is a proof of a pinned statement.
	System    string `json:"system,omitempty" enum:"metamath,lean" doc:"proof: metamath or lean"`
	Theorem   string `json:"theorem,omitempty" doc:"proof, metamath: the label of the theorem in the database"`
	Statement string `json:"statement,omitempty" doc:"proof: the statement, where the database does not hold it"`

	// Any check: judged beside it.
	HeldOut  *Check   `json:"held_out,omitempty" doc:"any check: judged and reported apart, never used to select"`
	Selector *Check   `json:"selector,omitempty" doc:"any check: judged apart; what a selection may look at instead of this check"`
	Score    *Scoring `json:"score,omitempty" doc:"any check: a reward model's score is kept beside the verdict"`
}

// Code is a program of the problem's own: a checker or an interactor. It runs in a sandbox of its own.
type Code struct {
	Language string `json:"language,omitempty" doc:"default python"`
	Source   string `json:"source"`
}

// Scoring asks a reward model.
type Scoring struct {
	Model string `json:"model" doc:"name of a model that a configured scoring endpoint serves"`
}

// Case is one input of a check with what is expected of it, which never enters the sample's sandbox.
//
// The arguments and the expected value of a call are JSON, or Python literals where JSON has no such value: tuples, sets,
// bytes, complex numbers, dictionaries with other keys than strings. In a literal (name := value) names a value, which is the
// same object where the name occurs again: [(row := [0, 0]), row].
type Case struct {
	Stdin  string `json:"stdin,omitempty" doc:"stdio: bytes on standard input"`
	Stdout string `json:"stdout,omitempty" doc:"stdio: expected standard output"`

	Args          json.RawMessage `json:"args,omitempty" doc:"calls: the list of arguments"`
	Kwargs        json.RawMessage `json:"kwargs,omitempty" doc:"calls: an object of named arguments"`
	Want          json.RawMessage `json:"want,omitempty" doc:"calls: the expected value"`
	ArgsLiteral   string          `json:"args_literal,omitempty" doc:"calls: instead of args, a Python literal of a list or tuple"`
	KwargsLiteral string          `json:"kwargs_literal,omitempty" doc:"calls: instead of kwargs, a Python literal of a dictionary"`
	WantLiteral   string          `json:"want_literal,omitempty" doc:"calls: instead of want, a Python literal"`
	Raises        string          `json:"raises,omitempty" doc:"calls: instead of want, the name of the exception that the call must raise"`

	Points float64 `json:"points,omitempty" doc:"what the case counts for; default 1"`
}

// Bounds on a check.
const (
	MaxCases          = 10_000 // of a stdio or calls check
	MaxGeneratedTests = 10_000 // outputs
	MaxPoints         = 1e9    // of a case
)

// Comparators by kind, besides float:TOLERANCE, and equalities.
var (
	StdioComparators = []string{"tokens", "exact", "float", "llmonk", "deepmind", "sandboxfusion", "livecodebench", "codeforces"}
	CallsComparators = []string{"exact", "float", "unordered"}
	Equals           = []string{"string", "number", "math", "choice"} // of answers
)

func (c *Check) validate(at string) error {
	if err := c.validateKind(at); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		c    *Check
	}{{"held_out", c.HeldOut}, {"selector", c.Selector}} {
		if part.c == nil {
			continue
		}
		switch {
		case part.c.HeldOut != nil, part.c.Selector != nil, part.c.Score != nil:
			return Invalidf(at+part.name, "holds a held_out, selector or score of its own; only the outermost check may")
		case part.c.Kind == KindAgreement:
			return Invalidf(at+part.name+".kind", "must not be agreement, which decides no sample")
		}
		if err := part.c.validate(at + part.name + "."); err != nil {
			return err
		}
	}
	if s := c.Score; s != nil && s.Model == "" {
		return Invalidf(at+"score.model", "is empty; it names the reward model")
	} else if s != nil && len(s.Model) > MaxIDBytes {
		return Invalidf(at+"score.model", "has %d bytes, the limit is %d", len(s.Model), MaxIDBytes)
	}
	return nil
}

func (c *Check) validateKind(at string) error {
	if len(c.EntryPoint) > MaxIDBytes {
		return Invalidf(at+"entry_point", "has %d bytes, the limit is %d", len(c.EntryPoint), MaxIDBytes)
	}
	switch c.Kind {
	case KindUnit:
		if err := oneOf(at+"isolation", c.Isolation, Shared, Split); err != nil {
			return err
		}
		if err := oneOf(at+"fallback", c.Fallback, "none", Shared); err != nil {
			return err
		}
		return size(at+"tests", c.Tests)
	case KindCalls:
		if c.EntryPoint == "" {
			return Invalidf(at+"entry_point", "is empty; a calls check needs the function to call")
		}
		if err := comparator(at+"compare", c.Compare, CallsComparators); err != nil {
			return err
		}
		return c.validateCases(at, (*Case).validateCall)
	case KindStdio:
		if c.Checker != nil && c.Interactor != nil {
			return Invalidf(at+"interactor", "stands beside a checker; one of the two decides")
		}
		if err := comparator(at+"compare", c.Compare, StdioComparators); err != nil {
			return err
		}
		return c.validateCases(at, (*Case).validateStdio)
	case KindAnswer:
		if strings.TrimSpace(c.Answer) == "" {
			return Invalidf(at+"answer", "is empty; an answer check needs the expected answer")
		}
		if err := cmp.Or(size(at+"answer", c.Answer), size(at+"marker", c.Marker)); err != nil {
			return err
		}
		return oneOf(at+"equal", c.Equal, Equals...)
	case KindAgreement:
		if err := oneOf(at+"select", c.Select, SelectCodeT, SelectMBR, SelectCluster, SelectMajority); err != nil {
			return err
		}
		if c.Select == SelectMajority {
			return cmp.Or(oneOf(at+"equal", c.Equal, Equals...), size(at+"marker", c.Marker))
		}
		if len(c.GeneratedTests) == 0 {
			return Invalidf(at+"generated_tests", "is empty; an agreement check needs generated tests")
		}
		if len(c.GeneratedTests) > MaxGeneratedTests {
			return Invalidf(at+"generated_tests", "has %d entries, the limit is %d", len(c.GeneratedTests), MaxGeneratedTests)
		}
		for i, t := range c.GeneratedTests {
			if err := size(fmt.Sprintf("%sgenerated_tests[%d]", at, i), t); err != nil {
				return err
			}
		}
		if c.EntryPoint == "" && (c.Select == SelectMBR || c.Select == SelectCluster) {
			return Invalidf(at+"entry_point", "is empty; select %s needs the function whose calls are compared", c.Select)
		}
	case KindProof:
		if c.System == "" {
			return Invalidf(at+"system", "is missing; metamath and lean are known")
		}
		if err := oneOf(at+"system", c.System, "metamath", "lean"); err != nil {
			return err
		}
		if c.Theorem == "" && c.Statement == "" {
			return Invalidf(at+"statement", "is empty, and so is theorem; a proof check needs what is to be proved")
		}
		if len(c.Theorem) > MaxIDBytes {
			return Invalidf(at+"theorem", "has %d bytes, the limit is %d", len(c.Theorem), MaxIDBytes)
		}
		return size(at+"statement", c.Statement)
	case "":
		return Invalidf(at+"kind", "is missing; %s are known", strings.Join(Kinds, ", "))
	default:
		return Invalidf(at+"kind", "%q is not known; %s are", c.Kind, strings.Join(Kinds, ", "))
	}
	return nil
}

func (c *Check) validateCases(at string, validate func(*Case, string) error) error {
	if len(c.Cases) == 0 {
		return Invalidf(at+"cases", "is empty; a %s check needs at least one case", c.Kind)
	}
	if len(c.Cases) > MaxCases {
		return Invalidf(at+"cases", "has %d entries, the limit is %d", len(c.Cases), MaxCases)
	}
	for name, code := range map[string]*Code{"checker.source": c.Checker, "interactor.source": c.Interactor} {
		if code == nil {
			continue
		}
		if strings.TrimSpace(code.Source) == "" {
			return Invalidf(at+name, "is empty")
		}
		if err := size(at+name, code.Source); err != nil {
			return err
		}
	}
	for i := range c.Cases {
		k := &c.Cases[i]
		at := fmt.Sprintf("%scases[%d].", at, i)
		if err := validate(k, at); err != nil {
			return err
		}
		if !(k.Points >= 0 && k.Points <= MaxPoints) {
			return Invalidf(at+"points", "must be between 0 (the default, 1) and %g", MaxPoints)
		}
	}
	return nil
}

// Votes reports whether c is an agreement check by majority, which reads answers and runs no program.
func (c *Check) Votes() bool { return c.Kind == KindAgreement && c.Select == SelectMajority }

// Weight is what the case counts for.
func (k *Case) Weight() float64 {
	if k.Points == 0 {
		return 1
	}
	return k.Points
}

func (k *Case) validateStdio(at string) error {
	if k.Call() {
		return Invalidf(at+"args", "belongs to calls checks; a stdio case has stdin and stdout")
	}
	if err := size(at+"stdin", k.Stdin); err != nil {
		return err
	}
	return size(at+"stdout", k.Stdout)
}

// Call reports whether k has a field of calls checks.
func (k *Case) Call() bool {
	return k.Args != nil || k.Kwargs != nil || k.Want != nil || k.ArgsLiteral != "" || k.KwargsLiteral != "" || k.WantLiteral != "" || k.Raises != ""
}

func (k *Case) validateCall(at string) error {
	for _, f := range []struct {
		name    string
		json    json.RawMessage
		literal string
	}{{"args", k.Args, k.ArgsLiteral}, {"kwargs", k.Kwargs, k.KwargsLiteral}, {"want", k.Want, k.WantLiteral}} {
		if f.json != nil && f.literal != "" {
			return Invalidf(at+f.name, "stands beside %s_literal; one of the two says the value", f.name)
		}
		if n := max(len(f.json), len(f.literal)); n > MaxSource {
			return Invalidf(at+f.name, "has %d bytes, the limit is %d", n, MaxSource)
		}
	}
	switch want := k.Want != nil || k.WantLiteral != ""; {
	case k.Stdin != "", k.Stdout != "":
		return Invalidf(at+"stdin", "belongs to stdio checks; a case of calls has args and want")
	case want == (k.Raises != ""):
		return Invalidf(at+"want", "needs exactly one of want, want_literal and raises")
	case len(k.Raises) > MaxIDBytes:
		return Invalidf(at+"raises", "has %d bytes, the limit is %d", len(k.Raises), MaxIDBytes)
	}
	return nil
}

// size reports a text that is too long.
func size(field, s string) error {
	if len(s) > MaxSource {
		return Invalidf(field, "has %d bytes, the limit is %d", len(s), MaxSource)
	}
	return nil
}

// oneOf reports a value that is neither empty nor known.
func oneOf(field, v string, known ...string) error {
	if v != "" && !slices.Contains(known, v) {
		return Invalidf(field, "%q is not known; %s are", v, strings.Join(known, ", "))
	}
	return nil
}

// comparator reports a comparator that is not known; a tolerance is looked at by who reads it.
func comparator(field, v string, known []string) error {
	if strings.HasPrefix(v, "float:") {
		return nil
	}
	if v != "" && !slices.Contains(known, v) {
		return Invalidf(field, "%q is not known; %s and float:1e-6 are", v, strings.Join(known, ", "))
	}
	return nil
}
