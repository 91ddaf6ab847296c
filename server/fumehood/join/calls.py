"""Calls of what is imported or unknown -> values, and the operations that they are."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from .. import facts
from ..facts import UNKNOWN, Batch, Context, Site
from ..read import nodes as n
from . import values as v
from .columns import sql_template, sql_text
from .connections import autocommit_of, is_bind, reaches_transaction, sets_isolation
from .frame import Frame, Here
from .operations import HARMLESS, OPERATIONS, Where, operation
from .sql import executed
from .values import AUTOCOMMIT, Made, Member, Reference, Value

# Positional and keyword arguments, and whether these are all.
Given = tuple[tuple[Value, ...], dict[str, Value], bool]

# What sends SQL, as a method of a connection, session or engine.
_SENDS_SQL = frozenset(("execute", "exec_driver_sql", "scalar", "scalars"))
# What of SQLAlchemy makes connections and sessions, and no statement.
_CONNECTIONS = frozenset(("Session", "create_engine", "engine_from_config", "sessionmaker"))
_DROPS = frozenset(("drop", "drop_all"))  # of tables, types and a MetaData
# Methods and functions that change nothing in the database.
_READS = frozenset(
    [
        "fetchall",
        "fetchone",
        "scalar_one",
        "scalar_one_or_none",
        "mappings",
        "first",
        "all",
        "one",
        "get_columns",
        "get_indexes",
        "get_table_names",
        "get_foreign_keys",
        "get_unique_constraints",
        "get_pk_constraint",
        "has_table",
        "has_column",
        "get_x_argument",
        "is_offline_mode",
        "inspect",
        "print",
        "len",
        "getLogger",
        "info",
        "debug",
        "warning",
        "error",
        "getenv",
        "get",
        "append",
        "extend",
        "items",
        "keys",
        "values",
        "format",
        "join",
        "isinstance",
        "getattr",
        "hasattr",
        "nullcontext",
    ]
)


class Calls:
    """Understands calls."""

    def call(self, function: Value, node: n.Call, given: Given, frame: Frame, here: Here) -> Value:
        """What a call of something that is no function of the file gives."""
        if isinstance(function, Reference):
            return self._call_reference(function, node, given, frame, here)
        if isinstance(function, Member):
            return self._call_member(function, node, given, frame, here)
        name = node.func.id if isinstance(node.func, n.Name) else "a call"
        self._other(name, node, frame, here, followed=False)
        return UNKNOWN

    def _call_reference(
        self, function: Reference, node: n.Call, given: Given, frame: Frame, here: Here
    ) -> Value:
        positional, keywords, complete = given
        package, _, name = function.dotted.rpartition(".")
        site = Site(here.piece, node.path)
        if function.dotted in v.BUILTINS:
            name = function.dotted
            return v.call_builtin(name, positional, keywords) if complete else UNKNOWN
        made = Made(function.dotted, positional, tuple(keywords.items()), complete, site)
        if package != "alembic.op":
            if name == "create_all" or function.dotted.endswith(".__table__.create"):
                self._create(Member(UNKNOWN, "__table__"), name, node, frame, here)
            elif name in _SENDS_SQL and isinstance(node.func, n.Attribute):
                self._execute(UNKNOWN, node, given, frame, here)
            elif not _builds(function.dotted):
                top = function.dotted.partition(".")[0]
                followed = name in _DROPS or top in sys.stdlib_module_names
                self._other(function.dotted, node, frame, here, followed)
            return made
        if name == "f":
            return _final(positional[0] if positional else keywords.get("name", UNKNOWN))
        if name == "batch_alter_table":
            return _batch(made, _receiver(node.func), frame.context)
        if name in OPERATIONS:
            self._operation(name, node, given, frame, here, None)
        elif name not in HARMLESS:
            self._other(f"op.{name}", node, frame, here)
        return made

    def _call_member(
        self, function: Member, node: n.Call, given: Given, frame: Frame, here: Here
    ) -> Value:
        positional, keywords, complete = given
        base, name = function.base, function.name
        if name == "autocommit_block":
            return AUTOCOMMIT
        if isinstance(base, Batch):
            return self._call_batch(base, name, node, given, frame, here)
        if isinstance(base, str) and name == "format" and complete:
            return v.format_text(base, positional, keywords)
        if v.is_plain(base) and base is not None:
            return v.call_method(base, name, positional) if complete and not keywords else UNKNOWN
        if name in _SENDS_SQL:
            self._execute(base, node, given, frame, here)
        elif name in ("create", "create_all"):
            self._create(base, name, node, frame, here)
        elif name == "execution_options":
            if not _made_of_sql(base) and sets_isolation(keywords, complete):
                self._other("isolation_level", node, frame, here)
        elif name not in _READS and not _made_of_sql(base):
            followed = name in _DROPS or not _hands_over(given)
            self._other(name, node, frame, here, followed)
        callee = base.callee if isinstance(base, Made) else "?"
        return Made(f"{callee}.{name}", positional, tuple(keywords.items()), complete, None, base)

    def _call_batch(
        self, batch: Batch, name: str, node: n.Call, given: Given, frame: Frame, here: Here
    ) -> Value:
        if name == "f":
            return _final(given[0][0] if given[0] else UNKNOWN)
        if name in OPERATIONS:
            self._operation(name, node, given, frame, here, batch)
        elif name not in HARMLESS:
            self._other(f"batch_op.{name}", node, frame, here)
        return Made(f"alembic.op.{name}", given[0], (), True, None)

    def _operation(
        self, name: str, node: n.Call, given: Given, frame: Frame, here: Here, batch: Batch | None
    ) -> None:
        where = self._where(node, frame, here, batch)
        if where is not None:
            found = operation(name, where, *given)
            written = {argument.keyword for argument in node.arguments}
            if unpacked := tuple(keyword for keyword in given[1] if keyword not in written):
                found = replace(found, unpacked=unpacked)
            here.found += executed(found) if isinstance(found, facts.Execute) else (found,)

    def _execute(
        self, connection: Value, node: n.Call, given: Given, frame: Frame, here: Here
    ) -> None:
        where = self._where(node, frame, here, None)
        if where is None:
            return
        positional, keywords, _ = given
        sent = positional[0] if positional else keywords.get("statement", UNKNOWN)
        autocommit = autocommit_of(connection, where.context)
        where = replace(where, context=replace(where.context, autocommit=autocommit))
        execute = facts.Execute(sql=sql_text(sent), template=sql_template(sent), **_common(where))
        here.found += executed(execute, is_bind(connection))

    def assigned(self, name: str, frame: Frame, here: Here) -> None:
        """An attribute gets a value that takes a connection out of its transaction."""
        if frame.context.function:
            where = Where(Site(here.piece, ()), here.next(frame), frame.context, "?", None)
            here.found.append(facts.Other(name=name, **_common(where)))

    def _create(self, base: Value, name: str, node: n.Call, frame: Frame, here: Here) -> None:
        """`Table(…).create(bind)`, `metadata.create_all(bind)`, or the creation of some type."""
        where = self._where(node, frame, here, None)
        if where is None:
            return
        if isinstance(base, Made) and base.callee.rpartition(".")[2] == "Table":
            table = base.arguments[0] if base.arguments else UNKNOWN
            table = table if isinstance(table, str) else UNKNOWN
            schema = base.keyword("schema")
            here.found.append(
                facts.CreateTable(**_common(where) | {"table": table, "schema": schema})
            )
        elif name == "create_all" or (isinstance(base, Member) and base.name == "__table__"):
            here.found.append(facts.CreateTable(**_common(where) | {"table": UNKNOWN}))
        else:
            self._other("create", node, frame, here)

    def _other(
        self, name: str, node: n.Call, frame: Frame, here: Here, followed: bool = True
    ) -> None:
        if name.rpartition(".")[2] in _READS:
            return
        if where := self._where(node, frame, here, None):
            here.found.append(facts.Other(name=name, followed=followed, **_common(where)))

    def _where(self, node: n.Call, frame: Frame, here: Here, batch: Batch | None) -> Where | None:
        """What an operation met here runs under; None outside of upgrade() and downgrade()."""
        if not frame.context.function:
            return None
        site = Site(here.piece, node.path)
        context = frame.context
        if batch is not None:  # its operations run when it ends
            context = replace(context, autocommit=batch.autocommit)
        return Where(site, here.next(frame), context, _receiver(node.func), batch)


def _hands_over(given: Given) -> bool:
    """Whether a call is given what the transaction can be reached through."""
    return any(map(reaches_transaction, (*given[0], *given[1].values())))


def _final(name: Value) -> Value:
    return v.Final(name) if isinstance(name, str) else name


def _common(where: Where) -> dict[str, Any]:
    return {
        "site": where.site,
        "order": where.order,
        "context": where.context,
        "receiver": where.receiver,
        "batch": where.batch,
    }


def _receiver(func: n.Expression) -> str:
    """What stands before a method's name, as written; "" for a bare name, "?" for an expression."""
    if isinstance(func, n.Name):
        return ""
    return (_source(func.value) if isinstance(func, n.Attribute) else "") or "?"


def _source(node: n.Expression) -> str:
    if isinstance(node, n.Name):
        return node.id
    if isinstance(node, n.Attribute) and (base := _source(node.value)):
        return f"{base}.{node.attr}"
    return ""


def _batch(made: Made, receiver: str, context: Context) -> Batch:
    table = made.arguments[0] if made.arguments else made.keyword("table_name", UNKNOWN)
    schema = made.arguments[1] if len(made.arguments) > 1 else made.keyword("schema")
    recreate = made.keyword("recreate", "auto")
    assert made.site is not None
    others = {name for name, _ in made.keywords} - {"table_name", "schema", "recreate"}
    return Batch(
        table if isinstance(table, str) else UNKNOWN,
        schema if schema is None or isinstance(schema, str) else UNKNOWN,
        recreate if isinstance(recreate, str) else UNKNOWN,
        made.site,
        receiver,
        plain=not others and len(made.arguments) < 3 and made.complete,
        autocommit=context.autocommit,
    )


def _builds(dotted: str) -> bool:
    """Whether calling this imported thing only makes a value: a type, a column, a statement."""
    top = dotted.partition(".")[0]
    return top in (
        "sqlalchemy",
        "sqlmodel",
        "geoalchemy2",
        "datetime",
        "os",
        "uuid",
        "logging",
        "enum",
    )


def _made_of_sql(base: Value) -> bool:
    """Whether a value is a statement or type under construction: its methods build on."""
    if not isinstance(base, Made) or not base.callee.startswith(("sqlalchemy.", "sqlmodel.")):
        return False
    return _CONNECTIONS.isdisjoint(base.callee.split("."))
