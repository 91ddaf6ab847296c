"""Fixes of findings as actions: computed from the current text, tried on a copy, then offered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .check import Run
from .edits import Edits, RefusedError
from .facts import Operation, Site
from .file import File, publish
from .published import Action, Published
from .rule import Finding, Fix
from .statement import UnreadableError
from .text import Edit, Span

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
    composed = _Composed(file.document.text.content)
    before = copy.published()
    safe = True
    while action := _next_action(copy, unsafe):
        safe &= action.safe
        composed.apply(action.edits)
        _apply(copy, action.edits)
        copy.work(None)
    if not composed.edits():
        return None
    left = Counter(_said(item) for item in copy.published())
    resolved = []
    for item in before:
        if left[_said(item)]:
            left[_said(item)] -= 1
        else:
            resolved.append(item)
    title = "Fix all: fumehood" if unsafe else "Fix all that is safe: fumehood"
    return Action(title, composed.edits(), tuple(resolved), safe, preferred=False)


def _next_action(file: File, unsafe: bool) -> Action | None:
    for item in _found(file):
        for action in _actions(file, item):
            if action.safe or unsafe:
                return action
            break
    return None


def _actions(file: File, item: _Found) -> Iterator[Action]:
    """The fixes of one finding that can be made here and hold what they promise."""
    if not _runs_alike(file, item.run.operation.site):
        return
    preferred = True
    for fix in item.finding.fixes:
        edits = _edits(file, item.run.operation, fix)
        if edits is None or not _holds(file, item, edits):
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
    return edit.finish() or None


def _holds(file: File, item: _Found, edits: tuple[Edit, ...]) -> bool:
    """Whether the finding is gone afterwards, none is new, and as much can be read as before."""
    copy = file.scratch()
    broken = _broken(file)
    _apply(copy, edits)
    copy.work(None)
    before = Counter(_said(found) for found in file.published())
    after = Counter(_said(found) for found in copy.published())
    return (
        not after - before
        and after[_said(item.published)] < before[_said(item.published)]
        and (_broken(copy) <= broken)
    )


def _broken(file: File) -> int:
    return sum(
        piece.broken or bool(piece.reading and piece.reading.broken)
        for piece in file.document.pieces
    )


def _said(found: Published) -> tuple[str, str, str]:
    return found.rule, found.what, found.severity


def _runs_alike(file: File, site: Site) -> bool:
    """Whether all that runs here runs under the same blocks, so that one rewrite suits all."""
    return len({(item.context.autocommit, item.context.within) for item in _at(file, site)}) == 1


def _at(file: File, site: Site) -> list[Operation]:
    assert file.migration is not None
    return file.migration.at(site)


def _atomic(file: File, site: Site) -> bool:
    """Whether the functions that run this hold nothing that a commit in their midst would split."""
    functions = {item.context.function for item in _at(file, site)}
    held = [item for item in file.operations() if item.context.function in functions]
    rest = [item for item in held if item.context.autocommit is not True]
    findings = [file.checks.findings_of(item) for item in rest]
    if not all(findings):
        return False
    return all(any(_isolates(file, finding) for finding in found) for found in findings)


def _isolates(file: File, finding: Finding) -> bool:
    """Whether the finding's own fix puts its operation in the block, without asking anybody."""
    fix = finding.fixes[0] if finding.fixes else None
    if fix is None or not (fix.isolates and fix.decided) or not _runs_alike(file, finding.at.site):
        return False
    return _edits(file, finding.at, fix) is not None


def _found(file: File) -> list[_Found]:
    """The findings with what found them, by position."""
    found = [
        _Found(run, run.findings[0], publish(run, file.span(run.operation.site)))
        for run in file.checks.found()
    ]
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
