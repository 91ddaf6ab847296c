"""Names that constraints get: SQLAlchemy's naming conventions, and PostgreSQL's own choice.

Conventions as in sqlalchemy.sql.naming, their truncation as in sqlalchemy.sql.compiler, what
Alembic hands to them as in alembic.operations.schemaobj.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MOST_BYTES = 63  # of an identifier in PostgreSQL
_TOKEN = re.compile(r"%\((?P<token>\w+)\)s|%")
_COLUMN = re.compile(r"(?P<referred>referred_)?column_(?P<index>\d+)(?P<all>_?N)?_(?P<what>\w+)")


class UnnamedError(Exception):
    """The name that a constraint will have is not known; the message says why."""


@dataclass(frozen=True, slots=True)
class Naming:
    """A MetaData's naming_convention: patterns by "fk", "ck", "uq", "ix" and "pk"."""

    patterns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConstraintName:
    """The name that PostgreSQL will know a constraint by.

    `written` is False where neither the call nor the convention gives one: then it is the name that
    PostgreSQL chooses if it is free, and has to be written out, as a taken one gets a suffix.
    """

    name: str
    written: bool = True


@dataclass(frozen=True, slots=True)
class Constrained:
    """What a constraint is on, and for a foreign key, to what."""

    table: str
    schema: str | None
    columns: Sequence[str] = ()
    referent: str = ""
    referent_columns: Sequence[str] = ()


def foreign_key_name(
    naming: Naming | None, given: str | None, is_final: bool, on: Constrained
) -> ConstraintName:
    """The name of a foreign key; `is_final`: it came through op.f(). Raises UnnamedError."""
    return _name(naming, "fk", given, is_final, on) or _chosen(on.table, on.columns, "fkey")


def unique_name(
    naming: Naming | None, given: str | None, is_final: bool, on: Constrained
) -> ConstraintName:
    """The name of a unique constraint. As above."""
    return _name(naming, "uq", given, is_final, on) or _chosen(on.table, on.columns, "key")


def index_name(naming: Naming | None, on: Constrained) -> str:
    """The name of an index that was given none: the convention's, or SQLAlchemy's own."""
    if naming is not None and "ix" not in naming.patterns:
        naming = Naming({"ix": "ix_%(column_0_label)s"})
    found = _name(naming, "ix", None, False, on)
    assert found is not None
    return found.name


def primary_key_name(
    naming: Naming | None, given: str | None, is_final: bool, on: Constrained
) -> ConstraintName:
    """The name of a primary key. As above."""
    return _name(naming, "pk", given, is_final, on) or _chosen(on.table, (), "pkey")


def check_name(
    naming: Naming | None,
    given: str | None,
    is_final: bool,
    on: Constrained,
    columns: Sequence[str] | None,
) -> ConstraintName:
    """The name of a check; `columns`: those of its condition, None: not known. As above.

    `on` has no columns: Alembic makes the check of text, in which SQLAlchemy sees none.
    """
    if found := _name(naming, "ck", given, is_final, on):
        return found
    if columns is None:
        raise UnnamedError("it has no name, and the columns of its condition are not known")
    distinct = list(dict.fromkeys(columns))
    return _chosen(on.table, distinct if len(distinct) == 1 else (), "check")


def _name(
    naming: Naming | None, kind: str, given: str | None, is_final: bool, constraint: Constrained
) -> ConstraintName | None:
    """The name that the call or the convention gives."""
    if given is not None and is_final:
        return ConstraintName(_truncated(given))
    if naming is None:
        raise UnnamedError("the MetaData's naming convention cannot be read")
    pattern = naming.patterns.get(kind)
    if pattern is not None and (given is None or "constraint_name" in pattern):
        return ConstraintName(_truncated(_filled(pattern, given, constraint)))
    if given is not None and len(given.encode()) > MOST_BYTES:
        raise UnnamedError(f"{given} is longer than {MOST_BYTES} bytes, which SQLAlchemy refuses")
    return None if given is None else ConstraintName(given)


def _filled(pattern: str, given: str | None, constraint: Constrained) -> str:
    def value(found: re.Match[str]) -> str:
        token = found["token"]
        if token == "table_name":
            return constraint.table
        if token == "referred_table_name" and constraint.referent:
            return constraint.referent
        if token == "constraint_name" and given is not None:
            return given
        return _column_token(token or "", pattern, constraint)

    return _TOKEN.sub(value, pattern)


def _column_token(token: str, pattern: str, constraint: Constrained) -> str:
    found = _COLUMN.fullmatch(token)
    if found is None:
        raise UnnamedError(f"the naming convention {pattern!r} cannot be followed")
    columns = constraint.referent_columns if found["referred"] else constraint.columns
    label = found["what"] == "label" and not found["referred"]
    if not label and found["what"] not in (("name",) if found["referred"] else ("name", "key")):
        raise UnnamedError(f"the naming convention {pattern!r} cannot be followed")
    prefix = f"{constraint.table}_" if label else ""
    if label and constraint.schema is not None:
        prefix = f"{constraint.schema.replace('.', '_')}_{prefix}"
    if found["all"] and columns:
        return ("_" if found["all"] == "_N" else "").join(prefix + column for column in columns)
    index = int(found["index"])
    if index >= len(columns):
        raise UnnamedError(f"the naming convention {pattern!r} needs more columns than there are")
    return prefix + columns[index]


def _truncated(name: str) -> str:
    """A name as SQLAlchemy shortens it: it counts characters, PostgreSQL bytes."""
    if len(name) > MOST_BYTES:
        digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
        name = f"{name[: MOST_BYTES - 8]}_{digest[-4:]}"
    if len(name.encode()) > MOST_BYTES:
        raise UnnamedError(f"{name} is longer than {MOST_BYTES} bytes")
    return name


def _chosen(table: str, columns: Sequence[str], label: str) -> ConstraintName:
    """The name that PostgreSQL would choose."""
    name = "_".join((table, *columns, label))
    if len(name.encode()) > MOST_BYTES:
        raise UnnamedError("it has no name, and the one that PostgreSQL would choose is shortened")
    return ConstraintName(name, written=False)
