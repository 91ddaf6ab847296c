"""Programs in processes that begin with all that they import.

A language server imports for more than a second before it says a word, and the tests start some two
hundred of them. Here one process imports it all and forks for each program that is asked for; the
program has the standard streams, the environment, the folder and the arguments of a small other
one, `forked.py`, that asked for it, ends with it, and is what the test knows. Where there is no
fork, and for tests of the start itself, it is the program that is started.
"""

from __future__ import annotations

import atexit
import io
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import traceback
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

HERE = Path(__file__).parent
ROOT = HERE.parent
_IMPORTED = (
    "alembic.config",
    "asyncio",
    "fumehood.cli.check",
    "fumehood.cli.fix",
    "fumehood.lsp.server",
    "fumehood.workspace.code",
    "fumehood.workspace.outlines",
    "fumehood.workspace.workspace",
)


def program(*words: str) -> list[str]:
    """The command of a program, by what would stand behind `python`, that starts as here."""
    if not hasattr(socket, "send_fds"):
        return [sys.executable, *words]
    return [sys.executable, "-I", "-S", str(HERE / "forked.py"), _socket(), *words]


@cache
def _socket() -> str:
    """Where the process that forks listens, or soon will."""
    folder = mkdtemp(prefix="fumehood-fork-")
    path = os.path.join(folder, "socket")  # noqa: PTH118
    paths = os.pathsep.join([f"{ROOT}/server", f"{ROOT}/rules", str(ROOT)])
    process = subprocess.Popen(
        [sys.executable, __file__, path],
        stdin=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
    )

    def end() -> None:
        process.kill()
        process.wait()
        Path(path).unlink(missing_ok=True)
        Path(folder).rmdir()

    atexit.register(end)
    return path


class _Forks:
    """Forks for whoever connects, and tells how each program ended."""

    def __init__(self, path: str) -> None:
        self._ended, wakes = socket.socketpair()
        for each in (self._ended, wakes):
            each.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakes.fileno())
        self._wakes = wakes
        self._asking: dict[int, socket.socket] = {}  # by the program's process
        self._selector = selectors.DefaultSelector()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{path}.new")
        self._listener.listen(16)
        Path(f"{path}.new").rename(path)
        for each in (self._listener, self._ended, 0):
            self._selector.register(each, selectors.EVENT_READ)

    def run(self) -> None:
        """Go on until the tests are over; in a process that was forked, run the program."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj == 0:
                    return
                if key.fileobj is self._listener:
                    self._fork(self._listener.accept()[0])
                elif key.fileobj is self._ended:
                    self._ended.recv(4096)
                    self._tell()
                else:
                    os.kill(key.data, signal.SIGKILL)  # nobody waits for it any more
                    self._selector.unregister(key.fileobj)

    def _fork(self, asking: socket.socket) -> None:
        size, streams, _, _ = socket.recv_fds(asking, 8, 3)
        body = b""
        while len(body) < int.from_bytes(size, "big"):
            body += asking.recv(1 << 16)
        process = os.fork()
        if process == 0:
            asking.close()
            self._leave()
            os._exit(_run(json.loads(body), streams))
        for each in streams:
            os.close(each)
        self._asking[process] = asking
        self._selector.register(asking, selectors.EVENT_READ, process)

    def _leave(self) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for each in (self._listener, self._ended, self._wakes, *self._asking.values()):
            each.close()

    def _tell(self) -> None:
        for process in list(self._asking):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended == 0:
                continue
            asking = self._asking.pop(process)
            code = os.waitstatus_to_exitcode(status)
            try:
                asking.sendall(code.to_bytes(4, "big", signed=True))
                self._selector.unregister(asking)
            except (OSError, KeyError):  # it is gone
                pass
            asking.close()


def _run(asked: dict[str, object], streams: list[int]) -> int:
    """Be the program; its exit code."""
    for number, each in enumerate(streams):
        os.dup2(each, number)
        os.close(each)
    sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False))  # noqa: SIM115
    sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False))  # noqa: SIM115
    sys.stderr = io.TextIOWrapper(open(2, "wb", closefd=False), line_buffering=True)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(asked["environment"])  # type: ignore[call-overload]
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    os.chdir(asked["folder"])  # type: ignore[arg-type]
    words = asked["words"]
    assert isinstance(words, list)
    try:
        _start(words)
        code: object = 0
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = code or 1
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr, flush=True)
    return 1


def _start(words: list[str]) -> None:
    """Run what would stand behind `python`: a module, with -P not the folder's, or a file."""
    hides = words[0] == "-P"
    words = words[hides:]
    if words[0] == "-m":
        sys.argv = words[1:]
        if not hides:
            sys.path.insert(0, str(Path.cwd()))
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = words
        sys.path.insert(0, str(Path(words[0]).parent))
        runpy.run_path(words[0], run_name="__main__")


def main() -> None:
    """Import, then fork."""
    from importlib import import_module

    from fumehood.main import load_rules

    for each in _IMPORTED:
        import_module(each)
    load_rules()
    _Forks(sys.argv[1]).run()


if __name__ == "__main__":
    main()
