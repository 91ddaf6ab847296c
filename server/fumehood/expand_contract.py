"""A column's type changed over three revisions: a new column beside it, filled, then in its place.

Expand: the new column, and a trigger that keeps it up with the old one. Then the rows that were
there are copied in batches, each in a transaction of its own. Contract: the two swap their names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .column_swap import ColumnSwap
from .conversions import INTEGERS, is_assignable
from .edits import Edits, RefusedError
from .facts import AlterColumn
from .follow_up import Autocommit
from .identifiers import qualified
from .schema import Table
from .spread import Spread, sources, spread
from .swap_parts import Key, bound_to, default_of, identity_of, index_swaps, primary_swap, tables_of
from .type_change import TypeChange

_LEFT = (
    "# What else is on the column is for you to carry over: views, policies, publications, grants,",
    "# its comment, statistics; ANALYZE the table behind it. What names no columns (SELECT *,",
    "# INSERT without a list) meets them in another order. Deploy what needs the type behind it.",
)


def expand_and_contract(
    op: AlterColumn,
    edit: Edits,
    change: TypeChange,
    table: Table | None,
    referring: Sequence[Key] = (),
) -> None:
    """Write the steps; `table` is as the operation finds it, `referring` are the keys to it."""
    found = spread(op, edit, change, table, referring)
    swap = _swap(found)
    found.refuse_between()
    found.write(swap)
    found.create_fill(swap)
    _create_swap(op, edit, swap)
    if swap.bound:
        edit.follow_ups.create_revision(
            f"Validate {op.table} {op.column}",
            [Autocommit(sources(swap.validate()))],
            ["# PostgreSQL cannot make it NOT VALID again: there is nothing to undo."],
        )


def _create_swap(op: AlterColumn, edit: Edits, swap: ColumnSwap) -> None:
    before = sources(swap.prepare_undo())
    edit.follow_ups.create_revision(
        f"Swap {op.table} {op.column}",
        [
            *_LEFT,
            *sources(swap.contract()),
            f"# Nothing writes {swap.old} any more. Drop it in a later revision.",
        ],
        [
            *([Autocommit(before)] if before else ()),
            f"# This writes each row anew that has changed since, while nobody can use {op.table}.",
            *sources(swap.undo_contract()),
        ],
    )


def _swap(found: Spread) -> ColumnSwap:
    """Refused where a name is taken or too long, or the values have no way there or back."""
    op, table, old, new = found.op, found.table, found.old, found.new
    if not is_assignable(old, new) or not is_assignable(new, old):
        raise RefusedError(
            "what reads or writes the old type would fail once the names are swapped"
        )
    if old.enum and op.using is not None:
        raise RefusedError("it is an enum, and may be another one of the same name")
    column, schema = str(op.column), table.name.schema
    swap = found.swap()
    held, identity = table.columns[column], identity_of(table.columns[column], table)
    if held.sequence is not None and not {old.name, new.name} <= INTEGERS:
        raise RefusedError("its sequence has no such type")
    primary = primary_swap(column, table)
    return replace(
        swap,
        not_null=swap.not_null if primary or identity or held.not_null else None,
        indexes=tuple(index_swaps(column, table)),
        primary=primary,
        bound=tuple(bound_to(column, table, found.keys, (old, new))),
        tables=tuple(tables_of(table, found.keys)),
        default=default_of(held, old, table),
        sequence=qualified(schema, str(held.sequence)) if held.sequence and not identity else None,
        identity=identity,
    )
