"""SQL, by PostgreSQL's own grammar (libpg_query), as far as rules need it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

_LOG = logging.getLogger(__name__)


class Validation(NamedTuple):
    """ALTER TABLE schema.table VALIDATE CONSTRAINT constraint; `alone`: and nothing else."""

    schema: str | None
    table: str
    constraint: str
    alone: bool


def validations(sql: str) -> list[Validation]:
    """The constraints that SQL validates, in order; none where it cannot be parsed."""
    grammar = postgresql() if "validate" in sql.lower() else None
    if grammar is None:
        return []
    found = []
    statements = _statements(grammar, sql)
    for statement in statements:
        alter = statement.stmt.alter_table_stmt
        relation = alter.relation
        for command in alter.cmds:
            if command.alter_table_cmd.subtype == grammar.pg_query_pb2.AT_ValidateConstraint:
                name = command.alter_table_cmd.name
                alone = len(statements) == len(alter.cmds) == 1
                schema = relation.schemaname or None
                found.append(Validation(schema, relation.relname, name, alone))
    return found


def columns_of(condition: str, table: str) -> list[str] | None:
    """The distinct columns in a check of a table; None where that is not plain to see."""
    grammar = postgresql()
    # A comment at its end must not take the parenthesis.
    sql = f"ALTER TABLE t ADD CHECK ({condition}\n)"
    statements = [] if grammar is None else _statements(grammar, sql)
    if len(statements) != 1 or len(statements[0].stmt.alter_table_stmt.cmds) != 1:
        return None
    found: dict[str, None] = {}
    for reference in _references(statements[0]):
        *qualifiers, column = (field.string.sval for field in reference.fields)
        if qualifiers not in ([], [table]) or column in ("", table):
            return None  # of another kind: a part of a row, or all of it
        found[column] = None
    return list(found)


def _references(message: Any) -> Iterator[Any]:
    """The references to columns in a syntax tree."""
    if message.DESCRIPTOR.name == "ColumnRef":
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is not None:
            for item in (value,) if hasattr(value, "DESCRIPTOR") else value:
                yield from _references(item)


def _statements(grammar: ModuleType, sql: str) -> Sequence[Any]:
    """The statements of SQL; none where it cannot be parsed."""
    try:
        statements: Sequence[Any] = grammar.parse(sql).stmts
    except (grammar.PgQueryError, ValueError):  # ValueError: half a surrogate pair
        return ()
    return statements


@cache
def postgresql() -> ModuleType | None:
    """PostgreSQL's grammar; None on a platform for which there is no wheel of it.

    It takes 60 ms to import, and few files hold SQL that matters.
    """
    try:
        import postgast
    except ImportError as error:
        _LOG.warning("SQL in strings is not read: postgast cannot be imported (%s)", error)
        return None
    found: ModuleType = postgast
    return found
