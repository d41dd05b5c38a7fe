package sandbox_test

import (
	"strings"
	"testing"

	"borel/sandbox"
)

// children are programs that start others, and what they print.
var children = []struct{ name, source, want string }{
	{"run", `r = subprocess.run(["python3", "-c", "print(input()[::-1])"], input="abc\n", text=True, capture_output=True)
print(r.returncode, repr(r.stdout), repr(r.stderr))`, "0 'cba\\n' ''\n"},
	{"bytes", `print(subprocess.run([sys.executable, "-c", "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])"], input=bytes(range(5)), stdout=subprocess.PIPE).stdout)`, "b'\\x04\\x03\\x02\\x01\\x00'\n"},
	{"inherited", `print("a", flush=True)
print(subprocess.run(["python", "-c", "import sys; print('b'); print('c', file=sys.stderr)"]).returncode)`, "a\n[c\n]b\n0\n"},
	{"exit code", `print(*[subprocess.call(["python3", "-c", c]) for c in ("import sys; sys.exit(3)", "import os; os._exit(4)", "pass", "exit('')")])`, "[\n]3 4 0 1\n"},
	{"an exception", `print(subprocess.run(["python3", "-c", "x = 1\n1/0"], capture_output=True, text=True))`,
		`CompletedProcess(args=['python3', '-c', 'x = 1\n1/0'], returncode=1, stdout='', stderr='Traceback (most recent call last):\n  File "<string>", line 2, in <module>\n    1/0\n    ~^~\nZeroDivisionError: division by zero\n')` + "\n"},
	{"a syntax error", `print(subprocess.run(["python3", "-c", "x ="], capture_output=True, text=True).stderr)`,
		"  File \"<string>\", line 1\n    x =\n       ^\nSyntaxError: invalid syntax\n\n"},
	{"a file", `os.mkdir("d"); open("d/x.py", "w").write("import sys, y; print(sys.argv, __file__, __name__, sys.path[0], y.z); open('d/out', 'w').write('1')")
open("d/y.py", "w").write("z = 5")
print(subprocess.check_output([sys.executable, "-u", "-B", "d/x.py", "a", "b c"], text=True), open("d/out").read())`,
		"['d/x.py', 'a', 'b c'] /sandbox/d/x.py __main__ /sandbox/d 5\n 1\n"},
	{"no file", `print(subprocess.run(["python3", "x.py"], capture_output=True, text=True))`,
		"CompletedProcess(args=['python3', 'x.py'], returncode=2, stdout='', stderr=\"python3: can't open file '/sandbox/x.py': [Errno 44] No such file or directory\\n\")\n"},
	{"a module", `open("m.py", "w").write("import sys; print(__name__, sys.argv, __file__)")
print(subprocess.getoutput("python3 -m m 'x y' z"), subprocess.getstatusoutput("python3 -m nomodule"))`,
		"__main__ ['/sandbox/m.py', 'x y', 'z'] /sandbox/m.py (1, '/usr/bin/python3: No module named nomodule')\n"},
	{"from stdin", `print(subprocess.run(["python3", "-", "x"], input="import sys; print(sys.argv)", text=True, capture_output=True).stdout)`, "['-', 'x']\n\n"},
	{"a folder and variables", `os.mkdir("d")
r = subprocess.run(["python3", "-c", "import os; print(os.getcwd(), dict(os.environ), os.getenv('X'))"], cwd="d", env={"X": "1"}, capture_output=True, text=True)
print(r.stdout, os.getcwd(), dict(os.environ))`, "/sandbox/d {'X': '1'} 1\n /sandbox {}\n"},
	{"no folder", `try: subprocess.run(["python3", "-c", ""], cwd="nowhere")
except FileNotFoundError as e: print(e)`, "[Errno 44] No such file or directory: 'nowhere'\n"},
	{"others", `for c in (["ls", "-l"], "gcc", ["node"], ["python2"]):
    try: subprocess.run(c)
    except FileNotFoundError as e: print(e)
print(subprocess.run("ls -l | wc", shell=True).returncode, os.system("clear"), os.system("python3 -c 'exit(3)'"))`,
		"[sh: 1: ls: not found\nsh: 1: clear: not found\n][Errno 44] No such file or directory: 'ls'\n[Errno 44] No such file or directory: 'gcc'\n[Errno 44] No such file or directory: 'node'\n[Errno 44] No such file or directory: 'python2'\n127 32512 768\n"},
	{"a shell's redirections", `open("in", "w").write("5 6\n"); open("p.py", "w").write("import sys; a, b = map(int, input().split()); print(a + b); print('err', file=sys.stderr)")
print(os.system("python3 p.py < in > out 2>&1"), open("out").read(), os.popen("python3 p.py <in 2>/dev/null").read(), os.popen("X=1 echo a  'b c'").read())`,
		"0 err\n11\n 11\n a b c\n\n"},
	{"time-out", `t = time.time()
try: subprocess.run(["python3", "-c", "print('begun', flush=True)\nwhile True: pass"], timeout=0.25, capture_output=True)
except subprocess.TimeoutExpired as e: print(e, e.output, e.stderr, 0.25 <= time.time() - t < 0.28)`,
		"Command '['python3', '-c', \"print('begun', flush=True)\\nwhile True: pass\"]' timed out after 0.25 seconds b'begun\\n' None True\n"},
	{"sleeping past a time-out", `p = subprocess.Popen(["python3", "-c", "import time; time.sleep(3); print('late')"], stdout=subprocess.PIPE, text=True)
try: p.communicate(timeout=1)
except subprocess.TimeoutExpired: print("not yet", p.returncode, p.poll())
t = time.time()
print(p.communicate(), p.returncode, round(time.time() - t))`, "not yet None None\n('late\\n', None) 0 2\n"},
	{"kill", `p = subprocess.Popen(["python3", "-c", "while True: pass"])
print(p.poll(), p.kill(), p.wait(), p.returncode, p.poll())
q = subprocess.Popen(["python3", "-c", "while True: pass"])
q.terminate(); print(q.wait())`, "None None -9 -9 -9\n-15\n"},
	{"memory of one that was killed", `p = subprocess.Popen(["python3", "-c", "x = bytearray(100 << 20); print(1, flush=True); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(p.stdout.readline()); p.kill(); x = bytearray(120 << 20)`, "b'1\\n'\n"},
	{"recursion with little patience", `code = "def f(n): return f(n - 1) + 1 if n else 0\nfor _ in range(9): f(400)\nprint(sorted([3, 1, 2], key=lambda x: str([[[x]]])))"
for wait in range(20):
    p = subprocess.Popen(["python3", "-c", code], stdout=subprocess.PIPE, text=True)
    for _ in range(20):
        try: p.wait(0.00001 + wait / 3e7)
        except subprocess.TimeoutExpired: pass
    if p.wait() or p.stdout.read() != "[1, 2, 3]\n": print(wait, p.returncode)`, ""},
	{"polling", `p = subprocess.Popen(["python3", "-c", "import time; time.sleep(1)"])
n = 0
while p.poll() is None: n += 1; time.sleep(0.1)
print(p.returncode, 3 < n < 12)`, "0 True\n"},
	{"talk", `p = subprocess.Popen(["python3", "-c", "while True:\n    x = int(input()) ** 2\n    print(x, flush=True)\n    if x == 4: break"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
for i in (7, 5, 2):
    print(i, file=p.stdin)
    print(p.stdout.readline(), end="")
print(p.wait())`, "49\n25\n4\n0\n"},
	{"much", `data = bytes(i % 251 for i in range(1_000_000))
r = subprocess.run(["python3", "-c", "import sys; b = sys.stdin.buffer.read(); sys.stdout.buffer.write(b); sys.stderr.buffer.write(b * 2)"], input=data, capture_output=True)
print(r.stdout == data, r.stderr == data * 2)
p = subprocess.Popen(["python3", "-c", "print('x' * 1000000)"], stdout=subprocess.PIPE)
print(len(p.stdout.read()), p.wait())`, "True True\n1000001 0\n"},
	{"one stream for two", `print(subprocess.run(["python3", "-uc", "import sys\nfor c in 'abcd': print(c, end='', file=sys.stdout if c in 'ac' else sys.stderr)"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout)`, "abcd\n"},
	{"files", `with open("o", "w") as o, open("i", "w+") as i:
    o.write("before "); o.flush(); i.write("in"); i.seek(0)
    subprocess.run(["python3", "-c", "import sys; print(input(), 'out'); print('err', file=sys.stderr)"], stdin=i, stdout=o, stderr=o)
    o.write("after")
print(open("o").read(), subprocess.run(["python3", "-c", "print(1)\ninput()"], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE).stderr[-24:])`,
		"before err\nin out\nafter b'EOF when reading a line\\n'\n"},
	{"a pipeline", `a = subprocess.Popen(["python3", "-c", "for i in range(5): print(i)"], stdout=subprocess.PIPE)
b = subprocess.Popen(["python3", "-c", "import sys; print(sum(map(int, sys.stdin)))"], stdin=a.stdout, stdout=subprocess.PIPE)
a.stdout.close(); print(b.communicate())`, "(b'10\\n', None)\n"},
	{"stdin of the parent", `print(input())
subprocess.run(["python3", "-c", "import os; print(os.read(0, 3))"])
print(os.read(0, 100), flush=True)`, "b''\none\nb''\n"},
	{"orphans", `subprocess.Popen(["python3", "-c", "print('orphan')"]); print("parent", flush=True)`, "parent\norphan\n"},
	{"an orphan's pipe", `p = subprocess.Popen(["python3", "-c", "print('x' * 100000); open('done', 'w')"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(p.returncode)`, "[Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\n    print('x' * 100000); open('done', 'w')\n    ~~~~~^^^^^^^^^^^^^^\nBrokenPipeError: [Errno 64] Broken pipe\n]None\n"},
	{"children of children", `code = "import subprocess, sys; n = int(sys.argv[1]); print(n, flush=True); sys.exit(subprocess.call(['python3', 'c.py', str(n + 1)]))"
open("c.py", "w").write(code)
p = subprocess.run(["python3", "c.py", "1"], stderr=subprocess.PIPE, text=True); print(p.returncode, p.stderr.splitlines()[-1])`,
		"1\n2\n3\n4\n1 BlockingIOError: [Errno 6] Resource temporarily unavailable\n"},
	{"output of grandchildren", `open("c.py", "w").write("import subprocess, sys\nn = int(sys.argv[1])\nif n: subprocess.run(['python3', 'c.py', str(n - 1)], check=True)\nelse: print('x' * 200000); print(input())")
p = subprocess.run(["python3", "c.py", "2"], input="in" * 50000, capture_output=True, text=True); print(len(p.stdout), p.stdout[-3:], p.stderr)`, "300002 in\n \n"},
	{"many at a time", `ps = []
try:
    while True: ps.append(subprocess.Popen(["python3", "-c", "import time; time.sleep(1)"]))
except BlockingIOError as e: print(len(ps), e)
for p in ps: p.poll()
t = time.time(); print([p.wait() for p in ps], round(time.time() - t, 1) <= 1)`, "4 [Errno 6] Resource temporarily unavailable\n[0, 0, 0, 0] True\n"},
	{"many in turn", `print(sum(subprocess.Popen(["python3", "-c", "print(1)"], stdout=subprocess.PIPE).wait() for _ in range(30)))`, "0\n"},
	{"a broken interpreter", `print(subprocess.run(["python3", "-c", "import os; os.abort()"], capture_output=True).returncode)`, "-11\n"},
	{"no memory", `r = subprocess.run(["python3", "-c", "x = bytearray(200 << 20)"], capture_output=True, text=True); print(r.returncode, r.stderr.splitlines()[-1])
x = bytearray(100 << 20); r = subprocess.run(["python3", "-c", "x = bytearray(100 << 20)"], capture_output=True, text=True); print(r.returncode)
del x; print(subprocess.call(["python3", "-c", "x = bytearray(60 << 20)"]))`, "1 MemoryError\n1\n0\n"},
	{"randomness", `f = lambda: subprocess.check_output(["python3", "-c", "import os, random; print(os.urandom(3), random.random())"])
print(f() != f())`, "True\n"},
	{"check", `try: subprocess.run(["python3", "-c", "exit(5)"], check=True)
except subprocess.CalledProcessError as e: print(e)
print(subprocess.check_output("python3 -c 'print(1 + 1)'", shell=True))`, "Command '['python3', '-c', 'exit(5)']' returned non-zero exit status 5.\nb'2\\n'\n"},
	{"options", `for a in (["-V"], ["-c"], ["-Z"], ["-Ic", "import sys; print(sys.path[0])"], ["-W", "error", "-c", "import warnings; warnings.warn('w')"]):
    r = subprocess.run(["python3", *a], capture_output=True, text=True); print(r.returncode, r.stdout.strip(), r.stderr.splitlines()[-1:])`,
		"0 Python 3.13.5 []\n2  ['Argument expected for the -c option']\n2  ['usage: python3 [option] ... [-c cmd | -m mod | file | -] [arg] ...']\n0 /usr/lib/python3.13 []\n1  ['UserWarning: w']\n"},
}

func childSpec(source string) sandbox.Spec {
	s := spec("import os, subprocess, sys, time\n" + source)
	s.Stdin = []byte("one\ntwo\n")
	s.Limits.Fuel, s.Limits.Memory = 20*320_000_000, 200<<20
	return s
}

// TestChildren: programs start others as they would on a machine that has Python and nothing else.
func TestChildren(t *testing.T) {
	tpl := python(t)
	for _, c := range children {
		t.Run(c.name, func(t *testing.T) {
			res, err := tpl.Run(t.Context(), childSpec(c.source))
			if err != nil {
				t.Fatal(err)
			}
			if got := woven(res); got != c.want || res.Reason != sandbox.Finished {
				t.Errorf("%s %s: wrote %q\nwant %q\n%s", res.Reason, res.Trap, got, c.want, strings.TrimSpace(string(res.Stderr)))
			}
		})
	}
}
