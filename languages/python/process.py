# Processes: what subprocess, os.system and os.popen start, where that is Python itself. There is nothing else to start. The host
# runs a fresh interpreter beside this one (sandbox/host.go says how it is asked); subprocess is CPython's own but for
# what it would ask the kernel.
import errno, io, marshal, os, re, shlex, struct, subprocess, sys, time

HOST = 1000
PIPE, DEVNULL, STDOUT, Popen, TimeoutExpired = subprocess.PIPE, subprocess.DEVNULL, subprocess.STDOUT, subprocess.Popen, subprocess.TimeoutExpired
NULL, TO_PARENT, SAME = 0xffffffff, 0xfffffffe, 0xfffffffd
START, WAIT, READ, WRITE, CLOSE, KILL, FORGET = range(1, 8)
FOREVER = 1 << 61
GOES_ON, ENDED, STUCK = range(3)
RETURNED, EXITED, BROKE, KILLED = range(4)
POLL = 10_000_000    # nanoseconds that a child has at least while it is asked whether it has ended

_write, _read, _pack, _unpack, _clock = os.write, os.read, struct.pack, struct.unpack, time.monotonic_ns
_python = re.compile(r"python(3(\.\d+)?)?").fullmatch


def ask(what, child, *rest):
    _write(HOST, b"".join((_pack("<BI", what, child), *rest)))
    return _read(HOST, 1 << 17)


class Child:
    """One that was started."""

    def __init__(self, to, name, source, setup):
        parts = [_pack("<BIII", START, *to)]
        for b in (name, source, setup):
            parts += _pack("<I", len(b)), b
        _write(HOST, b"".join(parts))
        self.id, = _unpack("<I", _read(HOST, 4))
        self.code, self.signal, self.open, self.seen = None, 9, 0, _clock()

    def wait(self, what, patience):
        """Let it run. None of it runs at any other time."""
        if self.code is not None:
            return ENDED
        state, how, value = _unpack("<BBI", ask(WAIT, self.id, _pack("<BQ", what, max(0, min(patience, FOREVER)))))
        self.seen = _clock()
        if state == ENDED:
            self.code = -11 if how == BROKE else -self.signal if how == KILLED else value & 255
            self.forget()
        return state

    def forget(self):
        if self.code is not None and self.open == 0:
            self.open = -1
            ask(FORGET, self.id)

    def kill(self, signal):
        if self.code is None:
            self.signal = signal
            ask(KILL, self.id)

    def read(self, fd, most):
        """What is there, and whether there will be no more."""
        if self.open < 0:
            return b"", True
        b = ask(READ, self.id, _pack("<II", fd, most))
        return b[1:], b[0] == 1

    def write(self, b):
        return _unpack("<I", ask(WRITE, self.id, b))[0]

    def close(self, fd):
        if self.open > 0:
            try:
                ask(CLOSE, self.id, _pack("<I", fd))
            except ChildProcessError:    # it was an orphan, and is gone
                self.open = -1
            else:
                self.open -= 1
                self.forget()


def hang():
    """Each waits for the other, as they would for ever."""
    time.sleep(1 << 30)


class _End(io.RawIOBase):
    """Our end of a pipe to a child."""

    def __init__(self, child, fd):
        self._child, self._fd = child, fd
        child.open += 1

    def readable(self): return self._fd > 0
    def writable(self): return self._fd == 0

    def readinto(self, b):
        c = self._child
        while True:
            data, over = c.read(self._fd, len(b))
            if data or over:
                b[:len(data)] = data
                return len(data)
            if c.wait(1 << self._fd, FOREVER) == STUCK:
                hang()

    def write(self, b):
        b = bytes(memoryview(b)[:65536])
        while True:
            n = self._child.write(b)
            if n or not b:
                return n
            if self._child.wait(1, FOREVER) == STUCK:
                hang()

    def close(self):
        if not self.closed:
            super().close()
            self._child.close(self._fd)


# What is to be run.

class Command:
    def __init__(self, name, source, argv, given=(), path=None, file=None, lines=None, unbuffered=False, warn=()):
        self.name, self.source = name.encode("utf-8", "surrogateescape"), source
        self.rest = argv, list(given), path, file, lines, unbuffered, list(warn)

    def start(self, to, cwd, env):
        env = [(os.fsdecode(k), os.fsdecode(v)) for k, v in (os.environ if env is None else env).items()]
        return Child(to, self.name, self.source, b"\0" + marshal.dumps((*self.rest, cwd, env)))


def says(text, code, fd=2):
    """A program that says something and leaves."""
    text = text.encode("utf-8", "surrogateescape")
    return Command("<process>", b"import os\nos.write(%d, %a)\nos._exit(%d)\n" % (fd, text, code), [""])


def command(args, executable, cwd):
    """What a list of arguments starts."""
    args = [os.fsdecode(a) for a in ([args] if isinstance(args, (str, bytes, os.PathLike)) else args)]
    if not args:
        raise IndexError("list index out of range")
    if any("\0" in a for a in args):
        raise ValueError("embedded null byte")
    executable = args[0] if executable is None else os.fsdecode(executable)
    if executable in ("env", "/usr/bin/env") and len(args) > 1 and _python(os.path.basename(args[1])):
        args = args[1:]
        executable = args[0]
    if not _python(os.path.basename(executable)):
        e = errno.EACCES if "/" in executable and os.path.exists(os.path.join(cwd, executable)) else errno.ENOENT
        raise OSError(e, os.strerror(e), executable)
    return interpreter(args, cwd)


def interpreter(given, cwd):
    """The command line of an interpreter."""
    argv, unbuffered, isolated, warn = given[1:], False, False, []
    while argv and argv[0].startswith("-") and argv[0] != "-":
        option = argv.pop(0)
        if option in ("--version", "-V", "-VV"):
            return says(f"Python {sys.version if option == '-VV' else sys.version.split()[0]}\n", 0, 1)
        option = option[1:]
        while option:
            o, option = option[0], option[1:]
            if o in "cmWX":
                if not option and not argv:
                    return says(f"Argument expected for the -{o} option\n", 2)
                value, option = option or argv.pop(0), ""
                if o == "c":
                    return Command("<string>", value.encode("utf-8", "surrogateescape"), ["-c", *argv], given,
                                   None if isolated else "", None, value if len(value) < 1 << 16 else None, unbuffered, warn)
                if o == "m":
                    source = f"import runpy\nrunpy._run_module_as_main({value!r})\n".encode()
                    return Command("<string>", source, ["-m", *argv], given, None if isolated else cwd, None, None, unbuffered, warn)
                if o == "W":
                    warn.append(value)
            elif o == "u":
                unbuffered = True
            elif o in "IP":
                isolated = True
            elif o not in "BsSEOqvbdix":
                return says(f"Unknown option: -{o}\nusage: {given[0]} [option] ... [-c cmd | -m mod | file | -] [arg] ...\n", 2)
    if not argv or argv[0] == "-":
        source = b"import sys\nexec(compile(sys.stdin.buffer.read(), '<stdin>', 'exec'))\n"
        return Command("<stdin>", source, argv or [""], given, None if isolated else "", None, None, unbuffered, warn)
    path = os.path.normpath(os.path.join(cwd, argv[0]))
    try:
        with open(path, "rb") as f:
            source = f.read()
    except OSError as e:
        return says(f"{given[0]}: can't open file {path!r}: [Errno {e.errno}] {e.strerror}\n", 2)
    return Command(path, source, argv, given, None if isolated else os.path.dirname(path), path, None, unbuffered, warn)


_token = re.compile(r"""[ \t]*(?:(?P<to>\d*(?:>>|>&|>|<)|&>)|(?P<word>(?:[^\s'"\\|;&()<>`$]|\\.|'[^']*'|"(?:[^"\\`$]|\\.)*")+))[ \t]*""").match
_assigns = re.compile(r"[A-Za-z_]\w*=").match


def shell(line, to, cwd, env, opened):
    """What a line for the shell starts: one command, with its redirections, which change to."""
    line = os.fsdecode(line if isinstance(line, (str, bytes, os.PathLike)) else line[0]).strip()
    words, at, whole = [], 0, True
    while at < len(line):
        m = _token(line, at)
        if m is None:
            whole = False
            break
        at = m.end()
        if m["word"]:
            words.append(shlex.split(m["word"])[0] if m["word"] else "")
            continue
        target = _token(line, at)
        if target is None or not target["word"]:
            return says("sh: 1: Syntax error: redirection unexpected\n", 2), env
        at = target.end()
        path, (number, sign) = shlex.split(target["word"])[0], re.match(r"(\d*)(.*)", m["to"]).groups()
        fd = int(number) if number else 0 if sign == "<" else 1
        if fd > 2:
            continue
        if sign == ">&":
            if path == "1" and fd == 2:
                to[2] = SAME if to[1] in (TO_PARENT, NULL) else to[1]
            elif path == "2" and fd == 1 and to[2] not in (TO_PARENT, SAME):
                to[1] = to[2]
            continue
        if path == os.devnull:
            to[fd] = NULL
        else:
            flags = os.O_RDONLY if sign == "<" else os.O_WRONLY | os.O_CREAT | (os.O_APPEND if sign == ">>" else os.O_TRUNC)
            try:
                to[fd] = os.open(os.path.join(cwd, path), flags, 0o666)
            except OSError as e:
                return says(f"sh: 1: cannot {'open' if sign == '<' else 'create'} {path}: {e.strerror}\n", 2), env
            opened.append(to[fd])
        if sign == "&>":
            to[2] = SAME if to[1] == NULL else to[1]
    if words and _assigns(words[0]):
        env = dict(os.environ if env is None else env)
        while words and _assigns(words[0]):
            name, _, env[name] = words[0].partition("=")
            del words[0]
    if not words:
        return says("", 0), env
    if whole:
        if words[0] in ("echo", "true", "false", ":"):
            return says(" ".join(words[1:]) + "\n" if words[0] == "echo" else "", words[0] == "false", 1), env
        try:
            return command(words, None, cwd), env
        except OSError:
            pass
    return says(f"sh: 1: {words[0]}: not found\n", 127), env


# What subprocess.Popen asks the kernel.

def _init(self, args, bufsize=-1, *rest, **named):
    self._size = bufsize
    _popen_init(self, args, bufsize, *rest, **named)


def _get_handles(self, stdin, stdout, stderr):
    self._streams = stdin, stdout, stderr
    return (-1,) * 6


def _number(stream, fd):
    if stream is None:
        return fd
    if stream == PIPE:
        return TO_PARENT
    if stream == DEVNULL:
        return NULL
    if stream == STDOUT:
        return SAME
    return stream if isinstance(stream, int) else stream.fileno()


def _execute_child(self, args, executable, preexec_fn, close_fds, pass_fds, cwd, env, startupinfo, creationflags, shell_too, *rest):
    where = os.getcwd() if cwd is None else os.path.join(os.getcwd(), os.fsdecode(cwd))
    if not os.path.isdir(where):
        e = errno.ENOTDIR if os.path.exists(where) else errno.ENOENT
        raise OSError(e, os.strerror(e), cwd)
    stdin, stdout, stderr = self._streams
    before = None
    if isinstance(end := getattr(getattr(stdin, "buffer", stdin), "raw", stdin), _End):    # another's output: it has to run first
        before, stdin = getattr(stdin, "buffer", stdin).read(), PIPE
    to, opened = [_number(stdin, 0), _number(stdout, 1), _number(stderr, 2)], []
    if to[2] == SAME and to[1] not in (TO_PARENT, NULL):
        to[2] = to[1]
    pipes = [t == TO_PARENT for t in to]
    try:
        if shell_too:
            what, env = shell(args, to, where, env, opened)
        else:
            what = command(args, executable, where)
        child = self._child = what.start(to, where, env)
    finally:
        for fd in opened:
            os.close(fd)
    self.pid, self._child_created = 100 + child.id, True
    files = []
    for fd, name in enumerate(("stdin", "stdout", "stderr")):
        if not pipes[fd]:
            files.append(None)
            continue
        if to[fd] != TO_PARENT:    # the line for the shell sends it elsewhere
            f = io.BytesIO()
        else:
            f = _End(child, fd)
        size = self._size if self._size not in (None, 1, -1) else io.DEFAULT_BUFFER_SIZE
        if size and to[fd] == TO_PARENT:
            f = io.BufferedReader(f, size) if fd else io.BufferedWriter(f, size)
        if self.text_mode:
            if not size:
                f = io.BufferedReader(f) if fd else io.BufferedWriter(f)
            more = {} if fd else {"write_through": True, "line_buffering": self._size == 1}
            f = io.TextIOWrapper(f, encoding=self.encoding, errors=self.errors, **more)
        files.append(f)
    self.stdin, self.stdout, self.stderr = files
    if before is not None:
        self.stdin, end = None, self.stdin
        try:
            (end.buffer if self.text_mode else end).write(before)
            end.close()
        except BrokenPipeError:
            pass


def _internal_poll(self, _deadstate=None):
    if self.returncode is None and _deadstate is None:
        c = self._child
        c.wait(0, max(POLL, _clock() - c.seen))
        self.returncode = c.code
    return self.returncode


def _wait(self, timeout):
    if self.returncode is None:
        end = None if timeout is None else _clock() + int(timeout * 1e9)
        state = self._child.wait(0, FOREVER if end is None else end - _clock())
        if state != ENDED:
            if end is None:
                hang()
            time.sleep(max(0, end - _clock()) / 1e9)
            raise TimeoutExpired(self.args, timeout)
        self.returncode = self._child.code
    return self.returncode


def _communicate(self, input, endtime, orig_timeout):
    c = self._child
    if not self._communication_started:
        self._got, self._sent = {1: [], 2: []}, 0
        if input is not None and self.stdin:
            if self.text_mode and isinstance(input, str):
                input = input.replace("\n", self.stdin.newlines or "\n").encode(self.stdin.encoding, self.stdin.errors)
            self._input = memoryview(input).cast("B")
        if self.stdin:
            try:
                self.stdin.flush()
            except BrokenPipeError:
                pass
    rest = self._input if self._input is not None else b""
    outs = {fd: f for fd, f in ((1, self.stdout), (2, self.stderr)) if f and not f.closed}
    while True:
        if self.stdin and not self.stdin.closed:
            try:
                while self._sent < len(rest):
                    n = c.write(rest[self._sent:self._sent + 65536])
                    self._sent += n
                    if n == 0:
                        break
            except BrokenPipeError:
                self._sent = len(rest)
            if self._sent >= len(rest):
                try:
                    self.stdin.close()
                except BrokenPipeError:
                    pass
        for fd, f in list(outs.items()):
            if isinstance(f, io.BytesIO) or isinstance(getattr(f, "buffer", None), io.BytesIO):
                f.close()
                del outs[fd]
                continue
            data, over = c.read(fd, 1 << 16)
            while data:
                self._got[fd].append(data)
                data, over = c.read(fd, 1 << 16)
            if over:
                f.close()
                del outs[fd]
        feeding = self.stdin and not self.stdin.closed
        if not outs and not feeding:
            break
        patience = FOREVER if endtime is None else int((endtime - subprocess._time()) * 1e9)
        if patience <= 0:
            self._check_timeout(endtime, orig_timeout, self._got[1], self._got[2], skip_check_and_raise=True)
        if c.wait(sum(1 << fd for fd in outs) | bool(feeding), patience) == STUCK:
            if endtime is None:
                hang()
            time.sleep(max(0, endtime - subprocess._time()))
    self.wait(timeout=self._remaining_time(endtime))
    out = []
    for fd, f in ((1, self.stdout), (2, self.stderr)):
        data = None if f is None else b"".join(self._got[fd])
        if data is not None and self.text_mode:
            data = self._translate_newlines(data, f.encoding, f.errors)
        out.append(data)
    return tuple(out)


def _send_signal(self, sig):
    """Any signal but those that a process never dies of ends it."""
    if self.returncode is None and sig not in (0, 17, 18, 19, 20, 23, 28):
        self._child.kill(int(sig))


def _terminate(self):
    self.send_signal(15)


def _kill(self):
    self.send_signal(9)


def _system(command):
    p = Popen(command, shell=True)
    code = p.wait()
    return code << 8 if code >= 0 else -code


_popen_init = Popen.__init__
_init.__wrapped__ = _popen_init
subprocess._can_fork_exec = True
for _name, _f in (("__init__", _init), ("_get_handles", _get_handles), ("_execute_child", _execute_child), ("_internal_poll", _internal_poll),
                  ("_wait", _wait), ("_communicate", _communicate), ("send_signal", _send_signal), ("terminate", _terminate), ("kill", _kill)):
    _f.__name__, _f.__qualname__, _f.__module__ = _name, "Popen." + _name, "subprocess"
    setattr(Popen, _name, _f)
_system.__name__ = _system.__qualname__ = "system"
_system.__module__ = "os"
os.system = _system


def begin(main, setup):
    """What a child is before its program begins."""
    argv, given, path, file, lines, unbuffered, warn, cwd, env = marshal.loads(setup)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    names = main.__dict__
    if file is None:
        del names["__file__"], names["__cached__"]
        names["__loader__"] = sys.modules["_frozen_importlib"].BuiltinImporter
    else:
        names["__file__"] = names["__loader__"].path = file
    if lines is not None:
        import linecache
        linecache.cache["<string>"] = len(lines), None, lines.splitlines(True), "<string>"
    sys.argv, sys.orig_argv = argv, given
    if path is None:
        del sys.path[0]
    else:
        sys.path[0] = path
    if extra := os.environ.get("PYTHONPATH"):
        sys.path[path is not None:path is not None] = extra.split(os.pathsep)
    if unbuffered or os.environ.get("PYTHONUNBUFFERED"):
        for fd, name, errors in (1, "stdout", "surrogateescape"), (2, "stderr", "backslashreplace"):
            f = io.TextIOWrapper(io.FileIO(fd, "wb", closefd=False), "utf-8", errors, "\n", write_through=True)
            f.mode = "w"
            setattr(sys, name, f)
            setattr(sys, f"__{name}__", f)
    if warn:
        import warnings
        sys.warnoptions += warn
        warnings._processoptions(warn)
