"""Revisions that do to the database what a fix does to a model's indexes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fumehood.engine import Action
from tests.model_project import ModelProject, apply, revision

TABLE = (
    'op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True), '
    'sa.Column("email", sa.Text()), sa.Column("team", sa.Integer()))'
)
BODY = """\
id: Mapped[int] = mapped_column(primary_key=True)
email: Mapped[str]
team: Mapped[int]
"""
BY_EMAIL = "select(User).where(User.email == x)"
FIRST = {"a1": revision("a1", None, TABLE, 'op.drop_table("users")')}
COVERED = TABLE + '\n    op.create_index("ix_users_team", "users", ["team"])\n'
COVERED += '    op.create_index("ix_both", "users", ["team", "email"])'
WITH_COVERED = """\
__table_args__ = (Index("ix_both", "team", "email"),)
id: Mapped[int] = mapped_column(primary_key=True)
email: Mapped[str]
team: Mapped[int] = mapped_column(index=True)
"""


def new_revision(project: ModelProject, path: Path) -> Action | None:
    found = [each for each in project.actions(path) if each.creates]
    assert all("in a new revision" in each.title for each in found)
    return found[0] if found else None


def test_an_index_is_built_concurrently_behind_the_head(tmp_path: Path) -> None:
    project = ModelProject(tmp_path)
    project.write(BODY, BY_EMAIL, {**FIRST, "b2": revision("b2", "a1")})
    action = new_revision(project, project.queries)
    assert action is not None
    assert (action.preferred, action.safe, action.edits) == (False, False, ())
    assert action.title.startswith("Give User the index in app/models.py, and build it")
    (created,) = action.creates
    assert Path(created.path).parent == project.versions
    assert created.path.endswith("_create_ix_users_email.py")
    assert 'down_revision = "b2"\n' in created.text
    assert created.text.endswith("""

def upgrade():
    with op.get_context().autocommit_block():
        op.create_index(
            op.f("ix_users_email"), "users", ["email"], postgresql_concurrently=True
        )


def downgrade():
    with op.get_context().autocommit_block():
        op.drop_index(
            op.f("ix_users_email"), table_name="users", postgresql_concurrently=True
        )
""")
    apply(project.queries, action)
    assert "email: Mapped[str] = mapped_column(index=True)" in project.models.read_text()
    assert project.actions(project.queries) == []
    assert project.actions(project.models) == []


def test_names_are_the_conventions(tmp_path: Path) -> None:
    project = ModelProject(tmp_path)
    convention = {"ix": "%(table_name)s_%(column_0_N_name)s_index"}
    project.write(BODY, BY_EMAIL, FIRST, convention)
    action = new_revision(project, project.queries)
    assert action is not None
    assert 'op.f("users_email_index"), "users", ["email"]' in action.creates[0].text


def test_no_name_but_that_of_a_convention_which_is_assigned(tmp_path: Path) -> None:
    project = ModelProject(tmp_path)
    project.write(BODY, BY_EMAIL, FIRST)
    text = project.models.read_text().replace("metadata = MetaData(naming_convention={})", "pass")
    project.models.write_text(text)
    assert new_revision(project, project.queries) is not None
    text += '\n\nBase.metadata.naming_convention = {"ix": "x_%(column_0_name)s"}\n'
    project.models.write_text(text)
    assert new_revision(project, project.queries) is None


def test_a_covered_index_is_dropped_concurrently(tmp_path: Path) -> None:
    project = ModelProject(tmp_path)
    project.write(WITH_COVERED, "select(User)", {"a1": revision("a1", None, COVERED)})
    action = new_revision(project, project.models)
    assert action is not None
    text = action.creates[0].text
    up, down = text.partition("def downgrade()")[::2]
    assert "op.drop_index(" in up
    assert 'op.f("ix_users_team"), table_name="users"' in up
    assert "op.create_index(" in down
    assert 'op.f("ix_users_team"), "users", ["team"]' in down
    apply(project.models, action)
    assert "index=True" not in project.models.read_text()
    assert project.actions(project.models) == []


@pytest.mark.parametrize(
    ("revisions", "offered"),
    [
        (FIRST, True),
        ({}, False),
        ({**FIRST, "b2": revision("b2", "a1"), "c3": revision("c3", "a1")}, False),
        ({"a1": revision("a1", None)}, False),  # the table is not in the migrations
        ({"a1": revision("a1", None, TABLE.replace('"email"', '"mail"'))}, False),
        (
            {
                **FIRST,
                "b2": revision("b2", "a1", 'op.create_index("ix_users_email", "users", [f()])'),
            },
            False,
        ),
    ],
)
def test_refused_where_it_is_not_known_what_the_database_has(
    tmp_path: Path, revisions: dict[str, str], offered: bool
) -> None:
    project = ModelProject(tmp_path)
    project.write(BODY, BY_EMAIL, revisions)
    assert (new_revision(project, project.queries) is not None) == offered


@pytest.mark.parametrize(
    "upgrade",
    [
        TABLE,
        TABLE + '\n    op.create_index("ix_users_team", "users", ["team"])',
        TABLE + '\n    op.create_index("ix_both", "users", ["team", "email"])',
        COVERED.replace('["team"])', '["team"], unique=True)'),
    ],
)
def test_no_index_is_dropped_that_may_be_needed(tmp_path: Path, upgrade: str) -> None:
    project = ModelProject(tmp_path)
    project.write(WITH_COVERED, "select(User)", {"a1": revision("a1", None, upgrade)})
    assert [each.title for each in project.actions(project.models)] == ["Leave the index out"]


def test_refused_where_no_block_works(tmp_path: Path) -> None:
    project = ModelProject(tmp_path)
    project.write(BODY, BY_EMAIL, FIRST)
    env = project.versions.parent / "env.py"
    env.write_text(env.read_text().replace("engine.connect()", "engine.begin()"))
    assert new_revision(project, project.queries) is None
