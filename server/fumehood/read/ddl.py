"""SQL that changes a schema -> the kinds and arguments of the operations that it holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from types import ModuleType
from typing import Any, NamedTuple

from .. import facts
from ..facts import UNKNOWN, Check, Column, ForeignKey, InSql, Operation
from .sql import postgresql, statements
from .tokens import Tokens

# What else is sent is data, or is no operation that rules know.
_CHANGES_SCHEMA = re.compile(r"\b(?:create|alter|drop)\b", re.IGNORECASE)
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
    if len(sql) > _LONGEST or not _CHANGES_SCHEMA.search(sql):
        return Commands()
    grammar = postgresql()
    parsed = [] if grammar is None else statements(grammar, sql)
    if grammar is None or not parsed:
        return Commands()
    tokens = Tokens(grammar, sql)
    found: list[Command] = []
    complete = True
    for statement in parsed:
        here = _Statement(grammar, tokens.of(statement), alone=len(parsed) == 1)
        kind = statement.stmt.WhichOneof("node")
        read = _READERS.get(kind)
        inner = [None] if read is None else read(getattr(statement.stmt, kind), here)
        complete = complete and None not in inner
        found += filter(None, inner)
    return Commands(tuple(found), complete)


@dataclass(frozen=True, slots=True)
class _Statement:
    grammar: ModuleType
    tokens: Tokens
    alone: bool

    def place(
        self, insert: int | None = None, name_at: int | None = None, refusal: str | None = None
    ) -> InSql:
        """The whole statement, as a place."""
        start, end, length = self.tokens.start, self.tokens.end, self.tokens.length
        return InSql(start, end, length, self.alone, insert, name_at, refusal)


def _create_index(node: Any, here: _Statement) -> list[Command | None]:
    if not node.relation.inh:
        return [None]  # ON ONLY a partitioned table: nothing is built
    keys = [part.index_elem for part in node.index_params]
    arguments = {
        **_relation(node.relation),
        "name": node.idxname or None,
        "columns": tuple(key.name or UNKNOWN for key in keys),
        "unique": node.unique,
        "concurrently": node.concurrent,
        "if_not_exists": node.if_not_exists,
    }
    refusal = None if here.alone else "several statements in one string run in one transaction"
    place = here.place(insert=here.tokens.behind("INDEX"), refusal=refusal)
    return [Command(facts.CreateIndex, place, arguments)]


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
    columns = (part.column_def for part in node.table_elts if part.HasField("column_def"))
    arguments = {
        **_relation(node.relation),
        "columns": tuple(_column(each, here) for each in columns),
    }
    return [Command(facts.CreateTable, here.place(), arguments)]


def _create_table_as(node: Any, here: _Statement) -> list[Command | None]:
    if node.objtype != here.grammar.pg_query_pb2.OBJECT_TABLE:
        return [None]
    return [Command(facts.CreateTable, here.place(), _relation(node.into.rel))]


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
        command = _alteration(item.alter_table_cmd, _Statement(here.grammar, part, alone))
        if command is not None:
            arguments = {**_relation(node.relation), **command.arguments}
            command = Command(command.kind, command.place, arguments)
        found.append(command)
    return found


def _alteration(command: Any, here: _Statement) -> Command | None:
    names = here.grammar.pg_query_pb2
    name = command.name
    match command.subtype:
        case names.AT_AddConstraint:
            return _constraint(getattr(command, "def").constraint, here)
        case names.AT_AddColumn:
            column = _column(getattr(command, "def").column_def, here)
            return Command(
                facts.AddColumn, here.place(), {"column": column, "inline_references": True}
            )
        case names.AT_DropColumn:
            return Command(facts.DropColumn, here.place(), {"column": name})
        case names.AT_DropConstraint:
            return Command(facts.DropConstraint, here.place(), {"name": name, "final": True})
        case names.AT_ValidateConstraint:
            alone = here.alone
            arguments = {"name": name, "final": True, "alone": alone}
            return Command(facts.ValidateConstraint, here.place(), arguments)
    changed = _changed(names).get(command.subtype)
    if changed is None:
        return None
    return Command(facts.AlterColumn, here.place(), {"column": name, "changes": (changed,)})


def _changed(names: Any) -> dict[int, str]:
    """Kinds of ALTER COLUMN as the keywords of op.alter_column."""
    return {
        names.AT_AlterColumnType: "type_",
        names.AT_SetNotNull: "nullable",
        names.AT_DropNotNull: "nullable",
        names.AT_ColumnDefault: "server_default",
    }


def _constraint(node: Any, here: _Statement) -> Command | None:
    names = here.grammar.pg_query_pb2
    arguments: dict[str, Any] = {"name": node.conname or None, "final": True}
    name_at = None if node.conname else here.tokens.at(node.location)
    kind: type[Operation]
    match node.contype:
        case names.CONSTR_FOREIGN:
            kind = facts.CreateForeignKey
            arguments |= {
                "referent": node.pktable.relname,
                "referent_schema": node.pktable.schemaname or None,
                "columns": _names(node.fk_attrs),
                "referent_columns": _names(node.pk_attrs) or UNKNOWN,
                "not_valid": node.skip_validation,
            }
        case names.CONSTR_CHECK:
            kind = facts.CreateCheckConstraint
            arguments |= {
                "condition": here.tokens.parenthesized(),
                "not_valid": node.skip_validation,
            }
        case names.CONSTR_UNIQUE | names.CONSTR_PRIMARY:
            unique = node.contype == names.CONSTR_UNIQUE
            kind = facts.CreateUniqueConstraint if unique else facts.CreatePrimaryKey
            arguments |= {"columns": _names(node.keys), "using_index": node.indexname or None}
        case names.CONSTR_EXCLUSION:
            kind = facts.CreateExcludeConstraint
        case _:
            return None
    return Command(kind, here.place(insert=here.tokens.end, name_at=name_at), arguments)


def _column(node: Any, here: _Statement) -> Column:
    names = here.grammar.pg_query_pb2
    constraints = [part.constraint for part in node.constraints]
    kinds = {each.contype for each in constraints}
    generated = {names.CONSTR_DEFAULT, names.CONSTR_IDENTITY, names.CONSTR_GENERATED}
    serial = node.type_name.names[-1].string.sval.endswith("serial")
    return Column(
        name=node.colname,
        unique=names.CONSTR_UNIQUE in kinds,
        nullable=not kinds & {names.CONSTR_NOTNULL, names.CONSTR_PRIMARY},
        default=bool(kinds & generated) or serial,
        foreign_keys=tuple(
            ForeignKey(target=_target(each), name=each.conname or None, final=True)
            for each in constraints
            if each.contype == names.CONSTR_FOREIGN
        ),
        checks=tuple(
            Check(condition=UNKNOWN, name=each.conname or None, final=True)
            for each in constraints
            if each.contype == names.CONSTR_CHECK
        ),
    )


def _target(key: Any) -> facts.Text:
    columns = _names(key.pk_attrs)
    if len(columns) != 1:
        return UNKNOWN
    parts = (key.pktable.schemaname, key.pktable.relname, columns[0])
    return ".".join(filter(None, parts))


def _names(strings: Any) -> tuple[str, ...]:
    return tuple(item.string.sval for item in strings)


def _relation(relation: Any) -> dict[str, Any]:
    return {"table": relation.relname, "schema": relation.schemaname or None}


_READERS: dict[str, Callable[[Any, _Statement], list[Command | None]]] = {
    "alter_table_stmt": _alter_table,
    "create_stmt": _create_table,
    "create_table_as_stmt": _create_table_as,
    "drop_stmt": _drop,
    "index_stmt": _create_index,
    "rename_stmt": _rename,
}
