"""Outline: what others may ask about a file that is not open, as plain data that JSON can hold.

It depends on the file's text alone, so it can be made in another process, and kept as long as the
text is the same.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import fields, is_dataclass
from typing import Any

from . import facts, parts
from .cut import Piece
from .document import Document
from .facts import UNKNOWN, Context, Operation, Site
from .history import Step, Steps
from .join.migration import Migration
from .outline.encode import decoding, encoded
from .outline.module import outlining
from .outline.parts import Outline
from .read.cache import Lines
from .replay import is_sure
from .scan import logical_line
from .schema import Place
from .stepwise import finished

Json = Any
# What says where an operation stands; only whether it surely runs is kept of it.
_WHERE = frozenset(
    ["batch", "complete", "context", "in_sql", "order", "receiver", "site", "unpacked"]
)
_ELSEWHERE = Site(Piece("", logical_line("", 0), 0), ())
_UPGRADE = "upgrade"
_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for module in (facts, parts)
    for kind in vars(module).values()
    if isinstance(kind, type) and is_dataclass(kind)
}


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


def models_of(outlined: Json) -> Generator[None, None, Outline | None]:
    """The models and queries of a file, from its outline, in small steps; None for a migration."""
    return (yield from decoding(outlined["models"])) if "models" in outlined else None


def steps_of(outlined: Json, path: str) -> Steps:
    """The operations of the upgrade() of a file, from its outline."""
    return tuple(_step(each, path) for each in outlined["steps"])


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
    if operation.context.function != _UPGRADE:
        return False
    return not isinstance(operation, facts.Other | facts.ValidateConstraint)


def _span(document: Document, operation: Operation, lines: Lines) -> tuple[int, int]:
    site = operation.site
    start = document.pieces.start_of(site.piece)
    within = lines.of(site.piece).span(site.path)
    return start + within.start, start + within.end


def _step(encoded: Json, path: str) -> Step:
    start, end, sure, operation = encoded
    context = Context(_UPGRADE, conditional=not sure)
    found = decode(operation, site=_ELSEWHERE, order=(), context=context, receiver="")
    assert isinstance(found, Operation)
    return Step(found, Place(path, start, end))


def encode(value: Any) -> Json:
    """A fact as JSON can hold it; fields that have their default are left out."""
    if value is UNKNOWN:
        return {"": "?"}
    if isinstance(value, tuple):
        return [encode(each) for each in value]
    if not is_dataclass(value):
        return value
    held = ((each, getattr(value, each.name)) for each in fields(value))
    kept = {
        each.name: encode(item)
        for each, item in held
        if each.name not in _WHERE and item != each.default
    }
    return {"": type(value).__name__, **kept}


def decode(value: Json, **others: Any) -> Any:
    """What `encode` was given; `others` are fields that it leaves out."""
    if isinstance(value, list):
        return tuple(decode(each) for each in value)
    if not isinstance(value, dict):
        return value
    if value[""] == "?":
        return UNKNOWN
    given = {name: decode(each) for name, each in value.items() if name}
    return _KINDS[value[""]](**given, **others)
