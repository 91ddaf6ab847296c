"""Parts of SQL that make tables and indexes: what PostgreSQL's grammar gives -> facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from types import ModuleType
from typing import Any

from ..facts import (
    UNKNOWN,
    Check,
    Column,
    ColumnType,
    ForeignKey,
    IndexKey,
    MaybeText,
    TableForeignKey,
    Text,
    Type,
    UniqueKey,
    Unknown,
)
from .sql import deparsed, postgresql, statements

# serial is an integer with a default.
_SERIAL = {
    "bigserial": "int8",
    "serial": "int4",
    "serial2": "int2",
    "serial4": "int4",
    "serial8": "int8",
    "smallserial": "int2",
}

_ALL_FIELDS = 0x7FFF  # of an interval


def names(strings: Any) -> tuple[str, ...]:
    """A list of names."""
    return tuple(item.string.sval for item in strings)


def column_type(node: Any, collation: Any = None) -> Type:
    """A TypeName, with the collation that stands behind it."""
    *schemas, name = names(node.names)
    schema = schemas[-1] if schemas and schemas[-1] != "pg_catalog" else None
    sizes = [each.a_const.ival.ival for each in node.typmods if each.HasField("a_const")]
    if len(sizes) != len(node.typmods) or node.setof or node.pct_type:
        return UNKNOWN
    if name == "interval" and sizes:
        fields, *sizes = sizes
        if fields != _ALL_FIELDS:
            return UNKNOWN
    if name == "numeric" and len(sizes) == 1:
        sizes.append(0)
    collated = names(collation.collname)[-1] if collation and collation.collname else None
    dimensions = len(node.array_bounds)
    return ColumnType(_SERIAL.get(name, name), tuple(sizes), dimensions, schema, collated)


def type_in_use(node: Any) -> Type:
    """The type of a column definition."""
    return column_type(node.type_name, node.coll_clause if node.HasField("coll_clause") else None)


def column(grammar: ModuleType, node: Any) -> Column:
    """A column definition."""
    kinds = grammar.pg_query_pb2
    constraints = [part.constraint for part in node.constraints]
    found = {each.contype for each in constraints}
    generated = {kinds.CONSTR_DEFAULT, kinds.CONSTR_IDENTITY, kinds.CONSTR_GENERATED}
    serial = bool(node.type_name.names) and node.type_name.names[-1].string.sval in _SERIAL
    return Column(
        name=node.colname,
        type=type_in_use(node),
        unique=kinds.CONSTR_UNIQUE in found,
        primary_key=kinds.CONSTR_PRIMARY in found,
        nullable=not found & {kinds.CONSTR_NOTNULL, kinds.CONSTR_PRIMARY},
        default=bool(found & generated) or serial,
        server_default=_expression(grammar, constraints, kinds.CONSTR_DEFAULT),
        generated=kinds.CONSTR_GENERATED in found,
        computed=_expression(grammar, constraints, kinds.CONSTR_GENERATED),
        serial=serial,
        identity=next(
            (_identity(each) for each in constraints if each.contype == kinds.CONSTR_IDENTITY), None
        ),
        foreign_keys=tuple(
            ForeignKey(
                target=_target(each),
                name=each.conname or None,
                final=True,
                options=key_options(each, constraints),
            )
            for each in constraints
            if each.contype == kinds.CONSTR_FOREIGN
        ),
        checks=tuple(
            Check(condition=UNKNOWN, name=each.conname or None, final=True)
            for each in constraints
            if each.contype == kinds.CONSTR_CHECK
        ),
    )


def _identity(constraint: Any) -> Text:
    if constraint.options:
        return UNKNOWN
    return "ALWAYS" if constraint.generated_when == "a" else "BY DEFAULT"


def _expression(grammar: ModuleType, constraints: Sequence[Any], kind: int) -> MaybeText:
    """The expression of the constraint of a kind."""
    for each in constraints:
        if each.contype == kind:
            return deparsed(grammar, each.raw_expr) or UNKNOWN
    return None


# What pg_constraint says of a foreign key by a letter, where it is not what is meant without.
_ACTIONS = {"c": "CASCADE", "d": "SET DEFAULT", "n": "SET NULL", "r": "RESTRICT"}
_MATCHES = {"f": "MATCH FULL", "p": "MATCH PARTIAL"}


def key_options(key: Any, constraints: Iterable[Any]) -> Text:
    """The options of a foreign key; those behind a column say by others when it is checked."""
    if key.fk_del_set_cols or any("ATTR" in _kind(each) for each in constraints):
        return UNKNOWN
    found = [_MATCHES.get(key.fk_matchtype)]
    for event, letter in (("DELETE", key.fk_del_action), ("UPDATE", key.fk_upd_action)):
        found.append(f"ON {event} {_ACTIONS[letter]}" if letter in _ACTIONS else None)
    found.append("DEFERRABLE" if key.deferrable else None)
    found.append("INITIALLY DEFERRED" if key.initdeferred else None)
    return " ".join(filter(None, found))


def _kind(constraint: Any) -> str:
    kinds = constraint.DESCRIPTOR.fields_by_name["contype"].enum_type
    return str(kinds.values_by_number[constraint.contype].name)


def table_parts(grammar: ModuleType, node: Any) -> dict[str, Any]:
    """The columns and constraints of a CREATE TABLE."""
    kinds = grammar.pg_query_pb2
    elements = node.table_elts
    keys = [each.constraint for each in elements if each.HasField("constraint")]
    definitions = [each.column_def for each in elements if each.HasField("column_def")]
    return {
        "columns": tuple(column(grammar, each) for each in definitions),
        "unique_keys": tuple(
            _unique_key(each, each.contype == kinds.CONSTR_PRIMARY)
            for each in keys
            if each.contype in (kinds.CONSTR_PRIMARY, kinds.CONSTR_UNIQUE)
        ),
        "foreign_keys": tuple(
            _foreign_key(each) for each in keys if each.contype == kinds.CONSTR_FOREIGN
        ),
        "checks": tuple(
            Check(condition=UNKNOWN, name=each.conname or None, final=True)
            for each in keys
            if each.contype == kinds.CONSTR_CHECK
        ),
        "plain": len(keys) + len(definitions) == len(elements) and not node.inh_relations,
    }


def _unique_key(node: Any, primary: bool) -> UniqueKey:
    return UniqueKey(
        columns=names(node.keys),
        primary=primary,
        name=node.conname or None,
        final=True,
        include=names(node.including),
        nulls_not_distinct=node.nulls_not_distinct,
        deferrable=node.deferrable or node.initdeferred,
    )


def _foreign_key(node: Any) -> TableForeignKey:
    return TableForeignKey(
        columns=names(node.fk_attrs),
        referent=node.pktable.relname,
        referent_schema=node.pktable.schemaname or None,
        referent_columns=names(node.pk_attrs) or UNKNOWN,
        name=node.conname or None,
        final=True,
        options=key_options(node, (node,)),
    )


def _target(key: Any) -> Text:
    columns = names(key.pk_attrs)
    if len(columns) != 1:
        return UNKNOWN
    parts = (key.pktable.schemaname, key.pktable.relname, columns[0])
    return ".".join(filter(None, parts))


def index_keys(grammar: ModuleType, elements: Iterable[Any]) -> tuple[IndexKey, ...]:
    """The keys of an index."""
    return tuple(_index_key(grammar, each.index_elem) for each in elements)


def _index_key(grammar: ModuleType, node: Any) -> IndexKey:
    kinds = grammar.pg_query_pb2
    expression = None if node.name else deparsed(grammar, node.expr)
    first = {kinds.SORTBY_NULLS_FIRST: True, kinds.SORTBY_NULLS_LAST: False}
    return IndexKey(
        node.name or (None if expression else UNKNOWN),
        expression,
        node.ordering == kinds.SORTBY_DESC,
        first.get(node.nulls_ordering),
        names(node.opclass)[-1] if node.opclass else None,
        names(node.collation)[-1] if node.collation else None,
    )


@lru_cache(maxsize=4096)
def index_key(sql: str) -> IndexKey | None:
    """The key that stands in the parentheses of a CREATE INDEX; None where it is none."""
    grammar = postgresql()
    parsed = [] if grammar is None else statements(grammar, f"CREATE INDEX ON t ({sql}\n)")
    if grammar is None or len(parsed) != 1 or not parsed[0].stmt.HasField("index_stmt"):
        return None
    found = index_keys(grammar, parsed[0].stmt.index_stmt.index_params)
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=4096)
def casts_of(expression: str, column: str) -> tuple[Type, ...] | Unknown | None:
    """The types that an expression casts a column to, innermost first; None for any other one."""
    grammar = postgresql()
    parsed = [] if grammar is None else statements(grammar, f"SELECT ({expression}\n)")
    if len(parsed) != 1 or len(parsed[0].stmt.select_stmt.target_list) != 1:
        return UNKNOWN
    node = parsed[0].stmt.select_stmt.target_list[0].res_target.val
    found: list[Type] = []
    while node.HasField("type_cast"):
        found.append(column_type(node.type_cast.type_name))
        node = node.type_cast.arg
    if not node.HasField("column_ref") or node.column_ref.fields[-1].string.sval != column:
        return None
    return tuple(reversed(found))
