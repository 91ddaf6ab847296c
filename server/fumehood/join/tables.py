"""What op.create_table() is given behind the name -> the parts of the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .. import facts
from ..facts import UNKNOWN, Column, TableForeignKey, TableIndex, UniqueKey
from .columns import check, class_of, column, key_options, maybe_text, site_in
from .index_keys import index_facts, index_keys
from .values import Final, Made, Value

_KNOWN = frozenset(
    [
        "CheckConstraint",
        "Column",
        "ExcludeConstraint",
        "ForeignKeyConstraint",
        "Index",
        "PrimaryKeyConstraint",
        "UniqueConstraint",
    ]
)


def table_parts(values: Sequence[Value], complete: bool, piece: object = None) -> dict[str, Any]:
    """The columns, keys, checks and indexes among the values; `plain`: that is all there is.

    Columns and indexes have a site only where they stand in `piece`.
    """
    made = [each for each in values if isinstance(each, Made)]
    columns = [column(each, piece) for each in made]
    return {
        "columns": tuple(each for each in columns if isinstance(each, Column)),
        "unique_keys": tuple(_unique_keys(made)),
        "foreign_keys": tuple(
            _foreign_key(each) for each in made if class_of(each) == "ForeignKeyConstraint"
        ),
        "checks": tuple(check(each, None) for each in made if class_of(each) == "CheckConstraint"),
        "indexes": tuple(_index(each, piece) for each in made if class_of(each) == "Index"),
        "plain": complete
        and len(made) == len(values)
        and all(class_of(each) in _KNOWN for each in made),
    }


def _unique_keys(made: Sequence[Made]) -> Iterator[UniqueKey]:
    for each in made:
        primary = class_of(each) == "PrimaryKeyConstraint"
        if not primary and class_of(each) != "UniqueConstraint":
            continue
        name = each.keyword("name")
        options = index_facts(dict(each.keywords), each.complete)
        yield UniqueKey(
            columns=_texts(each.arguments) if each.complete else UNKNOWN,
            primary=primary,
            name=maybe_text(name),
            final=isinstance(name, Final),
            include=options["include"],
            nulls_not_distinct=options["nulls_not_distinct"],
            deferrable=each.keyword("deferrable", False) not in (None, False)
            or each.keyword("initially") is not None,
        )


def _foreign_key(made: Made) -> TableForeignKey:
    """`sa.ForeignKeyConstraint(["a"], ["schema.table.column"], name)`."""

    def given(position: int, name: str) -> Value:
        known = position < len(made.arguments)
        return made.arguments[position] if known else made.keyword(name)

    name = given(2, "name")
    targets = _texts(given(1, "refcolumns"))
    parts = [
        each.rpartition(".")
        for each in ([] if targets is UNKNOWN else targets)
        if isinstance(each, str)
    ]
    tables = {table for table, _, _ in parts}
    known = targets is not UNKNOWN and len(parts) == len(targets) and len(tables) == 1
    schema, _, table = next(iter(tables)).rpartition(".") if known else ("", "", UNKNOWN)
    return TableForeignKey(
        columns=_texts(given(0, "columns")),
        referent=table,
        referent_schema=schema or None,
        referent_columns=tuple(part for _, _, part in parts) if known else UNKNOWN,
        name=maybe_text(name),
        final=isinstance(name, Final),
        options=key_options(made.keyword),
    )


def _index(made: Made, piece: object) -> TableIndex:
    name = made.arguments[0] if made.arguments else made.keyword("name", UNKNOWN)
    keywords = dict(made.keywords)
    unique = made.keyword("unique", False)
    columns = made.arguments[1:] if made.complete else UNKNOWN
    return TableIndex(
        name=maybe_text(name),
        keys=index_keys(columns, keywords.get("postgresql_ops")),
        unique=unique if isinstance(unique, bool) else UNKNOWN,
        site=site_in(made, piece),
        **index_facts(keywords, made.complete),
    )


def _texts(value: Value) -> tuple[facts.Text, ...] | facts.Unknown:
    if not isinstance(value, tuple):
        return UNKNOWN
    return tuple(each if isinstance(each, str) else UNKNOWN for each in value)
