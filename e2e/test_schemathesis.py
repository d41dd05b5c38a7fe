"""schemathesis, from PyPI: /openapi.json says what the server does, with valid requests and with invalid ones."""
import pathlib
import re
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent


@pytest.mark.slow
def test_every_call(start, endpoint, tmp_path):
    server = start("--endpoint", endpoint)
    st = pathlib.Path(sys.executable).parent / "st"
    run = subprocess.run([st, "--config-file", HERE / "schemathesis.toml", "run", server.url + "/openapi.json"], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-20000:] + run.stderr[-2000:]
    cases = re.search(r"(\d+) generated, \1 passed", run.stdout)
    assert cases and int(cases[1]) > 1000, run.stdout[-2000:]
