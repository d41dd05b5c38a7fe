"""A prefork server, what borel is compared with: the interpreter and the usual modules are loaded once, and each program
runs in a fork. Reads length (4 bytes, little-endian) and source from stdin; writes exit code (1 byte), length and output."""
import base64, bisect, collections, copy, datetime, functools, hashlib, heapq, itertools, json, math, operator, os, random, re, string, struct, sys, traceback, typing


def run(source):
    code = 0
    try:
        exec(compile(source, "main.py", "exec"), {"__name__": "__main__"})
    except SystemExit as e:
        code = e.code if isinstance(e.code, int) else 1 if e.code else 0
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code & 255)


requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
while head := requests.read(4):
    source = requests.read(struct.unpack("<I", head)[0])
    ours, its = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ours)
        os.dup2(its, 1)
        os.dup2(its, 2)
        run(source)
    os.close(its)
    output = b"".join(iter(functools.partial(os.read, ours, 65536), b""))
    os.close(ours)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    answers.write(struct.pack("<BI", status & 255, len(output)) + output)
    answers.flush()
