"""The nouns that rules speak: Alembic's operations with their arguments, and where they run.

A value that the text alone does not tell is UNKNOWN, and rules say nothing about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .parts import Check as Check
from .parts import Column as Column
from .parts import ColumnType as ColumnType
from .parts import ForeignKey as ForeignKey
from .parts import IndexKey as IndexKey
from .parts import TableForeignKey as TableForeignKey
from .parts import TableIndex as TableIndex
from .parts import Type as Type
from .parts import UniqueKey as UniqueKey
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
class Fact:
    """Something in a file that rules are run on. `order` ascends as its function runs."""

    site: Site
    order: tuple[int, ...]

    @property
    def undoes(self) -> bool:
        """Whether it undoes a revision."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Fact):
    """One operation of a migration.

    `receiver` is what stands before the method's name ("op", "batch_op", "" for a bare name).
    `complete` is False where some arguments are not known (`**kwargs`), and `unpacked` names those
    keywords that `**` gave.
    """

    context: Context
    receiver: str
    complete: bool = True
    unpacked: tuple[str, ...] = ()
    batch: Batch | None = None
    table: MaybeText = None
    schema: MaybeText = None
    in_sql: InSql | None = None  # where it is sent as SQL

    @property
    def undoes(self) -> bool:
        """Whether it undoes a revision."""
        return self.context.downgrade


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTable(Operation):
    """op.create_table, `Table(…).create()`; a table of UNKNOWN where some were created.

    `plain`: its parts are all here.
    """

    columns: tuple[Column, ...] = ()
    unique_keys: tuple[UniqueKey, ...] = ()
    foreign_keys: tuple[TableForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    indexes: tuple[TableIndex, ...] = ()
    plain: bool = True


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
    """op.alter_column; `changes` names what is changed (type_, nullable, new_column_name…).

    `using` is the expression of ALTER TYPE … USING. `not_null` is what it becomes, None where that
    is not changed. `server_default` is the SQL of a default that is set, None where one is dropped.
    """

    column: Text
    changes: tuple[str, ...]
    new_name: MaybeText = None
    type: Type | None = None
    existing_type: Type | None = None
    using: MaybeText = None
    not_null: Flag | None = None
    server_default: MaybeText = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateIndex(Operation):
    """op.create_index; a name of None asks for the naming convention's.

    `method` is the access method (postgresql_using), `where` a partial index's condition.
    """

    name: MaybeText
    keys: tuple[IndexKey, ...] | Unknown
    unique: Flag = False
    concurrently: Flag = False
    if_not_exists: Flag = False
    method: Text = "btree"
    include: tuple[Text, ...] | Unknown = ()
    where: MaybeText = None
    nulls_not_distinct: Flag = False

    @property
    def columns(self) -> tuple[Text, ...] | Unknown:
        """The keys' columns; one that is an expression is UNKNOWN."""
        if self.keys is UNKNOWN:
            return UNKNOWN
        return tuple(UNKNOWN if key.column is None else key.column for key in self.keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropIndex(Operation):
    """op.drop_index; a table of None was not given.

    As SQL: `several` drops other indexes too, `cascade` what needs the index.
    """

    name: MaybeText
    concurrently: Flag = False
    if_exists: Flag = False
    several: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint(Operation):
    """An operation on a constraint; `final`: its name came through op.f(), and stays as it is."""

    name: MaybeText
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateForeignKey(Constraint):
    """op.create_foreign_key; `table` is the referring one; `options` as in TableForeignKey."""

    referent: Text
    referent_schema: MaybeText = None
    columns: tuple[Text, ...] | Unknown
    referent_columns: tuple[Text, ...] | Unknown
    not_valid: Flag = False
    options: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateUniqueConstraint(Constraint):
    """op.create_unique_constraint; `using_index`: the index that becomes the constraint's.

    `deferrable` and `initially` ("DEFERRED", "IMMEDIATE") as in ALTER TABLE.
    """

    columns: tuple[Text, ...] | Unknown
    using_index: MaybeText = None
    include: tuple[Text, ...] | Unknown = ()
    nulls_not_distinct: Flag = False
    deferrable: Flag = False
    initially: MaybeText = None


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
class RenameIndex(Operation):
    """ALTER INDEX … RENAME, or ALTER TABLE … RENAME CONSTRAINT, which renames its index too.

    `table` is None for ALTER INDEX; `constraint`: checks and foreign keys are meant as well.
    """

    name: Text
    new_name: Text
    constraint: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Execute(Operation):
    """SQL sent by op.execute or a connection; UNKNOWN where it is no literal text.

    `template`: that text where parts of it are not known, with something else in their places.
    `transaction`: what it does to the transaction, where that is all it does.
    """

    sql: Text
    template: str | None = None
    transaction: Literal["begins", "ends"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Other(Operation):
    """Any other call that may reach the database, by its name: op.bulk_insert, session.add…

    `followed` is False for code that stands elsewhere, or is decorated: it may do anything.
    """

    name: str
    followed: bool = True
