"""Fixes of unique constraints in the light of what surrounds the migration."""

from __future__ import annotations

import re

import pytest

from fumehood.engine import Action, Engine
from fumehood.naming import Naming
from fumehood.project import Project
from tests.page_cases import HEAD, PATH, RULES, actions_of, applied

BY_COLUMN = Naming({"uq": "uq_%(table_name)s_%(column_0_name)s"})
BY_NAME = Naming({"uq": "uq_%(table_name)s_%(constraint_name)s"})
INDEXES_TOO = Naming({"uq": "uq_%(constraint_name)s", "ix": "ix_%(constraint_name)s"})
ONLY_INDEXES = Naming({"ix": "%(constraint_name)s"})
CALL = "op.create_unique_constraint({}, 'users', ['email'])"
COLUMN = "op.add_column('users', sa.Column('email', sa.Text(), unique=True))"


def offered(code: str, project: Project) -> tuple[str, list[Action], str]:
    """The text with `code` in upgrade(), the actions at its finding, and what it says."""
    engine, text = Engine(RULES), f"{HEAD}def upgrade():\n    {code}\n"
    engine.open(PATH, text, project=project)
    assert engine.work(PATH)
    (finding,) = engine.findings(PATH)
    assert finding.rule == "unique-constraint"
    return text, actions_of(engine, finding), finding.effect


@pytest.mark.parametrize(
    ("code", "naming", "index", "constraint"),
    [
        (CALL.format("None"), BY_COLUMN, '"uq_users_email"', "uq_users_email"),
        (CALL.format("'mail'"), BY_COLUMN, "'mail'", "mail"),
        (CALL.format("'mail'"), BY_NAME, '"uq_users_mail"', "uq_users_mail"),
        (CALL.format("op.f('mail')"), BY_NAME, "op.f('mail')", "mail"),
        (CALL.format("op.f('mail')"), None, "op.f('mail')", "mail"),
        (CALL.format("'mail'"), INDEXES_TOO, 'op.f("uq_mail")', "uq_mail"),
        (CALL.format("op.f('mail')"), INDEXES_TOO, "op.f('mail')", "mail"),
        (COLUMN, BY_COLUMN, '"uq_users_email"', "uq_users_email"),
        (COLUMN, Naming(), '"users_email_key"', "users_email_key"),
        (COLUMN, ONLY_INDEXES, 'op.f("users_email_key")', "users_email_key"),
    ],
)
def test_the_index_has_the_final_name(
    code: str, naming: Naming | None, index: str, constraint: str
) -> None:
    text, (action, *_), _ = offered(code, Project(naming))
    after = applied(text, action)
    found = re.search(r"create_index\(\s*((?:op\.f\()?['\"].*?['\"]\)?),", after)
    assert found is not None
    assert found[1] == index
    assert f"ADD CONSTRAINT {constraint} UNIQUE USING INDEX {constraint}" in after


@pytest.mark.parametrize(
    ("code", "naming"),
    [
        (CALL.format("'mail'"), None),
        (CALL.format("None"), BY_NAME),
        (COLUMN, BY_NAME),
        (COLUMN, None),
    ],
)
def test_no_fix_where_the_name_is_not_known(code: str, naming: Naming | None) -> None:
    assert offered(code, Project(naming))[1] == []


@pytest.mark.parametrize("code", [CALL.format("'mail'"), COLUMN])
def test_no_fix_where_the_table_is_partitioned(code: str) -> None:
    partitioned = Project(partitioned=frozenset({(None, "users")}))
    assert offered(code, partitioned)[1] == []
    other = Project(partitioned=frozenset({("crm", "users")}))
    assert offered(code, other)[1]


def test_no_fix_where_no_block_can_work() -> None:
    _, actions, effect = offered(CALL.format("'mail'"), Project(block_fails="env.py:3 begins it."))
    assert actions == []
    assert effect.endswith("No fix is offered: env.py:3 begins it.")


TITLES = [
    ("{}", ["Build its index concurrently, then add it USING INDEX", "re-runnable"]),
    ("op.execute('SELECT 1')\n    {}", ["USING INDEX (commits what stands before it)"]),
    ("with op.get_context().autocommit_block():\n        {}", ["USING INDEX"]),
    ("with op.batch_alter_table('users') as op_:\n        {}", ["USING INDEX"]),
]


@pytest.mark.parametrize(("around", "ends"), TITLES)
def test_what_is_offered_where(around: str, ends: list[str]) -> None:
    call = CALL.format("'mail'")
    if "batch" in around:
        call = "op_.create_unique_constraint('mail', ['email'])"
    _, actions, _ = offered(around.format(call), Project(Naming()))
    assert len(actions) == len(ends)
    assert all(end in each.title for each, end in zip(actions, ends, strict=True))
