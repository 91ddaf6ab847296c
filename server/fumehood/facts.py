"""The nouns that rules speak: Alembic's operations with their arguments, and where they run.

A value that the text alone does not tell is UNKNOWN, and rules say nothing about it.
"""

from __future__ import annotations

from dataclasses import dataclass

from .places import UNKNOWN as UNKNOWN
from .places import Batch as Batch
from .places import Context as Context
from .places import Flag as Flag
from .places import InSql as InSql
from .places import MaybeText as MaybeText
from .places import Path as Path
from .places import Site as Site
from .places import Text as Text
from .places import Unknown as Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of a migration. `order` ascends as the function runs.

    `receiver` is what stands before the method's name ("op", "batch_op", "" for a bare name).
    `complete` is False where some arguments are not known (`**kwargs`), and `unpacked` names those
    keywords that `**` gave.
    """

    site: Site
    order: tuple[int, ...]
    context: Context
    receiver: str
    complete: bool = True
    unpacked: tuple[str, ...] = ()
    batch: Batch | None = None
    table: MaybeText = None
    schema: MaybeText = None
    in_sql: InSql | None = None  # where it is sent as SQL


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """`sa.ForeignKey(target, …)` in a column; `final` as in Constraint."""

    target: Text  # "table.column" or "schema.table.column"
    name: MaybeText = None
    final: bool = False
    not_valid: Flag = False
    site: Site | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`sa.CheckConstraint(condition, …)` in a column; `final` as in Constraint.

    `plain`: it has no other argument than these and postgresql_not_valid, which has no effect here.
    """

    condition: Text
    name: MaybeText = None
    final: bool = False
    site: Site | None = None
    plain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`sa.Column(name, …)`; `site` is its call where that stands in the operation's own line.

    `default` tells whether existing rows get a value. A foreign key or check of UNKNOWN parts has
    no site where it stands in another line.
    """

    name: Text
    index: Flag = False
    unique: Flag = False
    nullable: Flag = True
    default: Flag = False
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    site: Site | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTable(Operation):
    """op.create_table, `Table(…).create()`; a table of UNKNOWN where some were created."""

    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DropTable(Operation):
    """op.drop_table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameTable(Operation):
    """op.rename_table; `table` is the old name."""

    new_name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class AddColumn(Operation):
    """op.add_column."""

    column: Column | Unknown
    inline_references: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DropColumn(Operation):
    """op.drop_column."""

    column: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterColumn(Operation):
    """op.alter_column; `changes` names what is changed (type_, nullable, new_column_name…)."""

    column: Text
    changes: tuple[str, ...]
    new_name: MaybeText = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateIndex(Operation):
    """op.create_index; a name of None asks for the naming convention's."""

    name: MaybeText
    columns: tuple[Text, ...] | Unknown
    unique: Flag = False
    concurrently: Flag = False
    if_not_exists: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DropIndex(Operation):
    """op.drop_index; a table of None was not given."""

    name: MaybeText
    concurrently: Flag = False
    if_exists: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint(Operation):
    """An operation on a constraint; `final`: its name came through op.f(), and stays as it is."""

    name: MaybeText
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateForeignKey(Constraint):
    """op.create_foreign_key; `table` is the referring one."""

    referent: Text
    referent_schema: MaybeText = None
    columns: tuple[Text, ...] | Unknown
    referent_columns: tuple[Text, ...] | Unknown
    not_valid: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateUniqueConstraint(Constraint):
    """op.create_unique_constraint; `using_index`: the index that becomes the constraint's."""

    columns: tuple[Text, ...] | Unknown
    using_index: MaybeText = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCheckConstraint(Constraint):
    """op.create_check_constraint; a condition that is no string and no text() is UNKNOWN."""

    condition: Text
    not_valid: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePrimaryKey(Constraint):
    """op.create_primary_key; `using_index` as in CreateUniqueConstraint."""

    columns: tuple[Text, ...] | Unknown
    using_index: MaybeText = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateExcludeConstraint(Constraint):
    """op.create_exclude_constraint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DropConstraint(Constraint):
    """op.drop_constraint."""

    type_: MaybeText = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateConstraint(Constraint):
    """ALTER TABLE … VALIDATE CONSTRAINT, as SQL; the name is as PostgreSQL holds it.

    `alone`: it is all that is sent.
    """

    alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Execute(Operation):
    """SQL sent by op.execute or a connection; UNKNOWN where it is no literal text."""

    sql: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Other(Operation):
    """Any other call that may reach the database, by its name: op.bulk_insert, session.add…"""

    name: str
