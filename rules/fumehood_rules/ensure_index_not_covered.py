"""Leave out indexes that another one already serves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from fumehood.cover import KnownIndex, covers, key_index, known_index
from fumehood.facts import (
    AddColumn,
    Column,
    CreateIndex,
    CreateTable,
    Execute,
    IndexKey,
    Operation,
    TableIndex,
)
from fumehood.models.facts import Model, ModelIndex, Origin, WrittenIndex
from fumehood.rule import UNKNOWN, Edits, Finding, Fix, Look, ProjectEdits, RefusedError
from fumehood.schema import SchemaIndex, Table
from fumehood.sent import refuse_sql
from fumehood.waiting import dropped_again, refuse_later_use

_EFFECT = (
    "Every write keeps both, and both take space and memory; whatever reads the one can read the "
    "other."
)
Part = TableIndex | Column  # what brings an index in create_table()


def check(op: CreateIndex | AddColumn | CreateTable, look: Look) -> Iterator[Finding]:
    """An index is built although another serves what it would be read for."""
    if op.context.downgrade:  # it restores what there was
        return
    if not _brings_index(op):
        return
    table = look.tables.after(op)
    if table is None:  # it is not known which
        return
    for index, other in _served(table):
        if index.at == op.site and not _is_named_in_sql(index, op, look):
            part = _part(op, index) if isinstance(op, CreateTable) else None
            what = f"{_named('Index', index)} on {op.table} is served by {_said(other)}."
            related = () if other.at is None else ((other.at, _named("It is served by", other)),)
            plain = isinstance(op, CreateIndex) or isinstance(part, TableIndex)
            site = None if part is None else part.site
            fixes = tuple(_fixes(op, index, part))
            yield Finding(op, what, _EFFECT, fixes, related, plain, site)
            if part is None:
                return


def check_model(written: WrittenIndex, look: Look) -> Iterator[Finding]:
    """A model has an index although another of its indexes serves what it would be read for."""
    model, own = written.model, written.index
    if look.models is None or not isinstance(model.table, str):
        return
    if any(_serving(each, other) is None for other, each in written.others):
        return  # a model that inherits it needs it
    if (found := _serving(own, model)) is not None:
        index, origin = found
        also = f" (and {len(written.others)} more)" if written.others else ""
        what = f"{_named('Index', own.index)} on {model.table}{also} is served by {_said(index)}."
        related = ((origin, _named("It is served by", index)),)
        # Where it is not plain which part of the line makes it, nothing is faded.
        plain = bool(written.site.path)
        yield Finding(written, what, _EFFECT, tuple(_model_fixes(written)), related, plain)


def without(written: WrittenIndex, edit: ProjectEdits) -> None:
    """Take the index out of its model, or of the class that gives it to several."""
    own = written.index
    owner = own.origin.name.rpartition(".")[0] or own.origin.name
    if own.column is not None:
        column = written.model.by_attribute(own.column)
        name = own.column if column is None else str(column.column.name)
        edit.file(own.origin.path).unindex_column(owner, own.column, name)
    else:
        edit.file(own.origin.path).remove_index(own)


def _model_fixes(written: WrittenIndex) -> Iterator[Fix]:
    title = "Leave the index out"
    fix = Fix(title, without, decided=False, chosen=True, isolates=False, block=False)
    yield fix
    if not written.others:  # a revision changes one table
        title = f"{title}, and drop it concurrently in a new revision"
        yield replace(fix, title=title, migrates=written.model.key)


def without_index(op: CreateIndex, edit: Edits) -> None:
    """Take the index out of upgrade(), and its drop out of downgrade()."""
    edit.statement(op)
    _refuse_unless_plain(op, op.name, edit)
    dropped = dropped_again(op, edit, str(op.name))
    edit.remove(op)
    if dropped is not None:
        edit.statement(dropped)
        edit.remove(dropped)


def without_part(op: CreateTable, edit: Edits, index: SchemaIndex, part: Part) -> None:
    """Take the index out of the new table, and its drop out of downgrade()."""
    statement = edit.statement(op)
    _refuse_unless_plain(op, index.name, edit)
    if part.site is None or part.site.piece is not op.site.piece:
        raise RefusedError("the index is not written out here")
    dropped = dropped_again(op, edit, str(index.name))
    if isinstance(part, TableIndex):
        statement.remove_argument(part.site.path)
    else:  # unique=True alone would be a constraint
        statement.remove_keyword("index", part.site.path)
        statement.remove_keyword("unique", part.site.path)
    edit.replace(op, statement)
    if dropped is not None:
        edit.statement(dropped)
        edit.remove(dropped)


def without_keyword(op: AddColumn, edit: Edits) -> None:
    """Add the column without its index."""
    statement = edit.statement(op)
    column = op.column
    if not isinstance(column, Column) or column.site is None:
        raise RefusedError("the column is not written out here")
    statement.remove_keyword("index", column.site.path)
    edit.replace(op, statement)


def _refuse_unless_plain(op: Operation, name: object, edit: Edits) -> None:
    """Refuse unless the index is always built here, once, and no later revision names it."""
    refuse_sql(op)
    edit.refuse_other_runs(op)
    if op.context.conditional or op.context.via:
        raise RefusedError("the index is not always built here")
    if not isinstance(name, str):
        raise RefusedError("the index has no name to find its drop by")
    refuse_later_use(name, edit)


def _fixes(
    op: CreateIndex | AddColumn | CreateTable, index: SchemaIndex, part: Part | None
) -> Iterator[Fix]:
    fix = Fix(
        "Leave the index out",
        without_index,
        decided=False,
        chosen=True,
        isolates=False,
        block=False,
    )
    if isinstance(op, CreateIndex):
        yield fix
    elif isinstance(op, AddColumn):
        yield replace(fix, title="Add the column without an index", apply=without_keyword)
    elif part is not None:
        yield replace(fix, apply=partial(without_part, index=index, part=part))


def _part(op: CreateTable, index: SchemaIndex) -> Part | None:
    """What brings the index in create_table(): an Index(), or a column with index=True."""
    for each in op.indexes:
        if each.keys == index.keys and each.name in (None, index.name):
            return each
    for column in op.columns:
        if column.index is True and index.keys == (IndexKey(column.name),):
            return column
    return None


def _served(table: Table) -> Iterator[tuple[SchemaIndex, SchemaIndex]]:
    """The indexes of a table that another serves, each with that other."""
    known = [(index, found) for index in table.indexes if (found := known_index(index))]
    for number, (index, one) in enumerate(known):
        for position, (other, two) in enumerate(known):
            if position == number or not covers(two, one):
                continue
            # Of two that are equal the first stays, and a key may point at a unique one.
            if position > number and (covers(one, two) or one.unique):
                continue
            yield index, other
            break


def _serving(own: ModelIndex, model: Model) -> tuple[KnownIndex, Origin] | None:
    """The index of a model that serves another, and where it is written."""
    one = known_index(own.index)
    if one is None:
        return None
    known = [(known_index(each.index), each.origin) for each in model.indexes]
    position = model.indexes.index(own)
    known += [(key_index(each.key), each.origin) for each in model.keys]
    serving: list[tuple[KnownIndex, Origin]] = []
    for number, (two, origin) in enumerate(known):
        if number == position or two is None or not covers(two, one):
            continue
        # Of two that are equal the first stays, and a key may point at a unique one.
        if number > position and (covers(one, two) or (one.unique and not two.owned_by_constraint)):
            continue
        serving.append((two, origin))
    # The widest is named: no other makes it redundant.
    return max(serving, key=lambda each: len(each[0].keys), default=None)


def _is_named_in_sql(index: SchemaIndex, op: Operation, look: Look) -> bool:
    """Whether SQL of the function may need the index: CLUSTER, REPLICA IDENTITY, COMMENT ON."""
    name = re.compile(rf"\b{re.escape(str(index.name))}\b", re.IGNORECASE)
    sent = look.operations(Execute, op.context.function, None, None)
    texts = [each.sql for each in sent]
    if op.in_sql is not None:  # of what is sent with it, all but itself
        texts = [each.sql for each in sent if each.site.piece is not op.site.piece]
        texts += [op.in_sql.sql[: op.in_sql.start], op.in_sql.sql[op.in_sql.end :]]
    return any(isinstance(each, str) and name.search(each) for each in texts)


def _brings_index(op: CreateIndex | AddColumn | CreateTable) -> bool:
    match op:
        case CreateIndex():
            return True
        case AddColumn(column=Column() as column):
            return column.index is True
        case CreateTable():
            return bool(op.indexes) or any(each.index is True for each in op.columns)
    return False


def _named(what: str, index: SchemaIndex | TableIndex | KnownIndex) -> str:
    return f"{what} {index.name}" if isinstance(index.name, str) else what


def _said(index: SchemaIndex | KnownIndex) -> str:
    """The other index, with its columns: "users_pkey (id), the primary key"."""
    kind = ", the primary key" if index.primary else ""
    kind = kind or (", a unique constraint's" if index.owned_by_constraint else "")
    keys = () if index.keys is UNKNOWN else index.keys
    columns = ", ".join(str(key.column or key.expression) for key in keys)
    name = index.name if isinstance(index.name, str) else "the index on"
    return f"{name} ({columns}){kind}"
