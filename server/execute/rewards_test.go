package execute_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// The rewards of open-r1: a script, indented as it sends it, starts Python on each case, and its last expression is the share of
// cases that passed. A short output passes there, since lines are compared as far as there are any.
const rewards = `
    import subprocess
    import json

    def share(program, cases):
        good = 0
        for case in cases:
            p = subprocess.run(["python3", "-c", program], input=case["input"], text=True, capture_output=True, timeout=5)
            if p.returncode != 0:
                continue
            got, want = p.stdout.strip().split("\n"), case["output"].split("\n")
            good += all(a.strip() == b.strip() for a, b in zip(got, want))
        return good / len(cases)

    share(%s, json.loads(%s))
    `

func TestRewards(t *testing.T) {
	f := open(t, openR1)
	script := func(program string, cases ...[2]string) string {
		type pair struct {
			Input  string `json:"input"`
			Output string `json:"output"`
		}
		var all []pair
		for _, c := range cases {
			all = append(all, pair{c[0], c[1]})
		}
		code, _ := json.Marshal(program)
		list, _ := json.Marshal(all)
		text, _ := json.Marshal(string(list))
		return fmt.Sprintf(rewards, code, text)
	}
	sum := "import sys\nprint(sum(map(int, sys.stdin.read().split())))"
	for _, c := range []struct {
		name, script, want string
	}{
		{"all", script(sum, [2]string{"1 2\n", "3"}, [2]string{"4 5", "9\n"}), executed("1.0", "", "", "", "1.0")},
		{"half", script(sum, [2]string{"1 2", "3"}, [2]string{"4 5", "8"}), executed("0.5", "", "", "", "0.5")},
		{"raises", script("1/0", [2]string{"", "1"}), executed("0.0", "", "", "", "0.0")},
		{"a right output, then an exception", script("print(1)\n1/0", [2]string{"", "1"}), executed("0.0", "", "", "", "0.0")},
		{"no program", script("", [2]string{"", "1"}, [2]string{"", ""}), executed("0.5", "", "", "", "0.5")},
		{"exits", script("print(1); exit(3)", [2]string{"", "1"}), executed("0.0", "", "", "", "0.0")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, got := f.ask(t, "POST", "/execute_batch", batch(30, c.script)); status != 200 || got != "["+c.want+"]" {
				t.Errorf("got %d %s\nwant 200 [%s]", status, got, c.want)
			}
		})
	}

	// A case that takes too long ends the script there: open-r1 gives no reward.
	_, got := f.ask(t, "POST", "/execute_batch", batch(30, strings.Replace(script("while True: pass", [2]string{"", "1"}), "timeout=5", "timeout=0.5", 1)))
	var entries []struct {
		Execution struct {
			Results []any
			Error   struct{ Name, Value string }
		}
		Exception *string `json:"exception_str"`
	}
	if err := json.Unmarshal([]byte(got), &entries); err != nil || len(entries) != 1 || entries[0].Exception != nil || len(entries[0].Execution.Results) != 0 ||
		entries[0].Execution.Error.Name != "TimeoutExpired" || !strings.HasSuffix(entries[0].Execution.Error.Value, "timed out after 0.5 seconds") {
		t.Errorf("got %s", got)
	}
}
