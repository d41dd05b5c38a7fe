"""borel as a sandbox of inspect-ai: import this module, then sandbox="borel". BOREL_URL says where borel is, http://127.0.0.1:8080 without it; BOREL_TOKEN is sent where it is set.

Python runs in borel, by itself or through the shell as inspect's tools start it; another command is answered as a shell answers one that is not there. Files live here, one set for each sample, and are sent along with each
program; what a program changes in those, and in files named in BOREL_FETCH (with commas), comes back."""
import base64
import os
import posixpath

import httpx
from inspect_ai.util import ExecResult, SandboxEnvironment, sandboxenv

PYTHON = ("python", "python3", "/usr/bin/python3")
SHELL = ["bash", "--login", "-c"]


@sandboxenv(name="borel")
class BorelSandbox(SandboxEnvironment):
    def __init__(self):
        super().__init__()
        self.files = {}
        token = os.environ.get("BOREL_TOKEN")
        self.client = httpx.AsyncClient(base_url=os.environ.get("BOREL_URL", "http://127.0.0.1:8080"), timeout=None, trust_env=False, headers={"Authorization": f"Bearer {token}"} if token else {})

    @classmethod
    async def sample_init(cls, task_name, config, metadata):
        return {"default": cls()}

    @classmethod
    async def sample_cleanup(cls, task_name, config, environments, interrupted):
        for e in environments.values():
            await e.client.aclose()

    async def exec(self, cmd, input=None, cwd=None, env=None, user=None, timeout=None, timeout_retry=True, concurrency=True):
        cmd = cmd[len(SHELL):][0].split() if cmd[: len(SHELL)] == SHELL else cmd
        stdin = input.encode() if isinstance(input, str) else input or b""
        match cmd:
            case [python, "-c", source, *args] if python in PYTHON:
                pass
            case [python, "-"] | [python] if python in PYTHON:
                source, stdin, args = stdin.decode(), b"", []
            case [python, file, *args] if python in PYTHON and name(file) in self.files:
                source = self.files[name(file)].decode()
            case _:
                return ExecResult(False, 127, "", f"{cmd[0]}: command not found\n")
        fetch = sorted({*self.files, *filter(None, os.environ.get("BOREL_FETCH", "").split(","))})
        request = {
            "language": "python", "source": source, "stdin": stdin.decode(), "args": args, "limits": {"seconds": timeout} if timeout else {},
            "files": {n: base64.b64encode(c).decode() for n, c in self.files.items()}, "fetch": fetch,
        }
        answer = await self.client.post("/v1/runs", json=request)
        answer.raise_for_status()  # a fault of the service is an error of the sample, and no result
        run = answer.json()
        if run["reason"] in ("fuel", "sleep"):
            raise TimeoutError(f"{timeout} seconds")
        self.files |= {n: base64.b64decode(c) for n, c in (run.get("files") or {}).items()}
        return ExecResult(run["reason"] in ("finished", "exited") and run["exit_code"] == 0, run["exit_code"], run["stdout"], run["stderr"])

    async def write_file(self, file, contents):
        self.files[name(file)] = contents.encode() if isinstance(contents, str) else contents

    async def read_file(self, file, text=True):
        if name(file) not in self.files:
            raise FileNotFoundError(file)
        contents = self.files[name(file)]
        return contents.decode() if text else contents


def name(file):
    return posixpath.normpath(file).removeprefix("/sandbox/")
