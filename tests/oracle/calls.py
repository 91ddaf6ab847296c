"""Calls: which operation one is, and what the pure ones give."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tests.oracle.values import (
    ALEMBIC_CONTEXT,
    BIND,
    BLOCK,
    CONTEXT,
    OP,
    SQLALCHEMY,
    TRANSACTION,
    UNKNOWN,
    Batch,
    Column,
    Method,
    Sql,
    Unknown,
    known,
)

_POSITIONS = {
    "create_index": ("index_name", "table_name", "columns"),
    "drop_index": ("index_name", "table_name"),
    "create_table": ("table_name",),
    "drop_table": ("table_name",),
    "add_column": ("table_name", "column"),
    "drop_column": ("table_name", "column_name"),
}
KINDS = frozenset(_POSITIONS)

_NAME_OF = {"create_index": "index_name", "drop_index": "index_name", "drop_column": "column_name"}
_PURE = (str, list, tuple, dict, set)
PURE_NAMES = frozenset(
    {"format", "lower", "upper", "strip", "lstrip", "rstrip", "replace", "split", "join"}
    | {"startswith", "endswith", "title", "capitalize", "removeprefix", "removesuffix"}
    | {"items", "keys", "values", "get", "copy", "index", "count"}
)
_BUILTINS: dict[str, Any] = {
    each.__name__: each
    for each in (str, list, tuple, set, dict, sorted, reversed, enumerate, zip, range, len, bool)
}


@dataclass(frozen=True)
class Arguments:
    """Evaluated arguments; `open` says that some came from an unknown * or **."""

    positional: tuple[Any, ...]
    keywords: dict[str, Any]
    open: bool = False


@dataclass(frozen=True)
class Fields:
    """What an operation is about."""

    name: Any = None
    table: Any = None
    schema: Any = None
    columns: Any = None
    concurrently: Any = False


def operation(method: Method, arguments: Arguments) -> Fields | None:
    """The fields of an operation, or None where the call is none."""
    batch = method.owner if isinstance(method.owner, Batch) else None
    if method.name not in KINDS or not (batch or method.owner == OP):
        return None
    if batch and method.name in ("create_table", "drop_table"):
        return None
    positions = _POSITIONS[method.name]
    if batch:
        positions = tuple(each for each in positions if each != "table_name")
    given = dict(zip(positions, arguments.positional, strict=False)) | arguments.keywords
    missing = UNKNOWN if arguments.open else None
    column = given.get("column", given.get("column_name", missing))
    columns: Any = None
    if method.name == "create_index":
        columns = _column_names(given.get("columns", missing))
    elif method.name in ("add_column", "drop_column"):
        columns = (column.name if isinstance(column, Column) else column,)
        columns = tuple(each if isinstance(each, str) else UNKNOWN for each in columns)
    return Fields(
        name=given.get(_NAME_OF.get(method.name, ""), missing),
        table=batch.table if batch else given.get("table_name", missing),
        schema=batch.schema if batch else given.get("schema", missing),
        columns=columns,
        concurrently=given.get("postgresql_concurrently", UNKNOWN if arguments.open else False),
    )


def call(target: Any, arguments: Arguments) -> Any:
    """What a call gives that is neither an operation nor a function of the file."""
    if isinstance(target, Method) and not isinstance(target.owner, _PURE):
        return _alembic(target, arguments)
    if isinstance(target, Unknown) or arguments.open:
        return UNKNOWN
    values = (*arguments.positional, *arguments.keywords.values())
    try:
        if isinstance(target, Method) and target.name in PURE_NAMES:
            if not known(values) and target.name in ("format", "join"):
                return UNKNOWN
            result = getattr(target.owner, target.name)(
                *values[: len(arguments.positional)], **arguments.keywords
            )
            return list(result) if target.name in ("items", "keys", "values") else result
        if target in _BUILTINS.values():
            result = target(*arguments.positional, **arguments.keywords)
            return list(result) if target in (reversed, enumerate, zip, range) else result
    except Exception:
        return UNKNOWN
    return UNKNOWN


def builtin(name: str) -> Any:
    """A builtin function that is evaluated, else Unknown."""
    return _BUILTINS.get(name, UNKNOWN)


def _alembic(method: Method, arguments: Arguments) -> Any:
    owner, name = method.owner, method.name
    first = arguments.positional[0] if arguments.positional else UNKNOWN
    if name == "f" and (owner == OP or isinstance(owner, Batch)):
        return arguments.keywords.get("name", first)
    if name == "get_bind" and owner in (OP, ALEMBIC_CONTEXT):
        return BIND
    if name == "get_context" and owner in (OP, ALEMBIC_CONTEXT):
        return CONTEXT
    if name == "autocommit_block" and owner == CONTEXT:
        return BLOCK
    if name in ("begin", "begin_nested", "begin_transaction") and owner in (BIND, CONTEXT):
        return TRANSACTION
    if name == "batch_alter_table" and owner == OP:
        table, schema = (*arguments.positional, *(None,) * 2)[:2]
        keywords = arguments.keywords
        missing = UNKNOWN if arguments.open else None
        return Batch(
            keywords.get("table_name", table if arguments.positional else UNKNOWN),
            keywords.get("schema", schema if schema is not None else missing),
        )
    if name == "Column" and owner == SQLALCHEMY:
        return Column(arguments.keywords.get("name", first), tuple(arguments.keywords.items()))
    if name == "text" and owner == SQLALCHEMY:
        return Sql(arguments.keywords.get("text", first))
    return UNKNOWN


def _column_names(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return UNKNOWN
    return tuple(map(_column_name, value))


def _column_name(value: Any) -> Any:
    if isinstance(value, Sql):
        words = value.words if isinstance(value.words, str) else ""
        return words if re.fullmatch("[a-z_]+", words) else UNKNOWN
    return value if isinstance(value, str) else UNKNOWN
