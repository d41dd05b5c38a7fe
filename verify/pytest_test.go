package verify

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"borel/problem"
)

// TestPytest is what pytest does with files of tests. The end of its output is what is compared, but for how long it took.
func TestPytest(t *testing.T) {
	v := realVerifier(t)
	took := regexp.MustCompile(` in [0-9.]+s`)
	for _, c := range []struct {
		name    string
		request problem.RunRequest
		reason  string
		code    int
		lines   []string // of the output, in this order
	}{
		{"passed", problem.RunRequest{Source: "def test_a(): assert 1 + 1 == 2"}, "finished", 0, []string{
			"platform wasi -- Python 3.13.5, pytest-8.3.5, pluggy-1.5.0", "rootdir: /sandbox", "collected 1 item", "main.py .   ", "= 1 passed ="}},
		{"failed", problem.RunRequest{Source: "def f(x): return [x]\ndef test_a():\n    assert f(1) == [2], 'why'\ndef test_b(): pass"}, "finished", 1, []string{
			"main.py F.  ", ">       assert f(1) == [2], 'why'", "E       AssertionError: why", "E       assert [1] == [2]", "E         At index 0 diff: 1 != 2", "main.py:3: AssertionError", "FAILED main.py::test_a - AssertionError: why", "= 1 failed, 1 passed ="}},
		{"raised", problem.RunRequest{Source: "def test_a(): {}['x']"}, "finished", 1, []string{"E   KeyError: 'x'", "FAILED main.py::test_a - KeyError: 'x'"}},
		{"no tests", problem.RunRequest{Source: "x = 1"}, "finished", 5, []string{"collected 0 items", "= no tests ran ="}},
		{"does not compile", problem.RunRequest{Source: "def test_a(:"}, "finished", 2, []string{"ERROR collecting main.py", "E   SyntaxError: invalid syntax", "= 1 error ="}},
		{"does not import", problem.RunRequest{Source: "import numpy\ndef test_a(): pass"}, "finished", 2, []string{"E   ModuleNotFoundError: No module named 'numpy'", "Interrupted: 1 error during collection"}},
		{"bad usage", problem.RunRequest{Source: "", Args: []string{"--nonsense"}}, "finished", 4, []string{"unrecognized arguments: --nonsense"}},
		{"interrupted", problem.RunRequest{Source: "def test_a(): raise KeyboardInterrupt"}, "finished", 2, []string{"KeyboardInterrupt"}},
		{"exit", problem.RunRequest{Source: "import sys\ndef test_a(): sys.exit(7)"}, "finished", 1, []string{"SystemExit: 7", "= 1 failed ="}},
		{"exit of pytest's own", problem.RunRequest{Source: "import pytest\ndef test_a(): pytest.exit('bye', 9)"}, "finished", 9, []string{"Exit: bye"}},
		{"_exit", problem.RunRequest{Source: "import os\ndef test_a(): os._exit(0)"}, "exited", 0, nil},
		{"fixtures", problem.RunRequest{Source: "import pytest\n@pytest.fixture\ndef n():\n    yield 5\n    print('torn down')\n@pytest.fixture(scope='module', params=[1, 2])\ndef m(request): return request.param\n" +
			"def test_a(n, m): assert n == 5 and m in (1, 2)\nclass TestB:\n    def setup_method(self): self.x = 1\n    def test_b(self, n): assert n == self.x"}, "finished", 1, []string{"main.py ..F", "assert 5 == 1", "torn down", "= 1 failed, 2 passed ="}},
		{"files and streams", problem.RunRequest{Source: "import os, sys\ndef test_a(tmp_path, capsys, monkeypatch, tmp_path_factory):\n    (tmp_path / 'x').write_text('é')\n    print('out'); print('err', file=sys.stderr)\n    assert capsys.readouterr() == ('out\\n', 'err\\n')\n" +
			"    monkeypatch.setenv('A', 'b'); assert os.environ['A'] == 'b'\n    monkeypatch.chdir(tmp_path); assert os.listdir() == ['x']\ndef test_b(capfd, caplog, recwarn):\n    print('x'); assert capfd.readouterr().out == 'x\\n'\n    import logging, warnings; logging.warning('w'); assert caplog.messages == ['w']\n    warnings.warn('old'); assert len(recwarn) == 1\n" +
			"def test_c(cache): cache.set('a/b', 1); assert cache.get('a/b', 0) == 1"}, "finished", 0, []string{"main.py ...", "= 3 passed ="}},
		{"marks", problem.RunRequest{Source: "import pytest\n@pytest.mark.parametrize('a,b', [(1, 2), (2, 3), (3, 5)])\ndef test_a(a, b): assert a + 1 == b\n@pytest.mark.skip\ndef test_b(): pass\n@pytest.mark.xfail\ndef test_c(): assert 0\n" +
			"def test_d():\n    with pytest.raises(ValueError, match='x.z'): raise ValueError('xyz')\n    assert 0.1 + 0.2 == pytest.approx(0.3)\n    with pytest.warns(UserWarning): __import__('warnings').warn('w')"}, "finished", 1, []string{
			"main.py ..Fsx.", "FAILED main.py::test_a[3-5] - assert (3 + 1) == 5", "= 1 failed, 3 passed, 1 skipped, 1 xfailed ="}},
		{"unittest and doctest", problem.RunRequest{Source: "import unittest\nclass A(unittest.TestCase):\n    def test_a(self): self.assertEqual(1, 2)\ndef f():\n    '''\n    >>> 1 + 1\n    2\n    '''", Args: []string{"--doctest-modules", "-v"}}, "finished", 1, []string{
			"main.py::main.f PASSED", "main.py::A::test_a FAILED", "AssertionError: 1 != 2"}},
		{"quiet, and stopping", problem.RunRequest{Source: "def test_a(): assert 0\ndef test_b(): assert 0", Args: []string{"-q", "-x", "--tb=line", "-k", "test"}}, "finished", 1, []string{"F\n=", "/sandbox/main.py:1: assert 0", "stopping after 1 failures"}},
		{"what it brings", problem.RunRequest{Source: "from main_ import f\ndef test_a(one): assert f() == one", Files: map[string][]byte{"main_.py": []byte("def f(): return 1"),
			"conftest.py": []byte("import pytest\n@pytest.fixture\ndef one(): return 1"), "pytest.ini": []byte("[pytest]\naddopts = -rA\n")}}, "finished", 0, []string{"configfile: pytest.ini", "PASSED main.py::test_a"}},
		{"a main of its own", problem.RunRequest{Source: "import main\ndef test_a(): assert main.x == 1", Files: map[string][]byte{"main.py": []byte("x = 1")}}, "finished", 0, []string{"test_main.py .", "= 1 passed ="}},
		{"endless", problem.RunRequest{Source: "def test_a(): pass\ndef test_b():\n    while True: pass", Limits: problem.Limits{Seconds: 0.2}}, "fuel", -1, nil},
		{"stdin", problem.RunRequest{Source: "def test_a(): input()", Stdin: "x\n"}, "finished", 1, []string{"reading from stdin while output is captured"}},
		{"as a module of a program", problem.RunRequest{Language: "python", Source: "import pytest\nopen('test_x.py', 'w').write('def test_a(): assert [1, 2] == [1, 3]')\nprint(pytest.main(['-q', 'test_x.py']))\n" +
			"@pytest.mark.parametrize('x', [1])\ndef f(x): pass\nwith pytest.raises(ZeroDivisionError): 1 / 0"}, "finished", 0, []string{"E   assert [1, 2] == [1, 3]", "1 failed", "\n1\n"}},
	} {
		if c.request.Language == "" {
			c.request.Language = "pytest"
		}
		got, err := v.Run(t.Context(), c.request)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		c.request.Fresh = true
		if again, err := v.Run(t.Context(), c.request); err != nil || !reflect.DeepEqual(again.Output, got.Output) || again.Fuel != got.Fuel {
			t.Errorf("%s, again: got fuel %d, %v, want %d", c.name, again.Fuel, err, got.Fuel)
		}
		out := took.ReplaceAllString(got.Stdout+got.Stderr, "")
		rest, failed := out, got.Reason != c.reason || got.ExitCode != c.code
		for _, l := range c.lines {
			_, after, ok := strings.Cut(rest, l)
			if !ok {
				t.Errorf("%s: no %q, or not in its place", c.name, l)
				failed = true
			} else {
				rest = after
			}
		}
		if failed {
			t.Errorf("%s: got %s, code %d, want %s, %d\n%s", c.name, got.Reason, got.ExitCode, c.reason, c.code, out)
		}
	}
	if _, err := v.Run(t.Context(), problem.RunRequest{Language: "pytest", Cells: []string{"1"}}); err == nil {
		t.Error("pytest has cells")
	}
	p := problem.Problem{ID: "p", Language: "pytest", Check: problem.Check{Kind: problem.KindUnit, Tests: "pass"}}
	if _, err := v.Verify(t.Context(), &p, problem.Program("pass"), false); err == nil {
		t.Error("a problem is in pytest")
	}
}
