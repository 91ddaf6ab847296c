"""What the files around the open ones say: outlined in other processes, and followed in editors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from fumehood.lsp.progress import Progress
from fumehood.lsp.schedule import when_done
from fumehood.lsp.uris import path_of
from fumehood.processes import end_with_parent

if TYPE_CHECKING:
    from fumehood.lsp.server import Server
    from fumehood.revisions import Revision
    from fumehood.workspace.outlines import Outlined

log = logging.getLogger(__name__)

# Up to so many files of so many bytes are outlined here, in steps: to start a process takes longer.
_INLINE, _INLINE_SIZE = 8, 60_000
_AT_ONCE = 16  # files that a process is given at once
_PROCESSES = 2
_RESTS = 20  # times as long as looking through all folders has taken, until that is done again
_SHARE = 0.05  # seconds after an analysis until other documents hear of it
_SETTLED = 0.3  # seconds without another key in a revision's name until it is taken for that


class Indexing:
    """Keeps the workspace's knowledge of files that are not open, and of open ones as they are."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._asked: set[Path] = set()
        self._pool: ProcessPoolExecutor | None = None
        self._progress: Progress | None = None
        self._changed: set[str] = set()
        self._declared: dict[str, tuple[Revision | None]] = {}  # what the workspace was told
        self._sharing: asyncio.TimerHandle | None = None
        self._walking = False
        self._walk_again = False
        self._walked_until, self._walked_for = 0.0, -1.0  # when, and how long it took

    def look_through(self, patiently: bool = False) -> None:
        """Look for the files of the client's folders; `patiently`: not all the time."""
        since = self._loop.time() - self._walked_until
        if self._walking:
            self._walk_again = self._walk_again or not patiently
        elif self._is_wanted() and not (patiently and since < _RESTS * self._walked_for):
            self._walking, self._walked_for = True, 0.0
            self._server.schedule.background(self._walk())

    def opened(self, uri: str) -> None:
        """A document counts as the editor has it."""
        if (path := path_of(uri)) is not None:
            self._server.configuration.workspaces.of(path).code.opened(path)

    def opened_all(self) -> None:
        """The documents may be in other folders of the client than they were."""
        self._declared.clear()
        for uri in self._server.documents:
            self.opened(uri)
            self._changed.add(uri)
        if self._server.engine is not None:
            self.share()

    def look(self) -> None:
        """Have outlined what is not known yet: around what is checked, then of all files."""
        if self._walked_for < 0:
            self.look_through()
        workspaces = self._server.configuration.workspaces
        wanted: dict[Path, None] = {}
        documents = [path_of(uri) for uri in self._server.documents]
        for path in (*documents, *self._server.unopened.unknown):
            if path is not None:
                wanted.update(dict.fromkeys(workspaces.of(path).wanted(path)))
        wanted.update(dict.fromkeys(workspaces.wanted_code()))
        new = [path for path in wanted if path not in self._asked]
        self._asked.update(new)
        if new:
            self._server.schedule.background(self._recall(new))

    def analysed(self, uri: str) -> None:
        """A document was analysed: the others may depend on what it says now."""
        assert self._server.engine is not None
        self._changed.add(uri)
        if self._declared.get(uri, (None,)) != (self._server.engine.declared(uri),):
            if self._sharing is not None:
                self._sharing.cancel()
            self._sharing = self._loop.call_later(_SETTLED, self._share)
        elif self._sharing is None and len(self._server.documents) > 1:
            self._sharing = self._loop.call_later(_SHARE, self._share)

    def closed(self, uri: str) -> None:
        """A document counts as the disk has it again."""
        self._changed.discard(uri)
        self._declared.pop(uri, None)
        if (path := path_of(uri)) is not None:
            workspace = self._server.configuration.workspaces.of(path)
            workspace.set_steps(path, None)
            workspace.undeclare(path)
            workspace.code.closed(path)
        if self._is_wanted():
            self._loop.call_soon(self._look_again)

    def _is_wanted(self) -> bool:
        """Whether anything is checked, so that what files say matters."""
        whole = self._server.configuration.workspaces.whole()
        return bool(self._server.documents) or next(whole, None) is not None

    def share(self) -> None:
        """Let the workspace know what the open documents say."""
        engine, workspaces = self._server.engine, self._server.configuration.workspaces
        if self._sharing is not None:
            self._sharing.cancel()
            self._sharing = None
        for uri in self._changed & self._server.documents.keys() if engine else ():
            assert engine is not None
            if (path := path_of(uri)) is not None:
                declared = engine.declared(uri)
                self._declared[uri] = (declared,)
                workspaces.of(path).declare(path, declared)
                # Of one that was edited since, they are told when it is analysed.
                if (steps := engine.steps(uri)) is not None:
                    workspaces.of(path).set_steps(path, steps)
        self._changed.clear()

    def stop(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _share(self) -> None:
        self.share()
        self._server.configuration.apply()

    def _walk(self) -> Iterator[None]:
        """Look for the files of all folders."""
        steps, over = self._server.configuration.workspaces.look_through(), False
        while not over:
            began = perf_counter()
            try:
                over = next(steps, self) is self
            except Exception:
                log.exception("the files of the workspace are not all known")
                over = True
            self._walked_for += perf_counter() - began
            yield
        self._walking, self._walked_until = False, self._loop.time()
        self._look_again()
        if self._walk_again:
            self._walk_again = False
            self.look_through()

    def _look_again(self) -> None:
        self.look()
        self._server.configuration.apply()
        self._server.unopened.follow()

    def _recall(self, paths: Sequence[Path]) -> Iterator[None]:
        """Take what is kept of files, and have outlined those of which nothing is."""
        from fumehood.workspace.outlines import outlining, remembered

        new: list[Path] = []
        for path in paths:
            if (found := remembered(path)) is None:
                new.append(path)
            else:
                yield from self._learn([path], [found])
            yield
        if len(new) > _INLINE or sum(map(_size, new)) > _INLINE_SIZE:
            self._send(new)
            return
        for path in new:
            found = yield from outlining(path)
            yield from self._learn([path], [found])

    def _send(self, paths: Sequence[Path]) -> None:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(_PROCESSES, get_context("spawn"), end_with_parent)
        if self._progress is None:
            self._progress = Progress(self._server.protocol, self._server.client)
            self._progress.begin("Reading the project", len(paths))
        for some in _chunks(paths):
            future = self._pool.submit(outlined_all, some)
            when_done(self._loop, future, partial(self._take, some))

    def _take(self, paths: Sequence[Path], future: Future[list[Outlined]]) -> None:
        if future.cancelled():
            return
        try:
            self._server.schedule.background(self._learn(paths, future.result()))
        except BrokenProcessPool as error:
            # They stay asked for: what killed one process would kill the next.
            log.error("the files around the open ones are not read: %s", error)
            self._end()

    def _learn(self, paths: Sequence[Path], found: Sequence[Outlined]) -> Iterator[None]:
        for each in found:
            yield from self._server.configuration.workspaces.of(each.path).learning(each)
            yield
        self._asked.difference_update(paths)
        if self._progress is not None:
            self._progress.step(len(paths))
        if not self._asked:
            self._end()
            self._server.configuration.apply()
            self._server.unopened.refresh()

    def _end(self) -> None:
        self.stop()
        self._pool = None
        if self._progress is not None:
            self._progress.end()
            self._progress = None


def outlined_all(paths: Sequence[Path]) -> list[Outlined]:
    """The outlines of some files; runs in a process of its own."""
    from fumehood.workspace.outlines import outlined

    return [outlined(path) for path in paths]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # gone meanwhile
        return 0


def _chunks(paths: Sequence[Path]) -> Iterator[Sequence[Path]]:
    for start in range(0, len(paths), _AT_ONCE):
        yield paths[start : start + _AT_ONCE]
