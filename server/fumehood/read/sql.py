"""SQL, by PostgreSQL's own grammar (libpg_query), as far as rules need it."""

from __future__ import annotations

from typing import NamedTuple


class Validation(NamedTuple):
    """ALTER TABLE schema.table VALIDATE CONSTRAINT constraint."""

    schema: str | None
    table: str
    constraint: str


def validations(sql: str) -> list[Validation]:
    """The constraints that SQL validates, in order; none where it cannot be parsed."""
    if "validate" not in sql.lower():
        return []
    # Costs 60 ms to import, and few migrations hold SQL that matters.
    import postgast

    try:
        statements = postgast.parse(sql).stmts
    except postgast.PgQueryError:
        return []
    found = []
    for statement in statements:
        alter = statement.stmt.alter_table_stmt
        relation = alter.relation
        for command in alter.cmds:
            if command.alter_table_cmd.subtype == postgast.pg_query_pb2.AT_ValidateConstraint:
                name = command.alter_table_cmd.name
                found.append(Validation(relation.schemaname or None, relation.relname, name))
    return found
