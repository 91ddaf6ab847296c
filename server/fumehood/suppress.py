"""Comments that hide findings: `# fumehood: ignore[rule]` and `# fumehood: ignore-file[rule]`.

An ignore stands on a line of its own directly above a statement, or in a comment of the statement
itself; one for the file stands anywhere. Behind the rules may follow `until=2027-01-31`, the last
day on which it holds, and a reason.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise

from .cut import Piece
from .document import Document
from .text import Span

KINDS = ("ignore", "ignore-file")
# What other tools are called; people try these here too.
_MISTAKEN = ("disable", "noqa", "off", "skip")
_DIRECTIVE = re.compile(
    r"#\s*fumehood:\s*(?P<kind>[\w-]+)\s*(?:\[(?P<rules>[^\]\r\n]*)\]?)?(?P<rest>[^\r\n]*)"
)
# What a tool is told begins a part of its own: `# fumehood: ignore[rule]`.
_PART = re.compile(r"#\s*(?:fumehood:|noqa|type:|pyright:|pylint:|mypy:|fmt:|ruff:|nosec)")
_UNTIL = re.compile(r"\buntil\s*=\s*(?P<day>[^\s,;:]*)")
_NAME = re.compile(r"[^\s,]+")


@dataclass(frozen=True, slots=True)
class Ignore:
    """One ignore as its comment says it; spans count from the start of its piece.

    `names` are the rules as written. `flaw` says what is wrong with its form; such a one hides
    nothing.
    """

    kind: str
    names: tuple[tuple[str, Span], ...]
    span: Span
    until: date | None = None
    reason: str = ""
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """An ignore in a file: the piece that its comment is in, and the one whose findings it hides.

    `target` is None for one that holds for the file, and where no statement follows.
    """

    ignore: Ignore
    piece: Piece
    target: Piece | None

    def names(self, rule: str) -> bool:
        """Whether it is about a rule."""
        return any(name == rule for name, _ in self.ignore.names)


class Ignores:
    """The ignores of one file, as they stand now."""

    def __init__(self, document: Document, today: date) -> None:
        self.placed = [
            Placed(ignore, piece, None if ignore.kind == "ignore-file" else target)
            for piece, target in _commented(document)
            for ignore in ignores(piece.text)
        ]
        self._today = today
        self._at: dict[Piece | None, list[Placed]] = {}
        for placed in self.placed:
            if placed.target is not None or placed.ignore.kind == "ignore-file":
                self._at.setdefault(placed.target, []).append(placed)

    def about(self, piece: Piece, rule: str) -> list[Placed]:
        """What stands at a statement, or holds for its file, and names a rule."""
        found = (*self._at.get(piece, ()), *self._at.get(None, ()))
        return [placed for placed in found if placed.names(rule)]

    def hide(self, piece: Piece, rule: str) -> bool:
        """Whether findings of a rule at a statement are hidden."""
        return any(self.in_force(placed.ignore) for placed in self.about(piece, rule))

    def in_force(self, ignore: Ignore) -> bool:
        """Whether an ignore hides what it names today."""
        return not ignore.flaw and not self.ended(ignore)

    def ended(self, ignore: Ignore) -> bool:
        """Whether its last day is over."""
        return ignore.until is not None and ignore.until < self._today


@lru_cache(maxsize=1024)
def ignores(text: str) -> tuple[Ignore, ...]:
    """The ignores in the comments of one piece."""
    return tuple(
        found
        for start, comment in _comments(text)
        for offset, part in _parts(comment)
        if (match := _DIRECTIVE.match(part)) and (found := _ignore(match, start + offset))
    )


def _commented(document: Document) -> Iterator[tuple[Piece, Piece | None]]:
    """The pieces that may hold ignores, in order, each with the statement that it is about."""
    pieces = document.pieces
    for piece in sorted(document.marked, key=lambda piece: piece.label):
        index = pieces.index(piece)
        while index < len(pieces) and pieces[index].blank and pieces[index].text.strip():
            index += 1
        found = pieces[index] if index < len(pieces) else None
        yield piece, None if found is None or found.blank else found


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """The comments of a piece, each with its offset; as far as the text can be read."""
    starts = [0]
    lines = io.StringIO(text.replace("\f", " ").replace("\ufeff", " "), newline="")

    def line() -> str:
        found = lines.readline()
        starts.append(starts[-1] + len(found))
        return found

    try:
        for token in tokenize.generate_tokens(line):
            if token.type == tokenize.COMMENT:
                yield starts[token.start[0] - 1] + token.start[1], token.string
    except (tokenize.TokenError, SyntaxError):
        return  # half-typed: what came before the fault is known


def _parts(comment: str) -> Iterator[tuple[int, str]]:
    """What a comment tells each tool, with its offset."""
    bounds = [*(match.start() for match in _PART.finditer(comment)), len(comment)]
    for start, end in pairwise(bounds):
        yield start, comment[start:end].rstrip()


def _ignore(match: re.Match[str], start: int) -> Ignore | None:
    kind, listed, rest = match["kind"], match["rules"], match["rest"]
    span = Span(start, start + match.end())
    if kind not in KINDS:
        near = get_close_matches(kind, KINDS, n=1) or (["ignore"] if kind in _MISTAKEN else [])
        if not near:
            return None  # prose that happens to begin so
        return Ignore(kind, (), span, flaw=f"There is no {kind!r}; write {near[0]}[rule].")
    begin = start + match.start("rules")
    names = tuple(
        (name.group(), Span(begin + name.start(), begin + name.end()))
        for name in _NAME.finditer(listed or "")
    )
    if not names:
        flaw = f"It names no rule; write {kind}[rule], or {kind}[rule, another-rule]."
        return Ignore(kind, (), span, flaw=flaw)
    until, flaw = _until(rest)
    reason = _UNTIL.sub("", rest).strip(" \t:;,.-\N{EN DASH}\N{EM DASH}#")
    return Ignore(kind, names, span, until, reason, flaw)


def _until(rest: str) -> tuple[date | None, str]:
    found = _UNTIL.search(rest)
    if found is None:
        return None, ""
    try:
        return date.fromisoformat(found["day"]), ""
    except ValueError:
        return None, f"until={found['day']} is no day; write until=2027-01-31."
