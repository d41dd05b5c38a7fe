"""verl's client of SandboxFusion, two files out of its wheel: the URL is all that changes."""
import importlib.util
import json
import pathlib
import sys
import threading

import pytest


@pytest.fixture(scope="session")
def verl():
    """The package as it is in the wheel, without the training framework around it."""
    folder = pathlib.Path(sys.prefix).parent / "verl/verl/utils/reward_score/sandbox_fusion"
    spec = importlib.util.spec_from_file_location("verl_sandbox_fusion", folder / "__init__.py", submodule_search_locations=[str(folder)])
    module = importlib.util.module_from_spec(spec)
    sys.modules["verl_sandbox_fusion"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def url(borel):
    return borel + "/run_code"


def score(verl, url, code, tests, **more):
    return verl.compute_score(url, threading.Semaphore(64), 1024, f"```python\n{code}\n```", tests, **more)


SUM = "print(sum(map(int, input().split())))"
SUMS = {"inputs": [f"{i} {i}\n" for i in range(64)], "outputs": [f"{2 * i}\n" for i in range(64)]}


def test_stdin(verl, url):
    got, metadata = score(verl, url, SUM, SUMS)
    assert got == 1.0 and len(metadata) == 64
    assert {(m["status"], m["api_status"], m["run_status"], m["exit_code"]) for m in metadata} == {("success", "Success", "Finished", 0)}


def test_expected_output_may_be_wrong(verl, url):
    got, metadata = score(verl, url, SUM, {"inputs": ["1 2", "3 4"], "outputs": ["3", "8"]})
    assert got == 0.5 and [m["status"] for m in metadata] == ["success", "wrong_answer"]


def test_continuous_scores_the_first_ten(verl, url):
    tests = {"inputs": ["1 2"] * 20, "outputs": ["3"] * 5 + ["4"] * 5 + ["3"] * 10}
    got, metadata = score(verl, url, SUM, tests, continuous=True)
    assert got == 0.5 and len(metadata) == 20
    assert score(verl, url, SUM, tests)[0] == 0.75


FN = {"fn_name": "add", "inputs": ["1\n2", "[1]\n[2]", '"a"\n"b"'], "outputs": ["3", "[1, 2]", "ab"]}


@pytest.mark.parametrize("code", ["def add(a, b):\n    return a + b", "class Solution:\n    def add(self, a, b):\n        return a + b"])
def test_function(verl, url, code):
    results, metadata = verl.check_correctness(sandbox_fusion_url=url, in_outs=FN, generation=code, concurrent_semaphore=threading.Semaphore(64))
    assert results == [True, True, True], metadata


CODES = [
    ("print(3)", True, "success"),
    ("print(4)", False, "wrong_answer"),
    ("exit(3)", -2, "runtime_error"),
    ("1/0", -2, "runtime_error"),
    ("print(3", -2, "runtime_error"),
    ("while True: pass", -3, "timeout"),
    ("x = 'x' * (4 << 30)", -2, "runtime_error"),
    ("import os; os._exit(0)", False, "wrong_answer"),
]


@pytest.mark.parametrize("code, want, status", CODES)
def test_codes(verl, url, code, want, status):
    results, metadata = verl.check_correctness(sandbox_fusion_url=url, in_outs={"inputs": ["1 2"], "outputs": ["3"]}, generation=code, timeout=1)
    assert (results, metadata[0]["status"]) == ([want], status), metadata


def test_assert_cases(verl, url):
    got, metadata = score(verl, url, "def add(a, b):\n    return a + b", json.dumps({"assert_case": ["assert add(1, 2) == 3", "assert add(1, 2) == 4"]}))
    assert got == 0.5 and [m["status"] for m in metadata] == ["success", "runtime_error"]


def test_stdin_of_a_program_that_leaves_at_once(verl, url):
    results, _ = verl.check_correctness(sandbox_fusion_url=url, in_outs={"inputs": ["x" * 1_000_000] * 4, "outputs": [""] * 4}, generation="pass")
    assert results == [True] * 4


def test_a_server_that_is_not_there_is_no_verdict(verl):
    results, metadata = verl.check_correctness(sandbox_fusion_url="http://127.0.0.1:1/run_code", in_outs={"inputs": [""], "outputs": [""]}, generation="pass")
    assert results == [-1] and metadata[0]["status"] == "api_error"
