"""Findings of files that are not open, in folders whose option `diagnostic-mode` asks for them.

Migrations are looked for in slices and analysed in other processes, each once for each state of
what it is checked in the light of. Models and queries: `unopened_code`.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fumehood.lsp.progress import Progress
from fumehood.lsp.schedule import when_done
from fumehood.lsp.unopened_code import UnopenedCode
from fumehood.lsp.uris import path_of, uri_of
from fumehood.processes import end_with_parent
from fumehood.text import Text

if TYPE_CHECKING:
    from fumehood.config import Settings
    from fumehood.engine import Engine, Published
    from fumehood.lsp.server import Server
    from fumehood.project import Project
    from fumehood.revision_flaws import Flaw
    from fumehood.schema import Schema

log = logging.getLogger(__name__)

_PAUSE = 0.2  # seconds after an event: files come and go in crowds
_AT_ONCE = 8  # files that a process is given at once
_PROCESSES = 2
_IDLE = 30.0  # seconds that the processes wait for more
_WORDS = re.compile(r"\w+")

Around = tuple["Settings", "Project", "Schema | None"]


class _File(NamedTuple):
    """A migration as it was read: its state on the disk, its text, its words."""

    state: tuple[int, int, int]
    text: str
    words: frozenset[str]


class Job(NamedTuple):
    """A file to analyse, and what it is analysed in the light of."""

    path: Path
    text: str
    around: Around
    flaws: tuple[Flaw, ...] = ()


class Counts(NamedTuple):
    """Files that are followed, those of them with findings, analyses so far."""

    followed: int
    found: int
    analysed: int


class Unopened:
    """Follows the files of such folders; an open one is its document's business."""

    def __init__(
        self, server: Server, loop: asyncio.AbstractEventLoop, make_engine: Callable[[], Engine]
    ) -> None:
        self._server, self._loop, self._make_engine = server, loop, make_engine
        self._files: dict[Path, _File] = {}
        self._jobs: dict[Path, Job] = {}  # the last one of each file
        self._found: set[Path] = set()
        self._analysed = 0
        self._round: Generator[None, None, None] | None = None
        self._walk_due = False
        self._pause: asyncio.TimerHandle | None = None
        self._pool: ProcessPoolExecutor | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._pending = 0
        self._progress: Progress | None = None
        self._code = UnopenedCode(server)
        self.unknown: list[Path] = []  # one of each folder, of which it is not known what it finds

    @property
    def counts(self) -> Counts:
        """What was done so far."""
        code = self._code
        return Counts(
            len(self._jobs) + code.followed,
            len(self._found) + code.found,
            self._analysed + code.analysed,
        )

    def refresh(self) -> None:
        """Look soon at all files: they, or what they are checked in the light of, may be others."""
        self._walk_due = True
        self.follow()

    def follow(self) -> None:
        """Look soon at what may read of the projects' models: those may be others."""
        if self._pause is None:
            self._pause = self._loop.call_later(_PAUSE, self._begin)

    def opened(self, uri: str) -> None:
        """A file is a document from now on, which has findings of its own."""
        if (path := path_of(uri)) is None:
            return
        self._code.opened(path, uri)
        if self._jobs.pop(path, None) is not None:
            if uri_of(path) != uri:
                self._say(path, Text(""), ())
            self._found.discard(path)

    def has_found(self, path: Path) -> bool:
        """Whether a file that is no document has findings as a migration."""
        return path in self._found

    def stop(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _begin(self) -> None:
        self._pause = None
        if self._server.engine is not None:
            if self._round is not None:
                self._round.close()
            self._round = self._look()
            self._server.schedule.background(self._round)

    def _look(self) -> Generator[None, None, None]:
        """One round: over all files, if they may be others, else over those that read of models."""
        anew, self._walk_due, over = self._walk_due, False, False
        try:
            if anew:
                yield from self._look_at_migrations()
            yield from self._code.look(anew)
            over = True
        finally:
            self._walk_due |= anew and not over

    def _look_at_migrations(self) -> Iterator[None]:
        from fumehood.workspace.files import files

        workspaces = self._server.configuration.workspaces
        self.unknown = []
        if next(workspaces.whole(), None) is None and not self._jobs:
            return
        opened = {path_of(uri) for uri in self._server.documents}
        seen: set[Path] = set()
        jobs: list[Job] = []
        for folder, workspace in workspaces.whole():
            unknown = None
            for path, _ in files([folder], None, workspace):
                yield
                if path in opened or workspaces.of(path) is not workspace:
                    continue
                job = self._job(path)
                if job is None:
                    continue
                seen.add(path)
                if job.around[2] is None and workspace.wanted(path):
                    unknown = path  # there is another round when it is known
                elif job != self._jobs.get(path):
                    self._jobs[path] = job
                    jobs.append(job)
            self.unknown += [unknown] if unknown else []
        for path in self._jobs.keys() - seen:
            self._forget(path)
        self._send(jobs)
        self._server.indexing.look()

    def _job(self, path: Path) -> Job | None:
        """What a file needs to be analysed; None where no rule can have anything to say."""
        file = self._read(path)
        if file is None:
            return None
        settings, project, before, _, flaws = self._server.configuration.around(uri_of(path))
        if not settings.checked or not settings.is_postgresql:
            return None
        around = settings, project, None if before is None else _spoken_of(before, file.words)
        return Job(path, file.text, around, flaws)

    def _read(self, path: Path) -> _File | None:
        from fumehood.workspace.source import Found, SourceError, read_source

        known = self._files.get(path)
        try:
            status = path.stat()
            state = status.st_mtime_ns, status.st_size, status.st_ino
            if known is None or known.state != state:
                source = read_source(Found(path, named=False))
                text = source.text if source.may_be_migration else ""
                known = self._files[path] = _File(state, text, frozenset(_WORDS.findall(text)))
        except OSError:  # gone meanwhile
            return None
        except SourceError as error:
            log.info("%s is left out: %s", path, error)
            known = self._files[path] = _File(state, "", frozenset())
        return known if known.text else None

    def _forget(self, path: Path) -> None:
        """A file is gone, or is no longer looked at."""
        self._jobs.pop(path, None)
        self._files.pop(path, None)
        if path in self._found:
            self._say(path, Text(""), ())

    def _send(self, jobs: Sequence[Job]) -> None:
        if not jobs:
            return
        if self._rest is not None:
            self._rest.cancel()
        if self._pool is None:
            self._pool = ProcessPoolExecutor(_PROCESSES, get_context("spawn"), end_with_parent)
        if self._progress is None:
            self._progress = Progress(self._server.protocol, self._server.client)
            self._progress.begin("Checking the workspace", len(jobs))
        for some in _chunks(jobs):
            self._pending += 1
            future = self._pool.submit(findings_of, self._make_engine, some)
            when_done(self._loop, future, partial(self._take, some))

    def _take(self, jobs: Sequence[Job], future: Future[list[list[Published]]]) -> None:
        self._pending -= 1
        try:
            answers = [] if future.cancelled() else future.result()
        except BrokenProcessPool as error:
            # They stay noted: what killed one process would kill the next.
            log.error("files of the workspace are not checked: %s", error)
            self.stop()
            answers = []
        for job, found in zip(jobs, answers, strict=False):
            self._analysed += 1
            # Another state may have been asked for meanwhile, or the file was opened.
            if self._jobs.get(job.path) is job and (found or job.path in self._found):
                self._say(job.path, Text(job.text), found)
        if self._progress is not None:
            self._progress.step(len(jobs))
        if self._pending == 0:
            self._end()

    def _end(self) -> None:
        if self._progress is not None:
            self._progress.end()
            self._progress = None
        self._rest = self._loop.call_later(_IDLE, self._stop_if_idle)

    def _stop_if_idle(self) -> None:
        if self._pending == 0:
            self.stop()

    def _say(self, path: Path, text: Text, found: Sequence[Published]) -> None:
        (self._found.add if found else self._found.discard)(path)
        self._server.diagnostics.say(self._server, uri_of(path), None, text, found)


def findings_of(make_engine: Callable[[], Engine], jobs: Sequence[Job]) -> list[list[Published]]:
    """The findings of some files; runs in a process of its own."""
    return [_findings(_engine(make_engine), job) for job in jobs]


@cache
def _engine(make_engine: Callable[[], Engine]) -> Engine:
    return make_engine()


def _findings(engine: Engine, job: Job) -> list[Published]:
    path = str(job.path)
    try:
        engine.open(path, job.text, *job.around, flaws=job.flaws)
        engine.work(path, None)
        found = [*engine.findings(path), *engine.notes(path)]
        engine.close(path)
    except Exception:  # one file's failure is not the next one's
        log.exception("the analysis of %s failed", path)
        return []
    return found


def _spoken_of(before: Schema, words: frozenset[str]) -> Schema:
    """The tables that a file may be about."""
    return {name: table for name, table in before.items() if name.name in words}


def _chunks(jobs: Sequence[Job]) -> Iterator[Sequence[Job]]:
    for start in range(0, len(jobs), _AT_ONCE):
        yield jobs[start : start + _AT_ONCE]
