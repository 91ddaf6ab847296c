"""Pool: many files through several processes, their answers in the files' order."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from fumehood.cli.analysis import Analysis, Failure, Job
from fumehood.cli.problems import in_one_line
from fumehood.processes import end_with_parent

if TYPE_CHECKING:
    from fumehood.engine import Engine

T = TypeVar("T")
Task = Job | Path
Work = Callable[[Analysis, Any], T | Failure | None]

_PER_PROCESS = 48  # files: with fewer, a process takes longer to start than it saves
_AT_ONCE = 8  # files that a process is given at once


class _Answer(NamedTuple):
    result: object
    logged: list[tuple[int, str]]  # level and line


def answers(
    jobs: Sequence[Task], work: Work[T], make_engine: Callable[[], Engine], most: int | None
) -> Iterator[T | Failure | None]:
    """`work` on each job, in at most so many processes (None: as many as there are processors).

    `work` and `make_engine` have to be picklable. What the processes log is logged here. Raises
    click.ClickException when one of them ends before its time.
    """
    count = min(most or _processors(), len(jobs) // _PER_PROCESS)
    if count < 2:
        analysis = Analysis(make_engine)
        yield from (work(analysis, job) for job in jobs)
        return
    # A fork would take the threads' locks with it, which nobody there would ever release.
    context = get_context("spawn")
    pool = ProcessPoolExecutor(count, context, _start, (make_engine, work))
    try:
        with _without_interrupts():  # map() starts the processes, which inherit that
            found = pool.map(_run, jobs, chunksize=_AT_ONCE)
        for result, logged in found:
            for level, line in logged:
                logging.getLogger(__name__).log(level, "%s", line)
            yield result  # type: ignore[misc]
    except BrokenProcessPool as error:
        message = "a process ended before its time, maybe for want of memory; try --jobs 1"
        raise click.ClickException(message) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C waits: it is the first process' to answer, the others would print tracebacks."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


class _Collector(logging.Handler):
    """Keeps what is logged, in one line each."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[tuple[int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.levelno, in_one_line(record)))

    def taken(self) -> list[tuple[int, str]]:
        """What was logged since this was last asked."""
        lines, self.lines = self.lines, []
        return lines


class _Worker(NamedTuple):
    analysis: Analysis
    work: Work[object]
    collector: _Collector


_worker: _Worker  # of this process


def _start(make_engine: Callable[[], Engine], work: Work[object]) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where it cannot be held back
    end_with_parent()
    _worker = _Worker(Analysis(make_engine), work, _Collector())
    logging.getLogger("fumehood").addHandler(_worker.collector)


def _run(job: Task) -> _Answer:
    result = _worker.work(_worker.analysis, job)
    return _Answer(result, _worker.collector.taken())
