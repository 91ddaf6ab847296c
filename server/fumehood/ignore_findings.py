"""What ignores say of themselves: that they hide nothing, or name what there is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from .cut import Piece
from .ignore_edits import remove_names, remove_whole
from .published import Published
from .severity import Severity
from .suppress import Ignores, Placed
from .text import Edit, Span

UNUSED = "unused-ignore"
INVALID = "invalid-ignore"


@dataclass(frozen=True, slots=True)
class IgnoreFinding:
    """A finding about an ignore; `edits` mend it, at once, where `title` says how."""

    published: Published
    title: str = ""
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What is needed to judge ignores: `ran` are the rules that looked at this file.

    `found` holds each statement with a rule that found something there, hidden or not.
    """

    rules: frozenset[str]
    ran: frozenset[str]
    found: frozenset[tuple[Piece, str]]
    require_reason: bool
    start_of: Callable[[Piece], int]


def ignore_findings(ignores: Ignores, known: Known) -> Iterator[IgnoreFinding]:
    """The findings about all ignores of a file."""
    for placed in ignores.placed:
        start = known.start_of(placed.piece)
        yield from _invalid(placed, start, known)
        if not placed.ignore.flaw and (unused := _unused(placed, start, known)):
            yield unused


def _invalid(placed: Placed, start: int, known: Known) -> Iterator[IgnoreFinding]:
    ignore = placed.ignore
    whole = _moved(ignore.span, start)
    if ignore.flaw:
        yield IgnoreFinding(_published(INVALID, whole, ignore.flaw, "It hides nothing."))
    for name, span in ignore.names:
        if name not in known.rules:
            yield _unknown(name, _moved(span, start), known.rules)
    if known.require_reason and not ignore.reason and not ignore.flaw:
        what = "This ignore gives no reason."
        effect = (
            f"The configuration requires one: # fumehood: {ignore.kind}[…]: why it is right here"
        )
        yield IgnoreFinding(_published(INVALID, whole, what, effect))


def _unknown(name: str, span: Span, rules: Iterable[str]) -> IgnoreFinding:
    near = get_close_matches(name, rules, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"The rules are: {', '.join(sorted(rules))}."
    published = _published(INVALID, span, f"There is no rule {name!r}.", hint)
    if not near:
        return IgnoreFinding(published)
    edits = (Edit(span.start, span.end, near[0]),)
    return IgnoreFinding(published, f"Replace it by {near[0]}", edits)


def _unused(placed: Placed, start: int, known: Known) -> IgnoreFinding | None:
    names = [name for name, _ in placed.ignore.names]
    unused = [name for name in dict.fromkeys(names) if _hides_nothing(placed, name, known)]
    if not unused:
        return None
    ignore = placed.ignore
    where = "in this file" if ignore.kind == "ignore-file" else "here"
    what = f"This ignore hides nothing: {' and '.join(unused)} finds nothing {where}."
    effect = "It would hide the next finding, which nobody has looked at."
    if len(unused) == len(set(names)):
        edit, title = remove_whole(placed.piece.text, ignore), "Remove the ignore"
    else:
        edit, title = remove_names(ignore, unused), f"Remove {', '.join(unused)} from the ignore"
    edits = tuple(Edit(one.start + start, one.end + start, one.text) for one in edit)
    span = _moved(ignore.span, start)
    return IgnoreFinding(_published(UNUSED, span, what, effect, ("unnecessary",)), title, edits)


def _hides_nothing(placed: Placed, name: str, known: Known) -> bool:
    """Whether a rule that looked at this file found nothing where the ignore stands."""
    if name not in known.ran:
        return False
    if placed.target is not None and unreadable(placed.target):
        return False  # it is being typed
    if placed.ignore.kind == "ignore-file":
        return all(rule != name for _, rule in known.found)
    return placed.target is None or (placed.target, name) not in known.found


def unreadable(piece: Piece) -> bool:
    """Whether a line is not Python, or not yet."""
    return piece.broken or bool(piece.reading and piece.reading.broken)


def _moved(span: Span, start: int) -> Span:
    return Span(span.start + start, span.end + start)


def _published(
    rule: str, span: Span, what: str, effect: str, tags: tuple[str, ...] = ()
) -> Published:
    return Published(rule, Severity.WARNING, span, what, effect, tags)
