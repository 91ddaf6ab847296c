"""ALTER TABLE -> the operations that its actions are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import facts
from ..facts import UNKNOWN, InSql, Operation
from .command import Command, Statement, relation
from .sql import deparsed
from .sql_parts import column, key_options, type_in_use
from .sql_parts import names as names_of


def alter_table(node: Any, here: Statement) -> list[Command | None]:
    """The operations of an AlterTableStmt, in order; None for what is none."""
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
            arguments = {**relation(node.relation), **command.arguments}
            command = Command(command.kind, place, arguments)
        found.append(command)
    return found


def _alteration(command: Any, here: Statement) -> Command | None:
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


def _changed(command: Any, here: Statement) -> dict[str, Any] | None:
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
            default = getattr(command, "def")
            is_set = default.WhichOneof("node") is not None
            sql = (deparsed(here.grammar, default) or UNKNOWN) if is_set else None
            return {"changes": ("server_default",), "server_default": sql}
        case names.AT_AddIdentity | names.AT_SetIdentity | names.AT_DropIdentity:
            return {"changes": ("server_default",), "server_default": UNKNOWN}
    return None


def _constraint(node: Any, here: Statement) -> Command | None:
    names = here.grammar.pg_query_pb2
    arguments: dict[str, Any] = {"name": node.conname or None, "final": True}
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
                "options": key_options(node, (node,)),
            }
        case names.CONSTR_CHECK:
            kind = facts.CreateCheckConstraint
            arguments |= {
                "condition": here.tokens.sql[slice(*_inside(here.tokens.parentheses()))],
                "not_valid": node.skip_validation,
            }
        case names.CONSTR_UNIQUE:
            kind = facts.CreateUniqueConstraint
            arguments |= _key(node) | {
                "include": names_of(node.including),
                "nulls_not_distinct": node.nulls_not_distinct,
                "deferrable": node.deferrable,
                "initially": "DEFERRED" if node.initdeferred else None,
            }
        case names.CONSTR_PRIMARY:
            kind = facts.CreatePrimaryKey
            arguments |= _key(node)
        case names.CONSTR_EXCLUSION:
            kind = facts.CreateExcludeConstraint
        case _:
            return None
    return Command(kind, _constraint_place(node, here), arguments)


def _constraint_place(node: Any, here: Statement) -> InSql:
    return here.place(
        insert=here.tokens.end,
        name_at=None if node.conname else here.tokens.at(node.location),
        keys=here.tokens.parentheses() if node.keys else None,
        refusal="what follows it in the SQL may undo it" if here.undone else None,
    )


def _key(node: Any) -> dict[str, Any]:
    return {"columns": names_of(node.keys), "using_index": node.indexname or None}


def _inside(parentheses: tuple[int, int]) -> tuple[int, int]:
    return parentheses[0] + 1, parentheses[1] - 1
