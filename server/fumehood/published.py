"""Findings as the shells see them: in terms of the text, not of the tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from .head import Created
from .severity import Severity
from .text import Edit, Span


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that a finding is about."""

    path: str
    span: Span
    message: str


class Published(NamedTuple):
    """One finding. `span` is in code points of the current text."""

    rule: str
    severity: Severity
    span: Span
    what: str
    effect: str
    tags: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()

    @property
    def message(self) -> str:
        """What, and what it does to a live database."""
        return f"{self.what} {self.effect}"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Edits of another file than the finding's, and the text that they are for."""

    path: str
    text: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """A fix: edits of the current text, ascending, none overlapping, to be applied at once.

    `creates` are files to be created with it, which must not be there yet, `rewrites` edits of
    other files, which must still have their texts. `chosen`: nothing applies it unasked, since only
    the author can tell whether it is right.
    """

    title: str
    edits: tuple[Edit, ...]
    resolves: tuple[Published, ...]
    safe: bool
    preferred: bool
    creates: tuple[Created, ...] = ()
    chosen: bool = False
    rewrites: tuple[Rewrite, ...] = ()
