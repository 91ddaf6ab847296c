"""SQL that changes a schema -> the kinds and arguments of the operations that it holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import ModuleType
from typing import Any, NamedTuple

from .. import facts
from ..facts import UNKNOWN, InSql, Operation
from .effects import adds_only, transaction_in, transaction_of
from .sql import deparsed, postgresql, statements
from .sql_parts import column, index_keys, table_parts, type_in_use
from .sql_parts import names as names_of
from .tokens import Tokens

# What else is sent is data, or is no operation that rules know.
_MATTERS = re.compile(
    r"\b(?:create|alter|drop|commit|rollback|abort|begin|start)\b|\A\s*end\b", re.IGNORECASE
)
_ESCAPED_COLONS = re.compile(r"(?:\\:)+")
_LONGEST = 100_000  # characters; a dump of a schema is nothing to look at at each keystroke


@dataclass(frozen=True, slots=True)
class Command:
    """One operation: its kind, its arguments, and where it stands in the SQL."""

    kind: type[Operation]
    place: InSql
    arguments: dict[str, Any] = field(hash=False)


class Commands(NamedTuple):
    """The operations of some SQL, in order; `all`: it does nothing else."""

    found: tuple[Command, ...] = ()
    all: bool = False


@lru_cache(maxsize=4096)
def commands(sql: str) -> Commands:
    """What SQL does to a schema; nothing where PostgreSQL's grammar does not take it."""
    if len(sql) > _LONGEST or not _MATTERS.search(sql):
        return Commands()
    grammar = postgresql()
    if grammar is None:
        return _without_grammar(sql)
    sent = _ESCAPED_COLONS.sub(_colons, sql)
    parsed = statements(grammar, sent)
    if not parsed:
        return Commands()
    tokens = Tokens(grammar, sent)
    last = max((n for n, each in enumerate(parsed) if not adds_only(grammar, each)), default=0)
    found: list[Command] = []
    complete = True
    for number, statement in enumerate(parsed):
        alone = len(parsed) == 1
        here = _Statement(grammar, tokens.of(statement), sql, alone, undone=number < last)
        kind = statement.stmt.WhichOneof("node")
        read = _READERS.get(kind)
        inner = [None] if read is None else read(getattr(statement.stmt, kind), here)
        complete = complete and None not in inner
        found += filter(None, inner)
    return Commands(tuple(found), complete)


def _colons(found: re.Match[str]) -> str:
    """What text() makes of escaped colons, and so long that no place moves."""
    return (":" * (len(found[0]) // 2)).ljust(len(found[0]))


def _without_grammar(sql: str) -> Commands:
    transaction = transaction_of(sql)
    if transaction is None:
        return Commands()
    arguments = {"sql": sql, "transaction": transaction}
    return Commands((Command(facts.Execute, InSql(0, len(sql), sql, False), arguments),))


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement, or an action of ALTER TABLE. `undone`: what follows in the SQL may undo it."""

    grammar: ModuleType
    tokens: Tokens
    sql: str  # all of it, as it is written
    alone: bool
    undone: bool

    def place(self, **more: Any) -> InSql:
        """The whole of it, as a place."""
        return InSql(self.tokens.start, self.tokens.end, self.sql, self.alone, **more)


def _create_index(node: Any, here: _Statement) -> list[Command | None]:
    if not node.relation.inh:
        return [None]  # ON ONLY a partitioned table: nothing is built
    arguments = {
        **_relation(node.relation),
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
    refusal = None if here.alone else "several statements in one string run in one transaction"
    place = here.place(insert=here.tokens.behind("INDEX"), refusal=refusal)
    return [Command(facts.CreateIndex, place, arguments)]


def _where(node: Any, here: _Statement) -> facts.MaybeText:
    if not node.HasField("where_clause"):
        return None
    return deparsed(here.grammar, node.where_clause) or UNKNOWN


def _drop(node: Any, here: _Statement) -> list[Command | None]:
    kinds = {
        here.grammar.pg_query_pb2.OBJECT_INDEX: facts.DropIndex,
        here.grammar.pg_query_pb2.OBJECT_TABLE: facts.DropTable,
    }
    kind = kinds.get(node.remove_type)
    if kind is None:
        return [None]
    refusal = None if here.alone else "several statements in one string run in one transaction"
    if len(node.objects) > 1:
        refusal = "CONCURRENTLY drops one index at a time"
    if node.behavior == here.grammar.pg_query_pb2.DROP_CASCADE:
        refusal = "CONCURRENTLY takes no CASCADE"
    found: list[Command | None] = []
    for item in node.objects:
        *schemas, name = (part.string.sval for part in item.list.items)
        arguments: dict[str, Any] = {"schema": schemas[-1] if schemas else None}
        place = here.place(refusal=refusal)
        if kind is facts.DropIndex:
            place = here.place(insert=here.tokens.behind("INDEX"), refusal=refusal)
            given = {"name": name, "concurrently": node.concurrent, "if_exists": node.missing_ok}
            arguments |= {**given, "table": None}
        else:
            arguments["table"] = name
        found.append(Command(kind, place, arguments))
    return found


def _create_table(node: Any, here: _Statement) -> list[Command | None]:
    arguments = {
        **_relation(node.relation),
        **table_parts(here.grammar, node),
    }
    return [Command(facts.CreateTable, here.place(), arguments)]


def _create_table_as(node: Any, here: _Statement) -> list[Command | None]:
    if node.objtype != here.grammar.pg_query_pb2.OBJECT_TABLE:
        return [None]
    arguments = {**_relation(node.into.rel), "plain": False}
    return [Command(facts.CreateTable, here.place(), arguments)]


def _rename(node: Any, here: _Statement) -> list[Command | None]:
    names = here.grammar.pg_query_pb2
    arguments = _relation(node.relation)
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
    return [None]


def _alter_table(node: Any, here: _Statement) -> list[Command | None]:
    if node.objtype != here.grammar.pg_query_pb2.OBJECT_TABLE:
        return [None]
    parts = here.tokens.commands()
    if len(parts) != len(node.cmds):
        return [None]
    alone = here.alone and len(parts) == 1
    found: list[Command | None] = []
    for part, item in zip(parts, node.cmds, strict=True):
        command = _alteration(item.alter_table_cmd, replace(here, tokens=part, alone=alone))
        if command is not None:
            place = command.place
            if node.missing_ok:
                place = replace(place, refusal="there may be no such table")
            arguments = {**_relation(node.relation), **command.arguments}
            command = Command(command.kind, place, arguments)
        found.append(command)
    return found


def _alteration(command: Any, here: _Statement) -> Command | None:
    names = here.grammar.pg_query_pb2
    name = command.name
    match command.subtype:
        case names.AT_AddConstraint:
            return _constraint(getattr(command, "def").constraint, here)
        case names.AT_AddColumn:
            added = column(here.grammar, getattr(command, "def").column_def)
            return Command(
                facts.AddColumn, here.place(), {"column": added, "inline_references": True}
            )
        case names.AT_DropColumn:
            return Command(facts.DropColumn, here.place(), {"column": name})
        case names.AT_DropConstraint:
            return Command(facts.DropConstraint, here.place(), {"name": name, "final": True})
        case names.AT_ValidateConstraint:
            alone = here.alone
            arguments = {"name": name, "final": True, "alone": alone}
            return Command(facts.ValidateConstraint, here.place(), arguments)
    changed = _changed(command, here)
    if changed is None:
        return None
    return Command(facts.AlterColumn, here.place(), {"column": name, **changed})


def _changed(command: Any, here: _Statement) -> dict[str, Any] | None:
    """What an ALTER COLUMN changes, as op.alter_column would say it."""
    names = here.grammar.pg_query_pb2
    match command.subtype:
        case names.AT_AlterColumnType:
            definition = getattr(command, "def").column_def
            using = None
            if definition.HasField("raw_default"):
                using = deparsed(here.grammar, definition.raw_default) or UNKNOWN
            return {"changes": ("type_",), "type": type_in_use(definition), "using": using}
        case names.AT_SetNotNull | names.AT_DropNotNull:
            return {"changes": ("nullable",), "not_null": command.subtype == names.AT_SetNotNull}
        case names.AT_ColumnDefault:
            return {"changes": ("server_default",)}
    return None


def _constraint(node: Any, here: _Statement) -> Command | None:
    names = here.grammar.pg_query_pb2
    arguments: dict[str, Any] = {"name": node.conname or None, "final": True}
    refusal = "what follows it in the SQL may undo it" if here.undone else None
    place = here.place(
        insert=here.tokens.end,
        name_at=None if node.conname else here.tokens.at(node.location),
        keys=here.tokens.parentheses() if node.keys else None,
        refusal=refusal,
    )
    kind: type[Operation]
    match node.contype:
        case names.CONSTR_FOREIGN:
            kind = facts.CreateForeignKey
            arguments |= {
                "referent": node.pktable.relname,
                "referent_schema": node.pktable.schemaname or None,
                "columns": names_of(node.fk_attrs),
                "referent_columns": names_of(node.pk_attrs) or UNKNOWN,
                "not_valid": node.skip_validation,
            }
        case names.CONSTR_CHECK:
            kind = facts.CreateCheckConstraint
            arguments |= {
                "condition": here.tokens.sql[slice(*_inside(here.tokens.parentheses()))],
                "not_valid": node.skip_validation,
            }
        case names.CONSTR_UNIQUE | names.CONSTR_PRIMARY:
            unique = node.contype == names.CONSTR_UNIQUE
            kind = facts.CreateUniqueConstraint if unique else facts.CreatePrimaryKey
            arguments |= {"columns": names_of(node.keys), "using_index": node.indexname or None}
            if unique:
                arguments |= {
                    "include": names_of(node.including),
                    "nulls_not_distinct": node.nulls_not_distinct,
                    "deferrable": node.deferrable,
                    "initially": "DEFERRED" if node.initdeferred else None,
                }
        case names.CONSTR_EXCLUSION:
            kind = facts.CreateExcludeConstraint
        case _:
            return None
    return Command(kind, place, arguments)


def _inside(parentheses: tuple[int, int]) -> tuple[int, int]:
    return parentheses[0] + 1, parentheses[1] - 1


def _transaction(node: Any, here: _Statement) -> list[Command | None]:
    transaction = transaction_in(here.grammar, node)
    if transaction is None:
        return [None]
    sql = here.tokens.sql[here.tokens.start : here.tokens.end]
    return [Command(facts.Execute, here.place(), {"sql": sql, "transaction": transaction})]


def _relation(relation: Any) -> dict[str, Any]:
    return {"table": relation.relname, "schema": relation.schemaname or None}


_READERS: dict[str, Callable[[Any, _Statement], list[Command | None]]] = {
    "alter_table_stmt": _alter_table,
    "create_stmt": _create_table,
    "create_table_as_stmt": _create_table_as,
    "drop_stmt": _drop,
    "index_stmt": _create_index,
    "rename_stmt": _rename,
    "transaction_stmt": _transaction,
}
