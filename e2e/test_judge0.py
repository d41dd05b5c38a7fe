"""judge0, the SDK from PyPI: the endpoint is all that changes."""
import subprocess

import judge0
import pytest


@pytest.fixture(scope="module")
def client(borel):
    return judge0.Client(endpoint=borel, headers={})


def run(client, code, **more):
    return judge0.run(client=client, source_code=code, language=judge0.PYTHON, **more)


def test_what_it_is(client):
    assert client.version in ("1.13.1", "1.14.0") and client.is_language_supported(judge0.PYTHON)
    assert {s["id"] for s in client.get_statuses()} == set(range(1, 15))
    assert "Python" in client.get_language(client.get_language_id(judge0.PYTHON)).name


def test_run(client):
    r = run(client, "import sys\nprint(input())\nprint('e', file=sys.stderr)", stdin="hey")
    assert (r.status, r.stdout, r.stderr, r.compile_output, r.message, r.exit_code, r.exit_signal) == (judge0.Status.ACCEPTED, "hey\n", "e\n", None, None, 0, None)
    assert 0 <= r.time < 1 and r.memory > 0 and r.created_at <= r.finished_at


def test_arguments_and_files(client):
    r = run(client, "import sys\nprint(sys.argv[1:], open('a.txt').read())", command_line_arguments="a b", additional_files=judge0.Filesystem(content=judge0.File(name="a.txt", content="text")))
    assert r.stdout == "['a', 'b'] text\n", r


@pytest.mark.parametrize("code, want", [
    ("exit(3)", judge0.Status.RUNTIME_ERROR_NZEC),
    ("1/0", judge0.Status.RUNTIME_ERROR_NZEC),
    ("while True: pass", judge0.Status.TIME_LIMIT_EXCEEDED),
])
def test_failures(client, code, want):
    r = run(client, code, cpu_time_limit=1)
    assert r.status == want and (want == judge0.Status.TIME_LIMIT_EXCEEDED or r.exit_code in (1, 3))


def test_test_cases(client):
    cases = [judge0.TestCase("1 2", "3"), ("5 6", "11"), {"input": "1 1", "expected_output": "3"}]
    got = run(client, "print(sum(map(int, input().split())))", test_cases=cases)
    assert [s.status for s in got] == [judge0.Status.ACCEPTED, judge0.Status.ACCEPTED, judge0.Status.WRONG_ANSWER]


def test_batches(client):
    got = judge0.run(client=client, submissions=[judge0.Submission(source_code=f"print({i})", language=judge0.PYTHON) for i in range(45)])
    assert [s.stdout for s in got] == [f"{i}\n" for i in range(45)]


def test_async(client):
    s = judge0.async_run(client=client, source_code="print(1)", language=judge0.PYTHON)
    assert s.token and s.stdout is None
    assert judge0.wait(client=client, submissions=s).stdout == "1\n"


def test_environment(borel, python):
    """No client is named: the SDK finds the endpoint in its environment."""
    code = "import judge0; print(judge0.run(source_code='print(42)', language=judge0.PYTHON).stdout, end='')"
    out = subprocess.run([python, "-c", code], env={"JUDGE0_CE_ENDPOINT": borel, "JUDGE0_CE_AUTH_HEADERS": "{}", "NO_PROXY": "*"}, capture_output=True, text=True)
    assert out.stdout == "42\n", out.stderr


def test_tokens(start):
    guarded = start("--token", "secret").url
    keyed = judge0.Client(endpoint=guarded, headers={"X-Auth-Token": "secret"})
    assert run(keyed, "print(1)").stdout == "1\n"
    with pytest.raises(RuntimeError):
        judge0.Client(endpoint=guarded, headers={})
