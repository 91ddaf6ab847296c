"""SQL, by PostgreSQL's own grammar (libpg_query), as far as rules need it."""

from __future__ import annotations

import logging
from functools import cache
from types import ModuleType
from typing import NamedTuple

_LOG = logging.getLogger(__name__)


class Validation(NamedTuple):
    """ALTER TABLE schema.table VALIDATE CONSTRAINT constraint."""

    schema: str | None
    table: str
    constraint: str


def validations(sql: str) -> list[Validation]:
    """The constraints that SQL validates, in order; none where it cannot be parsed."""
    grammar = postgresql() if "validate" in sql.lower() else None
    if grammar is None:
        return []
    try:
        statements = grammar.parse(sql).stmts
    except (grammar.PgQueryError, ValueError):  # ValueError: half a surrogate pair
        return []
    found = []
    for statement in statements:
        alter = statement.stmt.alter_table_stmt
        relation = alter.relation
        for command in alter.cmds:
            if command.alter_table_cmd.subtype == grammar.pg_query_pb2.AT_ValidateConstraint:
                name = command.alter_table_cmd.name
                found.append(Validation(relation.schemaname or None, relation.relname, name))
    return found


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
