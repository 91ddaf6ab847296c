"""A column of a type that statements for the old one cannot use: both are kept, each up to date.

Expand: the new column, and a trigger by which either can be written. Then the rows that were there
are filled, as where columns are swapped. The old column is dropped when nobody uses it any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from .column_pair import ColumnPair
from .conversions import is_assignable
from .edits import Edits, RefusedError
from .facts import AlterColumn
from .read.sql import columns_of
from .schema import Table
from .spread import Spread, spread
from .swap_parts import Key, bound_to, index_swaps
from .type_change import TypeChange

# Types of which two equal values need not be the same, or that have no equality.
_UNEQUAL = frozenset(
    "box bpchar circle citext json jsonpath line lseg path point polygon xml".split()  # noqa: SIM905
)


def expand_pair(
    op: AlterColumn,
    edit: Edits,
    change: TypeChange,
    table: Table | None,
    referring: Sequence[Key] = (),
) -> None:
    """Write the steps; `table` is as the operation finds it, `referring` are the keys to it."""
    found = spread(op, edit, change, table, referring)
    pair = _pair(found)
    found.refuse_between()
    found.refuse_dropped_type()
    found.write(pair)
    default = (
        f", give {pair.new} its default" if found.table.columns[str(op.column)].default else ""
    )
    found.create_fill(
        pair,
        [
            "# Either column can be written now, and the other follows. Map the model's attribute",
            f"# to {pair.new}, and deploy that. When nothing uses {pair.column} any more, in a",
            f"# later revision: drop the trigger {pair.trigger} and its",
            f"# function{default}, and drop {pair.column}.",
        ],
    )


def _pair(found: Spread) -> ColumnPair:
    """Refused where values have no way there or back, or more than indexes is on the column."""
    op, down, table, old, new = found.op, found.down, found.table, found.old, found.new
    column = str(op.column)
    for each, there in ((op, is_assignable(old, new)), (down, is_assignable(new, old))):
        if each.using is None and not there:
            raise RefusedError("the values have no way there and back: say how by USING")
        if each.using is not None and columns_of(str(each.using), table.name.name) not in (
            [],
            [column],
        ):
            raise RefusedError("USING is about more than the column")
    if is_assignable(old, new) and is_assignable(new, old):
        raise RefusedError("the columns can be swapped")
    if {old.name, new.name} & _UNEQUAL:
        raise RefusedError("whether a value of its types has changed cannot be told")
    held = table.columns[column]
    if held.sequence is not None or held.identity or held.generated:
        raise RefusedError("a sequence or an expression gives it its values")
    if any(index.primary and index.about(column) for index in table.indexes):
        raise RefusedError("it is the primary key")
    if bound_to(column, table, found.keys, (old, new)):
        raise RefusedError("a foreign key or a check is on it")
    swap = found.swap()
    given = {each.name: getattr(swap, each.name) for each in fields(swap)}
    given |= {"not_null": swap.not_null if held.not_null else None}
    return ColumnPair(**given | {"indexes": tuple(index_swaps(column, table))})
