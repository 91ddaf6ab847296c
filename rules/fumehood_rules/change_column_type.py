"""Change a column's type without blocking reads and writes while the table is rewritten."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from fumehood.conversions import Work, sql_type
from fumehood.expand_contract import expand_and_contract
from fumehood.expand_pair import expand_pair
from fumehood.facts import AlterColumn, Execute
from fumehood.rule import UNKNOWN, Finding, Fix, Look
from fumehood.schema import SchemaCheck, SchemaForeignKey, SchemaIndex, Table
from fumehood.type_change import TypeChange, type_change

_LOCK = "ACCESS EXCLUSIVE lock: nobody reads or writes the table while {}, and until the commit."
_REWRITE = "all its rows and indexes are written anew, which takes time in proportion to the table"
_MISMATCH = "Without it the migration fails with DatatypeMismatch. "
_ENUM = "An enum that only gains values needs none of this: ALTER TYPE … ADD VALUE."
_WORKS = {
    Work.MAY_REWRITE: "may rewrite the table",
    Work.REWRITE: "rewrites the table",
    Work.UNLESS_UTC: "rewrites the table unless the session's time zone is UTC",
}
_UTC_VERSION = 12  # since then, PostgreSQL looks at the time zone
_TIME_ZONE = re.compile(
    r"\s*set\s+(?P<local>local\s+)?(?:session\s+)?time\s*zone\s*(?:to\b|=)?\s*'(?P<zone>[^']*)'",
    re.IGNORECASE,
)
_UTC = frozenset(["etc/utc", "gmt", "utc", "z", "zulu"])


def check(op: AlterColumn, look: Look) -> Iterator[Finding]:
    """A column's new type has the table rewritten, or looked through, while nobody can use it."""
    if op.type is None or not isinstance(op.column, str) or not isinstance(op.table, str):
        return
    if op.schema is UNKNOWN or look.created_here(op):  # nobody can use the table yet
        return
    tables = look.tables
    table = tables.before(op)
    change = type_change(op, table, tables.known, _is_utc(op, look))
    if change.computed or change.views:
        yield _refused(op, change)
        return
    found = _works(change, look.settings.postgres_version)
    if not found:
        return
    effect = _LOCK.format(_rebuilt(change) if change.work not in _WORKS else _REWRITE)
    what = f"Column {op.column} of {op.table}{_types(change)}, which {found}."
    if change.needs_using:
        using = "USING" if op.in_sql else "postgresql_using"
        what = f"{what[:-1]}, and needs {using}."
        effect = _MISMATCH + effect
    if change.renews_enum and not op.context.downgrade:
        effect = f"{effect} {_ENUM}"
    places = ((each.at, f"index {each.name}") for each in change.indexes)
    related = tuple((at, text) for at, text in places if at is not None)
    yield Finding(op, what, effect, _fixes(change, table, tables.referring(op)), related)


def _refused(op: AlterColumn, change: TypeChange) -> Finding:
    """PostgreSQL changes no type of a column from which another one is computed, or that is read by
    a view.
    """
    found = change.computed or change.views
    names = " and ".join(str(each.name) for each in found)
    verb, by = "is generated", "generated column"
    if not change.computed:
        verb, by = "are made" if len(found) > 1 else "is made", "view or rule"
    what = f"Column {op.column} of {op.table}{_types(change)}, from which {names} {verb}."
    effect = (
        f'PostgreSQL refuses it ("cannot alter type of a column used by a {by}"), as '
        f"long as there is {names}."
    )
    related = tuple((each.at, f"column {each.name}") for each in change.computed if each.at)
    return Finding(op, what, effect, (), related)


def _fixes(
    change: TypeChange, table: Table | None, referring: Sequence[tuple[Table, SchemaForeignKey]]
) -> tuple[Fix, ...]:
    beside = "Fill a new column beside it"
    ways = {
        f"{beside}, then swap them, over follow-up revisions": expand_and_contract,
        f"{beside}, and keep both up, with a follow-up revision": expand_pair,
    }
    return tuple(
        Fix(
            title,
            partial(way, change=change, table=table, referring=referring),
            decided=False,
            isolates=False,
        )
        for title, way in ways.items()
    )


def _works(change: TypeChange, version: int | None) -> str | None:
    """What the change does to the table; None where that is nothing, or not known."""
    if change.work is Work.UNLESS_UTC and version is not None and version < _UTC_VERSION:
        return _WORKS[Work.REWRITE]
    if change.work in _WORKS:
        return _WORKS[change.work]
    if change.indexes:
        return "rebuilds indexes" if len(change.indexes) > 1 else "rebuilds an index"
    return "looks at all rows" if change.checks else None


def _types(change: TypeChange) -> str:
    if change.new is None:
        return " changes its type"
    if change.old is None or sql_type(change.old) == sql_type(change.new):
        return f" becomes {sql_type(change.new)}"
    return f" changes from {sql_type(change.old)} to {sql_type(change.new)}"


def _rebuilt(change: TypeChange) -> str:
    """What is done although the rows stay as they are."""
    parts = []
    if change.indexes:
        are = "are" if len(change.indexes) > 1 else "is"
        parts.append(f"{_named('index', change.indexes)} {are} built anew")
    if change.checks:
        parts.append(f"all rows are looked at for {_named('check', change.checks)}")
    return f"{' and '.join(parts)}, which takes time in proportion to the table"


def _named(kind: str, parts: Sequence[SchemaIndex | SchemaCheck]) -> str:
    names = (f"{kind} {each.name}" if isinstance(each.name, str) else f"a {kind}" for each in parts)
    return " and ".join(names).replace("a index", "an index")


def _is_utc(op: AlterColumn, look: Look) -> bool:
    """Whether the function has set the session's time zone to UTC before."""
    sent = look.operations(Execute, op.context.function, None, None)
    for item in reversed([each for each in sent if each.order < op.order]):
        found = _TIME_ZONE.match(item.sql) if isinstance(item.sql, str) else None
        if found:
            kept = not found["local"] or look.in_one_transaction(item, op)
            return kept and found["zone"].lower() in _UTC and not item.context.conditional
    return False
