"""Limit indexes that are not unique to three columns."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TypedDict

from fumehood.facts import (
    CreateForeignKey,
    CreateIndex,
    CreateTable,
    IndexKey,
    Path,
    TableIndex,
    Unknown,
)
from fumehood.models.facts import WrittenIndex
from fumehood.naming import Constrained, UnnamedError, index_name
from fumehood.rule import UNKNOWN, Edits, Finding, Fix, Look, RefusedError, Statement
from fumehood.sent import refuse_sql

_EFFECT = (
    "Each key makes the index larger and every write to it slower, and behind the first columns "
    "one seldom narrows a search further."
)
_INCLUDE = "postgresql_include"
_NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
Index = CreateIndex | TableIndex


def check(op: CreateIndex | CreateTable, look: Look) -> Iterator[Finding]:
    """An index has more keys than searches use."""
    if op.context.downgrade:  # it restores what there was
        return
    if not isinstance(op.table, str) or op.schema is UNKNOWN:
        return
    most = look.settings.max_columns
    indexes = op.indexes if isinstance(op, CreateTable) else (op,)
    for index in indexes:
        if _is_wide(index, most) and not _supports(index, op, look):
            what = f"{_said(index)} on {op.table} has more than {_number(most)} key columns."
            place = index.site if isinstance(index, TableIndex) else None
            yield Finding(op, what, _EFFECT, tuple(_fixes(index, most)), site=place)


def check_model(written: WrittenIndex, look: Look) -> Iterator[Finding]:
    """A model's index has more keys than searches use."""
    model, index, most = written.model, written.index.index, look.settings.max_columns
    if not isinstance(model.table, str) or not _is_wide(index, most):
        return
    columns = [] if index.keys is UNKNOWN else [key.column for key in index.keys]
    for each in model.foreign_keys:
        if each.columns is not UNKNOWN and set(each.columns) == set(columns):
            return  # it is for the foreign key, which is as wide
    what = f"{_said(index)} on {model.table} has more than {_number(most)} key columns."
    yield Finding(written, what, _EFFECT)


def keep_first(op: CreateIndex | CreateTable, edit: Edits, index: Index) -> None:
    """Leave the last keys out."""
    statement = _written_out(op, edit, index)
    statement.keep_items(edit.settings.max_columns, **_place(index, op))
    edit.replace(op, statement)


def include_rest(op: CreateIndex | CreateTable, edit: Edits, index: Index) -> None:
    """Make the last keys columns that the index only carries along."""
    if edit.settings.postgres_version is not None and edit.settings.postgres_version < 11:
        raise RefusedError("PostgreSQL has INCLUDE from version 11 on")
    statement, place = _written_out(op, edit, index), _place(index, op)
    if index.include != () or statement.keyword(_INCLUDE, place["path"]) is not None:
        raise RefusedError("the index includes something already")
    rest = (statement.items(**place) or [])[edit.settings.max_columns :]
    statement.keep_items(edit.settings.max_columns, **place)
    statement.set_keyword(_INCLUDE, f"[{', '.join(rest)}]", place["path"])
    edit.replace(op, statement)


def _fixes(index: Index, most: int) -> Iterator[Fix]:
    first = "first column" if most == 1 else f"first {_number(most)} columns"
    for title, apply in (
        (f"Keep the {first}", keep_first),
        (f"Move the rest to {_INCLUDE}", include_rest),
    ):
        fix = partial(apply, index=index)
        yield Fix(title, fix, decided=False, chosen=True, isolates=False, block=False)


def _is_wide(index: Index, most: int) -> bool:
    """Whether it has too many keys, as far as these are known, and these are what it is for."""
    if index.unique is not False or index.method != "btree" or index.keys is UNKNOWN:
        return False
    return sum(key.column is not UNKNOWN for key in index.keys) > most


def _supports(index: Index, op: CreateIndex | CreateTable, look: Look) -> bool:
    """Whether it is for a foreign key, which is as wide and so is looked up with all its keys."""
    columns = [] if index.keys is UNKNOWN else [key.column for key in index.keys]
    return any(
        key is not UNKNOWN and len(key) == len(columns) and set(key) == set(columns)
        for key in _foreign_keys(op, look)
    )


def _foreign_keys(
    op: CreateIndex | CreateTable, look: Look
) -> Iterator[tuple[object, ...] | Unknown]:
    """The columns of the foreign keys that the function gives the table."""
    where = op.context.function, op.schema, op.table
    for created in look.operations(CreateTable, *where):
        yield from (key.columns for key in created.foreign_keys)
    yield from (key.columns for key in look.operations(CreateForeignKey, *where))


def _written_out(op: CreateIndex | CreateTable, edit: Edits, index: Index) -> Statement:
    """The operation's line; refused unless the keys are columns and stand in it as strings."""
    refuse_sql(op)
    statement = edit.statement(op)
    if index.site is None or index.site.piece is not op.site.piece:
        raise RefusedError("the index is not written out here")
    items = statement.items(**_place(index, op)) or []
    if tuple(map(_key, items)) != index.keys:
        raise RefusedError("its keys are more than columns, or not written out here")
    _refuse_another_name(op, edit, index)
    return statement


def _refuse_another_name(op: CreateIndex | CreateTable, edit: Edits, index: Index) -> None:
    """Where the keys make its name, what drops it, in downgrade() or later, would miss it."""
    if index.name is not None:
        return
    assert index.keys is not UNKNOWN  # it stands there
    columns = [str(key.column) for key in index.keys]
    schema = op.schema if isinstance(op.schema, str) else None
    every = Constrained(str(op.table), schema, columns)
    kept = replace(every, columns=columns[: edit.settings.max_columns])
    try:
        names = [index_name(edit.project.naming, each) for each in (every, kept)]
    except UnnamedError as error:
        raise RefusedError(str(error)) from error
    if names[0] != names[1]:
        raise RefusedError(f"it would no longer be called {names[0]}")


class _Place(TypedDict):
    position: int
    name: str
    path: Path


def _place(index: Index, op: CreateIndex | CreateTable) -> _Place:
    """Where the columns are given: create_index() has a list of them, Index() takes each."""
    assert index.site is not None
    if isinstance(index, TableIndex):
        return {"position": 1, "name": "", "path": index.site.path}
    return {"position": 1 if op.batch else 2, "name": "columns", "path": index.site.path}


def _key(source: str) -> IndexKey | None:
    """The key that a string literal gives."""
    try:
        value = ast.literal_eval(source)
    except (SyntaxError, ValueError):
        return None
    return IndexKey(value) if isinstance(value, str) else None


def _said(index: Index) -> str:
    return f"Index {index.name}" if isinstance(index.name, str) else "An index"


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)
