"""Evaluated arguments of an Alembic operation, by the names of its parameters.

Names and order of parameters are Alembic's (alembic.operations.ops, 1.20), those of old versions
included. In a batch the table and schema are the batch's, so positions shift.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import facts
from ..facts import UNKNOWN, Batch
from .values import Final, Value

# Positional parameters of `op.X`; those in capitals are what a batch leaves out.
_POSITIONAL = {
    "add_column": "TABLE_NAME column",
    "alter_column": "TABLE_NAME column_name",
    "bulk_insert": "table rows",
    "create_check_constraint": "constraint_name TABLE_NAME condition",
    "create_exclude_constraint": "constraint_name TABLE_NAME",
    "create_foreign_key": "constraint_name SOURCE_TABLE referent_table local_cols remote_cols",
    "create_index": "index_name TABLE_NAME columns",
    "create_primary_key": "constraint_name TABLE_NAME columns",
    "create_table": "table_name",
    "create_table_comment": "TABLE_NAME comment",
    "create_unique_constraint": "constraint_name TABLE_NAME columns",
    "drop_column": "TABLE_NAME column_name",
    "drop_constraint": "constraint_name TABLE_NAME type_",
    "drop_index": "index_name TABLE_NAME",
    "drop_table": "table_name",
    "drop_table_comment": "TABLE_NAME",
    "execute": "sqltext",
    "rename_table": "old_table_name new_table_name",
}
OPERATIONS = frozenset(_POSITIONAL)
# The names that these parameters had before Alembic 0.8.
_OLD_NAMES = {
    "name": ("index_name", "constraint_name", "column_name", "table_name"),
    "tablename": ("table_name",),
    "source": ("source_table",),
    "referent": ("referent_table",),
}


@dataclass(frozen=True, slots=True)
class Arguments:
    """Evaluated arguments by name; `rest` are the positional ones behind the last named one."""

    by_name: dict[str, Value]
    rest: tuple[Value, ...]
    complete: bool  # False where `*args` or `**kwargs` hide some

    def get(self, name: str, default: Value = None) -> Value:
        """An argument; UNKNOWN where it may be among those that are hidden."""
        return self.by_name.get(name, default if self.complete else UNKNOWN)

    def text(self, name: str, default: str | None = None) -> Any:
        """An argument that is a string or None, else UNKNOWN."""
        value = self.get(name, default)
        return value if value is None or isinstance(value, str) else UNKNOWN

    def constraint_name(self) -> dict[str, Any]:
        """The name of a constraint, and whether op.f() made it final."""
        name = self.text("constraint_name")
        return {"name": name, "final": isinstance(name, Final)}

    def flag(self, name: str) -> facts.Flag:
        """An argument that is a boolean, else UNKNOWN; None counts as False."""
        value = self.get(name, False)
        return bool(value) if value is None or isinstance(value, (bool, int)) else UNKNOWN

    def columns(self, name: str) -> tuple[facts.Text, ...] | facts.Unknown:
        """A list of column names; an expression in it is UNKNOWN."""
        value = self.get(name)
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, tuple):
            return UNKNOWN
        return tuple(item if isinstance(item, str) else UNKNOWN for item in value)


def bind(
    method: str,
    batch: Batch | None,
    positional: tuple[Value, ...],
    keywords: dict[str, Value],
    complete: bool,
) -> Arguments:
    """The arguments of a call of `op.method` or `batch_op.method`, by the parameters' names."""
    names = [name for name in _POSITIONAL[method].split() if not (batch and name.isupper())]
    names = [name.lower() for name in names]
    by_name = dict(zip(names, positional, strict=False))
    for name, value in keywords.items():
        modern = [other for other in _OLD_NAMES.get(name, ()) if other in names]
        by_name[modern[0] if modern and modern[0] not in by_name else name] = value
    return Arguments(by_name, positional[len(names) :], complete)
