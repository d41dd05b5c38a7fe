package harness

import (
	"encoding/binary"
	"io"
	"path/filepath"

	"borel/problem"
)

// codeT is CodeT's main: samples for problems that are known by their prompt, or with their problem, as it is released. Its results on
// the problems' own tests are a pickle, a list of dictionaries; one whose sample is not decided is left out.
var codeT = &Format{
	Name:  "codet",
	Forms: []string{"solutions", "prompts", "completion"},
	Output: func(samples string) string {
		return filepath.Join(filepath.Dir(samples), "ground_truth_exec_result.pkl")
	},
	Stream: true,
	Write: func(to string, r *Results) error {
		return r.save(to, func(w io.Writer) error {
			p := pickle{w: w}
			p.begin()
			for e := range r.Recording.Entries() {
				for i := range e.N {
					o := &r.Outcomes[e.Problem][e.First+i]
					if !o.Decided() {
						continue
					}
					s, err := e.Problem.At(e.First + i)
					if err != nil {
						return err
					}
					p.dict(map[string]string{"task_id": e.Problem.ID, "prompt": e.Problem.Prompt, "test": e.Problem.Check.Tests,
						"entry_point": e.Problem.Check.EntryPoint, "completion": s.Raw(), "result": humanEvalResult(o)}, "passed", o.Status == problem.Accepted)
				}
			}
			p.end()
			return p.err
		})
	},
}

// pickle writes a list of dictionaries for Python's pickle module, in protocol 2, which all versions of Python 3 read.
type pickle struct {
	w   io.Writer
	err error
}

func (p *pickle) write(b ...byte) {
	if p.err == nil {
		_, p.err = p.w.Write(b)
	}
}

func (p *pickle) begin() { p.write(0x80, 2, ']', '(') } // a list, to which what follows is appended
func (p *pickle) end()   { p.write('e', '.') }

func (p *pickle) text(s string) {
	p.write(binary.LittleEndian.AppendUint32([]byte{'X'}, uint32(len(s)))...)
	p.write([]byte(s)...)
}

// dict is one with these texts, in the order of pickleKeys, and a truth value behind them.
func (p *pickle) dict(texts map[string]string, name string, is bool) {
	p.write('}', '(')
	for _, key := range pickleKeys {
		p.text(key)
		p.text(texts[key])
	}
	p.text(name)
	if is {
		p.write(0x88)
	} else {
		p.write(0x89)
	}
	p.write('u')
}

var pickleKeys = []string{"task_id", "prompt", "test", "entry_point", "completion", "result"}
