"""Fixes of findings as actions: computed from the current text, tried on a copy, then offered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Generator, Iterator

from .composed import Composed
from .facts import Fact, Operation, Site
from .file import File
from .ignore_edits import ignore_here, ignore_in_file
from .made import ALONE, Asked, Made, Refusal, is_clean, made, with_revision
from .published import Action, Published, Rewrite
from .rule import Fix
from .stepwise import finished
from .text import Edit, Span
from .trials import Changed, Found, Tried, all_found, said

_COMMITS = " (commits what stands before it)"


def fixes_at(file: File, span: Span, asked: Asked) -> Generator[None, None, list[Action]]:
    """The fixes for the findings that touch a span, in small steps."""
    found = all_found(file)
    tried = Tried(file, found)
    touched = [item for item in found if _touches(item.published.span, span)]
    fixes: list[Action] = []
    for item in touched:
        fixes += yield from _actions(tried, item, asked)
    return fixes + [each for each in _of_ignores(file) if _touches(each.resolves[0].span, span)]


def first_fixes(file: File, asked: Asked) -> dict[Published, Action]:
    """The first fix of each finding that has one."""
    found = all_found(file)
    tried = Tried(file, found)
    first = (finished(_actions(tried, item, asked, most=1)) for item in found)
    fixes = {item.published: each for item, some in zip(found, first, strict=True) for each in some}
    return fixes | {action.resolves[0]: action for action in _of_ignores(file)}


def why_unfixed(file: File, published: Collection[Published], asked: Asked) -> dict[Published, str]:
    """Why none of their fixes can be made, of those findings of which that is known."""
    found = [item for item in all_found(file) if item.published in published]
    reasons = ((item.published, _why_unfixed(file, item, asked)) for item in found)
    return {item: why for item, why in reasons if why}


def _why_unfixed(file: File, item: Found, asked: Asked) -> str:
    """Why none of a finding's fixes can be made; "" where one can, or nothing is to be said."""
    fixes, fact = item.finding.fixes, item.run.fact
    if fixes and not _runs_alike(file, fact.site):
        return "it runs several times, in different blocks"
    tried = [finished(made(file, fact, fix, asked)) for fix in fixes]
    refused = [each for each in tried if isinstance(each, Refusal)]
    if len(refused) < len(tried):
        return ""
    first = next((each for each in refused if each.why), Refusal())
    return "" if first.unasked else first.why


def ignores_at(file: File, span: Span) -> list[Action]:
    """Comments that hide the findings which touch a span: each here, then each in the file."""
    found = [(item.published, item.run.fact.site.piece) for item in all_found(file)]
    touched = [each for each in (*found, *file.noted()) if _touches(each[0].span, span)]
    document, ignores = file.document, file.ignores
    here, everywhere = [], []
    for published, piece in touched:
        rule, resolves = published.rule, (published,)
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
        if not finished(Tried(copy, all_found(copy)).applied(item, edits)):
            refused.add(said(item.published))
            continue
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
            found = _made(file, item.run.fact, fix)
            if found is not None:
                safe = safe and found.decided
                if not (safe or unsafe):
                    break
                return item, found.edits, safe
    return None


def _of_ignores(file: File) -> Iterator[Action]:
    for item in file.ignore_findings():
        if item.edits:
            yield Action(item.title, item.edits, (item.published,), safe=True, preferred=True)


def _actions(
    tried: Tried, item: Found, asked: Asked, most: int | None = None
) -> Generator[None, None, list[Action]]:
    """The fixes of one finding that can be made here and hold what they promise; the first ones."""
    actions: list[Action] = []
    fixes = item.finding.fixes if _runs_alike(tried.file, item.run.fact.site) else ()
    for fix in fixes:
        if most is not None and len(actions) == most:
            break
        preferred = not actions
        action = yield from _action(tried, item, fix, asked, preferred)
        actions += [] if action is None else [action]
    return actions


def _action(
    tried: Tried, item: Found, fix: Fix, asked: Asked, preferred: bool
) -> Generator[None, None, Action | None]:
    """A fix of a finding; None where it cannot be made here, or does not hold what it promises."""
    file = tried.file
    found = yield from made(file, item.run.fact, fix, asked)
    if isinstance(found, Refusal):
        return None
    after = yield from tried.after(item, found.edits, found.others)
    whole: Made | None = found
    if after is not None and fix.migrates is not None:
        whole = with_revision(file, found, after, fix.migrates, asked)
    if whole is None or after is None or not is_clean(file, whole):
        return None
    found, edits = whole, _with_comments(file, whole.edits, after)
    atomic = _atomic(file, item.run.fact.site, fix)
    title = fix.title + (_COMMITS if fix.commits and not atomic else "")
    is_own = not found.creates and not found.others
    return Action(
        title,
        edits,
        (item.published,),
        safe=fix.decided and found.decided and atomic and is_own,
        preferred=preferred and is_own,
        creates=found.creates,
        chosen=fix.chosen,
        rewrites=tuple(map(_rewrite, found.others)),
    )


def _rewrite(changed: Changed) -> Rewrite:
    document = changed.file.document
    return Rewrite(document.path, document.text.content, changed.edits)


def _made(file: File, fact: Fact, fix: Fix) -> Made | None:
    """What a fix comes to that needs no other file."""
    found = finished(made(file, fact, fix, ALONE))
    return None if isinstance(found, Refusal) else found


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

    A fix that leaves its own operation in the transaction may be all that the function holds. Where
    a failure is caught, the transaction fails with it, and behind a commit nobody would see it.
    """
    if fix.block and any(item.context.tried for item in _at(file, site)):
        return False
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
            and (found := _made(file, operation, fix)) is not None
            and found.decided
            for finding in file.findings_of(operation)
            for fix in finding.fixes[:1]
        )
    return file.isolable[key]


def _touches(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end
