"""e2b-code-interpreter, from PyPI: E2B_DEBUG leaves its cloud out, and E2B_SANDBOX_URL says where the code runs."""
import pytest
from e2b_code_interpreter import Sandbox


@pytest.fixture
def box(borel, monkeypatch):
    monkeypatch.setenv("E2B_DEBUG", "true")
    monkeypatch.setenv("E2B_SANDBOX_URL", borel)
    monkeypatch.setenv("E2B_API_KEY", "any")
    return Sandbox.create()


def test_run_code(box):
    e = box.run_code("import sys\nprint('out')\nprint('err', file=sys.stderr)\n6 * 7")
    assert e.text == "42" and e.error is None and e.execution_count == 1
    assert "".join(e.logs.stdout) == "out\n" and "".join(e.logs.stderr) == "err\n"


def test_errors(box):
    e = box.run_code("1/0")
    assert (e.error.name, e.error.value) == ("ZeroDivisionError", "division by zero") and e.results == []


def test_callbacks(box):
    said = []
    box.run_code("for i in range(3): print(i)", on_stdout=lambda m: said.append(m.line))
    assert "".join(said) == "0\n1\n2\n"


def test_contexts(box):
    context = box.create_code_context()
    assert box.run_code("x = 20", context=context).error is None
    assert box.run_code("x + 1", context=context).text == "21"
    assert box.run_code("x").error.name == "NameError"  # no context, no state
