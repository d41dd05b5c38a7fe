package eval_test

import (
	"fmt"
	"testing"
	"time"

	"borel/eval"
	"borel/problem"
	"borel/sampler"
	"borel/sampler/chaos"
	"borel/sampler/replay"
)

// Endpoints that fail in every way that there is: each sample is drawn or reported as failed, and none that is right
// counts as wrong. What failed is had in the end by asking for it again.
func TestChaos(t *testing.T) {
	all := map[chaos.Kind]float64{}
	cases := map[string]map[chaos.Kind]float64{"all": all}
	for _, k := range chaos.Kinds {
		all[k] = 0.2
		cases[string(k)] = map[chaos.Kind]float64{k: 0.2}
	}
	for name, chance := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, problems := 60, 3
			if name == "all" {
				n, problems = 30, 2 // many answers are waited for
			}
			r := newRig(t)
			ups := among(t, r, chance, n, problems)
			r.draws.InterToken = 50 * time.Millisecond
			r.start()
			s := right(n, problems)
			j := r.done(r.create(s).ID)
			r.check(j, problem.Counts{Samples: n * problems, Accepted: n*problems - j.Failed, Unknown: j.Failed})
			injected := 0
			for _, up := range ups {
				for _, n := range up.Injected() {
					injected += n
				}
			}
			if injected == 0 {
				t.Error("no fault was injected: the test shows nothing")
			}
			t.Logf("%d faults, %d of %d samples failed", injected, j.Failed, n*problems)
			for round := 0; j.Failed > 0 && round < 30; round++ {
				if _, err := r.Resume(t.Context(), j.ID, true); err != nil {
					t.Fatal(err)
				}
				j = r.done(j.ID)
			}
			r.check(j, problem.Counts{Samples: n * problems, Accepted: n * problems})
		})
	}
}

// A job is cancelled while everything fails.
func TestCancelInChaos(t *testing.T) {
	all := map[chaos.Kind]float64{}
	for _, k := range chaos.Kinds {
		all[k] = 0.2
	}
	r := newRig(t)
	among(t, r, all, 100, 5)
	r.start()
	id := r.create(right(100, 5)).ID
	r.until(id, func(j eval.Job) bool { return j.Counts.Samples > 0 || j.State == eval.Paused })
	began := time.Now()
	j, err := r.Cancel(t.Context(), id)
	if err != nil || j.State != eval.Cancelled {
		t.Errorf("it is %+v, %v", j, err)
	}
	t.Logf("cancelled after %s, with %d samples", time.Since(began), j.Counts.Samples)
	r.check(j, problem.Counts{Samples: j.Counts.Samples, Accepted: j.Counts.Samples - j.Failed, Unknown: j.Failed})
}

// right asks for samples all of which are right.
func right(n, problems int) eval.Spec {
	s := spec(n, problems)
	for i := range s.Problems {
		s.Problems[i].Check.Answer = fmt.Sprint(i)
	}
	return s
}

// among puts the samples of right behind faults, at two endpoints.
func among(t *testing.T, r *rig, chance map[chaos.Kind]float64, n, problems int) (ups []*chaos.Server) {
	t.Helper()
	var records []replay.Record
	for i, p := range right(n, problems).Problems {
		var list replay.List
		for range n {
			list = append(list, problem.Text(fmt.Sprintf("Answer: %d", i)))
		}
		records = append(records, replay.Record{Problem: p, Samples: list})
	}
	h, err := replay.New(records)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		up, err := chaos.Start(h, uint64(i), chance)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := up.Close(); err != nil {
				t.Error(err)
			}
		})
		ups = append(ups, up)
		r.draws.Endpoints = append(r.draws.Endpoints, sampler.Endpoint{Alias: fmt.Sprint("e", i), URL: up.URL + "/v1", MaxN: 4, MaxInFlight: 4})
	}
	return ups
}
