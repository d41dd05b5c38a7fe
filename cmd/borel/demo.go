package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"borel/coverage"
	"borel/demo"
	"borel/problem"
	"borel/sampler/replay"
	"borel/solver"
)

type demoCmd struct {
	Endpoint string `placeholder:"URL" help:"Draw fresh samples here instead of replaying recorded ones."`
	Model    string `help:"The model, as the endpoint names it."`
	Only     string `placeholder:"TEXT" help:"Only problems whose id contains this text."`
	Seed     int64  `help:"Seed of fresh samples (default: the time)."`
}

// Run does the main job as a user would: processes of their own, spoken to through HTTP.
func (c *demoCmd) Run(ctx context.Context, m *Main) (err error) {
	items, err := demo.Items()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "borel-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	endpoint, model, seed := c.Endpoint, c.Model, c.Seed
	if endpoint == "" {
		samples := filepath.Join(dir, "samples.jsonl")
		if err := os.WriteFile(samples, []byte(demo.Recording()), 0o600); err != nil {
			return err
		}
		p, err := startSelf(ctx, m, "replay", "--samples", samples)
		if err != nil {
			return err
		}
		defer p.stop()
		endpoint, model, seed = p.url+"/v1", replay.Model, 0
	} else if seed == 0 {
		seed = time.Now().Unix() % 1_000_000
	}
	s, err := startSelf(ctx, m, "serve", "--data", filepath.Join(dir, "data"), "--endpoint", endpoint)
	if err != nil {
		return err
	}
	defer s.stop()
	remote, err := newClient(s.url, "")
	if err != nil {
		return err
	}
	defer remote.Close()

	fmt.Fprintf(m.Stdout, "\nDraw and judge: POST /v1/solve, %s\n\n", endpoint)
	began := time.Now()
	var solved []solvedItem
	for _, item := range items {
		if strings.Contains(item.Problem.ID, c.Only) {
			r, err := c.solve(ctx, m, remote, item, model, seed)
			if err != nil {
				return fmt.Errorf("%s: %w", item.Problem.ID, err)
			}
			solved = append(solved, r)
		}
	}
	first := time.Since(began)
	if err := m.tell(solved); err != nil {
		return err
	}

	fmt.Fprintf(m.Stdout, "\nThe same samples again: POST /v1/verify\n\n")
	began = time.Now()
	for i := range solved {
		if err := solved[i].again(ctx, remote); err != nil {
			return fmt.Errorf("%s: %w", solved[i].item.Problem.ID, err)
		}
	}
	second := time.Since(began)
	if err := m.tell(solved); err != nil {
		return err
	}
	n, cached := 0, 0
	for _, r := range solved {
		n += r.counts.Samples
		cached += r.cached
	}
	_, err = fmt.Fprintf(m.Stdout, "\n%d samples: %.2f s to draw and judge, %.3f s to judge again (%d verdicts came from the cache)\n",
		n, first.Seconds(), second.Seconds(), cached)
	return err
}

// solvedItem is what came of a problem.
type solvedItem struct {
	item     demo.Item
	attempts []solver.Attempt
	best     string
	counts   problem.Counts
	cached   int
}

func (c *demoCmd) solve(ctx context.Context, m *Main, remote *client, item demo.Item, model string, seed int64) (solvedItem, error) {
	bar := m.progress(item.Problem.ID, item.Draw.N)
	defer bar.end()
	d := item.Draw
	report, err := remote.Solve(ctx, solveRequest{
		Problem: &item.Problem, Model: model, N: d.N, Until: solver.All, Mode: d.Mode, Temperature: d.Temperature, MaxTokens: d.MaxTokens, Stop: d.Stop, Seed: seed,
	}, func(solver.Attempt) { bar.step() })
	if err != nil {
		return solvedItem{}, err
	}
	if report.Error != "" {
		return solvedItem{}, errors.New(report.Error)
	}
	r := solvedItem{item: item, attempts: report.Attempts, counts: report.Counts}
	if b := report.Best; b != nil {
		r.best = fmt.Sprintf("#%d %s: %s", b.Index, b.Status, oneLine(b.Program))
	}
	return r, nil
}

// again has the same samples judged once more.
func (r *solvedItem) again(ctx context.Context, remote *client) error {
	samples := make([]problem.Sample, len(r.attempts))
	for _, a := range r.attempts {
		samples[a.Index] = problem.Text(a.Text)
		if r.item.Draw.Mode == "completion" {
			samples[a.Index] = problem.Completion(a.Text)
		}
	}
	r.counts, r.cached = problem.Counts{}, 0
	_, err := remote.VerifyAll(ctx, &r.item.Problem, samples, false, func(v problem.Verdict) {
		r.counts.Add(v.Status)
		if v.Cached {
			r.cached++
		}
	})
	return err
}

// tell prints the counts and the best answer of each problem, then pass@k over all of them.
func (m *Main) tell(solved []solvedItem) error {
	w := tabwriter.NewWriter(m.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "problem\tsamples\taccepted\tunknown\tbest")
	var counts []coverage.Count
	for _, r := range solved {
		n := r.counts
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\n", r.item.Problem.ID, n.Samples, n.Accepted, n.Unknown, r.best)
		counts = append(counts, solver.Count(r.item.Problem.ID, n))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	var ks []int
	for _, k := range []int{1, 2, 5, 10, 20, 50, 100, 200} {
		if !slices.ContainsFunc(counts, func(c coverage.Count) bool { return k > c.N }) {
			ks = append(ks, k)
		}
	}
	points, err := coverage.Curve(counts, ks, coverage.Options{})
	if err != nil {
		return err
	}
	fmt.Fprintln(m.Stdout)
	return coverage.Table(m.Stdout, points, coverage.Options{})
}

// oneLine is the start of s for a table.
func oneLine(s string) string {
	const width = 60
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > width {
		return string(r[:width]) + "…"
	}
	return s
}

// process is this program started once more.
type process struct {
	cmd *exec.Cmd
	url string
}

// startSelf starts a command that listens, on a free port, and waits until it does.
func startSelf(ctx context.Context, m *Main, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, append(args, "--addr", "127.0.0.1:0")...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 15 * time.Second
	out, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	m.say("starts: borel %s", strings.Join(cmd.Args[1:], " "))
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd}
	urls := make(chan string, 1)
	go func() { // ends with the process
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			fmt.Fprintf(m.Stderr, "  %s: %s\n", args[0], strings.TrimPrefix(lines.Text(), "borel: "))
			if _, rest, ok := strings.Cut(lines.Text(), "http://"); ok {
				addr, _, _ := strings.Cut(rest, ",")
				addr, _, _ = strings.Cut(addr, "/")
				select {
				case urls <- "http://" + addr:
				default:
				}
			}
		}
		close(urls)
	}()
	url, ok := <-urls
	if !ok {
		return nil, fmt.Errorf("borel %s ended at once: %w", args[0], cmd.Wait())
	}
	p.url = url
	return p, nil
}

// stop ends the process; what it said has been shown.
func (p *process) stop() {
	p.cmd.Process.Signal(os.Interrupt)
	p.cmd.Wait()
}
