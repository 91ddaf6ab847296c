"""Outline: what others may ask about a file that is not open, as plain data that JSON can hold.

It depends on the file's text alone, so it can be made in another process, and kept as long as the
text is the same.
"""

from __future__ import annotations

from collections.abc import Generator

from . import facts
from .document import Document
from .facts import Operation
from .join.migration import Migration
from .outline.encode import encoded
from .outline.module import outlining
from .read.cache import Lines
from .replay import is_sure
from .steps import UPGRADE, Json, encode
from .stepwise import finished


def outline(path: str, text: str, lines: Lines) -> Json:
    """The outline of a file: the steps of a migration, the models and queries of any other."""
    return finished(outline_in_steps(path, text, lines))


def outline_in_steps(path: str, text: str, lines: Lines) -> Generator[None, None, Json]:
    """The same, in small steps."""
    document = Document(path, text)
    yield from document.cut()
    if document.is_migration:
        return {"steps": _steps(document, lines)}
    found = yield from outlining(document.pieces, lambda piece: lines.of(piece).reading)
    return {"steps": [], "models": encoded(found)}


def current_steps(document: Document, operations: list[Operation], lines: Lines) -> Json:
    """The steps of an open file's operations, as an outline has them."""
    found = [each for each in operations if _matters(each)]
    return [
        [*_span(document, each, lines), int(is_sure(each)), encode(each)]
        for each in sorted(found, key=lambda each: each.order)
    ]


def _steps(document: Document, lines: Lines) -> Json:
    for piece in document.pieces:
        lines.of(piece)
    migration = Migration(document.pieces, "postgresql")
    migration.join()
    return current_steps(document, list(migration), lines)


def _matters(operation: Operation) -> bool:
    if operation.context.function != UPGRADE:
        return False
    return not isinstance(operation, facts.Other | facts.ValidateConstraint)


def _span(document: Document, operation: Operation, lines: Lines) -> tuple[int, int]:
    site = operation.site
    start = document.pieces.start_of(site.piece)
    within = lines.of(site.piece).span(site.path)
    return start + within.start, start + within.end
