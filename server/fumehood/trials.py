"""What is found in a file, and edits tried on copies of it: do they mend what they are for?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from .check import Run
from .file import File
from .ignore_findings import unreadable
from .published import Published
from .rule import Finding
from .text import Edit


@dataclass(frozen=True, slots=True)
class Found:
    """A finding at its place."""

    run: Run
    finding: Finding
    published: Published


class Tried:
    """Edits tried on copies of a file."""

    def __init__(self, file: File, found: list[Found]) -> None:
        """`found` is all that is found in the file."""
        self.file = file
        self._before = Counter(said(item.published) for item in found)
        self._broken = broken(file)

    def after(self, item: Found, edits: tuple[Edit, ...]) -> File | None:
        """A copy with the edits; None unless the finding is gone, no other is new, all is read."""
        copy = self.file.scratch()
        _apply(copy, edits)
        copy.work(None)
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
    found = [
        Found(run, each, file.publish(run, each)) for run in file.visible() for each in run.findings
    ]
    return sorted(found, key=lambda item: (item.published.span, item.published.rule))


def broken(file: File) -> int:
    return sum(map(unreadable, file.document.pieces))


def said(found: Published) -> tuple[str, str, str]:
    return found.rule, found.what, found.severity


def _apply(file: File, edits: tuple[Edit, ...]) -> None:
    for edit in reversed(edits):
        file.change(edit)
