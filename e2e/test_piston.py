"""ultra-piston and piston-rspy, from PyPI: the base URL is all that changes."""
import asyncio

import piston_rspy
import pytest
import ultra_piston
from ultra_piston.errors import BadRequestError


@pytest.fixture(scope="module")
def ultra(borel):
    return ultra_piston.PistonClient(base_url=borel + "/api/v2", rate_limit=0)


def execute(ultra, code, **more):
    return ultra.post_execute(language="python", version="*", file=ultra_piston.File(name="main.py", content=code), **more)


def test_ultra_runtimes(ultra):
    python = [r for r in ultra.get_runtimes() if r.language == "python"]
    assert python[0].version.startswith("3.13.") and "py" in python[0].aliases


def test_ultra_execute(ultra):
    r = execute(ultra, "import sys\nprint(input(), sys.argv[1:], flush=True)\nprint('e', file=sys.stderr)", stdin="hey", args=["a", "b c"])
    assert r.language == "python" and r.version.startswith("3.13.") and r.compile is None
    assert (r.run.code, r.run.signal, r.run.stdout, r.run.stderr, r.run.output) == (0, None, "hey ['a', 'b c']\n", "e\n", "hey ['a', 'b c']\ne\n")


def test_ultra_failures(ultra):
    r = execute(ultra, "raise ValueError(3)")
    assert r.run.code == 1 and r.run.signal is None and r.run.stderr.endswith("ValueError: 3\n")
    r = execute(ultra, "while True: pass", run_timeout=1000)
    assert r.run.code is None and r.run.signal == "SIGKILL"


def test_ultra_refusals(ultra):
    with pytest.raises(BadRequestError):
        ultra.post_execute(language="nope", version="*", file=ultra_piston.File(content="x"))


def test_ultra_async(borel):
    async def asked():
        c = ultra_piston.PistonClient(base_url=borel + "/api/v2", rate_limit=0)
        return await c.post_execute_async(language="py", version="3.x", file=ultra_piston.File(content="print(6 * 7)"))
    assert asyncio.run(asked()).run.stdout == "42\n"


def test_ultra_packages(ultra):
    assert {(p.language, p.installed) for p in ultra.get_packages() if p.language == "python"} == {("python", True)}


def rs(borel, executor):
    async def asked():
        return await piston_rspy.Client.with_url(borel + "/api/v2").execute(executor)
    return asyncio.run(asked())


def program(code):
    return piston_rspy.Executor().set_language("python").set_version("*").add_file(piston_rspy.File(name="main.py", content=code))


def test_rspy_runtimes(borel):
    async def asked():
        return await piston_rspy.Client.with_url(borel + "/api/v2").fetch_runtimes()
    python = [r for r in asyncio.run(asked()) if r.language == "python"]
    assert python[0].version.startswith("3.13.")


def test_rspy_execute(borel):
    r = rs(borel, program("import sys\nprint(input())\nprint(sys.argv[1:])").set_stdin("hey").add_args(["x", "y"]))
    assert r.is_ok() and r.status == 200 and r.language == "python" and r.compile is None
    assert r.run.is_ok() and r.run.code == 0 and r.run.signal is None and r.run.output == "hey\n['x', 'y']\n"


def test_rspy_failures(borel):
    r = rs(borel, program("exit(3)"))
    assert r.run.code == 3 and r.run.is_err() and r.run.signal is None
    r = rs(borel, program("while True: pass").set_run_timeout(1000))
    assert r.run.signal == "SIGKILL" and r.run.code is None
    r = rs(borel, piston_rspy.Executor().set_language("nope").add_file(piston_rspy.File(content="x")))
    assert r.is_err() and r.status == 400


def test_keys(start):
    guarded = start("--token", "secret").url + "/api/v2"
    keyed = ultra_piston.PistonClient(base_url=guarded, api_key="secret", rate_limit=0)
    assert execute(keyed, "print(1)").run.stdout == "1\n"
    with pytest.raises(ultra_piston.errors.UnexpectedStatusError) as e:
        execute(ultra_piston.PistonClient(base_url=guarded, rate_limit=0), "print(1)")
    assert e.value.status_code == 401

    async def asked():
        return await piston_rspy.Client.with_url_and_key(guarded, "secret").execute(program("print(2)"))
    assert asyncio.run(asked()).run.stdout == "2\n"
