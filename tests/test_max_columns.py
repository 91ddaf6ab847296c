"""max-columns: how many keys of an index are fine, in findings, titles and fixes."""

from __future__ import annotations

import pytest

from fumehood.config import Settings
from fumehood.engine import Engine
from fumehood.naming import Naming
from fumehood.project import Project
from tests.page_cases import HEAD, PATH, RULES, actions_of, applied

TABLE = 'op.create_table("t", sa.Index("ix", "a", "b", "c", "d"))'


def offered(settings: Settings) -> dict[str, str]:
    """Titles of actions with the line that they give, once there is a finding."""
    engine, text = Engine(RULES), f"{HEAD}def upgrade():\n    {TABLE}\n"
    engine.open(PATH, text, settings, Project(block_fails="env.py begins it."))
    assert engine.work(PATH)
    actions = [each for found in engine.findings(PATH) for each in actions_of(engine, found)]
    return {each.title: applied(text, each).splitlines()[-1].strip() for each in actions}


@pytest.mark.parametrize(
    ("most", "title", "kept", "included"),
    [
        (1, "Keep the first column", '"a"', '"b", "c", "d"'),
        (2, "Keep the first two columns", '"a", "b"', '"c", "d"'),
        (3, "Keep the first three columns", '"a", "b", "c"', '"d"'),
    ],
)
def test_fixes(most: int, title: str, kept: str, included: str) -> None:
    assert offered(Settings(max_columns=most)) == {
        title: f'op.create_table("t", sa.Index("ix", {kept}))',
        "Move the rest to postgresql_include": (
            f'op.create_table("t", sa.Index("ix", {kept}, postgresql_include=[{included}]))'
        ),
    }


@pytest.mark.parametrize("key", ["sa.text('d DESC')", "sa.column('d')", "sa.desc('d')"])
def test_no_fix_of_columns_that_are_no_strings(key: str) -> None:
    engine = Engine(RULES)
    call = f"op.create_index('ix', 't', ['a', 'b', 'c', {key}], postgresql_concurrently=True)"
    block = "with op.get_context().autocommit_block():"
    engine.open(PATH, f"{HEAD}def upgrade():\n    {block}\n        {call}\n")
    assert engine.work(PATH)
    (finding,) = engine.findings(PATH)
    assert actions_of(engine, finding) == []


@pytest.mark.parametrize(
    ("naming", "count"),
    [
        (Naming(), 2),
        (Naming({"ix": "ix_%(table_name)s_%(column_0_name)s"}), 2),
        (Naming({"ix": "ix_%(table_name)s_%(column_0_N_name)s"}), 0),
        (None, 0),
    ],
)
def test_no_fix_that_gives_the_index_another_name(naming: Naming | None, count: int) -> None:
    engine = Engine(RULES)
    call = "op.create_index(None, 't', ['a', 'b', 'c', 'd'], postgresql_concurrently=True)"
    text = f"{HEAD}def upgrade():\n    with op.get_context().autocommit_block():\n        {call}\n"
    engine.open(PATH, text, Settings(), Project(naming=naming))
    assert engine.work(PATH)
    (finding,) = engine.findings(PATH)
    assert len(actions_of(engine, finding)) == count


def test_more_are_fine() -> None:
    assert offered(Settings(max_columns=4)) == {}


def test_no_include_before_postgresql_11() -> None:
    titles = list(offered(Settings(postgres_version=10)))
    assert titles == ["Keep the first three columns"]
    assert len(offered(Settings(postgres_version=11))) == 2


@pytest.mark.parametrize("included", ["postgresql_include=['e']", "**{'postgresql_include': 'e'}"])
def test_what_includes_something_already_is_not_given_more(included: str) -> None:
    engine = Engine(RULES)
    call = f"op.create_index('ix', 't', ['a', 'b', 'c', 'd'], {included})"
    engine.open(PATH, f"{HEAD}def upgrade():\n    op.create_table('t')\n    {call}\n")
    assert engine.work(PATH)
    (finding,) = engine.findings(PATH)
    titles = [each.title for each in actions_of(engine, finding)]
    assert titles == ["Keep the first three columns"]
