"""Readings and join against an independent reader of whole files."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumehood import facts
from fumehood.discovery import load_rules
from fumehood.engine import Engine
from tests.oracle import UNKNOWN, Unknown, operations
from tests.oracle.generate import migrations
from tests.oracle.run import run
from tests.page_cases import Case, all_cases
from tests.share import examples, sampled

PATH = "b2_example.py"
RULES = load_rules()
KINDS = {
    facts.CreateIndex: "create_index",
    facts.DropIndex: "drop_index",
    facts.CreateTable: "create_table",
    facts.DropTable: "drop_table",
    facts.AddColumn: "add_column",
    facts.DropColumn: "drop_column",
}
Row = tuple[Any, ...]


def by_oracle(source: str) -> list[Row]:
    return [
        (
            each.function,
            each.kind,
            (each.line, each.column),
            *(
                _plain(value)
                for value in (
                    each.fields.name if each.kind.endswith("_index") else None,
                    each.fields.table,
                    each.fields.schema,
                    each.fields.columns,
                    each.fields.concurrently if each.kind.endswith("_index") else False,
                )
            ),
            _plain(each.autocommit),
        )
        for each in operations(source)
    ]


def by_engine(source: str) -> list[Row]:
    engine = Engine(RULES)
    engine.open(PATH, source)
    assert engine.work(PATH)
    text, rows = engine.text(PATH), []
    for each in engine.operations(PATH):
        kind = KINDS.get(type(each))
        span = engine.span_of(PATH, each)
        creates = text.content[span.start : span.end].endswith((".create", ".create_all"))
        if kind is None or creates or each.in_sql:
            continue  # of another kind, or Table(…).create() or SQL, which the oracle does not know
        place = text.position(span.start, "utf-32")
        name = each.name if isinstance(each, facts.CreateIndex | facts.DropIndex) else None
        concurrently = getattr(each, "concurrently", False)
        values = (name, each.table, each.schema, _columns(each), concurrently)
        rows.append(
            (
                each.context.function,
                kind,
                (place.line + 1, place.character),
                *(_plain(value) for value in values),
                _plain(each.context.autocommit),
            )
        )
    return sorted(rows, key=lambda row: row[0] != "upgrade")


def _columns(operation: facts.Operation) -> Any:
    if isinstance(operation, facts.CreateIndex):
        if operation.keys is facts.UNKNOWN:
            return facts.UNKNOWN
        # Of a key that is given as more than a name, the oracle does not know the column.
        bare = (replace(key, operator_class=None) for key in operation.keys)
        plain = (key == facts.IndexKey(key.column) for key in bare)
        columns = (key.column for key in operation.keys)
        return tuple(
            column if same else facts.UNKNOWN for column, same in zip(columns, plain, strict=True)
        )
    if isinstance(operation, facts.DropColumn):
        return (operation.column,)
    if isinstance(operation, facts.AddColumn):
        column = operation.column
        return (column.name if isinstance(column, facts.Column) else column,)
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, Unknown) or value is facts.UNKNOWN:
        return "?"
    if isinstance(value, tuple):
        return tuple(_plain(each) for each in value)
    return value


@examples(300)
@given(migrations())
def test_operations_of_generated_migrations(source: str) -> None:
    read, expected = by_engine(source), by_oracle(source)
    if "try:" in source:
        # What except and else bind is less known to the engine: it may say so, and no more.
        assert len(read) == len(expected)
        assert all(map(_weaker, read, expected)), [*zip(read, expected, strict=True)]
    else:
        assert read == expected


def _weaker(read: Any, expected: Any) -> bool:
    if isinstance(read, tuple) and isinstance(expected, tuple):
        return len(read) == len(expected) and all(map(_weaker, read, expected))
    return bool(read in ("?", expected))


@pytest.mark.parametrize(
    "case",
    sampled(
        [each for each in all_cases() if each.is_migration and each.block.option("broken") is None]
    ),
    ids=str,
)
def test_operations_of_the_pages(case: Case) -> None:
    assert by_engine(case.text) == by_oracle(case.text)


@examples(100)
@given(migrations(), st.sampled_from(["", "1"]))
def test_the_oracle_foresees_what_a_run_does(source: str, online: str) -> None:
    foreseen = iter(operations(source))
    for function, kind, fields, autocommit in run(source, online):
        called = (function, kind, *astuple(fields), autocommit)
        assert any(
            _fits((each.function, each.kind, *astuple(each.fields), each.autocommit), called)
            for each in foreseen
        ), called


def _fits(foreseen: Any, called: Any) -> bool:
    if isinstance(foreseen, tuple) and isinstance(called, tuple):
        return len(foreseen) == len(called) and all(map(_fits, foreseen, called))
    return isinstance(foreseen, Unknown) or bool(foreseen == called)


def test_the_oracle_reads_what_it_should() -> None:
    source = """
from alembic import op
revision = "b2"
down_revision = None
def add(column, table="users"):
    op.create_index(f"ix_{column}", table, [column], postgresql_concurrently=True)
def upgrade():
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("users")
        return
    with op.get_context().autocommit_block():
        for column in ("a", "b"):
            add(column)
    with op.batch_alter_table("teams", schema="crm") as batch_op:
        batch_op.drop_index(read())
"""
    rows = [row[3:] for row in by_oracle(source)]
    assert rows == [
        ("ix_a", "users", None, ("a",), True, True),
        ("ix_b", "users", None, ("b",), True, True),
        ("?", "teams", "crm", None, False, False),
    ]
    assert repr(UNKNOWN) == "Unknown"
