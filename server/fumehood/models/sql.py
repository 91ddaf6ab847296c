"""Canonical values -> SQL, where their columns are those of one table.

Columns stand in them as `Made("column", (name,))`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..facts import UNKNOWN, IndexKey
from ..identifiers import quoted
from ..join.index_keys import index_keys
from ..join.values import Made, Member, Reference
from ..outline.symbols import CONSTANT, Maybe, Operated, last_part
from ..read.sql import canonical
from ..read.sql_parts import index_key

_OPERATORS = {
    "==": "=", "!=": "<>", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "+": "+", "-": "-",
    "*": "*", "/": "/",
}  # fmt: skip
_IS = {"is_": "IS", "is_not": "IS NOT", "isnot": "IS NOT"}
_TYPES = {"varchar": "varchar", "string": "varchar", "text": "text", "integer": "integer",
          "biginteger": "bigint", "date": "date", "datetime": "timestamp", "float": "float8",
          "numeric": "numeric", "uuid": "uuid"}  # fmt: skip


def column(name: str) -> Made:
    """A column, as it stands in a value."""
    return Made("column", (name,), (), True, None)


def column_name(value: Any) -> str | None:
    """The name of a column that a value is."""
    if isinstance(value, Made) and value.callee == "column" and value.base is None:
        return str(value.arguments[0]) if value.arguments else None
    return None


def with_columns(value: Any, find: Callable[[Reference | Member], Any]) -> Any:
    """A value with columns in it where `find` knows one; it gives None for what is none."""
    match value:
        case Reference():
            found = find(value)
            return value if found is None else found
        case Member():
            found = find(value)
            return found if found is not None else value
        case Made():
            return replace(
                value,
                base=None if value.base is None else with_columns(value.base, find),
                arguments=tuple(with_columns(each, find) for each in value.arguments),
                keywords=tuple((name, with_columns(each, find)) for name, each in value.keywords),
            )
        case Operated(operator, operands):
            return Operated(operator, tuple(with_columns(each, find) for each in operands))
        case Maybe(inner):
            return Maybe(with_columns(inner, find))
        case tuple():
            return tuple(with_columns(each, find) for each in value)
    return value


def sql_of(value: Any) -> str | None:
    """The SQL of a value as PostgreSQL's grammar writes it; None where not all of it is known."""
    text = _rendered(value)
    return None if text is None else canonical(text)


def key_of(value: Any) -> IndexKey:
    """The key of an index, or of ORDER BY, that a value is; its column is UNKNOWN where unclear."""
    keys = index_keys((value,))
    key = keys[0] if keys is not UNKNOWN else IndexKey(UNKNOWN)
    if key.column is not UNKNOWN:
        return key
    inner, changes = _order(value)
    text = _rendered(inner)
    found = index_key(f"({text})") if text is not None else None
    return IndexKey(UNKNOWN) if found is None else replace(found, **changes)


def _order(value: Any) -> tuple[Any, dict[str, Any]]:
    """What is sorted by, and how."""
    changes: dict[str, Any] = {}
    while isinstance(value, Made):
        name = last_part(value.callee).replace("_", "")
        inner = value.base if value.base is not None else next(iter(value.arguments), None)
        if name in ("asc", "desc"):
            changes["descending"] = name == "desc"
        elif name in ("nullsfirst", "nullslast"):
            changes["nulls_first"] = name == "nullsfirst"
        else:
            break
        value = inner
    return value, changes


def _rendered(value: Any) -> str | None:
    match value:
        case bool() | None:
            return {True: "true", False: "false", None: "NULL"}[value]
        case int() | float():
            return str(value)
        case str():
            return "'" + value.replace("'", "''") + "'"
        case Operated(operator, operands):
            return _operated(operator, operands)
        case Made(callee) if callee == CONSTANT:
            return _rendered(value.arguments[0])
        case Made():
            return _made(value)
    return None


def _operated(operator: str, operands: tuple[Any, ...]) -> str | None:
    parts = [_rendered(each) for each in operands]
    if any(part is None for part in parts):
        return None
    if operator in ("&", "|"):
        return f"({parts[0]}) {'AND' if operator == '&' else 'OR'} ({parts[1]})"
    if operator == "~x":
        return f"NOT ({parts[0]})"
    if operator in ("==", "!=") and operands[1] is None:
        return f"({parts[0]}) IS {'NOT ' if operator == '!=' else ''}NULL"
    known = _OPERATORS.get(operator)
    return f"({parts[0]}) {known} ({parts[1]})" if known and len(parts) == 2 else None


def _made(made: Made) -> str | None:
    name = last_part(made.callee)
    column_ = column_name(made)
    if column_ is not None:
        return quoted(column_)
    if not made.complete:
        return None
    if made.base is not None:
        return _method(made, name)
    return _function(made, name)


def _method(made: Made, name: str) -> str | None:
    base = _rendered(made.base)
    arguments = [_rendered(each) for each in made.arguments]
    if base is None or None in arguments or made.keywords:
        if name == "in_" and base is not None:
            return _in(base, made.arguments)
        return None
    if name in _IS and len(arguments) == 1:
        return f"({base}) {_IS[name]} {arguments[0]}"
    if name in ("self_group", "label"):
        return base
    return None


def _in(base: str, arguments: tuple[Any, ...]) -> str | None:
    values = arguments[0] if len(arguments) == 1 else None
    if not isinstance(values, tuple) or not values:
        return None
    parts = [_rendered(each) for each in values]
    return None if None in parts else f"({base}) IN ({', '.join(map(str, parts))})"


def _function(made: Made, name: str) -> str | None:
    package = made.callee.rpartition(".")[0]
    if name in ("text", "literal_column") and made.arguments:
        return made.arguments[0] if isinstance(made.arguments[0], str) else None
    if name in ("and_", "or_", "not_"):
        parts = [_rendered(each) for each in made.arguments]
        if not parts or None in parts:
            return None
        if name == "not_":
            return f"NOT ({parts[0]})"
        return (" AND " if name == "and_" else " OR ").join(f"({part})" for part in parts)
    if name in ("true", "false") and not made.arguments:
        return name
    if name == "cast" and len(made.arguments) == 2:
        return _cast(*made.arguments)
    if not package.endswith("func") or made.keywords:
        return None
    parts = [_rendered(each) for each in made.arguments]
    return None if None in parts else f"{name}({', '.join(map(str, parts))})"


def _cast(value: Any, target: Any) -> str | None:
    inner = _rendered(value)
    plain = isinstance(target, Reference) or (isinstance(target, Made) and not target.arguments)
    if inner is None or not plain:
        return None
    name = last_part(target.dotted if isinstance(target, Reference) else target.callee).lower()
    known = _TYPES.get(name)
    return f"({inner})::{known}" if known else None
