"""SQL identifiers, quoted where PostgreSQL needs it, and SQL as a Python string."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")
# text() takes `:name` for a parameter, unless another ":" or a backslash stands before it, and then
# it takes the backslash away.
_BIND = re.compile(r"(?<![:\w]):\w|\\:")
# The words that PostgreSQL 10-18 reserve, also those that may name a function or type.
_RESERVED = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast
    check collate collation column concurrently constraint create cross current_catalog
    current_date current_role current_schema current_time current_timestamp current_user default
    deferrable desc distinct do else end except false fetch for foreign freeze from full grant
    group having ilike in initially inner intersect into is isnull join lateral leading left
    like limit localtime localtimestamp natural not notnull null offset on only or order outer
    overlaps placing primary references returning right select session_user similar some
    symmetric system_user table tablesample then to trailing true union unique user using
    variadic verbose when where window with
    """.split()  # noqa: SIM905
)


def quoted(name: str) -> str:
    """A name as PostgreSQL reads it back; bare where that is enough."""
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def qualified(schema: str | None, name: str) -> str:
    """A name in a schema, or without one."""
    return quoted(name) if schema is None else f"{quoted(schema)}.{quoted(name)}"


def python_string(text: str) -> str:
    """A Python string literal with the quotes that formatters choose."""
    escaped = text.replace("\\", "\\\\")
    if not escaped.isprintable():
        return repr(text)
    quote = "'" if '"' in escaped and "'" not in escaped else '"'
    return quote + escaped.replace(quote, f"\\{quote}") + quote


def bind_safe(sql: str) -> bool:
    """Whether op.execute() sends SQL as it is, with nothing that text() would change."""
    return not _BIND.search(sql)
