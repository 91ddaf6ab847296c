"""Which connection SQL is sent through, and whether that runs in autocommit."""

from __future__ import annotations

from ..facts import UNKNOWN, Context, Flag
from .values import Made, Member, Reference, Value

_GET_BIND = frozenset(("alembic.op.get_bind", "alembic.context.get_bind"))
_GET_CONTEXT = frozenset(("alembic.op.get_context", "alembic.context.get_context"))


def autocommit_of(connection: Value, context: Context) -> Flag:
    """Whether SQL sent through a value runs in autocommit; UNKNOWN for another connection."""
    return context.autocommit if _is_migrations(connection) else UNKNOWN


def sets_isolation(options: dict[str, Value], complete: bool) -> bool:
    """Whether these execution options take a connection out of its transaction, or may."""
    return "isolation_level" in options or not complete


def is_bind(connection: Value) -> bool:
    """Whether a value is the migration's own connection, as Alembic gives it."""
    if isinstance(connection, Made):
        return connection.callee in _GET_BIND
    if not isinstance(connection, Member) or connection.name not in ("bind", "connection"):
        return False
    base = connection.base
    return isinstance(base, Made) and base.callee in _GET_CONTEXT


def reaches_transaction(value: Value) -> bool:
    """Whether who is given a value may end the migration's transaction: op, its connection…"""
    if isinstance(value, Reference):
        return value.dotted in ("alembic.op", "alembic.context")
    if isinstance(value, Made):
        return value.callee in _GET_CONTEXT or _is_migrations(value)
    return is_bind(value)


def _is_migrations(connection: Value) -> bool:
    """Whether a value is the migration's connection, or a session on it."""
    if is_bind(connection):
        return True
    if not isinstance(connection, Made):
        return False
    name = connection.callee.rpartition(".")[2]
    if name == "execution_options":
        options = dict(connection.keywords)
        kept = not sets_isolation(options, connection.complete)
        return kept and _is_migrations(connection.base)
    if name == "Session":
        given = connection.arguments[0] if connection.arguments else None
        return _is_migrations(connection.keyword("bind", given))
    return False
