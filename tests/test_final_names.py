"""A constraint keeps the name that is written where it is added; VALIDATE has the final one."""

from __future__ import annotations

import re

import pytest

from fumehood.engine import Action, Engine
from fumehood.naming import Naming
from fumehood.project import Project
from tests.page_cases import HEAD, PATH, RULES, actions_of, applied

USUAL = Naming(
    {
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    }
)
BY_NAME = Naming({"fk": "fk_%(constraint_name)s"})
LONG = "c" * 64

KEY = 'op.create_foreign_key({}, "users", "teams", ["team_id"], ["id"])'
CHECK = 'op.create_check_constraint({}, "users", "age > 0")'
KEY_COLUMN = 'op.add_column("users", sa.Column("a", sa.Integer(), sa.ForeignKey("teams.id"{})))'
CHECK_COLUMN = 'op.add_column("users", sa.Column("a", sa.Integer(), sa.CheckConstraint("a > 0"{})))'
SQL = 'op.execute("ALTER TABLE users ADD CONSTRAINT age CHECK (age > 0)")'

# What is written, under which convention; what is written then, and the name that is validated.
NAMES = [
    (CHECK.format('"age"'), USUAL, '"age"', "ck_users_age"),
    (CHECK.format('op.f("age")'), USUAL, 'op.f("age")', "age"),
    (CHECK.format('op.f("age")'), None, 'op.f("age")', "age"),
    (CHECK.format('"age"'), Naming(), '"age"', "age"),
    (CHECK.format("None"), Naming(), '"users_age_check"', "users_age_check"),
    (CHECK.format(f'op.f("{LONG}")'), USUAL, f'op.f("{LONG}")', f"{'c' * 55}_6d86"),
    (CHECK_COLUMN.format(', "age"'), USUAL, '"age"', "ck_users_age"),
    (CHECK_COLUMN.format(', name=op.f("age")'), USUAL, 'op.f("age")', "age"),
    (CHECK_COLUMN.format(""), Naming(), '"users_a_check"', "users_a_check"),
    (KEY.format("None"), USUAL, "None", "fk_users_team_id_teams"),
    (KEY.format('"team"'), USUAL, '"team"', "team"),
    (KEY.format('"team"'), BY_NAME, '"team"', "fk_team"),
    (KEY.format('op.f("team")'), BY_NAME, 'op.f("team")', "team"),
    (KEY.format("None"), Naming(), '"users_team_id_fkey"', "users_team_id_fkey"),
    (KEY_COLUMN.format(""), USUAL, 'sa.ForeignKey("teams.id", postgresql', "fk_users_a_teams"),
    (KEY_COLUMN.format(""), Naming(), 'name="users_a_fkey"', "users_a_fkey"),
    (KEY_COLUMN.format(', name="team"'), BY_NAME, 'name="team"', "fk_team"),
    (SQL, USUAL, "CONSTRAINT age CHECK", "age"),
    (SQL, None, "CONSTRAINT age CHECK", "age"),
]
UNKNOWN_NAMES = [
    (CHECK.format('"age"'), None),
    (CHECK.format("None"), USUAL),
    (CHECK.format(f'"{LONG}"'), Naming()),
    (CHECK_COLUMN.format(""), USUAL),
    (CHECK_COLUMN.format(', "age"'), None),
    (KEY.format('"team"'), None),
    (KEY.format("None"), None),
    (KEY.format("None"), BY_NAME),
    (KEY.format(f'"{LONG}"'), Naming()),
    (KEY_COLUMN.format(""), None),
    (KEY_COLUMN.format(""), BY_NAME),
]


def offered(line: str, naming: Naming | None) -> tuple[str, list[Action]]:
    """The text with a line in upgrade(), and the actions at its finding."""
    engine, text = Engine(RULES), f"{HEAD}def upgrade():\n    {line}\n"
    engine.open(PATH, text, project=Project(naming))
    assert engine.work(PATH)
    (finding,) = engine.findings(PATH)
    assert finding.rule in ("split-foreign-key", "split-check-constraint")
    return text, actions_of(engine, finding, follow=True)


@pytest.mark.parametrize(("line", "naming", "written", "validated"), NAMES)
def test_names(line: str, naming: Naming | None, written: str, validated: str) -> None:
    text, (here, later) = offered(line, naming)
    for action in (here, later):
        after = applied(text, action)
        assert written in re.sub(r"\(\s+", "(", after)
        assert "NOT VALID" in after or "postgresql_not_valid=True" in after
        sql = "".join([after, *(each.text for each in action.creates)])
        assert re.findall(r'VALIDATE CONSTRAINT (\w+)"', sql) == [validated]
        assert sql.count("autocommit_block():\n") == 1


@pytest.mark.parametrize(("line", "naming"), UNKNOWN_NAMES)
def test_no_fix_where_the_name_is_not_known(line: str, naming: Naming | None) -> None:
    assert offered(line, naming)[1] == []


@pytest.mark.parametrize("line", [KEY.format('"fk"'), CHECK.format('"ck"')])
def test_no_fix_where_no_block_can_work(line: str) -> None:
    engine = Engine(RULES)
    engine.open(PATH, f"{HEAD}def upgrade():\n    {line}\n", project=Project(block_fails="No."))
    assert engine.work(PATH)
    (finding,) = engine.findings(PATH)
    assert actions_of(engine, finding, follow=True) == []
    assert finding.effect.endswith("No fix is offered: No.")
