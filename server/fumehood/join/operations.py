"""A call of an Alembic operation, with evaluated arguments -> its fact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import facts
from ..facts import UNKNOWN, Batch, Context, Operation, Site
from .arguments import OPERATIONS as OPERATIONS
from .arguments import Arguments, bind
from .columns import column, key_options, server_default, sql_template, sql_text
from .index_keys import index_facts, index_keys
from .tables import table_parts
from .types import column_type
from .values import Value

# What reads or prepares only, and so is no operation.
HARMLESS = frozenset(
    ["f", "get_bind", "get_context", "batch_alter_table", "inline_literal", "autocommit_block"]
)


@dataclass(frozen=True, slots=True)
class Where:
    """Everything of an operation but its arguments."""

    site: Site
    order: tuple[int, ...]
    context: Context
    receiver: str
    batch: Batch | None


def operation(
    method: str,
    where: Where,
    positional: tuple[Value, ...],
    keywords: dict[str, Value],
    complete: bool,
) -> Operation:
    """The fact for one call of `op.method` or `batch_op.method`."""
    arguments = bind(method, where.batch, positional, keywords, complete)
    table, schema = _table(method, where.batch, arguments)
    common: dict[str, Any] = {
        "site": where.site,
        "order": where.order,
        "context": where.context,
        "receiver": where.receiver,
        "batch": where.batch,
        "complete": complete,
        "table": table,
        "schema": schema,
    }
    maker = _MAKERS.get(method)
    return maker(arguments, common) if maker else facts.Other(name=f"op.{method}", **common)


def _table(method: str, batch: Batch | None, arguments: Arguments) -> tuple[Any, Any]:
    """The table that an operation is about, and its schema."""
    if batch is not None and method != "execute":
        return batch.table, batch.schema
    if method == "create_foreign_key":
        return arguments.text("source_table"), arguments.text("source_schema")
    name = "old_table_name" if method == "rename_table" else "table_name"
    return arguments.text(name), arguments.text("schema")


def _create_table(arguments: Arguments, common: dict[str, Any]) -> Operation:
    return facts.CreateTable(
        **table_parts(arguments.rest, arguments.complete, common["site"].piece), **common
    )


def _rename_table(arguments: Arguments, common: dict[str, Any]) -> Operation:
    new_name = arguments.text("new_table_name")
    return facts.RenameTable(new_name=UNKNOWN if new_name is None else new_name, **common)


def _add_column(arguments: Arguments, common: dict[str, Any]) -> Operation:
    piece = common["site"].piece
    return facts.AddColumn(
        column=column(arguments.get("column", UNKNOWN), piece),
        inline_references=arguments.flag("inline_references"),
        **common,
    )


def _drop_column(arguments: Arguments, common: dict[str, Any]) -> Operation:
    name = arguments.text("column_name")
    return facts.DropColumn(column=UNKNOWN if name is None else name, **common)


def _alter_column(arguments: Arguments, common: dict[str, Any]) -> Operation:
    name = arguments.text("column_name")
    unchanged = ("table_name", "column_name", "schema")
    changes = tuple(
        key for key in arguments.by_name if key not in unchanged and not key.startswith("existing_")
    )
    return facts.AlterColumn(
        column=UNKNOWN if name is None else name,
        changes=changes,
        new_name=arguments.text("new_column_name"),
        type=_type(arguments, "type_"),
        existing_type=_type(arguments, "existing_type"),
        using=_using(arguments),
        not_null=_not_null(arguments.get("nullable")),
        server_default=server_default(arguments.by_name.get("server_default")),
        **common,
    )


def _type(arguments: Arguments, name: str) -> facts.Type | None:
    value = arguments.get(name)
    return None if value is None else column_type(value)


def _using(arguments: Arguments) -> facts.MaybeText:
    value = arguments.get("postgresql_using")
    return None if value is None else sql_text(value)


def _not_null(nullable: Value) -> facts.Flag | None:
    return not nullable if isinstance(nullable, bool) else None if nullable is None else UNKNOWN


def _create_index(arguments: Arguments, common: dict[str, Any]) -> Operation:
    return facts.CreateIndex(
        name=arguments.text("index_name"),
        keys=index_keys(arguments.get("columns", UNKNOWN), arguments.get("postgresql_ops")),
        unique=arguments.flag("unique"),
        concurrently=arguments.flag("postgresql_concurrently"),
        if_not_exists=arguments.flag("if_not_exists"),
        **index_facts(arguments.by_name, arguments.complete),
        **common,
    )


def _drop_index(arguments: Arguments, common: dict[str, Any]) -> Operation:
    return facts.DropIndex(
        name=arguments.text("index_name"),
        concurrently=arguments.flag("postgresql_concurrently"),
        if_exists=arguments.flag("if_exists"),
        **common,
    )


def _create_foreign_key(arguments: Arguments, common: dict[str, Any]) -> Operation:
    referent = arguments.text("referent_table")
    return facts.CreateForeignKey(
        **arguments.constraint_name(),
        referent=UNKNOWN if referent is None else referent,
        referent_schema=arguments.text("referent_schema"),
        columns=arguments.columns("local_cols"),
        referent_columns=arguments.columns("remote_cols"),
        not_valid=arguments.flag("postgresql_not_valid"),
        options=key_options(arguments.get),
        **common,
    )


def _create_check(arguments: Arguments, common: dict[str, Any]) -> Operation:
    return facts.CreateCheckConstraint(
        **arguments.constraint_name(),
        condition=sql_text(arguments.get("condition", UNKNOWN)),
        not_valid=arguments.flag("postgresql_not_valid"),
        **common,
    )


def _create_unique(arguments: Arguments, common: dict[str, Any]) -> Operation:
    index = index_facts(arguments.by_name, arguments.complete)
    return facts.CreateUniqueConstraint(
        **arguments.constraint_name(),
        columns=arguments.columns("columns"),
        include=index["include"],
        nulls_not_distinct=index["nulls_not_distinct"],
        deferrable=arguments.flag("deferrable"),
        initially=arguments.text("initially"),
        **common,
    )


def _named(kind: Callable[..., Operation]) -> Callable[[Arguments, dict[str, Any]], Operation]:
    def make(arguments: Arguments, common: dict[str, Any]) -> Operation:
        own: dict[str, Any] = arguments.constraint_name()
        if kind is facts.CreatePrimaryKey:
            own["columns"] = arguments.columns("columns")
        if kind is facts.DropConstraint:
            own["type_"] = arguments.text("type_")
        return kind(**own, **common)

    return make


def _plain(kind: Callable[..., Operation]) -> Callable[[Arguments, dict[str, Any]], Operation]:
    return lambda arguments, common: kind(**common)


def _execute(arguments: Arguments, common: dict[str, Any]) -> Operation:
    sent = arguments.get("sqltext", UNKNOWN)
    return facts.Execute(sql=sql_text(sent), template=sql_template(sent), **common)


_MAKERS: dict[str, Callable[[Arguments, dict[str, Any]], Operation]] = {
    "add_column": _add_column,
    "alter_column": _alter_column,
    "create_check_constraint": _create_check,
    "create_exclude_constraint": _named(facts.CreateExcludeConstraint),
    "create_foreign_key": _create_foreign_key,
    "create_index": _create_index,
    "create_primary_key": _named(facts.CreatePrimaryKey),
    "create_table": _create_table,
    "create_unique_constraint": _create_unique,
    "drop_column": _drop_column,
    "drop_constraint": _named(facts.DropConstraint),
    "drop_index": _drop_index,
    "drop_table": _plain(facts.DropTable),
    "execute": _execute,
    "rename_table": _rename_table,
}
