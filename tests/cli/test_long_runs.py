"""Many files: processes side by side, and a bar on a terminal."""

from __future__ import annotations

import io
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_helpers import migration
from test_real import BAD, HEAD, run, run_alone

from fumehood.cli import bar, pool
from fumehood.cli.analysis import Analysis, Failure, Job

COUNT = 120


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of migrations, enough for two processes."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(COUNT):
        calls = [BAD] if number % 3 else ["pass"]
        (folder / f"m{number:03}.py").write_text(HEAD + migration(*calls))
    return folder


@pytest.fixture(autouse=True)
def nothing_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept would leave the processes that are started nothing to do."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    "command",
    [
        ["check", "--output-format=json"],
        pytest.param(["check"], marks=pytest.mark.slow),
        pytest.param(["fix", "--diff"], marks=pytest.mark.slow),
    ],
)
def test_processes_find_the_same_in_the_same_order(many: Path, command: list[str]) -> None:
    alone = run(many, *command, "-j1", code=1)
    together = run_alone(many, *command, "-j2", code=1)
    assert together.stdout == alone.stdout
    assert together.stdout.count("ix_users_email") >= COUNT * 2 // 3


def crash_on_every_tenth(analysis: Analysis, job: Job) -> Failure | str:
    """What a process may meet: a failure, a line for the log."""
    number = int(job.source.path.stem[1:])
    if number % 10 == 3:
        logging.getLogger("fumehood.x").error("trouble in %s", number)
    return Failure(job.source.path, "here") if number % 10 == 0 else job.source.path.stem


def no_engine() -> None:
    return None


def end_the_process(analysis: Analysis, job: Job) -> str:
    import os

    os._exit(9)


def _jobs(folder: Path) -> list[Job]:
    from fumehood.workspace.source import Found, read_source
    from fumehood.workspace.workspace import Workspace

    workspace = Workspace()
    paths = sorted(folder.iterdir())
    return [Job(read_source(Found(path, True)), workspace.around(path)) for path in paths]


def test_failures_and_logs_come_back_from_processes(
    many: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = list(pool.answers(_jobs(many), crash_on_every_tenth, no_engine, 2))
    assert [each for each in found if isinstance(each, str)][:3] == ["m001", "m002", "m003"]
    assert sum(isinstance(each, Failure) for each in found) == COUNT // 10
    logged = [record.getMessage() for record in caplog.records]
    assert logged == [f"trouble in {number}" for number in range(3, COUNT, 10)]


def test_a_process_that_ends_before_its_time_is_said(many: Path) -> None:
    with pytest.raises(Exception, match="try --jobs 1"):
        list(pool.answers(_jobs(many), end_the_process, no_engine, 2))


def hold_and_wait(analysis: Analysis, job: Job) -> None:
    """Say by a lock that this process is there, and never end."""
    import fcntl

    with Path(f"{os.getpid()}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        Path(f"{os.getpid()}.held").touch()
        time.sleep(600)


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60  # a loaded machine; as a rule it takes a moment
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _is_free(lock: Path) -> bool:
    import fcntl

    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


_POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and locks of POSIX")
_HERE = Path(__file__).parent


def _python(folder: Path, code: str) -> subprocess.Popen[str]:
    """Start a process that can import this module."""
    found = os.pathsep.join([str(_HERE), str(_HERE.parents[1]), *sys.path])
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": found},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@_POSIX
def test_no_process_outlives_the_first_one(many: Path, tmp_path: Path) -> None:
    code = f"""
from test_long_runs import _jobs, hold_and_wait, no_engine
from pathlib import Path
from fumehood.cli import pool
list(pool.answers(_jobs(Path({str(many)!r})), hold_and_wait, no_engine, 2))
"""
    first = _python(tmp_path, code)
    _wait(lambda: len(list(tmp_path.glob("*.held"))) == 2)
    locks = list(tmp_path.glob("*.lock"))
    assert not any(map(_is_free, locks))
    first.kill()
    first.wait()
    _wait(lambda: all(map(_is_free, locks)))
    first.communicate()


def holds_interrupts_back(analysis: Analysis, job: Job) -> bool:
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@_POSIX
def test_only_the_first_process_is_interrupted(many: Path) -> None:
    assert set(pool.answers(_jobs(many), holds_interrupts_back, no_engine, 2)) == {True}
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@_POSIX
@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("click", -signal.SIGINT),
        ("fumehood.cli.check", 130),
        ("concurrent.futures.process", 130),
        ("fumehood.engine", 130),
    ],
)
def test_an_interrupt_while_modules_are_imported(many: Path, module: str, code: int) -> None:
    first = _python(
        many,
        f"""
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
from importlib.abc import MetaPathFinder
from fumehood.__main__ import run

class Interrupt(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
sys.argv = ["fumehood", "check", "-j{1 if module == "fumehood.engine" else 2}"]
run()
""",
    )
    _, said = first.communicate(timeout=120)
    assert first.returncode == code
    assert said == ("" if code < 0 else "fumehood: interrupted\n")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _on(stderr: io.StringIO, monkeypatch: pytest.MonkeyPatch, term: str = "xterm") -> bar.Bar:
    """A bar that has waited long enough."""
    # Not in a fixture: pytest puts its own stderr back before the test begins.
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", term)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setattr(bar, "_PATIENCE", -1.0)
    return bar.Bar()


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    shown = _on(terminal, monkeypatch)
    assert list(shown.over([1, 2, 3], "Checking", [1, 2, 3])) == [1, 2, 3]
    assert shown.say("a line above it")
    shown.close()
    assert "Checking" in terminal.getvalue()
    assert "a line above it\n" in terminal.getvalue()
    assert not shown.say("nobody shows this")


@pytest.mark.parametrize(("stderr", "term"), [(_Terminal, "dumb"), (io.StringIO, "xterm")])
def test_no_bar_elsewhere(
    monkeypatch: pytest.MonkeyPatch, stderr: type[io.StringIO], term: str
) -> None:
    stream = stderr()
    shown = _on(stream, monkeypatch, term)
    assert list(shown.over([1, 2, 3], "Checking")) == [1, 2, 3]
    assert not shown.say("x")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("environment", "colored"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
    ],
)
def test_colors(many: Path, environment: dict[str, str], colored: bool) -> None:
    clean = {"NO_COLOR": "", "FORCE_COLOR": ""}
    result = run_alone(many, "check", "m001.py", code=1, **{**clean, **environment})
    assert ("\x1b[" in result.stdout) == colored
