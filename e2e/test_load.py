"""Many requests at once: what verl's client reaches, and that nothing is judged wrongly under load. Figures are printed, with -s; none is asserted."""
import asyncio
import collections
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import aiohttp
import pytest
import requests
from test_verl import url, verl  # noqa: F401

pytestmark = pytest.mark.slow
PROGRAMS = 2000
THREADS = 64


@pytest.fixture
def echo():
    p = subprocess.Popen([sys.executable, pathlib.Path(__file__).parent / "echo.py"], stdout=subprocess.PIPE, text=True)
    yield f"http://127.0.0.1:{p.stdout.readline().strip()}/run_code"
    p.terminate()
    p.wait()


def rate(verl, url, first):
    """Distinct programs, one case each, as verl scores samples; requests answered a second."""
    semaphore = threading.Semaphore(THREADS)

    def one(i):
        return verl.compute_score(url, semaphore, 1024, f"```python\n{i}\nprint(1)\n```", {"inputs": [""], "outputs": ["1"]})[0]
    with ThreadPoolExecutor(THREADS) as pool:
        began = time.monotonic()
        scores = list(pool.map(one, range(first, first + PROGRAMS)))
        took = time.monotonic() - began
    assert scores == [1.0] * PROGRAMS
    return PROGRAMS / took


def test_verl_rate(verl, url, echo):  # noqa: F811
    rounds = []
    for i in range(3):
        rounds.append((rate(verl, echo, 0), rate(verl, url, i * PROGRAMS)))
    ceiling, ours = (sorted(r[i] for r in rounds)[1] for i in (0, 1))
    print(f"\nverl, {THREADS} threads, {PROGRAMS} programs: {ours:.0f}/s; against a server that only answers, the client's own ceiling: {ceiling:.0f}/s ({ours / ceiling:.2f})")


KINDS = {
    "right": ("print({i})", lambda r, i: r["status"] == "Success" and r["run_result"]["stdout"] == f"{i}\n"),
    "wrong": ("print({i} + 1)", lambda r, i: r["status"] == "Success" and r["run_result"]["stdout"] == f"{i + 1}\n"),
    "raises": ("raise ValueError({i})", lambda r, i: r["status"] == "Failed" and r["run_result"]["return_code"] == 1 and f"ValueError: {i}\n" in r["run_result"]["stderr"]),
    "endless": ("n = {i}\nwhile True: n += 1", lambda r, i: r["status"] == "Failed" and r["run_result"]["status"] == "TimeLimitExceeded"),
    "memory": ("n = {i}\nx = []\nwhile True: x.append('x' * (1 << 24) + str(n))", lambda r, i: r["status"] == "Failed" and r["run_result"]["status"] == "Finished" and r["run_result"]["return_code"] != 0),
    "output": ("print('x' * 2_000_000 + '{i}')", lambda r, i: r["status"] == "Success" and r["run_result"]["stdout"] == "x" * 2_000_000 + f"{i}\n"),
    "exits": ("print({i}); exit(0)", lambda r, i: r["status"] == "Success" and r["run_result"]["stdout"] == f"{i}\n"),
    "sleeps": ("import time; time.sleep(0.5); print({i})", lambda r, i: r["status"] == "Success" and r["run_result"]["stdout"] == f"{i}\n"),
}
# Most programs are short; each of the others takes a second of a processor.
MIX = 6 * ["right"] + 2 * ["wrong", "raises", "exits"] + ["sleeps", "output", "endless", "memory"]


def test_512_at_once(url):  # noqa: F811
    """One client, everything at once; 504 is asked again, as verl does."""
    statuses, wrong = collections.Counter(), []

    async def one(session, i):
        kind = MIX[i % len(MIX)]
        code, right = KINDS[kind]
        body = {"compile_timeout": 1, "run_timeout": 1, "code": code.format(i=i), "stdin": "x" * 10_000, "memory_limit_MB": 256, "language": "python", "files": {}, "fetch_files": []}
        while True:
            async with session.post(url, json=body) as answer:
                statuses[answer.status] += 1
                if answer.status != 504:
                    result = await answer.json()
                    if answer.status != 200 or not right(result, i):
                        wrong.append((kind, answer.status, str(result)[:300]))
                    return
            await asyncio.sleep(1)

    async def all():
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None)) as session:
            await asyncio.gather(*(one(session, i) for i in range(512)))

    began = time.monotonic()
    asyncio.run(all())
    assert wrong == [] and set(statuses) <= {200, 504} and statuses[200] == 512
    print(f"\n512 requests at once, of {len(KINDS)} kinds: {time.monotonic() - began:.1f} s, answers by status {dict(statuses)}, none wrong")


def test_the_same_runs_once(start):
    """Of equal requests at the same time all but those that came first are answered from what is known."""
    borel = start().url

    def one(_):
        return requests.post(borel + "/run_code", json={"language": "python", "code": "for i in range(10**6): pass\nprint(1)"}).json()
    with ThreadPoolExecutor(64) as pool:
        got = list(pool.map(one, range(64)))
    assert all(r == got[0] for r in got) and got[0]["run_result"]["stdout"] == "1\n"
    hits = re.search(r'^borel_cache_hits_total\{of="runs"\} (\S+)$', requests.get(borel + "/metrics").text, re.M)
    assert float(hits[1]) >= 64 - 4 * os.cpu_count()
