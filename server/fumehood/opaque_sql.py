"""SQL that is no list of operations, and what is not known of tables behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from .facts import Execute
from .read.ddl import commands
from .schema import SchemaIndex, Table, TableName

# A trigger or policy that goes takes nothing of its table along.
_ALTERS = re.compile(r"\b(?:alter|drop)\b(?!\s+(?:trigger|policy)\b)", re.IGNORECASE)
_WORDS = re.compile(r"\w+")
_UNKNOWN_TABLE = re.compile(
    r'\b(?:alter|drop)\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?["\w.]*[?%{]', re.IGNORECASE
)
_DROPS_INDEX = re.compile(
    r"\bdrop\s+index\s+(?:concurrently\s+)?(?:if\s+exists\s+)?([^;]*)", re.IGNORECASE
)
_BEHAVIOUR = re.compile(r"\s+(?:cascade|restrict)\s*$", re.IGNORECASE)


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
    dropped = _dropped_indexes(sql)
    for name, table in tables.items():
        if name.name.lower() in words or _UNKNOWN_TABLE.search(sql):
            yield Table(name=name)
            continue
        gone = [each for each in table.indexes if _may_be(each, dropped)]
        if gone or None in dropped:
            kept = tuple(each for each in table.indexes if each not in gone)
            yield replace(table, indexes=kept, complete=False, untold=False)


def _dropped_indexes(sql: str) -> frozenset[str | None]:
    """The names of indexes that SQL with unknown parts drops; None where one is not known."""
    found: set[str | None] = set()
    for match in _DROPS_INDEX.finditer(sql):
        for each in _BEHAVIOUR.sub("", match[1]).split(","):
            name = each.rpartition(".")[2].strip().strip('"')  # the schema may be the unknown part
            found.add(name.lower() if name.isidentifier() else None)
    return frozenset(found)


def _may_be(index: SchemaIndex, names: frozenset[str | None]) -> bool:
    """Whether an index may have one of the names, None for any; a constraint's is not dropped."""
    if not names or index.owned_by_constraint:
        return False
    return None in names or not isinstance(index.name, str) or index.name.lower() in names
