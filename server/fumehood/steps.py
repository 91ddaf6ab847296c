"""A file's outline as plain data, and what is made of it: no line is read for that."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import fields, is_dataclass
from typing import Any

from . import facts, parts
from .cut import Piece
from .facts import UNKNOWN, Context, Operation, Site
from .history import Step, Steps
from .outline.encode import decoding
from .outline.parts import Outline
from .scan import logical_line
from .schema import Place

Json = Any
# What says where an operation stands; only whether it surely runs is kept of it.
_WHERE = frozenset(
    ["batch", "complete", "context", "in_sql", "order", "receiver", "site", "unpacked"]
)
_ELSEWHERE = Site(Piece("", logical_line("", 0), 0), ())
UPGRADE = "upgrade"
_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for module in (facts, parts)
    for kind in vars(module).values()
    if isinstance(kind, type) and is_dataclass(kind)
}


def models_of(outlined: Json) -> Generator[None, None, Outline | None]:
    """The models and queries of a file, from its outline, in small steps; None for a migration."""
    return (yield from decoding(outlined["models"])) if "models" in outlined else None


def steps_of(outlined: Json, path: str) -> Steps:
    """The operations of the upgrade() of a file, from its outline."""
    return tuple(_step(each, path) for each in outlined["steps"])


def _step(encoded: Json, path: str) -> Step:
    start, end, sure, operation = encoded
    context = Context(UPGRADE, conditional=not sure)
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
