// Gain measures what each patch of the queue gains: alone, on wazero as it was released, and on top of those before it.
//
//	engine/queue.sh open /tmp/queue
//	go run ./engine/gain /tmp/queue
//
// For each commit of the queue it builds itself twice, with the patches up to that one, and with that one alone, where that
// applies and compiles. Each build runs in a process of its own; they take turns at each program, and of each build's times,
// of a processor, the least counts. A gain is a geometric mean over the programs: the time with the patch as a share of that
// without. With patches that have fixed memory Python runs on guarded memory, as in worker processes.
//
// An hour of two processors, the last quarter of which nothing else should use, and 200 MB of memory a build.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

// programs are the short ones of the second set of `borel bench`.
const programs = "chaos,classes,decimals,deltablue,dynamic,json_trip,richards,strings"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	rounds := flag.Int("rounds", 7, "how often each build runs each program; 0: only build")
	builds := flag.String("builds", "", "`folder` for builds, where those of the last time are used again; empty: one that goes away")
	names := flag.String("programs", programs, "programs of cmd/borel/bench, separated by commas")
	only := flag.String("only", "", "patches whose names begin with one of these, separated by commas")
	serve := flag.String("serve", "", "run the programs whose files are named on standard input, with compiled code in this `folder`")
	flag.Parse()
	var err error
	switch {
	case *serve != "":
		err = answer(ctx, *serve, os.Stdin, os.Stdout)
	case flag.NArg() != 1:
		err = errors.New("usage: gain [flags] QUEUE, a folder that engine/queue.sh opened; from the root of the repository")
	default:
		err = measure(ctx, flag.Arg(0), *builds, strings.Split(*only, ","), strings.Split(*names, ","), *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gain:", err)
		os.Exit(1)
	}
}

// patch is a commit of the queue.
type patch struct {
	name        string
	alone, upTo *build // alone is nil where it does not apply, or not compile
	before      *build // what upTo is held against
}

func measure(ctx context.Context, queue, folder string, only, names []string, rounds int) error {
	files, err := find(names)
	if err != nil {
		return err
	}
	m, err := newMaker(ctx, queue, folder)
	if err != nil {
		return err
	}
	defer os.RemoveAll(m.work)
	patches, builds, err := m.all(ctx, only)
	if err != nil || rounds == 0 {
		return err
	}
	for _, b := range builds {
		if err := b.start(ctx); err != nil {
			return err
		}
		defer b.stop()
	}
	for _, file := range files {
		if err := turns(ctx, builds, file, rounds); err != nil {
			return err
		}
		fmt.Fprintln(os.Stderr, "measured:", file)
	}
	return table(patches, builds[0])
}

// turns has builds run a program in turns. What does something else than the first, the release, is wrong from then on.
func turns(ctx context.Context, builds []*build, file string, rounds int) error {
	for round := range rounds {
		for i := range builds {
			if round%2 == 1 {
				i = len(builds) - 1 - i
			}
			if b := builds[i]; b.wrong == nil {
				b.wrong = b.run(file)
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	stock := builds[0]
	for _, b := range builds {
		if b.wrong == nil && (b.fuel != stock.fuel || b.printed != stock.printed) {
			b.wrong = fmt.Errorf("%s: %s took %s fuel and printed %s, %s %s and %s", b.name, file, b.fuel, b.printed, stock.name, stock.fuel, stock.printed)
		}
	}
	return nil
}

func table(patches []*patch, stock *build) error {
	t := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "patch\talone\ton top\tso far\tmode")
	var wrong []error
	for _, p := range patches {
		alone := "-"
		if p.alone != nil {
			alone = p.alone.share(stock)
			wrong = append(wrong, p.alone.wrong)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", p.name, alone, p.upTo.share(p.before), p.upTo.share(stock), p.upTo.mode)
		wrong = append(wrong, p.upTo.wrong)
	}
	return errors.Join(append(wrong, t.Flush())...)
}

// find is where the programs lie.
func find(names []string) (files []string, err error) {
	for _, name := range names {
		found, err := filepath.Glob("cmd/borel/bench/*/" + name + ".py")
		if err != nil || len(found) == 0 {
			return nil, fmt.Errorf("no program %s in cmd/borel/bench here", name)
		}
		files = append(files, found[0])
	}
	return files, nil
}

// maker builds this program with wazeros.
type maker struct {
	queue   string
	work    string // a folder of its own, to be removed in the end
	builds  string
	root    string // of this repository
	version string // of Go, for go.work
}

func newMaker(ctx context.Context, queue, builds string) (m *maker, err error) {
	m = &maker{queue: queue}
	if m.root, err = os.Getwd(); err != nil {
		return nil, err
	}
	if m.version, err = output(exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.GoVersion}}")); err != nil {
		return nil, err
	}
	if m.builds, err = filepath.Abs(builds); err != nil {
		return nil, err
	}
	m.work, err = os.MkdirTemp("", "gain")
	if builds == "" {
		m.builds = m.work
	}
	return m, err
}

// all builds with the patches whose names begin with one of only. The first build is that of the release.
func (m *maker) all(ctx context.Context, only []string) (patches []*patch, builds []*build, err error) {
	log, err := m.git(ctx, m.queue, "log", "--reverse", "--format=%H %s", "release..queue")
	if err != nil {
		return nil, nil, err
	}
	defer m.git(context.WithoutCancel(ctx), m.queue, "worktree", "prune")
	stock, err := m.make(ctx, "release", "release")
	if err != nil {
		return nil, nil, err
	}
	builds = append(builds, stock)
	before, last := stock, "" // where before is nil, the commit it would be built from
	for line := range strings.Lines(log) {
		commit, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !slices.ContainsFunc(only, func(s string) bool { return strings.HasPrefix(name, s) }) {
			before, last = nil, commit
			continue
		}
		if before == nil {
			if before, err = m.make(ctx, "before "+name, last); err != nil {
				return nil, nil, err
			}
			builds = append(builds, before)
		}
		p := &patch{name: name, before: before}
		if p.upTo, err = m.make(ctx, "up to "+name, commit); err != nil {
			return nil, nil, err
		}
		builds = append(builds, p.upTo)
		if p.alone, err = m.make(ctx, name+" alone", "release", commit); err == nil {
			builds = append(builds, p.alone)
		} else if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		} else {
			fmt.Fprintln(os.Stderr, err)
		}
		before = p.upTo
		patches = append(patches, p)
	}
	return patches, builds, nil
}

func (m *maker) git(ctx context.Context, dir string, args ...string) (string, error) {
	args = append([]string{"-C", dir, "-c", "user.name=engine", "-c", "user.email=engine@localhost"}, args...)
	return output(exec.CommandContext(ctx, "git", args...))
}

func output(cmd *exec.Cmd) (string, error) {
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out), err
}

// make builds with a commit of the queue, and others picked on top of it.
func (m *maker) make(ctx context.Context, name, base string, picked ...string) (*build, error) {
	b := &build{name: name, binary: filepath.Join(m.builds, strings.ReplaceAll(name, " ", "-")), least: map[string]float64{}}
	if _, err := os.Stat(b.binary); err == nil {
		return b, nil
	}
	source := filepath.Join(m.work, "wazero")
	defer os.RemoveAll(source)
	if _, err := m.git(ctx, m.queue, "worktree", "add", "--force", "--detach", source, base); err != nil {
		return nil, err
	}
	for _, commit := range picked {
		if _, err := m.git(ctx, source, "cherry-pick", "--no-commit", commit); err == nil {
			continue
		}
		inConflict, err := m.git(ctx, source, "diff", "--name-only", "--diff-filter=U")
		for file := range strings.Lines(inConflict) {
			if !strings.HasSuffix(strings.TrimSpace(file), "_test.go") { // which are not built
				err = fmt.Errorf("%s: does not apply", name)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	file := filepath.Join(m.work, "go.work")
	text := fmt.Sprintf("go %s\nuse %s\nreplace github.com/tetratelabs/wazero => %s\n", strings.TrimSpace(m.version), m.root, source)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", b.binary, "./engine/gain")
	cmd.Env = append(os.Environ(), "GOWORK="+file, "CGO_ENABLED=0")
	if out, err := output(cmd); err != nil {
		first, _, _ := strings.Cut(out, "\n")
		return nil, fmt.Errorf("%s: does not compile: %s", name, first)
	}
	fmt.Fprintln(os.Stderr, "built:", name)
	return b, nil
}

// build is this program with some wazero.
type build struct {
	name, binary  string
	mode          string
	cmd           *exec.Cmd
	in            io.WriteCloser
	lines         *bufio.Scanner
	least         map[string]float64 // ms, by program
	fuel, printed string             // of the last program
	wrong         error              // why it is not to be measured
}

func (b *build) start(ctx context.Context) (err error) {
	b.cmd = exec.CommandContext(ctx, b.binary, "-serve", b.binary+".code")
	b.cmd.Stderr = os.Stderr
	if b.in, err = b.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := b.cmd.Start(); err != nil {
		return err
	}
	b.lines = bufio.NewScanner(out)
	b.mode, err = b.line()
	return err
}

func (b *build) line() (string, error) {
	if !b.lines.Scan() {
		return "", fmt.Errorf("%s: ended", b.name)
	}
	return b.lines.Text(), nil
}

func (b *build) run(file string) error {
	if _, err := fmt.Fprintln(b.in, file); err != nil {
		return err
	}
	line, err := b.line()
	if err != nil {
		return err
	}
	var ms float64
	if _, err := fmt.Sscan(line, &ms, &b.fuel, &b.printed); err != nil {
		return fmt.Errorf("%s: %s: %q: %w", b.name, file, line, err)
	}
	if least, ok := b.least[file]; !ok || ms < least {
		b.least[file] = ms
	}
	return nil
}

func (b *build) stop() { b.in.Close(); b.cmd.Wait() }

// share is b's time as a share of another's.
func (b *build) share(of *build) string {
	if b.wrong != nil || of.wrong != nil {
		return "wrong"
	}
	sum := 0.0
	for file, ms := range b.least {
		sum += math.Log(ms / of.least[file])
	}
	return fmt.Sprintf("%.3f", math.Exp(sum/float64(len(b.least))))
}
