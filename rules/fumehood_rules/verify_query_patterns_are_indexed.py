"""Find queries that read a whole table because no index serves them."""

from __future__ import annotations

from collections.abc import Iterator

from fumehood.facts import IndexKey
from fumehood.models.facts import Model, WrittenQuery
from fumehood.rule import Finding, Look
from fumehood.unserved import Reason, Unserved, unserved

_VERBS = {Reason.FILTER: "filters", Reason.SORT: "sorts", Reason.JOIN: "joins"}
_EFFECT = "PostgreSQL reads all of {table} each time, and takes the longer the more rows it has."


def check(query: WrittenQuery, look: Look) -> Iterator[Finding]:
    """A query looks for rows by columns that no index leads with."""
    models = look.models
    if models is None:  # not all files are read
        return
    for lack in unserved(query.query, models.tables(query.query)):
        model = models.model(query.query.tables[lack.table])
        if model is not None:
            yield _finding(query, lack, model)
            return  # with an index on one table, others may be reached from it


def _finding(query: WrittenQuery, lack: Unserved, model: Model) -> Finding:
    what = f"This query {_VERBS[lack.reason]} {model.table} by {_said(lack.key)}, without an index."
    column = model.by_name(str(lack.key.column))
    related = ((column.origin, f"{column.attribute} is defined here."),) if column else ()
    return Finding(query, what, _EFFECT.format(table=model.table), related=related)


def _said(key: IndexKey) -> str:
    return str(key.expression or key.column)
