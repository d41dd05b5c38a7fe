"""sandbox-fusion, from PyPI: set_endpoint is all that changes."""
import asyncio
import base64

import pytest
import sandbox_fusion as sf


@pytest.fixture(scope="module", autouse=True)
def endpoint_of_the_sdk(borel):
    sf.set_endpoint(borel)


def run(code, **more):
    return sf.run_code(sf.RunCodeRequest(code=code, language="python", **more), max_attempts=1)


def test_run_code():
    r = run("print(repr(input()))", stdin="1 2")
    assert (r.status, r.message, r.compile_result, r.executor_pod_name, r.files) == (sf.RunStatus.Success, "", None, None, {})
    assert (r.run_result.status, r.run_result.return_code, r.run_result.stdout, r.run_result.stderr) == (sf.CommandRunStatus.Finished, 0, "'1 2'\n", "")
    assert 0 <= r.run_result.execution_time < 1


def test_stdin_is_passed_as_it_is():
    assert run("import sys; print(repr(sys.stdin.read()))", stdin="a\nb\n\n").run_result.stdout == "'a\\nb\\n\\n'\n"
    assert run("import sys; print(repr(sys.stdin.read()))").run_result.stdout == "''\n"


def test_failures():
    r = run("import sys; print(1); raise ValueError(3)")
    assert r.status == sf.RunStatus.Failed and r.run_result.status == sf.CommandRunStatus.Finished
    assert r.run_result.return_code == 1 and r.run_result.stdout == "1\n" and r.run_result.stderr.endswith("ValueError: 3\n")
    assert run("exit(7)").run_result.return_code == 7
    r = run("while True: pass", run_timeout=1)
    assert r.status == sf.RunStatus.Failed and r.run_result.status == sf.CommandRunStatus.TimeLimitExceeded and r.run_result.return_code is None


@pytest.mark.parametrize("size", [200_000, 2_000_000, 20_000_000])
def test_long_output_comes_whole(size):
    r = run(f"print('x' * {size})")
    assert r.status == sf.RunStatus.Success and r.run_result.stdout == "x" * size + "\n"


def test_files():
    r = run("open('out/o.bin', 'wb').write(open('in.bin', 'rb').read() * 2)", files={"in.bin": base64.b64encode(b"\xff\x00").decode(), "out/keep": ""}, fetch_files=["out/o.bin", "missing"])
    assert r.status == sf.RunStatus.Success, r
    assert base64.b64decode(r.files["out/o.bin"]) == b"\xff\x00\xff\x00"


def test_pytest():
    good = sf.run_code(sf.RunCodeRequest(code="def test_a():\n    assert 1 + 1 == 2\n", language="pytest"), max_attempts=1)
    bad = sf.run_code(sf.RunCodeRequest(code="def test_a():\n    assert 1 + 1 == 3\n", language="pytest"), max_attempts=1)
    assert good.status == sf.RunStatus.Success and "1 passed" in good.run_result.stdout, good
    assert bad.status == sf.RunStatus.Failed and bad.run_result.return_code == 1 and "assert (1 + 1) == 3" in bad.run_result.stdout, bad


def test_a_language_that_is_not_here_is_no_verdict():
    with pytest.raises(Exception, match="Sandbox responded with error|code 422|code 500"):
        sf.run_code(sf.RunCodeRequest(code="fn main() {}", language="rust"), max_attempts=1)


def test_summary():
    mapping = sf.SummaryMapping(Success="good", Failed="bad", RunTimeout="slow")
    got = [sf.summary_run_code_result(run(code, run_timeout=1), mapping) for code in ("pass", "exit(1)", "while 1: pass")]
    assert got == ["good", "bad", "slow"]


def test_run_concurrent():
    asks = [[sf.RunCodeRequest(code=f"print({i} ** 2)", language="python")] for i in range(200)]
    got = sf.run_concurrent(sf.run_code, args=asks, concurrency=64)
    assert [r.run_result.stdout for r in got] == [f"{i ** 2}\n" for i in range(200)]


def test_async():
    async def all():
        return await asyncio.gather(*(sf.run_code_async(sf.RunCodeRequest(code=f"print({i})", language="python")) for i in range(20)))
    assert [r.run_result.stdout for r in asyncio.run(all())] == [f"{i}\n" for i in range(20)]


def test_run_jupyter():
    r = sf.run_jupyter(sf.RunJupyterRequest(cells=["a = 123", "a", "print(a + 1)", "import sys; sys.stderr.write('oh')", "raise RuntimeError('no')"]), max_attempts=1)
    assert r.status in (sf.RunStatus.Success, sf.RunStatus.Failed), r
    assert [c.stdout for c in r.cells[:4]] == ["", "", "124\n", ""] and r.cells[3].stderr == "oh"
    assert r.cells[1].display[0]["text/plain"] == "123"
    assert r.cells[4].error[0]["ename"] == "RuntimeError" and r.cells[4].error[0]["evalue"] == "no"


ROW = {"id": 1, "content": "Add two numbers.", "labels": {}, "test": [{"input": {"stdin": "1 2"}, "output": {"stdout": "3"}}, {"input": {"stdin": "5 6"}, "output": {"stdout": "11"}}]}
CONFIG = dict(dataset_type="CommonOJDataset", language="python", provided_data=ROW, extra={"run_all_cases": True})


@pytest.mark.parametrize("code, passed", [("a, b = map(int, input().split())\nprint(a + b)", [True, True]), ("print(3)", [True, False]), ("exit(1)", [False, False])])
def test_submit(code, passed):
    r = sf.submit(sf.SubmitRequest(dataset="any", id=1, completion=f"Sure:\n```python\n{code}\n```\n", config=sf.TestConfig(**CONFIG)), max_attempts=1)
    assert r.accepted == all(passed) and [t.passed for t in r.tests] == passed and r.extracted_type == "fenced" and r.extracted_code.strip() == code, r


def test_submit_safe():
    r = sf.submit_safe(sf.SubmitRequest(dataset="any", id=1, completion="no code at all", config=sf.TestConfig(**CONFIG)), max_attempts=1)
    assert r.accepted is False


def test_prompts():
    r = sf.get_prompt_by_id(sf.GetPromptByIdRequest(dataset="any", id=1, config=sf.TestConfig(**CONFIG)))
    assert "Add two numbers." in r.prompt and r.id == 1
