"""SQL that changes a schema -> the kinds and arguments of the operations that it holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from .. import facts
from ..facts import UNKNOWN, InSql
from .alter_table import alter_table
from .command import Command, Statement, relation
from .effects import adds_only, transaction_in, transaction_of
from .sql import deparsed, postgresql, statements
from .sql_parts import index_keys, table_parts
from .tokens import Tokens

# What else is sent is data, or is no operation that rules know.
_MATTERS = re.compile(
    r"\b(?:create|alter|drop|commit|rollback|abort|begin|start)\b|\A\s*end\b"
    r"|(?<!insert)\sinto\b",  # of SELECT
    re.IGNORECASE,
)
_ESCAPED_COLONS = re.compile(r"(?:\\:)+")
_CODE = frozenset({"call_stmt", "do_stmt"})
_LONGEST = 100_000  # characters; a dump of a schema is nothing to look at at each keystroke


class Commands(NamedTuple):
    """The operations of some SQL, in order; `all`: it does nothing else.

    `opaque`: what it does cannot be told, as it holds code, or no grammar takes it.
    """

    found: tuple[Command, ...] = ()
    all: bool = False
    opaque: bool = False


@lru_cache(maxsize=4096)
def commands(sql: str) -> Commands:
    """What SQL does to a schema; nothing where PostgreSQL's grammar does not take it."""
    if not _MATTERS.search(sql):
        return Commands()
    if len(sql) > _LONGEST:
        return Commands(opaque=True)
    grammar = postgresql()
    if grammar is None:
        return _without_grammar(sql)
    sent = _ESCAPED_COLONS.sub(_colons, sql)
    parsed = statements(grammar, sent)
    if not parsed:
        return Commands(opaque=True)
    tokens = Tokens(grammar, sent)
    last = max((n for n, each in enumerate(parsed) if not adds_only(grammar, each)), default=0)
    found: list[Command] = []
    complete, opaque = True, False
    for number, statement in enumerate(parsed):
        alone = len(parsed) == 1
        here = Statement(grammar, tokens.of(statement), sql, alone, undone=number < last)
        kind = statement.stmt.WhichOneof("node")
        read = _READERS.get(kind)
        inner = [None] if read is None else read(getattr(statement.stmt, kind), here)
        complete = complete and None not in inner
        opaque = opaque or kind in _CODE
        found += filter(None, inner)
    return Commands(tuple(found), complete, opaque)


def _colons(found: re.Match[str]) -> str:
    """What text() makes of escaped colons, and so long that no place moves."""
    return (":" * (len(found[0]) // 2)).ljust(len(found[0]))


def _without_grammar(sql: str) -> Commands:
    transaction = transaction_of(sql)
    if transaction is None:
        return Commands(opaque=True)
    arguments = {"sql": sql, "transaction": transaction}
    found = Command(facts.Execute, InSql(0, len(sql), sql, False), arguments)
    return Commands((found,), opaque=True)


def _create_index(node: Any, here: Statement) -> list[Command | None]:
    if not node.relation.inh and not node.concurrent:
        return [None]  # ON ONLY a partitioned table: nothing is built
    arguments = {
        **relation(node.relation),
        "name": node.idxname or None,
        "keys": index_keys(here.grammar, node.index_params),
        "unique": node.unique,
        "concurrently": node.concurrent,
        "if_not_exists": node.if_not_exists,
        "method": node.access_method or "btree",
        "include": tuple(part.index_elem.name for part in node.index_including_params),
        "where": _where(node, here),
        "nulls_not_distinct": node.nulls_not_distinct,
    }
    place = here.place(insert=here.tokens.behind("INDEX"), refusal=_refusal(here))
    return [Command(facts.CreateIndex, place, arguments)]


def _refusal(here: Statement) -> str | None:
    return None if here.alone else "several statements in one string run in one transaction"


def _where(node: Any, here: Statement) -> facts.MaybeText:
    if not node.HasField("where_clause"):
        return None
    return deparsed(here.grammar, node.where_clause) or UNKNOWN


def _drop(node: Any, here: Statement) -> list[Command | None]:
    objects = here.grammar.pg_query_pb2
    kinds = {
        objects.OBJECT_INDEX: facts.DropIndex,
        objects.OBJECT_TABLE: facts.DropTable,
        objects.OBJECT_MATVIEW: facts.DropTable,
    }
    kind = kinds.get(node.remove_type)
    if kind is None:
        return [None]
    several = len(node.objects) > 1
    cascade = node.behavior == here.grammar.pg_query_pb2.DROP_CASCADE
    found: list[Command | None] = [None] if node.remove_type == objects.OBJECT_MATVIEW else []
    for item in node.objects:
        *schemas, name = (part.string.sval for part in item.list.items)
        arguments: dict[str, Any] = {"schema": schemas[-1] if schemas else None}
        place = here.place()
        if kind is facts.DropIndex:
            place = here.place(insert=here.tokens.behind("INDEX"), refusal=_refusal(here))
            given = {"name": name, "concurrently": node.concurrent, "if_exists": node.missing_ok}
            arguments |= {**given, "table": None, "several": several, "cascade": cascade}
        else:
            arguments["table"] = name
        found.append(Command(kind, place, arguments))
    return found


def _create_table(node: Any, here: Statement) -> list[Command | None]:
    arguments = {
        **relation(node.relation),
        **table_parts(here.grammar, node),
    }
    return [Command(facts.CreateTable, here.place(), arguments)]


def _create_table_as(node: Any, here: Statement) -> list[Command | None]:
    """A materialized view has rows and indexes as a table has; what reads it is told by the SQL."""
    arguments = {**relation(node.into.rel), "plain": False}
    made: list[Command | None] = [Command(facts.CreateTable, here.place(), arguments)]
    return made if node.objtype == here.grammar.pg_query_pb2.OBJECT_TABLE else [*made, None]


def _select(node: Any, here: Statement) -> list[Command | None]:
    """SELECT … INTO makes a table, in the first that UNION joins; any other is no DDL."""
    while node.HasField("larg"):
        node = node.larg
    if not node.HasField("into_clause"):
        return [None]
    arguments = {**relation(node.into_clause.rel), "plain": False}
    return [Command(facts.CreateTable, here.place(), arguments)]


def _rename(node: Any, here: Statement) -> list[Command | None]:
    names = here.grammar.pg_query_pb2
    arguments = relation(node.relation)
    if node.rename_type == names.OBJECT_TABLE:
        arguments["new_name"] = node.newname
        return [Command(facts.RenameTable, here.place(), arguments)]
    if node.rename_type == names.OBJECT_COLUMN and node.relation_type == names.OBJECT_TABLE:
        arguments |= {
            "column": node.subname,
            "changes": ("new_column_name",),
            "new_name": node.newname,
        }
        return [Command(facts.AlterColumn, here.place(), arguments)]
    if node.rename_type in (names.OBJECT_INDEX, names.OBJECT_TABCONSTRAINT):
        return [_rename_index(node, here), None]  # for all but the replay it is any other SQL
    return [None]


def _rename_index(node: Any, here: Statement) -> Command:
    constraint = node.rename_type == here.grammar.pg_query_pb2.OBJECT_TABCONSTRAINT
    arguments = relation(node.relation)
    name = node.subname if constraint else arguments["table"]
    arguments |= {"name": name, "new_name": node.newname, "constraint": constraint}
    if not constraint:
        arguments["table"] = None
    return Command(facts.RenameIndex, here.place(), arguments)


def _transaction(node: Any, here: Statement) -> list[Command | None]:
    transaction = transaction_in(here.grammar, node)
    if transaction is None:
        return [None]
    sql = here.tokens.sql[here.tokens.start : here.tokens.end]
    return [Command(facts.Execute, here.place(), {"sql": sql, "transaction": transaction})]


_READERS: dict[str, Callable[[Any, Statement], list[Command | None]]] = {
    "alter_table_stmt": alter_table,
    "create_stmt": _create_table,
    "create_table_as_stmt": _create_table_as,
    "drop_stmt": _drop,
    "index_stmt": _create_index,
    "rename_stmt": _rename,
    "select_stmt": _select,
    "transaction_stmt": _transaction,
}
