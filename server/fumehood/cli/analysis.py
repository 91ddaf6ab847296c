"""Analysis: one file through the engine, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from fumehood.beside import FindFile, no_file
from fumehood.cli.problems import where
from fumehood.head import Created, FindHead
from fumehood.options import shown
from fumehood.text import Text
from fumehood.workspace.file_settings import Around
from fumehood.workspace.source import Source

if TYPE_CHECKING:
    from fumehood.engine import Action, Engine, Published, Rewrite
    from fumehood.models.catalog import InProject
    from fumehood.schema import Schema
    from fumehood.workspace.outlines import Outlined

log = logging.getLogger(__name__)
T = TypeVar("T")


class Job(NamedTuple):
    """A file to analyse, and what it is analysed in the light of.

    `before` are those of the tables that a migration finds which it may be about, `models` those of
    a query's project.
    """

    source: Source
    around: Around
    before: Schema | None = None
    models: InProject | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """One file's findings, by position, and what `fumehood fix` would do about each, if any.

    `unfixed` says why there is no fix, where there is none and that is known.
    """

    source: Source
    text: Text
    findings: tuple[Published, ...]
    fixes: dict[Published, Action]
    unfixed: dict[Published, str]


@dataclass(frozen=True, slots=True)
class Fixed:
    """One file after its fixes: the new text, how many findings are gone, and what is left.

    `creates` are files to be created with it.
    """

    source: Source
    text: str
    gone: int
    left: Checked
    creates: tuple[Created, ...] = ()


class Failure(NamedTuple):
    """fumehood's own failure on a file, in one line."""

    path: Path
    where: str


@dataclass
class Analysis:
    """An engine that files go through one after the other, each failure kept to its file.

    `find_file` tells what other files are now that a fix would change.
    """

    make_engine: Callable[[], Engine]
    find_file: FindFile = no_file

    @cached_property
    def _engine(self) -> Engine:
        return self.make_engine()

    def check(self, job: Job) -> Checked | Failure | None:
        """The findings of a file; None where it has none."""
        return self._guarded(job, lambda: self._check(job))

    def fix(self, job: Job, unsafe: bool) -> Fixed | Failure | None:
        """A file with its fixes applied, nothing written; None where there is nothing to fix."""
        return self._guarded(job, lambda: self._fix(job, unsafe))

    def follow(self, job: Job, fixed: Fixed, find_head: FindHead) -> Fixed | Failure:
        """The same with a follow-up revision for a finding whose first fix that is, if any has."""
        return self._guarded(job, lambda: self._follow(job, fixed, find_head))

    def step(self, job: Job) -> tuple[Rewrite, ...] | Failure:
        """What the first fix of a file's findings does that changes other files, if one does."""
        return self._guarded(job, lambda: self._step(job))

    def take(self, job: Job) -> Failure | None:
        """Let the catalog of a file's project have the file as it is now."""
        return self._guarded(job, lambda: self._take(job))

    def outline(self, path: Path) -> Outlined:
        """The outline of a file."""
        from fumehood.workspace.outlines import outlined

        return outlined(path)

    def _guarded(self, job: Job, work: Callable[[], T]) -> T | Failure:
        try:
            return work()
        except Exception as error:  # one file's failure is not the next one's
            # What the failure left in the engine is unknown; a new one is cheap.
            self.__dict__.pop("_engine", None)
            return Failure(job.source.path, where(error))

    def _check(self, job: Job) -> Checked | None:
        self._open(job)
        self._say_notes(job.source.path)
        checked = self._state(job.source)
        self._engine.close(str(job.source.path))
        return checked if checked.findings else None

    def _fix(self, job: Job, unsafe: bool) -> Fixed | None:
        engine, path = self._engine, str(job.source.path)
        self._open(job)
        before = len(engine.findings(path))
        # A fix may make room for another; ten rounds are more than any file has needed.
        for _ in range(10):
            action = engine.fix_all(path, unsafe)
            if action is None or not action.edits:
                break
            engine.change(path, list(reversed(action.edits)))
            engine.work(path)
        left = self._state(job.source)
        engine.close(path)
        gone = before - len(left.findings)
        fixed = Fixed(job.source, left.text.content, gone, left)
        return fixed if gone or left.findings else None

    def _follow(self, job: Job, fixed: Fixed, find_head: FindHead) -> Fixed:
        engine, path = self._engine, str(job.source.path)
        self._open(job, fixed.text)
        before = len(engine.findings(path))
        first = engine.first_fixes(path, find_head).values()
        action = next((each for each in first if each.creates), None)
        if action is None:
            engine.close(path)
            return fixed
        engine.change(path, list(reversed(action.edits)))
        engine.work(path)
        left = self._state(job.source)
        engine.close(path)
        gone = fixed.gone + before - len(left.findings)
        creates = (*fixed.creates, *action.creates)
        return Fixed(job.source, left.text.content, gone, left, creates)

    def _step(self, job: Job) -> tuple[Rewrite, ...]:
        engine, path = self._engine, str(job.source.path)
        self._open(job)
        first = engine.first_fixes(path, find_file=self.find_file).values()
        engine.close(path)
        found = (each.rewrites for each in first if not each.chosen and not each.edits)
        return next(filter(None, found), ())

    def _take(self, job: Job) -> None:
        self._open(job)
        self._engine.close(str(job.source.path))

    def _open(self, job: Job, text: str | None = None) -> None:
        path = str(job.source.path)
        text = job.source.text if text is None else text
        self._engine.open(path, text, *job.around, job.before, job.models)
        self._engine.work(path)

    def _say_notes(self, path: Path) -> None:
        text = self._engine.text(str(path))
        for note in self._engine.notes(str(path)):
            line = text.position(note.span.start, "utf-32").line + 1
            log.warning("%s:%d: %s", shown(path), line, note.message)

    def _state(self, source: Source) -> Checked:
        engine, path = self._engine, str(source.path)
        findings = tuple(engine.findings(path))
        first = engine.first_fixes(path, find_file=self.find_file) if findings else {}
        fixes = {finding: fix for finding, fix in first.items() if not fix.chosen}
        without = [finding for finding in findings if finding not in first]
        why = engine.why_unfixed(path, without, find_file=self.find_file) if without else {}
        return Checked(source, Text(engine.text(path).content), findings, fixes, why)
