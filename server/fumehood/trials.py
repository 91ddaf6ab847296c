"""What is found in a file, and edits tried on copies of it: do they mend what they are for?"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from .check import Run
from .file import File
from .ignore_findings import unreadable
from .published import Published
from .rule import Finding
from .text import Edit

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A finding at its place."""

    run: Run
    finding: Finding
    published: Published


class Changed(NamedTuple):
    """A file beside the finding's own, and edits of it."""

    file: File
    edits: tuple[Edit, ...]


class Spare(NamedTuple):
    """Copies that edits were tried on: of a file, and of others in the same project by their paths.

    `undo` is what makes them the same again; `version` that of the file's catalog.
    """

    copy: File
    others: dict[str, tuple[object, File]]
    undo: list[tuple[File, tuple[Edit, ...]]]
    version: int


@dataclass(slots=True)
class Last:
    """The last trial on a file: what was asked, what came of it, and the copies."""

    asked: object = None
    after: File | None = None
    spare: Spare | None = None


class Tried:
    """Edits tried on copies of a file."""

    def __init__(self, file: File, found: list[Found]) -> None:
        """`found` is all that is found in the file."""
        self.file = file
        self._before = Counter(said(item.published) for item in found)
        self._broken = broken(file)

    def after(
        self, item: Found, edits: tuple[Edit, ...], others: Sequence[Changed] = ()
    ) -> Generator[None, None, File | None]:
        """A copy with the edits; None unless the finding is gone, no other is new, all is read.

        That holds for the `others`, which are edited with it, as well. The copy is only looked at.
        It takes small steps, between which nothing that was read may change.
        """
        # Several fixes may come to the same edits, and editors ask at every move of the cursor.
        asked = (
            said(item.published),
            edits,
            [_state(each) for each in others],
            self.file.checks.catalog_version,
        )
        if self.file.trial is None:
            self.file.trial = Last()
        last: Last = self.file.trial  # of the file as it is: another one takes its place with that
        if last.asked != asked:
            after = yield from self._after(item, edits, others, last)
            last.asked, last.after = asked, after
        return last.after

    def applied(self, item: Found, edits: tuple[Edit, ...]) -> Generator[None, None, bool]:
        """Apply edits to the file itself; where `after` would be None, it stays as it is."""
        if self._overlap((edits,)):
            return False
        file, isolable = self.file, self.file.isolable.copy()
        undo = _undo(file.document.text.content, edits)
        holds = yield from self._mends(file, item, edits)
        if not holds:
            _apply(file, undo)
            yield from file.working()
        file.isolable.update(isolable)
        return holds

    def _after(
        self, item: Found, edits: tuple[Edit, ...], others: Sequence[Changed], last: Last
    ) -> Generator[None, None, File | None]:
        if self._overlap((edits, *(each.edits for each in others))):
            return None
        spare = yield from _spare(self.file, last)
        holds = yield from self._holds(item, Changed(spare.copy, edits), others, spare)
        last.spare = spare
        if holds:
            spare.copy.isolable.update(self.file.isolable)
        return spare.copy if holds else None

    def _holds(
        self, item: Found, own: Changed, others: Sequence[Changed], spare: Spare
    ) -> Generator[None, None, bool]:
        """Whether edits of copies do what they are for, and no more."""
        copy, edits = own
        for each in others:
            other = _copy(each.file, spare)
            spare.undo.append((other, _undo(other.document.text.content, each.edits)))
            if not (yield from _stays_clean(other, each.edits)):
                return False
        spare.undo.append((copy, _undo(copy.document.text.content, edits)))
        return (yield from self._mends(copy, item, edits))

    def _mends(
        self, copy: File, item: Found, edits: tuple[Edit, ...]
    ) -> Generator[None, None, bool]:
        """Edit a copy: whether the finding is gone, no other is new, and no less can be read."""
        _apply(copy, edits)
        yield from copy.working()
        after = Counter(said(found.published) for found in all_found(copy))
        key = said(item.published)
        if after - self._before or after[key] >= self._before[key]:
            return False
        return broken(copy) <= self._broken

    def _overlap(self, several: Sequence[tuple[Edit, ...]]) -> bool:
        """Whether edits come to different texts, applied at once or one by one from the end."""
        for edits in several:
            if any(one.end > other.start for one, other in pairwise(edits)):
                _LOG.error("edits of %s overlap", self.file.document.path)
                return True
        return False


def _spare(file: File, last: Last) -> Generator[None, None, Spare]:
    """A copy of a file: that of the last trial, with what was tried undone, is soon analysed."""
    spare, last.spare = last.spare, None
    if spare is None or spare.version != file.checks.catalog_version:
        return Spare(file.scratch(), {}, [], file.checks.catalog_version)
    last.asked = None  # what came of that is no more
    undo = spare.undo.copy()
    spare.undo.clear()
    for copy, edits in undo:
        _apply(copy, edits)
        yield from copy.working()
    return spare


def _copy(file: File, spare: Spare) -> File:
    """A copy of another file, in the project of a file's own copy."""
    path, state = file.document.path, (file.document.text.content, file.around)
    known = spare.others.get(path)
    if known is None or known[0] != state:
        known = spare.others[path] = state, file.scratch(spare.copy)
    return known[1]


def _undo(content: str, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """What makes a text the same again, once edits were applied to it."""
    found, shift = [], 0
    for edit in edits:
        start = edit.start + shift
        found.append(Edit(start, start + len(edit.text), content[edit.start : edit.end]))
        shift += len(edit.text) - (edit.end - edit.start)
    return tuple(found)


def all_found(file: File) -> list[Found]:
    """The findings with what found them, by position."""
    publish = file.publishing.published
    found = [
        Found(run, each, publish(run, each)) for run in file.visible() for each in run.findings
    ]
    return sorted(found, key=lambda item: (item.published.span, item.published.rule))


def broken(file: File) -> int:
    return sum(map(unreadable, file.document.pieces))


def said(found: Published) -> tuple[str, str, str]:
    return found.rule, found.what, found.severity


def _stays_clean(file: File, edits: tuple[Edit, ...]) -> Generator[None, None, bool]:
    """Whether edits bring a file no finding, and no line that cannot be read."""
    yield from file.working()
    before, unread = Counter(said(each.published) for each in all_found(file)), broken(file)
    _apply(file, edits)
    yield from file.working()
    after = Counter(said(each.published) for each in all_found(file))
    return not after - before and broken(file) <= unread


def _state(changed: Changed) -> tuple[object, ...]:
    """What a trial depends on of another file."""
    file, edits = changed
    return file.document.path, file.document.text.content, file.settings, file.around.project, edits


def _apply(file: File, edits: tuple[Edit, ...]) -> None:
    for edit in reversed(edits):
        file.change(edit)
