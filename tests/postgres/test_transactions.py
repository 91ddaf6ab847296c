"""What is said of the transaction is so: a migration fails where that is said, nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from fumehood.config import Settings
from fumehood.engine import Engine
from fumehood.environment import block_failure
from fumehood.project import Driver
from fumehood.project import Project as Surroundings
from tests.page_cases import HEAD, PATH, RULES

from .databases import Database
from .matrix import once
from .project import Project, Setup

DRIVERS: tuple[Driver, ...] = ("psycopg2", "psycopg")
pytestmark = pytest.mark.slow

NEEDED = "CREATE TABLE users (a integer, b integer)"
BUILD = 'op.create_index("ix_a", "users", ["a"], postgresql_concurrently=True)'
IN_SQL = 'op.execute("CREATE INDEX CONCURRENTLY ix_a ON users (a)")'
BLOCK = "with op.get_context().autocommit_block():"
HELPER = "def helper():\n    {}\n\n\n"

# Lines of upgrade(), what stands before it, and the drivers with which it fails, as is said.
FORMS: dict[str, tuple[list[str], str, set[Driver]]] = {
    "its transaction": ([BUILD], "", {*DRIVERS}),
    "its transaction, as SQL": ([IN_SQL], "", {*DRIVERS}),
    "its connection": ([f"op.get_bind().execute(sa.text({IN_SQL[11:-1]}))"], "", {*DRIVERS}),
    "a block": ([BLOCK, f"    {BUILD}"], "", set()),
    "a block, as SQL": ([BLOCK, f"    {IN_SQL}"], "", set()),
    "a helper in a block": ([BLOCK, "    helper()"], HELPER.format(BUILD), set()),
    "a block in a helper": (["helper()"], HELPER.format(f"{BLOCK}\n        {BUILD}"), set()),
    "behind a block": ([BLOCK, '    op.execute("SELECT 1")', BUILD], "", {*DRIVERS}),
    "behind a helper's block": (
        ["helper()", BUILD],
        HELPER.format(f'{BLOCK}\n        op.execute("SELECT 1")'),
        {*DRIVERS},
    ),
    "COMMIT": (['op.execute("COMMIT")', BUILD], "", {"psycopg"}),
    "COMMIT, as SQL": (['op.execute("commit;")', IN_SQL], "", {"psycopg"}),
    "COMMIT in a helper": (["helper()", BUILD], HELPER.format('op.execute("COMMIT")'), {"psycopg"}),
    "COMMIT and BEGIN": (
        ['op.execute("COMMIT")', 'op.execute("BEGIN")', BUILD],
        "",
        {*DRIVERS},
    ),
    "BEGIN in a block": ([BLOCK, '    op.execute("BEGIN")', f"    {BUILD}"], "", {*DRIVERS}),
    "a savepoint": (['op.execute("SAVEPOINT s")', BUILD], "", {*DRIVERS}),
    "one string": (
        ['op.execute("CREATE INDEX CONCURRENTLY ix_a ON users (a); SELECT 1")'],
        "",
        {*DRIVERS},
    ),
    "one string in a block": (
        [BLOCK, '    op.execute("SELECT 1; CREATE INDEX CONCURRENTLY ix_a ON users (a)")'],
        "",
        {*DRIVERS},
    ),
    "behind options that matter not": (
        ['op.get_bind().execution_options(logging_token="a")', BUILD],
        "",
        {*DRIVERS},
    ),
}  # fmt: skip
# Of these nothing is said: how they end (so, with SQLAlchemy 2.1) depends on its version, and on
# what else holds the connection.
UNSAID = {
    "commit()": (["op.get_bind().commit()", BUILD], "ActiveSqlTransaction"),
    "isolation level": (
        ['op.get_bind().execution_options(isolation_level="AUTOCOMMIT")', BUILD],
        "InvalidRequestError",
    ),
    "driver's autocommit": (
        ["op.get_bind().connection.dbapi_connection.autocommit = True", BUILD],
        "",
    ),
}


def text_of(lines: list[str], before: str = "") -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"{HEAD}{before}def upgrade() -> None:\n{body}"


def said(text: str, driver: Driver) -> list[str]:
    engine = Engine(RULES)
    engine.open(PATH, text, Settings(), Surroundings(driver=driver))
    assert engine.work(PATH)
    return [each.message for each in engine.findings(PATH)]


def fails(project: Project, text: str, env: str | None = None) -> str:
    """What PostgreSQL, its driver or Alembic says of a migration; nothing where it runs."""
    project.write({PATH: text})
    if env is not None:
        (project.versions.parent / "env.py").write_text(env)
    try:
        project.upgrade()
    except (AssertionError, SQLAlchemyError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("form", once(FORMS))
def test_it_fails_where_that_is_said(
    form: str, driver: Driver, database: Database, tmp_path: Path
) -> None:
    lines, before, failing = FORMS[form]
    text = text_of(lines, before)
    findings = said(text, driver)
    assert all("fails at run time" in each for each in findings)
    assert bool(findings) == (driver in failing)
    database.reset(NEEDED)
    error = fails(Project(tmp_path, Setup(driver), database.parameters), text)
    assert ("ActiveSqlTransaction" in error) == bool(findings), error
    assert bool(error) == bool(findings), error


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("form", once(UNSAID))
def test_nothing_is_said_of_what_depends(
    form: str, driver: Driver, database: Database, tmp_path: Path
) -> None:
    lines, ended = UNSAID[form]
    text = text_of(lines)
    assert not said(text, driver)
    database.reset(NEEDED)
    error = fails(Project(tmp_path, Setup(driver), database.parameters), text)
    assert bool(error) == bool(ended)
    assert ended in error


ENVS = {
    "connect": "",
    "begin": "engine.connect() -> engine.begin()",
    "executes before": '    context.configure( -> '
    '    connection.exec_driver_sql("SELECT 1")\n    context.configure(',
    "executes and commits before": '    context.configure( -> '
    '    connection.exec_driver_sql("SELECT 1")\n    connection.commit()\n    context.configure(',
}  # fmt: skip


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("name", once(ENVS))
def test_a_block_fails_where_env_py_is_said_to_make_it(
    name: str, driver: Driver, database: Database, tmp_path: Path
) -> None:
    database.reset(NEEDED)
    project = Project(tmp_path, Setup(driver), database.parameters)
    old, _, new = ENVS[name].partition(" -> ")
    env = project.env()
    assert old in env
    env = env.replace(old, new) if old else env
    error = fails(project, text_of([BLOCK, f"    {BUILD}"]), env)
    assert bool(error) == (block_failure(env, "env.py") is not None), error
