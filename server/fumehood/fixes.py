"""Fixes of findings as actions: computed from the current text, tried on a copy, then offered."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .composed import Composed
from .document import Document
from .edits import Edits, RefusedError
from .facts import Fact, Operation, Site
from .file import File
from .follow_up import FollowUps
from .head import Created, FindHead, no_head
from .ignore_edits import ignore_here, ignore_in_file
from .model_edits import ModelEdits
from .published import Action, Published
from .rule import Fix
from .statement import UnreadableError
from .text import Edit, Span
from .trials import Found, Tried, all_found, broken, said

_LOG = logging.getLogger(__name__)
_COMMITS = " (commits what stands before it)"


@dataclass(frozen=True, slots=True)
class _Made:
    """What a fix comes to: edits of its file, and files beside it."""

    edits: tuple[Edit, ...]
    creates: tuple[Created, ...]


def fixes_at(file: File, span: Span, find_head: FindHead) -> list[Action]:
    """The fixes for the findings that touch a span."""
    found = all_found(file)
    tried = Tried(file, found)
    touched = [item for item in found if _touches(item.published.span, span)]
    fixes = [action for item in touched for action in _actions(tried, item, find_head)]
    return fixes + [each for each in _of_ignores(file) if _touches(each.resolves[0].span, span)]


def first_fixes(file: File, find_head: FindHead) -> dict[Published, Action]:
    """The first fix of each finding that has one."""
    found = all_found(file)
    tried = Tried(file, found)
    first = ((item.published, next(_actions(tried, item, find_head), None)) for item in found)
    fixes = {published: action for published, action in first if action is not None}
    return fixes | {action.resolves[0]: action for action in _of_ignores(file)}


def ignores_at(file: File, span: Span) -> list[Action]:
    """Comments that hide the findings which touch a span: each here, then each in the file."""
    touched = [item for item in all_found(file) if _touches(item.published.span, span)]
    document, ignores = file.document, file.ignores
    here, everywhere = [], []
    for item in touched:
        rule, resolves = item.published.rule, (item.published,)
        piece = item.run.fact.site.piece
        edit = ignore_here(document, ignores, piece, rule)
        here.append(Action(f"Ignore {rule} here", (edit,), resolves, safe=False, preferred=False))
        edit = ignore_in_file(document, ignores, rule)
        title = f"Ignore {rule} in this file"
        everywhere.append(Action(title, (edit,), resolves, safe=False, preferred=False))
    return list({action.title: action for action in (*here, *everywhere)}.values())


def fix_all(file: File, unsafe: bool) -> Action | None:
    """The first fix of each finding, one after the other on a copy, as one action."""
    copy = file.scratch()
    copy.work(None)
    before = copy.published()
    composed = Composed(file.document.text.content)
    refused: set[tuple[str, str, str]] = set()
    all_safe = True
    while step := _next_step(copy, unsafe, refused):
        item, edits, safe = step
        after = Tried(copy, all_found(copy)).after(item, edits)
        if after is None:
            refused.add(said(item.published))
            continue
        copy = after
        composed.apply(edits)
        all_safe &= safe
    composed.apply(_comments(copy))
    if not composed.edits():
        return None
    title = "Fix all: fumehood" if unsafe else "Fix all that is safe: fumehood"
    resolved = _resolved(before, copy.published(), composed.edits())
    return Action(title, composed.edits(), resolved, all_safe, preferred=False)


def _resolved(
    before: list[Published], after: list[Published], edits: tuple[Edit, ...]
) -> tuple[Published, ...]:
    """The findings that are gone: their lines are rewritten, and nothing says the same there."""
    left = Counter(map(said, after))
    gone = []
    for item in before:
        if any(edit.start <= item.span.start < edit.end for edit in edits):
            gone.append(item)
        else:
            left[said(item)] -= 1
    for item in tuple(gone):
        if left[said(item)] > 0:
            left[said(item)] -= 1
            gone.remove(item)
    return tuple(gone)


def _next_step(
    file: File, unsafe: bool, refused: set[tuple[str, str, str]]
) -> tuple[Found, tuple[Edit, ...], bool] | None:
    """The next finding that can be fixed, how, and whether that is safe."""
    for item in all_found(file):
        site = item.run.fact.site
        if said(item.published) in refused or not _runs_alike(file, site):
            continue
        for fix in item.finding.fixes:
            safe = fix.decided and _atomic(file, site, fix)
            if fix.chosen or not (safe or unsafe):
                break
            if edits := _edits(file, item.run.fact, fix):
                return item, edits, safe
    return None


def _of_ignores(file: File) -> Iterator[Action]:
    for item in file.ignore_findings():
        if item.edits:
            yield Action(item.title, item.edits, (item.published,), safe=True, preferred=True)


def _actions(tried: Tried, item: Found, find_head: FindHead) -> Iterator[Action]:
    """The fixes of one finding that can be made here and hold what they promise."""
    file = tried.file
    if not _runs_alike(file, item.run.fact.site):
        return
    preferred = True
    for fix in item.finding.fixes:
        made = _made(file, item.run.fact, fix, find_head)
        after = None if made is None else tried.after(item, made.edits)
        if made is None or after is None or not all(_is_clean(file, new) for new in made.creates):
            continue
        edits = _with_comments(file, made.edits, after)
        atomic = _atomic(file, item.run.fact.site, fix)
        title = fix.title + (_COMMITS if fix.commits and not atomic else "")
        safe = fix.decided and atomic and not made.creates
        first = preferred and not made.creates
        yield Action(title, edits, (item.published,), safe, first, made.creates, fix.chosen)
        preferred = False


def _edits(file: File, fact: Fact, fix: Fix) -> tuple[Edit, ...] | None:
    """The edits of a fix that needs no other file."""
    made = _made(file, fact, fix, no_head)
    return None if made is None else made.edits


def _made(file: File, fact: Fact, fix: Fix, find_head: FindHead) -> _Made | None:
    if fix.block and file.around.project.block_fails:
        return None
    created: list[Created] = []
    edit: Edits | ModelEdits
    if file.migration is None:
        edit = ModelEdits(file.document, file.reading, file.settings.line_length)
    else:
        follow_ups = FollowUps(
            file.migration,
            file.settings.line_length,
            find_head,
            lambda text: _operations(file, text),
            file.around.project.autocommit,
        )
        created = follow_ups.created
        edit = Edits(file.document, file.settings, file.around.project, file.migration, follow_ups)
    try:
        fix.apply(fact, edit)
    except (RefusedError, UnreadableError):
        return None
    except Exception:  # a fix's fault must not take the other actions down
        _LOG.exception("the fix %r failed", fix.title)
        return None
    return _Made(edits, tuple(created)) if (edits := edit.finish()) else None


def _operations(file: File, text: str) -> list[Operation]:
    """The operations of another migration of the same environment."""
    other = _beside(file, Created("", text))
    return sorted(other.operations(), key=lambda item: item.order)


def _is_clean(file: File, created: Created) -> bool:
    """Whether a new file can be read, and no rule finds anything in it."""
    other = _beside(file, created)
    return other.migration is not None and not other.published() and not broken(other)


def _beside(file: File, created: Created) -> File:
    settings = replace(file.settings, checked=True)
    around = replace(file.around, settings=settings)
    other = File(Document(created.path, created.text), around)
    other.work(None)
    return other


def _comments(file: File) -> tuple[Edit, ...]:
    """What mends the file's ignores, all at once."""
    return tuple(sorted(edit for item in file.ignore_findings() for edit in item.edits))


def _with_comments(file: File, edits: tuple[Edit, ...], after: File) -> tuple[Edit, ...]:
    """The edits of a fix, and those that take out the ignores which are unused because of it."""
    before = Counter(said(item.published) for item in file.ignore_findings())
    new = [item for item in after.ignore_findings() if not before[said(item.published)]]
    if not new:
        return edits
    composed = Composed(file.document.text.content)
    composed.apply(edits)
    composed.apply(tuple(sorted(edit for item in new for edit in item.edits)))
    return composed.edits()


def _runs_alike(file: File, site: Site) -> bool:
    """Whether all that runs here runs under the same blocks, so that one rewrite suits all."""
    if file.migration is None:
        return True
    runs = _at(file, site)
    return len({(run.context.autocommit, run.context.within, run.unpacked) for run in runs}) == 1


def _at(file: File, site: Site) -> list[Operation]:
    return [] if file.migration is None else file.migration.at(site)


def _atomic(file: File, site: Site, fix: Fix) -> bool:
    """Whether the functions that run this hold nothing that a commit in their midst would split.

    A fix that leaves its own operation in the transaction may be all that the function holds.
    """
    functions = {item.context.function for item in _at(file, site)}
    held = [item for item in file.operations() if item.context.function in functions]
    rest = [item for item in held if item.context.autocommit is not True]
    if not fix.isolates:
        return len(rest) <= 1 and all(item.site == site for item in rest)
    if not all(file.findings_of(item) for item in rest):
        return False
    return all(_isolates(file, item) for item in rest)


def _isolates(file: File, operation: Operation) -> bool:
    """Whether a finding's own fix puts the operation in the block, without asking anybody.

    Remembered by the line's text and context, as many lines of a function ask for one another.
    """
    site = operation.site
    key = (site.piece.text, site.path, site.part, operation.context.within)
    if key not in file.isolable:
        file.isolable[key] = any(
            fix.isolates
            and fix.decided
            and _runs_alike(file, operation.site)
            and _edits(file, operation, fix) is not None
            for finding in file.findings_of(operation)
            for fix in finding.fixes[:1]
        )
    return file.isolable[key]


def _touches(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end
