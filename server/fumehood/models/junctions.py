"""Conditions put together: those of an AND, and those of an OR."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from .facts import All, Condition, Either, Part


def flat(parts: Iterable[Part]) -> list[Part]:
    """Conditions, those of an AND in their place."""
    found: list[Part] = []
    for part in parts:
        found += flat(part.parts) if isinstance(part, All) else [part]
    return found


def either(parts: Sequence[Part]) -> Part:
    """An OR; what stands in an OR within it is a part of its own."""
    found: list[Part] = []
    for part in parts:
        inner = isinstance(part, Either) and not part.optional
        found += part.parts if isinstance(part, Either) and inner else [part]
    if len(found) == 1:
        return found[0]
    values: dict[Any, set[Any]] = defaultdict(set)
    for each in filter(_is_literal, flat(found)):
        assert isinstance(each, Condition)
        values[each.table, each.key] |= {*(each.values or ())}
    listed = {key for key, texts in values.items() if is_listed(tuple(texts))}
    return Either(tuple(_with_few(part, listed) for part in found))


def is_listed(values: Sequence[Any]) -> bool:
    """Whether several texts are written there: states, kinds, of which a column has few."""
    return len(values) > 1 and all(isinstance(each, str) for each in values)


def _is_literal(part: Part) -> bool:
    """Whether a column is to equal a text that is written there."""
    if not isinstance(part, Condition) or part.operator != "=":
        return False
    return bool(part.values) and isinstance(part.values and part.values[0], str)


def _with_few(part: Part, listed: set[Any]) -> Part:
    if isinstance(part, All):
        return All(tuple(_with_few(each, listed) for each in part.parts))
    if isinstance(part, Condition) and (part.table, part.key) in listed:
        return replace(part, few=True)
    return part
