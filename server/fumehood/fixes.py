"""Fixes of findings as actions: computed from the current text, tried on a copy, then offered."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .check import Run
from .edits import Edits, RefusedError
from .facts import Operation, Site
from .file import File
from .published import Action, Published
from .rule import Finding, Fix
from .statement import UnreadableError
from .text import Edit, Span

_LOG = logging.getLogger(__name__)
_COMMITS = " (commits what stands before it)"


@dataclass(frozen=True, slots=True)
class _Found:
    """A finding at its place."""

    run: Run
    finding: Finding
    published: Published


def fixes_at(file: File, span: Span) -> list[Action]:
    """The fixes for the findings that touch a span."""
    touched = [item for item in _found(file) if _touches(item.published.span, span)]
    return [action for item in touched for action in _actions(file, item)]


def fix_all(file: File, unsafe: bool) -> Action | None:
    """The first fix of each finding, one after the other on a copy, as one action."""
    copy = file.scratch()
    copy.work(None)
    before = copy.published()
    composed = _Composed(file.document.text.content)
    refused: set[tuple[str, str, str]] = set()
    all_safe = True
    while step := _next_step(copy, unsafe, refused):
        item, edits, safe = step
        tried = _after(copy, item, edits)
        if tried is None:
            refused.add(_said(item.published))
            continue
        copy = tried
        composed.apply(edits)
        all_safe &= safe
    if not composed.edits():
        return None
    title = "Fix all: fumehood" if unsafe else "Fix all that is safe: fumehood"
    # A finding goes when its own line is rewritten.
    resolved = tuple(
        item
        for item in before
        if any(edit.start <= item.span.start < edit.end for edit in composed.edits())
    )
    return Action(title, composed.edits(), resolved, all_safe, preferred=False)


def _next_step(
    file: File, unsafe: bool, refused: set[tuple[str, str, str]]
) -> tuple[_Found, tuple[Edit, ...], bool] | None:
    """The next finding that can be fixed, how, and whether that is safe."""
    for item in _found(file):
        site = item.run.operation.site
        if _said(item.published) in refused or not _runs_alike(file, site):
            continue
        for fix in item.finding.fixes:
            safe = fix.decided and _atomic(file, site)
            if not (safe or unsafe):
                break
            if edits := _edits(file, item.run.operation, fix):
                return item, edits, safe
    return None


def _actions(file: File, item: _Found) -> Iterator[Action]:
    """The fixes of one finding that can be made here and hold what they promise."""
    if not _runs_alike(file, item.run.operation.site):
        return
    preferred = True
    for fix in item.finding.fixes:
        edits = _edits(file, item.run.operation, fix)
        if edits is None or _after(file, item, edits) is None:
            continue
        atomic = _atomic(file, item.run.operation.site)
        title = fix.title + (_COMMITS if fix.commits and not atomic else "")
        safe = fix.decided and atomic
        yield Action(title, edits, (item.published,), safe, preferred)
        preferred = False


def _edits(file: File, operation: Operation, fix: Fix) -> tuple[Edit, ...] | None:
    assert file.migration is not None
    edit = Edits(file.document, file.settings, file.migration.name_of("alembic.op"))
    try:
        fix.apply(operation, edit)
    except (RefusedError, UnreadableError):
        return None
    except Exception:  # a fix's fault must not take the other actions down
        _LOG.exception("the fix %r failed", fix.title)
        return None
    return edit.finish() or None


def _after(file: File, item: _Found, edits: tuple[Edit, ...]) -> File | None:
    """A copy with the edits; None unless the finding is gone, none is new, and all can be read."""
    copy = file.scratch()
    _apply(copy, edits)
    copy.work(None)
    before = Counter(_said(found) for found in file.published())
    after = Counter(_said(found) for found in copy.published())
    said = _said(item.published)
    if after - before or after[said] >= before[said] or _broken(copy) > _broken(file):
        return None
    copy.isolable.update(file.isolable)
    return copy


def _broken(file: File) -> int:
    return sum(
        piece.broken or bool(piece.reading and piece.reading.broken)
        for piece in file.document.pieces
    )


def _said(found: Published) -> tuple[str, str, str]:
    return found.rule, found.what, found.severity


def _runs_alike(file: File, site: Site) -> bool:
    """Whether all that runs here runs under the same blocks, so that one rewrite suits all."""
    runs = _at(file, site)
    return len({(run.context.autocommit, run.context.within, run.unpacked) for run in runs}) == 1


def _at(file: File, site: Site) -> list[Operation]:
    assert file.migration is not None
    return file.migration.at(site)


def _atomic(file: File, site: Site) -> bool:
    """Whether the functions that run this hold nothing that a commit in their midst would split."""
    functions = {item.context.function for item in _at(file, site)}
    held = [item for item in file.operations() if item.context.function in functions]
    rest = [item for item in held if item.context.autocommit is not True]
    if not all(file.checks.findings_of(item) for item in rest):
        return False
    return all(_isolates(file, item) for item in rest)


def _isolates(file: File, operation: Operation) -> bool:
    """Whether a finding's own fix puts the operation in the block, without asking anybody.

    Remembered by the line's text and context, as many lines of a function ask for one another.
    """
    key = (operation.site.piece.text, operation.site.path, operation.context.within)
    if key not in file.isolable:
        file.isolable[key] = any(
            fix.isolates
            and fix.decided
            and _runs_alike(file, operation.site)
            and _edits(file, operation, fix) is not None
            for finding in file.checks.findings_of(operation)
            for fix in finding.fixes[:1]
        )
    return file.isolable[key]


def _found(file: File) -> list[_Found]:
    """The findings with what found them, by position."""
    found = [_Found(run, run.findings[0], file.publish(run)) for run in file.checks.found()]
    return sorted(found, key=lambda item: (item.published.span, item.published.rule))


def _touches(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end


def _apply(file: File, edits: tuple[Edit, ...]) -> None:
    for edit in reversed(edits):
        file.change(edit)


class _Composed:
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
