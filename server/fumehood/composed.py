"""Edits on edits, as edits of the first text."""

from __future__ import annotations

from .text import Edit, Span


class Composed:
    """Edits on edits, as edits of the text that was there at first."""

    def __init__(self, content: str) -> None:
        self._content = content
        # What the text is made of now: spans of the old one, and new text.
        self._parts: list[Span | str] = [Span(0, len(content))]

    def apply(self, edits: tuple[Edit, ...]) -> None:
        """Apply edits of the text as it is now, at once."""
        for edit in reversed(edits):
            head, rest = _split(self._parts, edit.start)
            _, tail = _split(rest, edit.end - edit.start)
            self._parts = [*head, edit.text, *tail]

    def edits(self) -> tuple[Edit, ...]:
        """All of it, as edits of the old text."""
        found, text, end = [], "", 0
        for part in [*self._parts, Span(len(self._content), len(self._content))]:
            if isinstance(part, str):
                text += part
                continue
            if text or part.start != end:
                found.append(Edit(end, part.start, text))
            text, end = "", part.end
        return tuple(edit for edit in found if self._content[edit.start : edit.end] != edit.text)


def _split(parts: list[Span | str], at: int) -> tuple[list[Span | str], list[Span | str]]:
    """Parts before and behind the offset `at` of the text that they make."""
    for index, part in enumerate(parts):
        length = len(part) if isinstance(part, str) else part.end - part.start
        if at <= length:
            one, other = _cut(part, at)
            return [*parts[:index], one], [other, *parts[index + 1 :]]
        at -= length
    return parts, []


def _cut(part: Span | str, at: int) -> tuple[Span | str, Span | str]:
    if isinstance(part, str):
        return part[:at], part[at:]
    return Span(part.start, part.start + at), Span(part.start + at, part.end)
