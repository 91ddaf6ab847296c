"""What an expression can be worth while no database is there."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any


class Unknown:
    """A value that only a run could tell."""

    def __repr__(self) -> str:
        return "Unknown"


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Thing:
    """An object of Alembic's or SQLAlchemy's; attributes are reached by `member`."""

    kind: str


OP = Thing("op")
ALEMBIC = Thing("alembic")
ALEMBIC_CONTEXT = Thing("alembic.context")
CONTEXT = Thing("migration context")
BIND = Thing("bind")
DIALECT = Thing("dialect")
BLOCK = Thing("autocommit block")
TRANSACTION = Thing("transaction")
SQLALCHEMY = Thing("sqlalchemy")


@dataclass(frozen=True)
class Batch:
    """What `with op.batch_alter_table(...) as batch_op` binds; it flushes where it was opened."""

    table: Any
    schema: Any
    autocommit: bool | Unknown = False


@dataclass(frozen=True)
class Method:
    """A bound function of a thing or of a plain value, not yet called."""

    owner: Any
    name: str


@dataclass(frozen=True)
class Column:
    """A call of sa.Column."""

    name: Any
    options: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Sql:
    """A call of sa.text."""

    words: Any


@dataclass(eq=False)
class Function:
    """A function of the file, with the scope it was defined in."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope


@dataclass(eq=False)
class Scope:
    """Names and their values; assignments go to the innermost."""

    names: dict[str, Any] = field(default_factory=dict)
    parent: Scope | None = None

    def get(self, name: str) -> Any:
        """The value of a name, Unknown where nothing binds it."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return UNKNOWN


_THINGS: dict[tuple[Thing, str], Any] = {
    (ALEMBIC, "op"): OP,
    (ALEMBIC, "context"): ALEMBIC_CONTEXT,
    (CONTEXT, "dialect"): DIALECT,
    (CONTEXT, "bind"): BIND,
    (CONTEXT, "connection"): BIND,
    (BIND, "dialect"): DIALECT,
    (BIND, "engine"): BIND,
    (BIND, "name"): "postgresql",
    (DIALECT, "name"): "postgresql",
}


def member(owner: Any, name: str) -> Any:
    """The value of `owner.name`."""
    if isinstance(owner, Unknown):
        # Whatever has a dialect in a migration has the migration's.
        return DIALECT if name == "dialect" else UNKNOWN
    if isinstance(owner, Thing) and (owner, name) in _THINGS:
        return _THINGS[owner, name]
    if isinstance(owner, Thing | Batch | str | list | tuple | dict | set):
        return Method(owner, name)
    return UNKNOWN


def known(value: Any) -> bool:
    """Whether nothing in the value is unknown."""
    if isinstance(value, Unknown):
        return False
    if isinstance(value, list | tuple | set | frozenset):
        return all(known(each) for each in value)
    if isinstance(value, dict):
        return all(known(each) for pair in value.items() for each in pair)
    return True


def truth(value: Any) -> bool | None:
    """Whether a condition holds; None where that is not known."""
    if isinstance(value, Unknown | Method | Function | Thing | Batch | Column | Sql):
        return None
    return bool(value)


def imported(module: str, name: str) -> Any:
    """What `from module import name` binds; an empty name is the module itself."""
    if module == "alembic":
        return member(ALEMBIC, name) if name else ALEMBIC
    if module == "alembic.op":
        return Method(OP, name) if name else OP
    if module == "alembic.context":
        return Method(ALEMBIC_CONTEXT, name) if name else ALEMBIC_CONTEXT
    if module.partition(".")[0] in ("sqlalchemy", "sqlmodel"):
        return Method(SQLALCHEMY, name) if name else SQLALCHEMY
    return UNKNOWN
