package verify

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"borel/problem"
)

// TestCells is what cells do, notebook by notebook: the whole answer but for what was used, as JSON.
func TestCells(t *testing.T) {
	v := realVerifier(t)
	type run struct {
		Reason string         `json:"reason"`
		Exit   int            `json:"exit"`
		Stdout string         `json:"stdout,omitempty"`
		Stderr string         `json:"stderr,omitempty"`
		Cells  []problem.Cell `json:"cells,omitempty"`
	}
	for _, c := range []struct {
		name    string
		request problem.RunRequest
		want    string
	}{
		{"values and an error", problem.RunRequest{Cells: []string{"x=1\nprint(x)", "x+1", "1/0", "print('never')"}},
			`{"reason":"finished","exit":1,"stdout":"1\n","cells":[{"stdout":"1\n","stderr":""},{"stdout":"","stderr":"","result":{"text/plain":"2"}},{"stdout":"","stderr":"","error":{"name":"ZeroDivisionError","value":"division by zero","traceback":"Traceback (most recent call last):\n  File \"<cell 3>\", line 1, in <module>\n    1/0\n    ~^~\nZeroDivisionError: division by zero\n"}}]}`},
		{"defs", problem.RunRequest{Cells: []string{"def f(a):\n    return a / 0", "x = 1\nf(\n  x)"}},
			`{"reason":"finished","exit":1,"cells":[{"stdout":"","stderr":""},{"stdout":"","stderr":"","error":{"name":"ZeroDivisionError","value":"division by zero","traceback":"Traceback (most recent call last):\n  File \"<cell 2>\", line 2, in <module>\n    f(\n    ~^\n      x)\n      ^^\n  File \"<cell 1>\", line 2, in f\n    return a / 0\n           ~~^~~\nZeroDivisionError: division by zero\n"}}]}`},
		{"indented", problem.RunRequest{Cells: []string{"\n    x = 1\n    if x:\n        x = \"\"\"\n    a\n  b\"\"\"\n    x", "\tx = 1\n  y = 2"}},
			`{"reason":"finished","exit":1,"cells":[{"stdout":"","stderr":"","result":{"text/plain":"'\\na\\n  b'"}},{"stdout":"","stderr":"","error":{"name":"IndentationError","value":"unexpected indent (<cell 2>, line 2)","traceback":"  File \"<cell 2>\", line 2\n    y = 2\nIndentationError: unexpected indent\n"}}]}`},
		{"await", problem.RunRequest{Cells: []string{"import asyncio\nasync def f(n):\n    await asyncio.sleep(n)\n    if n > 2: raise KeyError('n')\n    return n", "a = await f(1)\nawait f(2)", "[await f(i) for i in (0, 1)]", "await f(3)"}},
			`{"reason":"finished","exit":1,"cells":[{"stdout":"","stderr":""},{"stdout":"","stderr":"","result":{"text/plain":"2"}},{"stdout":"","stderr":"","result":{"text/plain":"[0, 1]"}},{"stdout":"","stderr":"","error":{"name":"KeyError","value":"'n'","traceback":"Traceback (most recent call last):\n  File \"<cell 4>\", line 1, in <module>\n    await f(3)\n  File \"<cell 1>\", line 4, in f\n    if n > 2: raise KeyError('n')\n              ^^^^^^^^^^^^^^^^^^^\nKeyError: 'n'\n"}}]}`},
		{"rich", problem.RunRequest{Cells: []string{"class A:\n    def _repr_html_(self): return '<b>'\n    def _repr_png_(self): return b'\\x89PNG'\n    def _repr_json_(self): return {'a': [1]}\n    def _repr_latex_(self): raise NotImplementedError\n    def __repr__(self): return 'A'", "A()", "A", "display(A(), 5)\nA();", "display('é\\ud800')\n'é\\ud800'"}},
			`{"reason":"finished","exit":0,"cells":[{"stdout":"","stderr":""},{"stdout":"","stderr":"","result":{"application/json":"{\"a\": [1]}","image/png":"iVBORw==","text/html":"<b>","text/plain":"A"}},{"stdout":"","stderr":"","result":{"text/plain":"<class '__main__.A'>"}},{"stdout":"","stderr":"","display":[{"application/json":"{\"a\": [1]}","image/png":"iVBORw==","text/html":"<b>","text/plain":"A"},{"text/plain":"5"}]},{"stdout":"","stderr":"","result":{"text/plain":"'é\\ud800'"},"display":[{"text/plain":"'é\\ud800'"}]}]}`},
		{"names", problem.RunRequest{Cells: []string{"_", ""}},
			`{"reason":"finished","exit":1,"cells":[{"stdout":"","stderr":"","error":{"name":"NameError","value":"name '_' is not defined","traceback":"Traceback (most recent call last):\n  File \"<cell 1>\", line 1, in <module>\n    _\nNameError: name '_' is not defined\n"}}]}`},
		{"last", problem.RunRequest{Cells: []string{"5", "_ + 1", "_, __", "_ = 'mine'", "7", "_, Out[5], _1, In[1]"}},
			`{"reason":"finished","exit":0,"cells":[{"stdout":"","stderr":"","result":{"text/plain":"5"}},{"stdout":"","stderr":"","result":{"text/plain":"6"}},{"stdout":"","stderr":"","result":{"text/plain":"(6, 5)"}},{"stdout":"","stderr":""},{"stdout":"","stderr":"","result":{"text/plain":"7"}},{"stdout":"","stderr":"","result":{"text/plain":"('mine', 7, 5, '5')"}}]}`},
		{"syntax", problem.RunRequest{Cells: []string{"print(1)", "print(2)\nx = = 2"}},
			`{"reason":"finished","exit":1,"stdout":"1\n","cells":[{"stdout":"1\n","stderr":""},{"stdout":"","stderr":"","error":{"name":"SyntaxError","value":"invalid syntax (<cell 2>, line 2)","traceback":"  File \"<cell 2>\", line 2\n    x = = 2\n        ^\nSyntaxError: invalid syntax\n"}}]}`},
		{"magic", problem.RunRequest{Cells: []string{"x = 1\n%matplotlib inline"}},
			`{"reason":"finished","exit":1,"cells":[{"stdout":"","stderr":"","error":{"name":"SyntaxError","value":"invalid syntax: this is Python alone, without magics (%) and a shell (!) (<cell 1>, line 2)","traceback":"  File \"<cell 1>\", line 2\n    %matplotlib inline\n    ^\nSyntaxError: invalid syntax: this is Python alone, without magics (%) and a shell (!)\n"}}]}`},
		{"shell", problem.RunRequest{Cells: []string{"!pip install x"}},
			`{"reason":"finished","exit":1,"cells":[{"stdout":"","stderr":"","error":{"name":"SyntaxError","value":"invalid syntax: this is Python alone, without magics (%) and a shell (!) (<cell 1>, line 1)","traceback":"  File \"<cell 1>\", line 1\n    !pip install x\n    ^\nSyntaxError: invalid syntax: this is Python alone, without magics (%) and a shell (!)\n"}}]}`},
		{"exit", problem.RunRequest{Cells: []string{"import sys; print(1)", "sys.exit(3)", "1"}},
			`{"reason":"exited","exit":3,"stdout":"1\n","cells":[{"stdout":"1\n","stderr":""},{"stdout":"","stderr":"","error":{"name":"SystemExit","value":"3","traceback":"Traceback (most recent call last):\n  File \"<cell 2>\", line 1, in <module>\n    sys.exit(3)\n    ~~~~~~~~^^^\nSystemExit: 3\n"}}]}`},
		{"exit with a text", problem.RunRequest{Cells: []string{"exit('bye')"}},
			`{"reason":"exited","exit":1,"stderr":"bye\n","cells":[{"stdout":"","stderr":"bye\n","error":{"name":"SystemExit","value":"bye","traceback":"Traceback (most recent call last):\n  File \"<cell 1>\", line 1, in <module>\n    exit('bye')\n    ~~~~^^^^^^^\n  File \"<frozen _sitebuiltins>\", line 26, in __call__\nSystemExit: bye\n"}}]}`},
		{"_exit", problem.RunRequest{Cells: []string{"print(1, end='')\nimport os; os._exit(5)", "1"}},
			`{"reason":"exited","exit":5,"stdout":"1","cells":[{"stdout":"1","stderr":""}]}`},
		{"loop", problem.RunRequest{Cells: []string{"print('a')", "print('b', end='')\nimport sys; print('e', end='', file=sys.stderr)\nwhile 1: pass", "2"}, Limits: problem.Limits{Seconds: 0.1}},
			`{"reason":"fuel","exit":-1,"stdout":"a\nb","stderr":"e","cells":[{"stdout":"a\n","stderr":""},{"stdout":"b","stderr":"e"}]}`},
		{"cell's limit", problem.RunRequest{Cells: []string{"for i in range(10**6): pass", "for i in range(10**6): pass", "print('b')\nwhile 1: pass", "2"}, CellSeconds: 0.1, Limits: problem.Limits{Seconds: 5}},
			`{"reason":"fuel","exit":-1,"stdout":"b\n","cells":[{"stdout":"","stderr":""},{"stdout":"","stderr":""},{"stdout":"b\n","stderr":""}]}`},
		{"cell's sleep", problem.RunRequest{Cells: []string{"import time; time.sleep(0.9)", "time.sleep(0.9); round(time.time() % 10, 1)", "print('b')\ntime.sleep(1.1)", "2"}, CellSeconds: 1},
			`{"reason":"sleep","exit":-1,"stdout":"b\n","cells":[{"stdout":"","stderr":""},{"stdout":"","stderr":"","result":{"text/plain":"1.8"}},{"stdout":"b\n","stderr":""}]}`},
		{"memory", problem.RunRequest{Cells: []string{"x = bytearray(10**9)", "2"}},
			`{"reason":"memory","exit":1,"cells":[{"stdout":"","stderr":"","error":{"name":"MemoryError","value":"","traceback":"Traceback (most recent call last):\n  File \"<cell 1>\", line 1, in <module>\n    x = bytearray(10**9)\nMemoryError\n"}}]}`},
		{"output", problem.RunRequest{Cells: []string{"print('a')", "'x' * 2000", "1"}, Limits: problem.Limits{OutputKB: 1}},
			`{"reason":"output","exit":-1,"stdout":"a\n","cells":[{"stdout":"a\n","stderr":""},{"stdout":"","stderr":""}]}`},
		{"go on", problem.RunRequest{Cells: []string{"1/0", "2", "exit()", "3"}, CellsGoOn: true},
			`{"reason":"finished","exit":0,"cells":[{"stdout":"","stderr":"","error":{"name":"ZeroDivisionError","value":"division by zero","traceback":"Traceback (most recent call last):\n  File \"<cell 1>\", line 1, in <module>\n    1/0\n    ~^~\nZeroDivisionError: division by zero\n"}},{"stdout":"","stderr":"","result":{"text/plain":"2"}},{"stdout":"","stderr":"","error":{"name":"SystemExit","value":"None","traceback":"Traceback (most recent call last):\n  File \"<cell 3>\", line 1, in <module>\n    exit()\n    ~~~~^^\n  File \"<frozen _sitebuiltins>\", line 26, in __call__\nSystemExit: None\n"}},{"stdout":"","stderr":"","result":{"text/plain":"3"}}]}`},
		{"bytes", problem.RunRequest{Cells: []string{"import os, sys\nos.write(1, b'\\xff')\nsys.stdout.buffer.write(b'\\xfe')\nprint('x')", "sys.stdout = None\n1", "os.write(4, b'junk')", "os.write(4, b'\\x01\\0\\0\\0e'); 3"}},
			`{"reason":"finished","exit":0,"stdout":"�x\n","cells":[{"stdout":"�x\n","stderr":""},{"stdout":"","stderr":"","result":{"text/plain":"1"}},{"stdout":"","stderr":""},{"stdout":"","stderr":"","result":{"text/plain":"3"}}]}`},
		{"handlers", problem.RunRequest{Cells: []string{"import atexit; atexit.register(print, 'bye'); None", "class A:\n  def __del__(self): print('del')\na = A()", "print('x')"}},
			`{"reason":"finished","exit":0,"stdout":"x\nbye\ndel\n","cells":[{"stdout":"","stderr":""},{"stdout":"","stderr":""},{"stdout":"x\n","stderr":""}]}`},
		{"future", problem.RunRequest{Cells: []string{"from __future__ import annotations", "def f(x: undefined): pass\nf.__annotations__"}},
			`{"reason":"finished","exit":0,"cells":[{"stdout":"","stderr":""},{"stdout":"","stderr":"","result":{"text/plain":"{'x': 'undefined'}"}}]}`},
		{"source", problem.RunRequest{Cells: []string{"def f():\n    return 1", "import inspect\ninspect.getsource(f)"}},
			`{"reason":"finished","exit":0,"cells":[{"stdout":"","stderr":""},{"stdout":"","stderr":"","result":{"text/plain":"'def f():\\n    return 1\\n'"}}]}`},
		{"sys.modules.clear", problem.RunRequest{Cells: []string{"import sys; sys.modules.clear()", "1"}},
			`{"reason":"finished","exit":0,"cells":[{"stdout":"","stderr":""},{"stdout":"","stderr":"","result":{"text/plain":"1"}}]}`},
		{"stdin", problem.RunRequest{Cells: []string{"a = input('? ')", "input()", "input()"}, Stdin: "x\ny\n", Args: []string{"z"}},
			`{"reason":"finished","exit":1,"stdout":"? ","cells":[{"stdout":"? ","stderr":""},{"stdout":"","stderr":"","result":{"text/plain":"'y'"}},{"stdout":"","stderr":"","error":{"name":"EOFError","value":"EOF when reading a line","traceback":"Traceback (most recent call last):\n  File \"<cell 3>\", line 1, in <module>\n    input()\n    ~~~~~^^\nEOFError: EOF when reading a line\n"}}]}`},
		{"main", problem.RunRequest{Cells: []string{"import sys, os\nsys.argv, __name__, os.listdir(), sorted(globals())"}, Args: []string{"z"}},
			`{"reason":"finished","exit":0,"cells":[{"stdout":"","stderr":"","result":{"text/plain":"(['main.py', 'z'], '__main__', [], ['In', 'Out', '__annotations__', '__builtins__', '__doc__', '__loader__', '__name__', '__package__', '__spec__', 'os', 'sys'])"}}]}`},
		{"repr fails", problem.RunRequest{Cells: []string{"class A:\n    def __repr__(self): 1/0\nA()"}},
			`{"reason":"finished","exit":1,"cells":[{"stdout":"","stderr":"","error":{"name":"ZeroDivisionError","value":"division by zero","traceback":"Traceback (most recent call last):\n  File \"<cell 1>\", line 2, in __repr__\n    def __repr__(self): 1/0\n                        ~^~\nZeroDivisionError: division by zero\n"}}]}`},
		{"str fails", problem.RunRequest{Cells: []string{"class E(Exception):\n    def __str__(self): 1/0\nraise E"}},
			`{"reason":"finished","exit":1,"cells":[{"stdout":"","stderr":"","error":{"name":"E","value":"<exception str() failed>","traceback":"Traceback (most recent call last):\n  File \"<cell 1>\", line 3, in <module>\n    raise E\nE: <exception str() failed>\n"}}]}`},
		{"chain", problem.RunRequest{Cells: []string{"try: 1/0\nexcept Exception as e: raise ValueError('é') from e"}},
			`{"reason":"finished","exit":1,"cells":[{"stdout":"","stderr":"","error":{"name":"ValueError","value":"é","traceback":"Traceback (most recent call last):\n  File \"<cell 1>\", line 1, in <module>\n    try: 1/0\n         ~^~\nZeroDivisionError: division by zero\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"<cell 1>\", line 2, in <module>\n    except Exception as e: raise ValueError('é') from e\n                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^\nValueError: é\n"}}]}`},
		{"recursion", problem.RunRequest{Cells: []string{"def f(): f()\nf()"}},
			`{"reason":"finished","exit":1,"cells":[{"stdout":"","stderr":"","error":{"name":"RecursionError","value":"maximum recursion depth exceeded","traceback":"Traceback (most recent call last):\n  File \"<cell 1>\", line 2, in <module>\n    f()\n    ~^^\n  File \"<cell 1>\", line 1, in f\n    def f(): f()\n             ~^^\n  File \"<cell 1>\", line 1, in f\n    def f(): f()\n             ~^^\n  File \"<cell 1>\", line 1, in f\n    def f(): f()\n             ~^^\n  [Previous line repeated 992 more times]\nRecursionError: maximum recursion depth exceeded\n"}}]}`},
		{"IPython", problem.RunRequest{Cells: []string{"from IPython.display import display, HTML, Image, Math, clear_output\nHTML('<i>')", "display(Math('x'), Image(b'\\xff\\xd8'), {'text/plain': 'y'})\ndisplay({'text/plain': 'y'}, raw=True)\nImage(b'\\x89P')", "import IPython, importlib.util\nIPython.get_ipython(), bool(importlib.util.find_spec('IPython'))"}},
			`{"reason":"finished","exit":0,"cells":[{"stdout":"","stderr":"","result":{"text/html":"<i>","text/plain":"<IPython.core.display.HTML object>"}},{"stdout":"","stderr":"","result":{"image/png":"iVA=","text/plain":"<IPython.core.display.Image object>"},"display":[{"text/latex":"$\\displaystyle x$","text/plain":"<IPython.core.display.Math object>"},{"image/jpeg":"/9g=","text/plain":"<IPython.core.display.Image object>"},{"text/plain":"{'text/plain': 'y'}"},{"text/plain":"y"}]},{"stdout":"","stderr":"","result":{"text/plain":"(None, True)"}}]}`},
		{"IPython is for cells", problem.RunRequest{Source: "import IPython"},
			`{"reason":"finished","exit":1,"stderr":"Traceback (most recent call last):\n  File \"/sandbox/main.py\", line 1, in <module>\n    import IPython\nModuleNotFoundError: No module named 'IPython'\n"}`},
		{"many forms", problem.RunRequest{Cells: []string{"display({str(i): '' for i in range(40)}, raw=True)\ndisplay({1: 2}, raw=True)"}},
			`{"reason":"finished","exit":0,"cells":[{"stdout":"","stderr":"","display":[{"1":"2"}]}]}`},
		{"without a channel", problem.RunRequest{Cells: []string{"import os; os.close(4); print('x')\n5", "6"}},
			`{"reason":"finished","exit":1,"stdout":"x\n","stderr":"Traceback (most recent call last):\n  File \"<_borel_cells>\", line 67, in run\n  File \"<_borel_cells>\", line 114, in _execute\n  File \"<_borel_cells>\", line 47, in _tell\nOSError: [Errno 8] Bad file descriptor\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"<cell 1>\", line 1, in <module>\n    import os; os.close(4); print('x')\n  File \"<_borel_cells>\", line 71, in run\n  File \"<_borel_cells>\", line 47, in _tell\nOSError: [Errno 8] Bad file descriptor\n","cells":[{"stdout":"x\n","stderr":"Traceback (most recent call last):\n  File \"<_borel_cells>\", line 67, in run\n  File \"<_borel_cells>\", line 114, in _execute\n  File \"<_borel_cells>\", line 47, in _tell\nOSError: [Errno 8] Bad file descriptor\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"<cell 1>\", line 1, in <module>\n    import os; os.close(4); print('x')\n  File \"<_borel_cells>\", line 71, in run\n  File \"<_borel_cells>\", line 47, in _tell\nOSError: [Errno 8] Bad file descriptor\n","error":{"name":"OSError","value":"[Errno 8] Bad file descriptor","traceback":"Traceback (most recent call last):\n  File \"<_borel_cells>\", line 67, in run\n  File \"<_borel_cells>\", line 114, in _execute\n  File \"<_borel_cells>\", line 47, in _tell\nOSError: [Errno 8] Bad file descriptor\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"<cell 1>\", line 1, in <module>\n    import os; os.close(4); print('x')\n  File \"<_borel_cells>\", line 71, in run\n  File \"<_borel_cells>\", line 47, in _tell\nOSError: [Errno 8] Bad file descriptor\n"}}]}`},
		{"a forged error", problem.RunRequest{Cells: []string{"import os\nm = b'e' + b'\\x01\\0\\0\\0a' * 3\nos.write(4, len(m).to_bytes(4, 'little') + m)\nwhile 1: pass"}, Limits: problem.Limits{Seconds: 0.1}},
			`{"reason":"fuel","exit":-1,"cells":[{"stdout":"","stderr":""}]}`},
		{"input that may follow", problem.RunRequest{Cells: []string{"print(input('? '))", "input('more? ')", "1"}, Stdin: "a\n", MoreStdin: true},
			`{"reason":"input","exit":-1,"stdout":"? a\nmore? ","cells":[{"stdout":"? a\n","stderr":""},{"stdout":"more? ","stderr":""}]}`},
		{"modules of its own", problem.RunRequest{Cells: []string{"import m, json\nm.f", "class A: pass\nimport pickle\npickle.loads(pickle.dumps(A())).__class__"}, Files: map[string][]byte{"m.py": []byte("f = 5")}},
			`{"reason":"finished","exit":0,"cells":[{"stdout":"","stderr":"","result":{"text/plain":"5"}},{"stdout":"","stderr":"","result":{"text/plain":"<class '__main__.A'>"}}]}`},
	} {
		got, err := v.Run(t.Context(), c.request)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for range 2 { // from the start, and from where the first cell was compiled
			c.request.Fresh = true
			again, err := v.Run(t.Context(), c.request)
			again.WallMS = got.WallMS
			if err != nil || !reflect.DeepEqual(again, got) {
				t.Errorf("%s, again:\ngot  %+v, %v\nwant %+v", c.name, again, err, got)
			}
		}
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(run{got.Reason, got.ExitCode, got.Stdout, got.Stderr, got.Cells}); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(b.String()); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
	// How much is told of a cell that has used up memory depends on what is left of it.
	got, err := v.Run(t.Context(), problem.RunRequest{Cells: []string{"x = []\nwhile True: x.append(bytes(10**5))"}})
	if err != nil || got.Reason != "memory" || len(got.Cells) != 1 || got.Cells[0].Error == nil || got.Cells[0].Error.Name != "MemoryError" {
		t.Errorf("no memory: got %+v, %v", got, err)
	}
}
