"""inspect-ai, from PyPI, with borel as its model and as its sandbox (inspect_borel.py)."""
import asyncio
import re

import pytest
import requests

pytestmark = pytest.mark.slow
inspect_ai = pytest.importorskip("inspect_ai")

import inspect_borel  # noqa: E402,F401
from inspect_ai.dataset import MemoryDataset, Sample  # noqa: E402
from inspect_ai.scorer import CORRECT, INCORRECT, Score, accuracy, scorer  # noqa: E402
from inspect_ai.model import ModelOutput  # noqa: E402
from inspect_ai.solver import generate, solver  # noqa: E402
from inspect_ai.tool import python as python_tool  # noqa: E402
from inspect_ai.util import sandbox  # noqa: E402


@pytest.fixture(autouse=True)
def environment(monkeypatch, borel, tmp_path):
    monkeypatch.setenv("BOREL_URL", borel)
    monkeypatch.setenv("BOREL_BASE_URL", borel + "/v1")
    monkeypatch.setenv("BOREL_API_KEY", "any")
    monkeypatch.setenv("INSPECT_LOG_DIR", str(tmp_path / "logs"))


def code_of(text):
    fenced = re.findall(r"```(?:python)?\n(.*?)```", text, re.DOTALL)
    return fenced[0] if fenced else text


@scorer(metrics=[accuracy()])
def judged():
    async def score(state, target):
        result = await sandbox().exec(["python3", "-c", code_of(state.output.completion) + "\n" + target.text], timeout=10)
        return Score(value=CORRECT if result.success else INCORRECT, explanation=result.stderr)
    return score


def test_model_and_sandbox(borel, recorded):
    """The accuracy that inspect finds is the one that borel finds in the same samples."""
    code = [r for r in recorded.values() if r["problem"]["check"]["kind"] == "unit"]
    task = inspect_ai.Task(
        dataset=MemoryDataset([Sample(id=r["problem"]["id"], input=r["problem"]["prompt"], target=r["problem"]["check"]["tests"]) for r in code]),
        solver=generate(), scorer=judged(), sandbox="borel",
    )
    [log] = inspect_ai.eval(task, model="openai-api/borel/replay", epochs=6, seed=0, max_retries=0, display="none")
    assert log.status == "success", log.error
    assert len(log.samples) == 6 * len(code) and all(s.error is None for s in log.samples)
    for sample in log.samples:
        problem = recorded[sample.id]["problem"]
        item = {"problem": problem, "samples": [{"program": code_of(sample.output.completion)}]}
        verdict = requests.post(borel + "/v1/verify", json=item).json()["verdicts"][0]
        assert (sample.scores["judged"].value == CORRECT) == (verdict["status"] == "accepted"), (sample.id, verdict)
    assert 0 < log.results.scores[0].metrics["accuracy"].value < 1


def in_sandbox(use):
    """What use(sandbox) returns, in a sandbox of the provider."""
    async def asked():
        envs = await inspect_borel.BorelSandbox.sample_init("t", None, {})
        try:
            return await use(envs["default"])
        finally:
            await inspect_borel.BorelSandbox.sample_cleanup("t", None, envs, False)
    return asyncio.run(asked())


def test_exec():
    async def use(s):
        await s.write_file("in.txt", "7")
        await s.write_file("prog.py", "import sys\nopen('in.txt', 'a').write('8')\nprint(input(), sys.argv[1:])")
        return [
            await s.exec(["python3", "-c", "print(1); exit(3)"]),
            await s.exec(["python3", "prog.py", "a"], input="hey\n"),
            await s.exec(["bash", "--login", "-c", "python3 -"], input="print(6 * 7)"),
            await s.exec(["gcc", "x.c"]),
        ], await s.read_file("in.txt")
    (left, ran, tool, gone), file = in_sandbox(use)
    assert (left.success, left.returncode, left.stdout) == (False, 3, "1\n")
    assert (ran.success, ran.returncode, ran.stdout, ran.stderr) == (True, 0, "hey ['a']\n", "")
    assert tool.stdout == "42\n" and gone.returncode == 127
    assert file == "78"


def test_timeout():
    with pytest.raises(TimeoutError):
        in_sandbox(lambda s: s.exec(["python3", "-c", "while True: pass"], timeout=1))


def test_tool():
    """inspect's own python tool, carried out in borel."""
    @solver
    def uses():
        async def solve(state, generate):
            state.output = ModelOutput.from_content("none", await python_tool()(code="print(6 * 7)"))
            return state
        return solve
    task = inspect_ai.Task(dataset=MemoryDataset([Sample(input="x", target="y")]), solver=uses(), sandbox="borel")
    [log] = inspect_ai.eval(task, model="openai-api/borel/replay", display="none")
    assert log.status == "success", log.error
    assert log.samples[0].output.completion == "42\n"
