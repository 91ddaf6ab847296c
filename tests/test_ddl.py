"""SQL is read by PostgreSQL's grammar into the facts that Alembic's own operations give."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumehood.discovery import load_rules
from fumehood.engine import Engine
from fumehood.read.ddl import commands
from fumehood.read.sql import postgresql

# SQL, whether it does nothing else, and for each operation its kind, text and some arguments.
READ = {
    'CREATE UNIQUE INDEX IF NOT EXISTS "Ix" ON s.users (lower(email), name);': (
        True,
        [("CreateIndex", None, {"name": "Ix", "schema": "s", "unique": True})],
    ),
    "/* é */ create index concurrently ix on T (a) include (b) -- so": (
        True,
        [("CreateIndex", None, {"table": "t", "concurrently": True, "include": ("b",)})],
    ),
    "CREATE INDEX ON ONLY parts (a)": (False, []),
    "DROP INDEX IF EXISTS a, s.b": (
        True,
        [("DropIndex", None, {"name": "a"}), ("DropIndex", None, {"name": "b", "schema": "s"})],
    ),
    "ALTER TABLE ONLY é.users ADD CONSTRAINT k FOREIGN KEY (a, b) REFERENCES o (x, y), "
    "ADD CHECK (c IN (1, 2)) NOT VALID, OWNER TO me; UPDATE users SET a = 1": (
        False,
        [
            (
                "CreateForeignKey",
                "ADD CONSTRAINT k FOREIGN KEY (a, b) REFERENCES o (x, y)",
                {"schema": "é", "columns": ("a", "b"), "referent": "o", "not_valid": False},
            ),
            (
                "CreateCheckConstraint",
                "ADD CHECK (c IN (1, 2)) NOT VALID",
                {"name": None, "condition": "c IN (1, 2)", "not_valid": True},
            ),
        ],
    ),
    "alter table t add unique using index ix, add primary key (a, b), validate constraint c": (
        True,
        [
            ("CreateUniqueConstraint", "add unique using index ix", {"using_index": "ix"}),
            ("CreatePrimaryKey", "add primary key (a, b)", {"columns": ("a", "b")}),
            ("ValidateConstraint", "validate constraint c", {"name": "c", "alone": False}),
        ],
    ),
    "ALTER TABLE t ALTER a TYPE bigint, DROP COLUMN b, ALTER c SET NOT NULL, DROP CONSTRAINT d": (
        True,
        [
            ("AlterColumn", "ALTER a TYPE bigint", {"column": "a", "changes": ("type_",)}),
            ("DropColumn", "DROP COLUMN b", {"column": "b"}),
            ("AlterColumn", "ALTER c SET NOT NULL", {"changes": ("nullable",)}),
            ("DropConstraint", "DROP CONSTRAINT d", {"name": "d"}),
        ],
    ),
    "ALTER TABLE a RENAME TO b; ALTER TABLE b RENAME COLUMN x TO y": (
        True,
        [
            ("RenameTable", "ALTER TABLE a RENAME TO b", {"new_name": "b"}),
            ("AlterColumn", "ALTER TABLE b RENAME COLUMN x TO y", {"new_name": "y"}),
        ],
    ),
    "ALTER INDEX s.a RENAME TO b; ALTER TABLE t RENAME CONSTRAINT c TO d": (
        False,  # so that who looks for SQL still meets it
        [
            (
                "RenameIndex",
                "ALTER INDEX s.a RENAME TO b",
                {"table": None, "schema": "s", "name": "a", "new_name": "b"},
            ),
            (
                "RenameIndex",
                "ALTER TABLE t RENAME CONSTRAINT c TO d",
                {"table": "t", "name": "c", "new_name": "d", "constraint": True},
            ),
        ],
    ),
    "CREATE TABLE a AS SELECT 1; DROP TABLE s.b": (
        True,
        [("CreateTable", None, {"table": "a"}), ("DropTable", None, {"schema": "s"})],
    ),
    "SELECT 1 AS x INTO s.a UNION SELECT 2 UNION SELECT 3": (
        True,
        [("CreateTable", None, {"table": "a", "schema": "s"})],
    ),
    "INSERT INTO a SELECT 1": (False, []),
    "CREATE SCHEMA s; SELECT 1": (False, []),
    "DO $$ BEGIN CREATE INDEX ix ON t (a); END $$": (False, []),
    "/* now */ COMMIT; begin; ROLLBACK AND CHAIN; SAVEPOINT a; ROLLBACK TO a": (
        False,
        [
            ("Execute", "COMMIT", {"transaction": "ends"}),
            ("Execute", "begin", {"transaction": "begins"}),
            ("Execute", "ROLLBACK AND CHAIN", {"transaction": "begins"}),
        ],
    ),
    "ALTER TABLE t ADD CHECK (a <> '{}'\\:\\:jsonb)": (
        True,
        [("CreateCheckConstraint", "ADD CHECK (a <> '{}'\\:\\:jsonb)", {"not_valid": False})],
    ),
    "END": (True, [("Execute", "END", {"transaction": "ends"})]),
    "CREATE INDEX ix ON %(table)s (a)": (False, []),
    "UPDATE t SET a = 'create index'": (False, []),
    "": (False, []),
}


@pytest.mark.parametrize(("sql", "expected"), READ.items(), ids=[each[:40] for each in READ])
def test_commands(sql: str, expected: tuple[bool, list]) -> None:
    alone, operations = expected
    found = commands(sql)
    assert found.all is alone
    assert [each.kind.__name__ for each in found.found] == [kind for kind, _, _ in operations]
    for each, (_, text, arguments) in zip(found.found, operations, strict=True):
        assert text in (None, sql[each.place.start : each.place.end])
        assert arguments.items() <= each.arguments.items()


@given(st.text(max_size=30))
def test_no_comment_moves_a_place(comment: str) -> None:
    sql = f"/* {comment.replace('*', '').replace('/', '')} */ ALTER TABLE é ADD CHECK (a > 0)"
    for each in commands(sql).found:
        assert sql[each.place.start : each.place.end] == "ADD CHECK (a > 0)"
        assert each.place.name_at == sql.index("CHECK")
        assert each.place.insert == len(sql)


REFUSED = {
    "ALTER TABLE t ADD CHECK (a > 0); UPDATE t SET a = 1; ALTER TABLE u ADD COLUMN b int": None,
    "ALTER TABLE t ADD CHECK (a > 0); ALTER TABLE u DROP COLUMN b": "what follows",
    "ALTER TABLE t ADD CHECK (a > 0); SELECT tidy()": "what follows",
    "SELECT tidy(); ALTER TABLE t ADD CHECK (a > 0)": None,
    "ALTER TABLE IF EXISTS t ADD CHECK (a > 0)": "no such table",
}


@pytest.mark.parametrize(("sql", "reason"), REFUSED.items())
def test_what_may_be_undone_is_not_rewritten(sql: str, reason: str | None) -> None:
    refusal = commands(sql).found[0].place.refusal
    assert refusal is None if reason is None else reason in (refusal or "")


def test_keys_of_a_unique_constraint_have_a_place() -> None:
    sql = "ALTER TABLE t ADD CONSTRAINT k UNIQUE (a, lower) INCLUDE (b)"
    keys = commands(sql).found[0].place.keys
    assert keys is not None
    assert sql[slice(*keys)] == "(a, lower)"


def test_without_the_grammar_sql_is_unknown_and_that_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "postgast", None)
    postgresql.cache_clear()
    commands.cache_clear()
    try:
        for call, _ in FOUND.items():
            assert rules_of(call) == []
        commit = 'op.execute("COMMIT")\n    '
        create = 'op.create_index("ix", "t", ["a"], postgresql_concurrently=True)'
        assert rules_of(create) == ["only-concurrent-indexes"]
        assert rules_of(commit + create) == []
        plain = 'op.create_index("ix", "t", ["a"])'
        assert rules_of(plain) == ["only-concurrent-indexes"]
        assert rules_of('op.execute("CREATE TABLE t (a int)")\n    ' + plain) == []
    finally:
        postgresql.cache_clear()
        commands.cache_clear()
    assert [each for each in caplog.messages if "postgast" in each] == [
        "SQL in strings is not read: postgast cannot be imported "
        "(import of postgast halted; None in sys.modules)"
    ]


HEAD = 'from alembic import op\n\nrevision = "b"\ndown_revision = "a"\n\n\ndef upgrade():\n'
RULES = load_rules()
FOUND = {
    'op.execute("CREATE INDEX ix ON users (a)")': ["only-concurrent-indexes"],
    'op.get_bind().execute(sa.text("DROP INDEX ix"))': ["only-concurrent-indexes"],
    'op.execute("ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c (d)")': ["split-foreign-key"],
    'op.execute("ALTER TABLE a ADD COLUMN b int REFERENCES c (d)")': [],
    'op.execute("ALTER TABLE a ADD CONSTRAINT c CHECK (x > 0) NOT VALID")': [],
    'op.execute("CREATE TABLE a (b int); CREATE INDEX ix ON a (b)")': [],
    'op.execute("ALTER TABLE a ADD CHECK (x > 0), ADD CHECK (y > 0)")': ["split-check-constraint"]
    * 2,
}


@pytest.mark.parametrize(("call", "rules"), FOUND.items())
def test_rules_know_no_difference(call: str, rules: list[str]) -> None:
    assert rules_of(call) == rules


def rules_of(call: str) -> list[str]:
    """The rules that find something in an upgrade() of one call."""
    engine = Engine(RULES)
    engine.open("b.py", f"import sqlalchemy as sa\n{HEAD}    {call}\n")
    engine.work("b.py")
    return [found.rule for found in engine.findings("b.py")]
