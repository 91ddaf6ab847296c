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
        if self.file.trial is None or self.file.trial[0] != asked:
            self.file.trial = asked, (yield from self._after(item, edits, others))
        return self.file.trial[1]

    def _after(
        self, item: Found, edits: tuple[Edit, ...], others: Sequence[Changed]
    ) -> Generator[None, None, File | None]:
        if any(map(_overlap, (edits, *(each.edits for each in others)))):
            _LOG.error("edits of %s overlap", self.file.document.path)
            return None
        copy = self.file.scratch()
        for each in others:
            if not (yield from _stays_clean(each.file.scratch(copy), each.edits)):
                return None
        _apply(copy, edits)
        yield from copy.working()
        after = Counter(said(found.published) for found in all_found(copy))
        key = said(item.published)
        if after - self._before or after[key] >= self._before[key]:
            return None
        if broken(copy) > self._broken:
            return None
        copy.isolable.update(self.file.isolable)
        return copy


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


def _overlap(edits: tuple[Edit, ...]) -> bool:
    """Whether edits come to different texts, applied at once or one by one from the end."""
    return any(one.end > other.start for one, other in pairwise(edits))


def _apply(file: File, edits: tuple[Edit, ...]) -> None:
    for edit in reversed(edits):
        file.change(edit)
