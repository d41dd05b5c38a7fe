"""open-r1 is not a package of the registry that could be installed: these are the requests that its two clients send, and what they read of the answers.

Its router's client (RoutedSandbox) makes E2B's objects of what comes back; its Piston client (PistonClient, with the scoring of Codeforces) sends JSON by aiohttp."""
import asyncio
import json

import aiohttp
import pytest
import requests
from e2b_code_interpreter.models import Execution, ExecutionError, Result


def run_code(borel, scripts, timeout=30):
    answer = requests.post(borel + "/execute_batch", json={"scripts": scripts, "languages": ["python"] * len(scripts), "timeout": timeout, "request_timeout": 30})
    assert answer.ok
    out = []
    for one in answer.json():
        e = one["execution"]
        assert e is not None and one["exception_str"] is None, one
        out.append(Execution(results=[Result(**r) for r in e["results"]], logs=e["logs"], error=ExecutionError(**e["error"]) if e["error"] else None, execution_count=e["execution_count"]))
    return out


def test_batch(borel):
    last, printed, failed, syntax = run_code(borel, ["1 + 1", "print(2)", "1/0", "print('hello world)"])
    assert last.text == "2" and last.error is None
    assert "".join(printed.logs["stdout"]) == "2\n" and printed.text is None
    assert failed.error.name == "ZeroDivisionError" and failed.error.value == "division by zero" and "1/0" in failed.error.traceback
    assert syntax.error.name == "SyntaxError"


def reward_script(code, cases):
    """The shape of the script that open-r1's code_reward sends: it starts the program for each case, and ends with an expression whose text is the reward."""
    return f"""
import subprocess
import json

def evaluate(code, cases):
    passed = 0
    for case in cases:
        process = subprocess.run(["python3", "-c", code], input=case["input"], text=True, capture_output=True, timeout=5)
        if process.returncode != 0:
            continue
        if process.stdout.strip() == case["output"].strip():
            passed += 1
    return passed / len(cases)

evaluate({json.dumps(code)}, json.loads({json.dumps(json.dumps(cases))}))
"""


def test_reward(borel):
    cases = [{"input": "1 2\n", "output": "3"}, {"input": "5 6\n", "output": "11"}]
    scripts = [reward_script(code, cases) for code in ("print(sum(map(int, input().split())))", "print(3)", "raise SystemExit(1)")]
    assert [float(e.text) for e in run_code(borel, scripts)] == [1.0, 0.5, 0.0]


def test_health(borel):
    assert requests.get(borel + "/health").json() == {"status": "ok"}


async def send_execute(borel, data, language):
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_read=30)) as session:
        async with session.post(borel + "/api/v2/execute", json=data | {"language": language, "version": "*"}, headers={"Content-Type": "application/json"}) as response:
            return response.status, await response.json(content_type=None)


CHECKER = """import sys
want, got = (open(sys.argv[i]).read().split() for i in (2, 3))
print(1 if want == got else 0)
"""


@pytest.mark.parametrize("code, checker, passed", [
    ("a, b = map(int, input().split())\nprint(a + b)", None, True),
    ("print(4)", None, False),
    ("exit(1)", None, False),
    ("while True: pass", None, False),
    ("print('   3')", CHECKER, True),
    ("print(5)", CHECKER, False),
])
def test_codeforces(borel, code, checker, passed):
    config = {"TIME_LIMIT": 1, "MEMORY_LIMIT": 256, "INPUT_MODE": "stdio"}
    files = [
        {"name": "main.python", "content": code}, *([{"name": "checker.py", "content": checker}] if checker else []),
        {"name": "input.txt", "content": "1 2\n"}, {"name": "correct_output.txt", "content": "3\n"},
        {"name": "grader_config", "content": "\n".join(f"{k}={v}" for k, v in config.items())},
    ]
    status, result = asyncio.run(send_execute(borel, {"files": files, "run_timeout": 4000}, "cf_python3"))
    assert status == 200 and result["compile"]["code"] == 0, result
    assert (result["run"]["code"] == 0 and result["run"]["stdout"].strip() == "1") == passed, result


def test_languages_that_are_not_here(borel):
    status, result = asyncio.run(send_execute(borel, {"files": [{"name": "main.cpp", "content": "int main() {}"}], "run_timeout": 4000}, "c++17"))
    assert status == 400 and result == {"message": "c++17-* runtime is unknown"}
