"""docs/drop-in.md, as written: every program in it is run, with the address of the server that runs here in place of the one in the text."""
import os
import re
import subprocess
import threading

import pytest
from conftest import HERE, ROOT
from test_verl import verl  # noqa: F401

PAGE = (ROOT / "docs/drop-in.md").read_text()
BLOCKS = re.findall(r"(<!-- not run: .*? -->\n)?```(python|yaml)\n(.*?)```", PAGE, re.DOTALL)
PROGRAMS = [code for skipped, kind, code in BLOCKS if kind == "python" and not skipped]


def test_the_page_has_them():
    assert len(PROGRAMS) >= 6 and sum(bool(skipped) for skipped, _, _ in BLOCKS) == 1


@pytest.mark.parametrize("code", PROGRAMS, ids=lambda code: re.search(r"import (\w+)|from (\w+)", code)[0].split()[1])
def test_python(code, borel, python, tmp_path):
    (tmp_path / "program.py").write_text(code.replace("http://127.0.0.1:8080", borel))
    environment = {**os.environ, "PYTHONPATH": str(HERE), "BOREL_URL": borel, "E2B_DEBUG": "true", "E2B_SANDBOX_URL": borel, "E2B_API_KEY": "any"}
    ran = subprocess.run([python, "program.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    # What a line prints stands behind it.
    assert ran.stdout.splitlines() == re.findall(r"^print\(.*\)  # (.*)$", code, re.M)


def test_verl(verl, start):  # noqa: F811
    """The URL of the configuration, and the one with a token in it."""
    [url] = re.findall(r"^ +url: (\S+)$", next(code for _, kind, code in BLOCKS if kind == "yaml" and "sandbox_fusion" in code), re.M)
    guarded = start("--token", "secret").url
    [keyed] = re.findall(r"With a token: `(\S+)`", PAGE)
    tests = {"inputs": ["1 2"], "outputs": ["3"]}

    def score(url):
        return verl.compute_score(url, threading.Semaphore(1), 1024, "```python\nprint(sum(map(int, input().split())))\n```", tests)
    assert score(keyed.replace("http://any:TOKEN@127.0.0.1:8080", guarded.replace("://", "://any:secret@")))[0] == 1.0
    refused, [metadata] = score(url.replace("http://127.0.0.1:8080", guarded))
    assert refused == 0.0 and metadata["status"] == "api_error" and "401" in metadata["api_request_error"]
