"""SQL that makes and drops views -> the tables with those that read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .facts import UNKNOWN, Execute
from .read.views import Made, Read, Relation, views_in
from .schema import SchemaView, Table, TableName, table_name


def viewed(op: Execute, sure: bool, tables: Mapping[TableName, Table]) -> Iterator[Table]:
    """The tables of which other views are known behind SQL; `sure`: it runs."""
    sql = op.sql if isinstance(op.sql, str) else op.template
    found = dict(tables)
    if sql is None:
        _unsettle(found)
    else:
        views = views_in(sql)
        for step in views.steps:
            if isinstance(step, Made):
                _make(step, sure and op.sql is not UNKNOWN, found)
            else:
                _drop(step, sure, found)
        if views.unsure:
            _unsettle(found)
        for name in found:
            if name.name.lower() in views.words:
                _add(SchemaView(name=UNKNOWN), name, found)
    for name, table in found.items():
        if table is not tables[name]:
            yield table


def _make(made: Made, sure: bool, tables: dict[TableName, Table]) -> None:
    for read in made.reads:
        name = table_name(*read.table)
        if name is None or name not in tables:
            continue
        columns = _columns(read, tables[name]) if sure and made.name else None
        view = made.name[1] if made.name else UNKNOWN
        _add(SchemaView(name=view, columns=columns), name, tables)


def _columns(read: Read, table: Table) -> frozenset[str] | None:
    """Those that it reads, if they are all known."""
    if read.columns is None or (read.all and not table.complete):
        return None
    return read.columns | table.columns.keys() if read.all else read.columns


def _add(view: SchemaView, name: TableName, tables: dict[TableName, Table]) -> None:
    if view not in tables[name].views:
        tables[name] = replace(tables[name], views=(*tables[name].views, view))


def _drop(dropped: Relation, sure: bool, tables: dict[TableName, Table]) -> None:
    """Without a view, whichever schema it is in."""
    for name, table in tables.items():
        if any(each.name == dropped[1] for each in table.views):
            rest = tuple(each for each in table.views if each.name != dropped[1])
            kept = () if sure else (SchemaView(name=dropped[1]),)
            tables[name] = replace(table, views=(*rest, *kept))


def _unsettle(tables: dict[TableName, Table]) -> None:
    """Whether there still are the views that are known is not known."""
    for name, table in tables.items():
        if any(each.columns is not None for each in table.views):
            views = dict.fromkeys(replace(each, columns=None) for each in table.views)
            tables[name] = replace(table, views=tuple(views))
