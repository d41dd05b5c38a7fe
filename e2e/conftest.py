"""The real server and the real endpoint, started once: bin/borel serve with its data in a temporary folder, and borel replay with recorded samples as the model."""
import os
import pathlib
import re
import subprocess
import sys
import time

import pytest
import requests

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent
BOREL = os.environ.get("BOREL", str(ROOT / "bin/borel"))

# The proxy of a user is for what is outside; requests would ask the operating system for it each time.
for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
    os.environ.pop(name, None)
os.environ["NO_PROXY"] = "*"


class Borel:
    """A borel process that listens on a port of its own choice; its address is in the line that it says first."""

    def __init__(self, log, *args):
        self.log = log
        with open(log, "w") as f:
            self.process = subprocess.Popen([BOREL, *args, "--addr", "127.0.0.1:0"], stdin=subprocess.DEVNULL, stdout=f, stderr=f, cwd=ROOT)
        self.url = self.wait(lambda: re.search(r"http://[0-9.]+:[0-9]+", self.said()), "an address")[0]

    def said(self):
        return pathlib.Path(self.log).read_text(errors="replace")

    def wait(self, what, name):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if found := what():
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"borel: no {name}: {self.said()[-2000:]}")

    def ready(self):
        def asked():
            try:
                return requests.get(self.url + "/readyz", timeout=5).ok
            except requests.RequestException:
                return False
        self.wait(asked, "answer to /readyz")
        return self

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@pytest.fixture(scope="session")
def start(tmp_path_factory):
    """start(*arguments) is a server, ready, that ends with the session."""
    running = []

    def begin(*args):
        folder = tmp_path_factory.mktemp("borel")
        running.append(Borel(folder / "log", "serve", "--data", str(folder / "data"), *args).ready())
        return running[-1]

    yield begin
    for b in running:
        b.stop()


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory):
    """The model: 12 problems with recorded samples of one, which it answers in turn."""
    b = Borel(tmp_path_factory.mktemp("replay") / "log", "replay", "--samples", str(ROOT / "demo/samples.jsonl"))
    yield b.url + "/v1"
    b.stop()


@pytest.fixture(scope="session")
def borel(start, endpoint):
    """The address of the server."""
    return start("--endpoint", endpoint).url


@pytest.fixture(scope="session")
def recorded():
    """What the model was asked and said, by problem."""
    import json
    return {r["problem"]["id"]: r for r in map(json.loads, (ROOT / "demo/samples.jsonl").open())}


@pytest.fixture(scope="session")
def python():
    return sys.executable
