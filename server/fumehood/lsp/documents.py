"""The open documents: versions, and where a place of an older version lies now."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from fumehood.text import Edit, Encoding, Span, Text

# Actions are resolved within seconds of being listed; more keystrokes than these are forgotten.
_REMEMBERED_EDITS = 256


class _Moved(NamedTuple):
    version: int
    start: int
    end: int
    length: int


class Change(NamedTuple):
    """The text of a range, or without one the whole text."""

    range: tuple[int, int, int, int] | None
    text: str

    def edit(self, text: Text, encoding: Encoding) -> Edit:
        """The change of a text."""
        if self.range is None:
            return Edit(0, len(text.content), self.text)
        first, start, last, end = self.range
        here, there = text.offset(first, start, encoding), text.offset(last, end, encoding)
        return Edit(min(here, there), max(here, there), self.text)


@dataclass(slots=True)
class Document:
    """An open document. `uri` is the client's own spelling, and the engine's path."""

    uri: str
    version: int | None
    _since: int | None = None  # edits after this version are all remembered
    _moved: deque[_Moved] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._since = self.version

    def edited(self, edit: Edit, version: int | None) -> None:
        """Note an edit that leads to `version`."""
        if version is None:
            return self.replaced(None)
        self._moved.append(_Moved(version, edit.start, edit.end, len(edit.text)))
        if len(self._moved) > _REMEMBERED_EDITS:
            self._since = self._moved.popleft().version
        return None

    def replaced(self, version: int | None) -> None:
        """Note that the whole text is another: nothing can be followed across that."""
        self._moved.clear()
        self._since = version

    def follow(self, span: Span, version: int) -> Span | None:
        """Where a span of an older version lies now; None where that is not known.

        An edit that touches the span makes it cover the edit too.
        """
        if self._since is None or version < self._since:
            return None
        start, end = span
        for moved in self._moved:
            if moved.version <= version:
                continue
            shift = moved.length - (moved.end - moved.start)
            if moved.end <= start:
                start, end = start + shift, end + shift
            elif moved.start < end:
                start, end = min(start, moved.start), max(end, moved.end) + shift
        return Span(start, end)


def is_python(uri: str, language: object) -> bool:
    """Whether a document is Python, by what the client calls it or by its name."""
    return language == "python" or uri.lower().endswith((".py", ".pyi"))


def is_configuration(uri: str) -> bool:
    """Whether a document is one that may hold fumehood's options."""
    return uri.rpartition("/")[2] in ("pyproject.toml", "fumehood.toml")
