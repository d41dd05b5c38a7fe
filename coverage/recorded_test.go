package coverage

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestRecordedSelections reports the methods of selection side by side, the form of Figure 7 of Brown et al. 2024, on
// recorded samples of real models.
func TestRecordedSelections(t *testing.T) {
	for _, d := range []struct {
		name string
		read func(*testing.T) []Set
		ks   []int
	}{
		{"CodeGen-16B, HumanEval: tests of the model's own", codeTSets, []int{1, 3, 10, 30, 100}},
		{"four systems, GSM8K", gsm8kSets, []int{1, 2, 3, 4}},
		{"SmolLM2-135M, word problems", demoSets, []int{1, 3, 10, 30, 100, 200}},
	} {
		t.Run(d.name, func(t *testing.T) {
			sets := d.read(t)
			s, err := Select(t.Context(), sets, d.ks, Options{})
			if err != nil {
				t.Fatal(err)
			}
			oracle, random := s.Methods[0].Points, s.Methods[len(s.Methods)-1].Points
			t.Logf("%d problems, %d samples unknown", s.Problems, s.Unknown)
			for _, m := range s.Methods {
				for i, p := range m.Points {
					share := "–"
					if p.Share != nil {
						share = fmt.Sprintf("%.2f", *p.Share)
					}
					t.Logf("| %s | %d | %.3f | %.3f – %.3f | %s | ± %.4f", m.Method, p.K, p.Pass, p.Low, p.High, share, p.Error)
					if !(p.Low <= p.Pass && p.Pass <= p.High) || p.Pass > oracle[i].Pass+1e-12 {
						t.Errorf("%s: %+v, oracle %+v", m.Method, p, oracle[i])
					}
					if p.K == 1 && math.Abs(p.Pass-random[0].Pass) > 1e-12 && !(m.Method == MethodMajority || m.Method == MethodWeightedMajority) {
						t.Errorf("%s of one sample is %g, a random one %g", m.Method, p.Pass, random[0].Pass)
					}
				}
			}
		})
	}
}

// codeTSets are what CodeT's selection sees: TestRecordCodeT of package verify tells how it was recorded.
func codeTSets(t *testing.T) (sets []Set) {
	f, err := os.Open("testdata/codet_sets.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	eachRow(t, f, func(s Set) { sets = append(sets, s) })
	if len(sets) != 33 {
		t.Fatalf("%d problems", len(sets))
	}
	return sets
}

// At all samples the weighted vote, by tests squared, is CodeT's selection, whose pass@1 is that of docs/agreement.md.
func TestWeightedMajorityIsCodeT(t *testing.T) {
	s, err := Select(t.Context(), codeTSets(t), []int{100}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range map[int]float64{0: .697, 2: .298, 4: .198} {
		if m := s.Methods[i]; math.Abs(m.Points[0].Pass-want) > .0005 {
			t.Errorf("%s: %+v, want %g", m.Method, m.Points[0], want)
		}
	}
}

func gsm8kSets(t *testing.T) (sets []Set) {
	f, err := os.Open(filepath.Join(dataFolder(t), "gsm8k_test_with_model_solutions.jsonl.gz"))
	if err != nil {
		t.Skip("no recorded solutions: ", err)
	}
	defer f.Close()
	type solution struct {
		Right bool   `json:"is_correct"`
		Text  string `json:"solution"`
	}
	eachRow(t, f, func(r struct {
		A solution `json:"6b_finetuning"`
		B solution `json:"6b_verification"`
		C solution `json:"175b_finetuning"`
		D solution `json:"175b_verification"`
	}) {
		var s Set
		for _, x := range []solution{r.A, r.B, r.C, r.D} {
			_, answer, _ := strings.Cut(x.Text, "\nA: ")
			if v, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(answer), ",", ""), 64); err == nil {
				answer = fmt.Sprint(v)
			}
			s.Samples = append(s.Samples, Scored{Right: x.Right, Answer: strings.TrimSpace(answer)})
		}
		sets = append(sets, s)
	})
	return sets
}

func eachRow[T any](t *testing.T, r io.Reader, f func(T)) {
	z, err := gzip.NewReader(bufio.NewReader(r))
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(z); ; {
		var row T
		if err := d.Decode(&row); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		f(row)
	}
}

// demoSets are the word problems of the demo, whose answer is the first number of a completion.
func demoSets(t *testing.T) (sets []Set) {
	f, err := os.Open("../demo/samples.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	number := regexp.MustCompile(`-?\d+`)
	for d := json.NewDecoder(f); ; {
		var row struct {
			Problem struct {
				ID    string
				Check struct{ Kind, Answer string }
			}
			Samples []struct{ Completion string }
		}
		if err := d.Decode(&row); err == io.EOF {
			return sets
		} else if err != nil {
			t.Fatal(err)
		}
		if row.Problem.Check.Kind != "answer" {
			continue
		}
		s := Set{Problem: row.Problem.ID}
		for _, x := range row.Samples {
			answer := number.FindString(x.Completion)
			s.Samples = append(s.Samples, Scored{Right: answer == row.Problem.Check.Answer, Answer: answer})
		}
		sets = append(sets, s)
	}
}
