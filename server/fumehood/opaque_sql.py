"""SQL that is no list of operations, and what is not known of tables behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from .facts import Execute
from .read.ddl import commands
from .schema import Table, TableName

_ALTERS = re.compile(r"\b(?:alter|drop)\b", re.IGNORECASE)
_WORDS = re.compile(r"\w+")
_UNKNOWN_TABLE = re.compile(
    r'\b(?:alter|drop)\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?["\w.]*[?%{]', re.IGNORECASE
)
_DROPS_INDEX = re.compile(r"\bdrop\s+index\b", re.IGNORECASE)


def changed_by(op: Execute, tables: Mapping[TableName, Table]) -> Iterator[Table]:
    """The tables that SQL may have changed: those that it names, all where a name is not known."""
    found = dict(tables)
    if op.template is not None and _ALTERS.search(op.template):
        found.update((each.name, each) for each in _changed_by_template(op.template, tables))
    if isinstance(op.sql, str) and _ALTERS.search(op.sql) and commands(op.sql).opaque:
        words = frozenset(_WORDS.findall(op.sql.lower()))
        found.update((name, Table(name=name)) for name in tables if name.name.lower() in words)
    for name, table in found.items():
        if table is not tables[name]:
            yield table


def _changed_by_template(sql: str, tables: Mapping[TableName, Table]) -> Iterator[Table]:
    """What SQL with unknown parts names is not known afterwards, nor what it may be about."""
    words = frozenset(_WORDS.findall(sql.lower()))
    for name, table in tables.items():
        if name.name.lower() in words or _UNKNOWN_TABLE.search(sql):
            yield Table(name=name)
        elif _DROPS_INDEX.search(sql):
            kept = tuple(each for each in table.indexes if each.owned_by_constraint)
            yield replace(table, indexes=kept, complete=False)
