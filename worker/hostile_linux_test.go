package worker

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"borel/languages"
	"borel/sandbox"
)

// attack is a program of sandbox/testdata/hostile, which tries to leave the sandbox, to break the host, or to cost it more than
// it pays for. Whatever it does must be its own result. See the README there for the format.
type attack struct {
	category, name string
	source         string
	reason         sandbox.Reason
	stdout         *string // exact; nil is not compared
	stderr         string  // contained
	exit           int     // of os._exit
	seconds        float64 // its limit, where the one that all have does not let it come to its end
}

// anyReason stands in the corpus where the end hangs on what memory holds, which is another matter in each build.
const anyReason = "any"

// readAttacks reads the corpus: one file for each category.
func readAttacks(dir string) (attacks []attack, err error) {
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".txt" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		category, _ := filepath.Rel(dir, strings.TrimSuffix(path, ".txt"))
		for i, part := range strings.Split("\n"+string(text), "\n== ") {
			if i == 0 {
				continue
			}
			header, source, _ := strings.Cut(part, "\n")
			a, err := parseHeader(header)
			if err != nil {
				return fmt.Errorf("%s: %q: %w", path, header, err)
			}
			a.category, a.source = filepath.ToSlash(category), source
			attacks = append(attacks, a)
		}
		return nil
	})
	return attacks, err
}

func parseHeader(header string) (a attack, err error) {
	name, rest, _ := strings.Cut(header, " | ")
	a.name = name
	for _, field := range strings.Split(rest, " | ") {
		key, value, _ := strings.Cut(field, "=")
		switch key {
		case "reason":
			a.reason = sandbox.Reason(value)
		case "stdout":
			value, err = strconv.Unquote(value)
			a.stdout = &value
		case "stderr":
			a.stderr = value
		case "exit":
			a.exit, err = strconv.Atoi(value)
		case "seconds":
			a.seconds, err = strconv.ParseFloat(value, 64)
		default:
			err = fmt.Errorf("%q is not a field", key)
		}
		if err != nil {
			return a, err
		}
	}
	if a.name == "" || a.reason == "" {
		return a, fmt.Errorf("a name and a reason are needed")
	}
	return a, nil
}

// canary is what a program would find if it reached the host: a secret in the environment and in a file, a folder to write
// to, and two ports.
type canary struct {
	secret, dir string
	port        int
	knocks      atomic.Int32 // connections and datagrams that arrived
}

func newCanary(t *testing.T) *canary {
	c := &canary{secret: "canary-0f6b2c51d2", dir: t.TempDir()}
	t.Setenv("BOREL_CANARY", c.secret)
	if err := os.WriteFile(c.file(), []byte(c.secret), 0o644); err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tcp.Close() })
	c.port = tcp.Addr().(*net.TCPAddr).Port
	go func() {
		for {
			conn, err := tcp.Accept()
			if err != nil {
				return
			}
			c.knocks.Add(1)
			conn.Close()
		}
	}()
	if udp, err := net.ListenPacket("udp", tcp.Addr().String()); err == nil { // the same number may be taken
		t.Cleanup(func() { udp.Close() })
		go func() {
			for b := make([]byte, 64); ; c.knocks.Add(1) {
				if _, _, err := udp.ReadFrom(b); err != nil {
					return
				}
			}
		}()
	}
	return c
}

func (c *canary) file() string { return filepath.Join(c.dir, "secret") }

// bait puts what a program would have to find out into its source.
func (c *canary) bait(source string) string {
	return strings.NewReplacer("CANARY_FILE", c.file(), "CANARY_DIR", c.dir, "CANARY_PORT", strconv.Itoa(c.port)).Replace(source)
}

// reached says how a run reached the host, or nothing. Programs print "reached" where an attack worked.
func (c *canary) reached(res sandbox.Result) string {
	for _, out := range [][]byte{res.Stdout, res.Stderr} {
		if bytes.Contains(out, []byte(c.secret)) {
			return "it printed the secret"
		}
	}
	if bytes.Contains(res.Stdout, []byte("reached")) {
		return fmt.Sprintf("it says so: %q", ending(res.Stdout))
	}
	if n := c.knocks.Swap(0); n > 0 {
		return fmt.Sprintf("%d connections arrived", n)
	}
	names, err := filepath.Glob(filepath.Join(c.dir, "*"))
	if err != nil || !slices.Equal(names, []string{c.file()}) {
		return fmt.Sprintf("its folder holds %q, %v", names, err)
	}
	if b, err := os.ReadFile(c.file()); err != nil || string(b) != c.secret {
		return fmt.Sprintf("the file holds %q, %v", b, err)
	}
	return ""
}

func ending(b []byte) string { return string(b[max(0, len(b)-1000):]) }

// runner runs a program somewhere: in this process, or in a worker.
type runner func(ctx context.Context, spec sandbox.Spec) (sandbox.Result, error)

// A run may take this much real time for each second of its limit, and a little for starting, on an idle machine.
const (
	wallPerSecond = 6
	wallAtStart   = 100 * time.Millisecond
)

// judge runs an attack with so many seconds, unless it has a limit of its own, and lists what is wrong with its end.
func (a attack) judge(ctx context.Context, run runner, c *canary, seconds float64) (o outcome) {
	if a.seconds != 0 {
		seconds = a.seconds
	}
	spec := python.Spec(languages.Program{Steps: []string{c.bait(a.source)}, Limits: languages.Limits{
		Seconds: seconds, Memory: 256 << 20, Output: 64 << 10, Files: 100, FileBytes: 1 << 20}})
	began := time.Now()
	res, err := run(ctx, spec)
	took := time.Since(began)
	o.spec, o.result, o.ratio = spec, res, (took-wallAtStart).Seconds()/seconds
	complain := func(format string, args ...any) { o.wrong = append(o.wrong, fmt.Sprintf(format, args...)) }
	if err != nil {
		o.unanswered = true
		complain("no answer: %v", err)
	}
	if how := c.reached(res); how != "" {
		o.reached = true
		complain("reached the host: %s", how)
	}
	if a.reason != anyReason && (res.Reason != a.reason || res.ExitCode != a.exit) {
		complain("got reason %s, exit code %d, want %s, %d (fuel %d, %s)\n%s", res.Reason, res.ExitCode, a.reason, a.exit, res.Fuel, res.Trap, ending(res.Stderr))
	}
	if a.stdout != nil && string(res.Stdout) != *a.stdout {
		complain("got stdout %q, want %q\n%s", ending(res.Stdout), *a.stdout, ending(res.Stderr))
	}
	if !bytes.Contains(res.Stderr, []byte(a.stderr)) {
		complain("got stderr %q, want %q in it", ending(res.Stderr), a.stderr)
	}
	return o
}

type outcome struct {
	spec                sandbox.Spec
	result              sandbox.Result
	wrong               []string
	reached, unanswered bool
	ratio               float64 // of wall time beyond wallAtStart to the limit
}

// TestHostile runs the corpus in workers, and in this process, which must come to the same results. With BOREL_FULL it
// gives every program a second, one at a time, in workers alone, and holds real time to its bound; `make hostile` does so.
func TestHostile(t *testing.T) {
	pool := ready(t, Config{})
	run := func(ctx context.Context, spec sandbox.Spec) (sandbox.Result, error) {
		return pool.Run(ctx, python.Guest(), spec)
	}
	attacks, err := readAttacks("../sandbox/testdata/hostile")
	if err != nil {
		t.Fatal(err)
	}
	if len(attacks) < 300 {
		t.Errorf("%d programs, want 300 at least", len(attacks))
	}
	c := newCanary(t)
	full := os.Getenv("BOREL_FULL") != ""
	seconds, parallel := 0.1, runtime.GOMAXPROCS(0)
	if full {
		seconds, parallel = 1, 1
		fmt.Printf("%-24s %8s  %10s  %12s  %10s\n", "category", "programs", "wall/limit", "reached host", "unanswered")
	}
	var here *languages.Runtime // nil: results are not compared
	if !full {
		here, err = languages.New(t.Context(), languages.Config{CacheDir: cacheDir(t)})
		if err != nil {
			t.Fatal(err)
		}
		defer here.Close()
	}
	outcomes := make([]outcome, len(attacks))
	slots := make(chan struct{}, parallel)
	t.Run("programs", func(t *testing.T) {
		for i, a := range attacks {
			t.Run(a.category+"/"+a.name, func(t *testing.T) {
				if !full {
					t.Parallel()
				}
				slots <- struct{}{}
				defer func() { <-slots }()
				o := a.judge(t.Context(), run, c, seconds)
				for try := 0; full && o.ratio > wallPerSecond && try < 2; try++ { // the machine may have been busy
					o.ratio = min(o.ratio, a.judge(t.Context(), run, c, seconds).ratio)
				}
				if full && o.ratio > wallPerSecond {
					o.wrong = append(o.wrong, fmt.Sprintf("took %.1f × its limit, want %d at most", o.ratio, wallPerSecond))
				}
				if here != nil {
					want, err := here.Run(t.Context(), python.Guest(), o.spec)
					if err != nil || !reflect.DeepEqual(o.result, want) {
						o.wrong = append(o.wrong, fmt.Sprintf("in a worker %+v\nin this process %+v, %v", o.result, want, err))
					}
				}
				outcomes[i] = o
				for _, w := range o.wrong {
					t.Error(w)
				}
			})
			if full && (i+1 == len(attacks) || attacks[i+1].category != a.category) {
				printRow(a.category, attacks, outcomes)
			}
		}
	})
	if full {
		printRow("", attacks, outcomes)
	}
	if s := pool.Status(); s.Ended > s.Faults {
		t.Errorf("programs ended their workers: %+v", s)
	}
}

// printRow prints what became of a category; the empty one stands for all.
func printRow(category string, attacks []attack, outcomes []outcome) {
	programs, reached, unanswered, worst := 0, 0, 0, 0.0
	for i, a := range attacks {
		if category != "" && a.category != category {
			continue
		}
		programs++
		worst = max(worst, outcomes[i].ratio)
		if outcomes[i].reached {
			reached++
		}
		if outcomes[i].unanswered {
			unanswered++
		}
	}
	if category == "" {
		category = "all"
	}
	fmt.Printf("%-24s %8d  %10.1f  %12d  %10d\n", category, programs, worst, reached, unanswered)
}

// TestCanary: every way of reaching the host that the corpus is watched for is seen.
func TestCanary(t *testing.T) {
	c := newCanary(t)
	for _, x := range []struct {
		name string
		do   func() (sandbox.Result, error)
		want string
	}{
		{"nothing", func() (sandbox.Result, error) { return sandbox.Result{Reason: sandbox.Finished}, nil }, ""},
		{"the environment printed", func() (sandbox.Result, error) {
			return sandbox.Result{Reason: sandbox.Finished, Stdout: []byte(os.Getenv("BOREL_CANARY"))}, nil
		}, "it printed the secret"},
		{"the file in an error", func() (sandbox.Result, error) {
			b, err := os.ReadFile(c.file())
			return sandbox.Result{Reason: sandbox.Finished, Stderr: b}, err
		}, "it printed the secret"},
		{"a program that says so", func() (sandbox.Result, error) {
			return sandbox.Result{Reason: sandbox.Finished, Stdout: []byte("reached: x")}, nil
		}, "it says so"},
		{"a connection", func() (sandbox.Result, error) {
			conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", c.port))
			if err == nil {
				conn.Read(make([]byte, 1)) // until it was accepted and closed
				conn.Close()
			}
			return sandbox.Result{Reason: sandbox.Finished}, err
		}, "connections arrived"},
		{"a file left", func() (sandbox.Result, error) {
			return sandbox.Result{Reason: sandbox.Finished}, os.WriteFile(filepath.Join(c.dir, "written"), nil, 0o644)
		}, "its folder holds"},
		{"the file removed", func() (sandbox.Result, error) {
			os.Remove(filepath.Join(c.dir, "written"))
			return sandbox.Result{Reason: sandbox.Finished}, os.Remove(c.file())
		}, "its folder holds"},
		{"no answer", func() (sandbox.Result, error) {
			return sandbox.Result{Reason: sandbox.Finished}, os.WriteFile(c.file(), []byte(c.secret), 0o644)
		}, ""},
		{"the file overwritten", func() (sandbox.Result, error) {
			return sandbox.Result{Reason: sandbox.Finished}, os.WriteFile(c.file(), nil, 0o644)
		}, "the file holds"},
	} {
		run := func(context.Context, sandbox.Spec) (sandbox.Result, error) { return x.do() }
		o := attack{reason: sandbox.Finished}.judge(t.Context(), run, c, 1)
		got := strings.Join(o.wrong, "; ")
		if o.reached != (x.want != "") || !strings.Contains(got, x.want) {
			t.Errorf("%s: got %q, want %q", x.name, got, x.want)
		}
	}
	broken := func(context.Context, sandbox.Spec) (sandbox.Result, error) { return sandbox.Result{}, sandbox.ErrWall }
	if o := (attack{reason: sandbox.Finished}).judge(t.Context(), broken, c, 1); !o.unanswered {
		t.Error("a run without an answer was not counted")
	}
}
