package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"borel/problem"
	"borel/sampler"
	"borel/sampler/chaos"
	"borel/sampler/replay"
)

const share = 0.2

// text is sample i of the problem: none is the beginning of another.
func text(i int) string { return fmt.Sprintf("sample %d.", i) }

// start serves n samples of the prompt p behind faults, at so many endpoints.
func start(t *testing.T, endpoints, n int, chance map[chaos.Kind]float64) (*sampler.Sampler, []*chaos.Server) {
	t.Helper()
	var samples []problem.Sample
	for i := range n {
		samples = append(samples, problem.Text(text(i)))
	}
	h, err := replay.New([]replay.Record{{Problem: problem.Problem{ID: "p", Prompt: "p"}, Samples: replay.List(samples)}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := sampler.Config{Pause: time.Millisecond, InterToken: 100 * time.Millisecond, Parallel: 8}
	var servers []*chaos.Server
	for i := range endpoints {
		up, err := chaos.Start(h, uint64(i), chance)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := up.Close(); err != nil {
				t.Error(err)
			}
		})
		servers = append(servers, up)
		cfg.Endpoints = append(cfg.Endpoints, sampler.Endpoint{Alias: fmt.Sprint("e", i), URL: up.URL + "/v1", MaxN: 4, MaxInFlight: 4})
	}
	s, err := sampler.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, servers
}

// drawAll draws n samples and checks what came: each once, with its own text or with the error of an endpoint.
func drawAll(t *testing.T, s *sampler.Sampler, mode string, n int) (drawn, failed int) {
	t.Helper()
	seen := map[int]bool{}
	var used problem.Usage
	for x, err := range s.Samples(t.Context(), problem.Draw{Model: "m", Mode: mode, Prompt: "p", N: n, EachFault: true}) {
		if err != nil {
			t.Fatalf("the stream ended with %v", err)
		}
		if seen[x.Index] || x.Index < 0 || x.Index >= n {
			t.Errorf("sample %d came twice, or was not asked for", x.Index)
		}
		seen[x.Index] = true
		used.Add(x.Usage)
		if x.Err != nil {
			failed++
			if _, ok := errors.AsType[*sampler.Error](x.Err); !ok || x.Sample.Raw() != "" {
				t.Errorf("sample %d failed with %v, and is %q", x.Index, x.Err, x.Sample.Raw())
			}
			continue
		}
		drawn++
		if got := x.Sample.Raw(); got != text(x.Index) || x.FinishReason != "stop" {
			t.Errorf("sample %d is %q (%s)", x.Index, got, x.FinishReason)
		}
	}
	if drawn+failed != n || len(seen) != n {
		t.Errorf("%d drawn and %d failed of %d", drawn, failed, n)
	}
	if used.PromptTokens < 0 || used.CompletionTokens < 0 || used.CompletionTokens > n<<32 {
		t.Errorf("used %+v", used)
	}
	return drawn, failed
}

// Each kind of fault at 20 %: N = drawn + reported failures, and no text is wrong.
func TestEachKind(t *testing.T) {
	for _, k := range chaos.Kinds {
		t.Run(string(k), func(t *testing.T) {
			t.Parallel()
			n := 200
			if k == chaos.Busy {
				n = 80 // each is waited for
			}
			s, servers := start(t, 2, n, map[chaos.Kind]float64{k: share})
			_, failed := drawAll(t, s, "chat", n/2)
			_, more := drawAll(t, s, "completion", n)
			injected := 0
			for _, up := range servers {
				injected += up.Injected()[k]
			}
			if injected == 0 {
				t.Fatal("no fault was injected")
			}
			switch failed += more; k {
			case chaos.HalfJSON, chaos.WrongJSON, chaos.NoChoices:
				if failed == 0 {
					t.Errorf("of %d faults none is reported", injected)
				}
			case chaos.Slow, chaos.FewerChoices, chaos.WrongUsage:
				if failed > 0 {
					t.Errorf("%d samples failed, which are there", failed)
				}
			default: // asked for again: five failures in a row are rare
				if failed > n/5 {
					t.Errorf("%d samples failed with %d faults", failed, injected)
				}
			}
		})
	}
}

func all(chance float64) map[chaos.Kind]float64 {
	m := map[chaos.Kind]float64{}
	for _, k := range chaos.Kinds {
		m[k] = chance
	}
	return m
}

// All kinds together, each at 20 %: hardly a request is answered well.
func TestAllKinds(t *testing.T) {
	s, servers := start(t, 3, 100, all(share))
	drawn, failed := 0, 0
	injected := map[chaos.Kind]bool{}
	for round := 0; len(injected) < len(chaos.Kinds); round++ {
		if round == 20 {
			t.Fatalf("injected %v, want every kind", injected)
		}
		d, f := drawAll(t, s, "chat", 100)
		drawn, failed = drawn+d, failed+f
		for _, up := range servers {
			for k := range up.Injected() {
				injected[k] = true
			}
		}
	}
	if drawn == 0 || failed == 0 {
		t.Errorf("%d drawn, %d failed: one of them is not tested", drawn, failed)
	}
	leaves(t)
}

// The end of the context ends a draw, whatever the endpoints are doing.
func TestCancel(t *testing.T) {
	for name, chance := range map[string]map[chaos.Kind]float64{"all": all(share), "stalled": {chaos.Stalled: 1}, "refused": {chaos.Refused: 1}, "busy": {chaos.Busy: 1}} {
		t.Run(name, func(t *testing.T) {
			s, servers := start(t, 2, 100, chance)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error)
			go func() {
				var last error
				for _, err := range s.Samples(ctx, problem.Draw{Model: "m", Prompt: "p", N: 1 << 19, EachFault: true}) {
					last = err
				}
				ended <- last
			}()
			for met := 0; met < 3; runtime.Gosched() { // it is in the midst of it
				met = 0
				for _, up := range servers {
					for _, n := range up.Injected() {
						met += n
					}
				}
			}
			cancel()
			start := time.Now()
			select {
			case err := <-ended:
				t.Logf("ended %v after it was cancelled", time.Since(start))
				if err != context.Canceled {
					t.Errorf("ended with %v", err)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("the draw goes on")
			}
			leaves(t)
		})
	}
}

// leaves fails where a goroutine of the sampler is still there.
func leaves(t *testing.T) {
	t.Helper()
	buf := make([]byte, 4<<20)
	for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		for line := range strings.Lines(g) {
			if strings.HasPrefix(line, "borel/sampler.") {
				t.Errorf("still there:\n%s", g)
				break
			}
		}
	}
}
