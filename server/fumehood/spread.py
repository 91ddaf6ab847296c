"""A change of a column's type that is to be spread over revisions: what it has to be like for that.

RefusedError where it is not; and how the steps are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .between import refuse_between
from .column_swap import ColumnSwap
from .conversions import Work, is_told, sql_type
from .edits import Edits, RefusedError
from .facts import UNKNOWN, AlterColumn, ColumnType, Execute, Other
from .follow_up import Autocommit
from .identifiers import bind_safe, python_string, qualified, quoted
from .read.sql import columns_of
from .schema import Table
from .sent import refuse_connection
from .swap_parts import Key, keys_of, refuse_long
from .type_change import TypeChange
from .waiting import refuse_unless_run_once

_CHANGES_TYPE = re.compile(r"\b(?:alter|drop)\s+type\b", re.IGNORECASE)
# Variables of the trigger's function, and of the block that fills; a column of the same name is not
# told from them.
_VARIABLES = frozenset(
    """
    first_key found last_key new old tg_argv tg_level tg_name tg_nargs tg_op tg_relid tg_relname
    tg_table_name tg_table_schema tg_when
    """.split()  # noqa: SIM905
)
_OLDEST = 12  # SET NOT NULL looks at no row where a check says so


class Spread(NamedTuple):
    """A change that can be spread; `down` undoes it, `keys` are the foreign keys of the column."""

    op: AlterColumn
    down: AlterColumn
    edit: Edits
    table: Table
    keys: Sequence[Key]
    old: ColumnType
    new: ColumnType

    def refuse_between(self) -> None:
        """Refuse where what runs in between may change what the steps take along."""
        refuse_between(self.op, self.edit, self.table, self.keys)

    def refuse_dropped_type(self) -> None:
        """Refuse where the old type may go behind it: the old column has it still."""
        for item in self.edit.follow_ups.between(self.op) if self.old.enum else ():
            sql = item.sql if isinstance(item, Execute) else None
            if sql is UNKNOWN or (sql and _CHANGES_TYPE.search(sql)) or isinstance(item, Other):
                raise RefusedError("the old type may be dropped, and the old column has it still")
        pieces = self.edit.pieces
        for number in range(pieces.index(self.op.site.piece) + 1, len(pieces)):
            if pieces[number].column == 0 and not pieces[number].blank:
                break
            if self.old.enum and ".drop(" in pieces[number].text:  # which is no operation
                raise RefusedError("the old type may be dropped, and the old column has it still")

    def swap(self) -> ColumnSwap:
        """Its names and expressions, without what stands on the column but for its NOT NULL."""
        column, (schema, name) = str(self.op.column), self.table.name
        names = _names(column, self.table)
        key = next(index.keys for index in self.table.indexes if index.primary)
        keys = [self.table.columns[str(each.column)] for each in key]  # type: ignore[union-attr]
        return ColumnSwap(
            table=qualified(schema, name),
            name=quoted(name),
            column=quoted(column),
            new=quoted(names[0]),
            old=quoted(names[1]),
            type=sql_type(self.new),
            old_type=sql_type(self.old),
            function=qualified(schema, names[2]),
            trigger=quoted(names[3]),
            not_null=quoted(names[4]),
            using=str(self.op.using or quoted(column)),
            back=str(self.down.using or quoted(column)),
            compares=self.old.name != "json",
            keys=tuple(quoted(each.name) for each in keys),
            key_type=sql_type(keys[0].type),  # type: ignore[arg-type]
            tables=(qualified(schema, name),),
        )

    def write(self, swap: ColumnSwap) -> None:
        """Put a new column, and what keeps it up with the old one, in the place of the change."""
        gone = (*swap.unsync(), f"ALTER TABLE {swap.table} DROP COLUMN {swap.new}")
        for each, statements in ((self.op, swap.expand()), (self.down, gone)):
            sent = (*_locked_before(each, self, swap), *statements)
            op = self.edit.context_of(each)
            lines = [self.edit.new_statement(_source(op, sql), each) for sql in sent]
            self.edit.replace_by(each, lines)

    def create_fill(self, swap: ColumnSwap, then: Sequence[str] = ()) -> None:
        """The revision that fills the new column; `then` are comments behind it."""
        unfilled: list[str | Autocommit] = []
        if undone := sources(swap.unfill()):
            unfilled.append(Autocommit(undone))
        unfilled += sources(swap.unchecked())
        self.edit.follow_ups.create_revision(
            f"Fill {self.op.table} {swap.new}",
            [Autocommit(sources(swap.fill())), *then],
            unfilled or ["# What is filled goes with the column."],
        )


def spread(
    op: AlterColumn, edit: Edits, change: TypeChange, table: Table | None, referring: Sequence[Key]
) -> Spread:
    """The change, as far as it has to be known for any way of spreading it."""
    version = edit.settings.postgres_version
    if version is not None and version < _OLDEST:
        raise RefusedError(f"PostgreSQL {version} would look at all rows again")
    if edit.project.is_partitioned(op.schema, op.table):
        raise RefusedError("the table is partitioned")
    down = _undone(op, edit)
    refuse_unless_run_once(op, edit)
    for each in (op, down):
        _refuse_shape(each, edit)
        edit.statement(each)
    known = _known(op, table)
    keys = keys_of(str(op.column), known, referring)
    old, new = _types(change)
    _refuse_using(op, down, change)
    return Spread(op, down, edit, known, keys, old, new)


def _names(column: str, table: Table) -> list[str]:
    """The new column's name, the old one's then, the function's, the trigger's, the check's."""
    name = table.name.name
    names = [f"{column}_new", f"{column}_old", f"{name}_{column}_sync", f"zz_{name}_{column}_sync"]
    names.append(f"{name}_{column}_new_not_null")
    refuse_long(names)
    if not table.columns.keys().isdisjoint(names):
        raise RefusedError("the new column's name is taken")
    return names


def _types(change: TypeChange) -> tuple[ColumnType, ColumnType]:
    """The old type and the new one."""
    old, new = change.old, change.new
    if old is None or new is None or not (is_told(old) and is_told(new)):
        raise RefusedError("one of the types is not known")
    if new.collation or old.collation:
        raise RefusedError("the collation would have to be carried over")
    return old, new


def _refuse_using(op: AlterColumn, down: AlterColumn, change: TypeChange) -> None:
    if not all(each.using is None or isinstance(each.using, str) for each in (op, down)):
        raise RefusedError("USING is not written out")
    used = {str(op.column)}
    for each in (op, down):
        used |= {*(columns_of(str(each.using), str(op.table)) or ())} if each.using else set()
    if used & _VARIABLES:
        raise RefusedError("a variable of PL/pgSQL has the name of a column")
    if change.work is Work.UNLESS_UTC or (_is_of_time_zone(change) and down.using is None):
        raise RefusedError("each session would convert by its own time zone: say which by USING")


def _is_of_time_zone(change: TypeChange) -> bool:
    names = {each.name for each in (change.old, change.new) if each}
    return len(names & {"timestamp", "date", "time"}) > 0 < len(names & {"timestamptz", "timetz"})


def _known(op: AlterColumn, table: Table | None) -> Table:
    """The table; refused unless all of it is known, and its rows can be taken in turn."""
    if table is None or not table.complete or op.column not in table.columns:
        raise RefusedError("what stands on the column is not known")
    if any(each.may_read(str(op.column)) for each in table.views):
        raise RefusedError(
            "a view, a policy or a trigger may be on it, and would stay with the old"
        )
    if table.columns[str(op.column)].not_null is UNKNOWN:
        raise RefusedError("whether it may be NULL is not known")
    if any(each.generated and each.computed is UNKNOWN for each in table.columns.values()):
        raise RefusedError("a generated column may be computed from it")
    keys = [index.keys for index in table.indexes if index.primary]
    if len(keys) != 1 or keys[0] is UNKNOWN:
        raise RefusedError("there is no primary key to go along")
    for each in keys[0]:
        key = table.columns.get(str(each.column))
        if key is None or key.type is UNKNOWN or not is_told(key.type):
            raise RefusedError("the primary key's type is not known")
    return table


def _undone(op: AlterColumn, edit: Edits) -> AlterColumn:
    """The one place where downgrade() gives the column its old type again."""
    found = [
        each
        for each in edit.operations()
        if isinstance(each, AlterColumn)
        and each.context.function == "downgrade"
        and each.table in (UNKNOWN, op.table)
        and each.column in (UNKNOWN, op.column)
    ]
    if len(found) != 1 or found[0].table != op.table or found[0].column != op.column:
        raise RefusedError("how downgrade() undoes it is not plain to see")
    down, context = found[0], found[0].context
    once = not (context.conditional or context.branches or context.loop or context.tried)
    if down.schema != op.schema or down.type is None or context.via or not once:
        raise RefusedError("how downgrade() undoes it is not plain to see")
    return down


def _refuse_shape(op: AlterColumn, edit: Edits) -> None:
    """Refuse what is more than a change of type, or is not run by itself."""
    refuse_connection(op, edit)
    if set(op.changes) - {"type_", "postgresql_using"}:
        raise RefusedError("it changes more than the type")
    if op.batch is not None or not op.complete or op.context.within:
        raise RefusedError("it stands in a block, or with arguments that are not written out")
    if op.in_sql is not None and not op.in_sql.alone:
        raise RefusedError("the SQL holds more than the change")
    if op.context.autocommit is not False:
        raise RefusedError("it runs outside the transaction")


def _locked_before(op: AlterColumn, found: Spread, swap: ColumnSwap) -> Iterable[str]:
    """All tables at once, where the function changes one at the other end of a foreign key too.

    Else a writer who has the second one and waits for the first would end in a deadlock.
    """
    function = op.context.function
    here = [each for each in found.edit.operations() if each.context.function == function]
    ends = {end for one, key in found.keys for end in (one.name, key.referent)}
    names = {end.name for end in ends if end is not UNKNOWN} - {op.table}
    if not any(each.table in names for each in here):
        return ()
    locks = tuple(swap.locked())
    sent = (each for each in here if isinstance(each, Execute) and each.order < op.order)
    return () if any(each.sql == locks[-1] for each in sent) else locks


def sources(statements: Iterable[str]) -> list[str]:
    """The sources of calls that send SQL."""
    return [_source("op", sql) for sql in statements]


def _source(alembic_op: str, sql: str) -> str:
    """The source of a call that sends SQL."""
    if not bind_safe(sql):
        raise RefusedError("op.execute() takes a part of the SQL for a parameter")
    if "\n" not in sql:
        return f"{alembic_op}.execute({python_string(sql)})"
    if '"""' in sql or "\\" in sql:
        raise RefusedError("the SQL has characters that its string would need to escape")
    return f'{alembic_op}.execute("""{sql}""")'
