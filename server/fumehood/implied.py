"""Whether the conditions of a query imply that of a partial index, as PostgreSQL proves it.

PostgreSQL's prover is optimizer/util/predtest.c. It knows nothing of what a parameter will be, and
does not see that `flag IS TRUE` and `flag` are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from .identifiers import quoted
from .models.facts import Condition
from .read.sql import canonical, columns_of, conjuncts

_PLAIN = re.compile(r"-?\d+|'\w*'")
_STRICT = frozenset(["=", "in", "<", "prefix", "iprefix", "!=", "in query", "until now",
                     "is not null"])  # fmt: skip


def implied(where: str, conditions: Iterable[Condition], table: str) -> bool | None:
    """Whether rows that meet the conditions are all in an index WHERE …; None: it may be."""
    held = [each for each in conditions if not each.optional]
    sure = True
    for conjunct in conjuncts(where):
        found = _one(conjunct, held, table)
        if found is False:
            return False
        sure = sure and found is True
    return True if sure else None


def _one(conjunct: str, conditions: list[Condition], table: str) -> bool | None:
    columns = columns_of(conjunct, table)
    about = [each for each in conditions if columns is None or each.key.column in columns]
    if any(conjunct in _implications(each) for each in about):
        return True
    if any(_within(conjunct, each) for each in about):
        return True
    # What another condition says of the same column may or may not be enough.
    return None if any(not _is_apart(conjunct, each) for each in about) else False


def _implications(condition: Condition) -> Iterator[str | None]:
    """What follows from a condition, as PostgreSQL's grammar writes it."""
    if condition.key.column is None or not isinstance(condition.key.column, str):
        return
    name = quoted(condition.key.column)
    if condition.operator in _STRICT:
        yield f"{name} IS NOT NULL"
    if condition.operator == "is null":
        yield f"{name} IS NULL"
    if condition.operator in ("is true", "is false"):
        yield f"{name} {condition.operator.upper()}"
        yield f"{name} IS NOT NULL"
    if condition.values is None:
        return
    for value in condition.values if condition.operator == "=" else ():
        if value is True:
            yield name
        if value is False:
            yield f"NOT {name}"
        if (literal := _literal(value)) is not None:
            yield canonical(f"{name} = {literal}")
    if condition.operator == "!=" and len(condition.values) == 1:
        yield canonical(f"{name} <> {_literal(condition.values[0])}")


def _within(conjunct: str, condition: Condition) -> bool:
    """Whether a condition's values are all among those of `column IN (…)`."""
    if condition.operator not in ("=", "in") or not condition.values:
        return False
    literals = [_literal(value) for value in condition.values]
    prefix = f"{quoted(str(condition.key.column))} IN ("
    if None in literals or not conjunct.startswith(prefix):
        return condition.operator == "in" and all(
            conjunct in _implications(_equal(condition, value)) for value in condition.values
        )
    allowed = conjunct.removeprefix(prefix).removesuffix(")").split(", ")
    return all(literal in allowed for literal in literals)


def _equal(condition: Condition, value: Any) -> Condition:
    return Condition(condition.table, condition.key, "=", (value,))


def _is_apart(conjunct: str, condition: Condition) -> bool:
    """Whether it is plain that a condition does not lead to another on its column."""
    if condition.operator in ("is true", "is false", "is null", "is not null"):
        return True
    if _lists_others(conjunct, condition):
        return True
    about_null = conjunct.endswith((" IS NULL", " IS NOT NULL"))
    about_flag = condition.few and condition.values is not None
    return about_null or about_flag


def _lists_others(conjunct: str, condition: Condition) -> bool:
    """Whether `column IN (…)` lacks one of the values that a condition asks for."""
    prefix = f"{quoted(str(condition.key.column))} IN ("
    if condition.operator not in ("=", "in") or not conjunct.startswith(prefix):
        return False
    literals = [_literal(value) for value in condition.values or ()]
    listed = conjunct.removeprefix(prefix).removesuffix(")").split(", ")
    plain = all(_PLAIN.fullmatch(each) for each in listed)
    return bool(literals) and None not in literals and plain and not {*literals} <= {*listed}


def _literal(value: Any) -> str | None:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return "'" + value.replace("'", "''") + "'"
    return None
