"""Names and what they are bound to: a function's parameters, and what two branches leave."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..facts import UNKNOWN
from ..read import nodes as n
from ..read import reading as r
from .values import Value


def bind_arguments(
    define: r.Define, positional: tuple[Value, ...], keywords: dict[str, Value], complete: bool
) -> dict[str, Value]:
    """The parameters that a call gives values; those it leaves to their defaults are missing."""
    plain = [item for item in define.parameters if not item.star and not item.keyword_only]
    names: dict[str, Value] = {
        item.name: value for item, value in zip(plain, positional, strict=False)
    }
    own = {item.name for item in define.parameters if not item.star}
    names |= {name: value for name, value in keywords.items() if name in own}
    for item in define.parameters:
        if item.star == "*":
            names[item.name] = positional[len(plain) :] if complete else UNKNOWN
        elif item.star == "**":
            others = {name: value for name, value in keywords.items() if name not in own}
            names[item.name] = others if complete else UNKNOWN
        elif not complete and item.name not in names:
            names[item.name] = UNKNOWN
    return names


def merged(one: dict[str, Value], other: dict[str, Value]) -> dict[str, Value]:
    """The names after one of two ways was gone, not known which."""
    if one is other:
        return one
    return {
        name: one[name]
        if name in one and name in other and _same(one[name], other[name])
        else UNKNOWN
        for name in {**one, **other}
    }


def bound_by(reading: r.Reading) -> list[str]:
    """The names that a line binds, or whose values it changes."""
    names: list[str] = []
    match reading.header:
        case r.For(target, _):
            names += _bound((target,))
        case r.With(items):
            names += _bound(target for _, target in items if target is not None)
        case r.Define(name) | r.Class(name):
            names.append(name)
        case r.Branch(_, _, binds) | r.Case(_, binds):
            names += binds
    for statement in reading.statements:
        match statement:
            case r.Assign(targets, _):
                names += _bound(targets)
            case r.Forget(forgotten, _):
                names += forgotten
            case r.Mutate(name, _):
                names.append(name)
            case r.Import(imported):
                names += [name for name, _ in imported]
    return names


def tried(readings: Sequence[r.Reading]) -> tuple[str, ...] | None:
    """The names that a `try` binds, unless it fails before; None where it cannot fail.

    That is where it only imports Alembic, which runs it and so is there.
    """
    found = [statement for reading in readings for statement in reading.statements]
    imported = [dotted for each in found if isinstance(each, r.Import) for _, dotted in each.names]
    only_imports = all(isinstance(each, r.Import) for each in found) and not any(
        reading.header for reading in readings[1:]
    )
    if imported and only_imports and all(re.match(r"alembic\b", each) for each in imported):
        return None
    return tuple(name for reading in readings for name in bound_by(reading))


def _bound(targets: Iterable[n.Expression]) -> list[str]:
    names: list[str] = []
    for target in targets:
        if isinstance(target, n.Name):
            names.append(target.id)
        elif isinstance(target, n.Sequence):
            names += _bound(target.items)
        elif isinstance(target, n.Opaque):
            names += target.binds
    return names


def _same(one: Value, other: Value) -> bool:
    return one is other or (type(one) is type(other) and one == other)
