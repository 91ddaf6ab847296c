"""Find queries that read a whole table because no index serves them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from fumehood.facts import IndexKey
from fumehood.models.facts import MappedColumn, Model, Query, WrittenQuery
from fumehood.naming import Constrained, Naming, index_name
from fumehood.rule import Finding, Fix, Look, NewIndex, ProjectEdits, RefusedError
from fumehood.unserved import Reason, Unserved, unserved

_VERBS = {Reason.FILTER: "filters", Reason.SORT: "sorts", Reason.JOIN: "joins"}
_EFFECT = "PostgreSQL reads all of {table} each time, which takes the longer the more rows it has."
_HINT = (
    "PostgreSQL 18 can skip over the few values of the column in front of it in an index; earlier "
    "versions read all of {table} each time."
)
_NAMES = Naming({"ix": "ix_%(table_name)s_%(column_0_N_name)s"})


def check(query: WrittenQuery, look: Look) -> Iterator[Finding]:
    """A query looks for rows by columns that no index leads with."""
    models = look.models
    if models is None:  # not all files are read
        return
    for lack in unserved(query.query, models.tables(query.query)):
        model = models.model(query.query.tables[lack.table])
        if model is not None:
            yield _finding(query, lack, model)


def with_index(_: WrittenQuery, edit: ProjectEdits, model: Model, lack: Unserved) -> None:
    """Give each column that needs it `index=True`; else the model an Index()."""
    columns = [_own_column(keys, model) for keys in lack.indexes]
    known = [each for each in columns if each is not None]
    path, owner = model.key
    if known and len(known) == len(columns):
        for each in known:
            edit.file(path).index_column(owner, each.attribute, str(each.column.name))
        return
    if not isinstance(model.table, str):
        raise RefusedError("it is not known what the table is called, nor so the index")
    if len(lack.indexes) != 1 or model.inherits_arguments:
        raise RefusedError("it takes more than one Index(), or a base has arguments of its own")
    (keys,) = lack.indexes
    edit.file(path).add_index(owner, NewIndex(_name(keys, model), keys))


def _finding(query: WrittenQuery, lack: Unserved, model: Model) -> Finding:
    what = (
        f"This query {_VERBS[lack.reason]} {model.called} by {_said(lack.key)}, without an index."
    )
    column = model.by_name(str(lack.key.column))
    related = ((column.origin, f"{column.attribute} is defined here."),) if column else ()
    effect = (_HINT if lack.hint else _EFFECT).format(table=model.called)
    return Finding(query, what, effect, tuple(_fixes(query.query, lack, model)), related)


def _fixes(query: Query, lack: Unserved, model: Model) -> Iterator[Fix]:
    """With an index, in whatever file the model stands."""
    if lack.indexes:
        apply = partial(with_index, model=model, lack=lack)
        path, owner = model.key
        title = f"Give {owner} the index" + (f" in {path}" if path != query.path else "")
        fix = Fix(title, apply, decided=False, isolates=False, block=False)
        yield fix
        yield replace(
            fix, title=f"{title}, and build it concurrently in a new revision", migrates=model.key
        )


def _own_column(keys: tuple[IndexKey, ...], model: Model) -> MappedColumn | None:
    """The column that `index=True` is enough for; one of a base is other models' too."""
    column = model.by_name(str(keys[0].column))
    if len(keys) > 1 or column is None or keys[0].expression or keys[0].operator_class:
        return None
    own = (model.key[1], f"{model.key[1]}.{column.attribute}")
    is_own = column.origin.path == model.key[0] and column.origin.name in own
    return column if is_own and keys[0].nulls_first in (None, keys[0].descending) else None


def _name(keys: tuple[IndexKey, ...], model: Model) -> str:
    parts = [re.sub(r"\W+", "_", each.expression or str(each.column)).strip("_") for each in keys]
    return index_name(_NAMES, Constrained(str(model.table), None, parts))


def _said(key: IndexKey) -> str:
    return str(key.expression or key.column)
