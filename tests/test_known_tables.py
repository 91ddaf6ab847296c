"""What is known of a query's table: by models and migrations together, or nothing."""

from __future__ import annotations

import pytest

from fumehood.config import Settings
from fumehood.discovery import load_rules
from fumehood.engine import Engine
from fumehood.facts import UNKNOWN, IndexKey
from fumehood.models.catalog import Catalog, InProject
from fumehood.project import Project
from fumehood.schema import Schema, SchemaIndex, Table, TableName
from tests.outlines import outlines
from tests.two_files import users

MODELS = users("email: Mapped[str]", "name: Mapped[str]")
QUERIES = """\
from app.models import User


def f(s, x):
    return s.query(User).filter_by(email=x).all()
"""
PATH = "/p/app/queries.py"
USERS = TableName(None, "users")
RULES = load_rules()


def found(
    settings: Settings = Settings(),  # noqa: B008  # never changed
    migrated: Schema | None = None,
    views: frozenset[TableName] = frozenset(),
    models: str = MODELS,
    complete: bool = True,
) -> list[str]:
    """The rules of the findings in a file of queries."""
    files = {"app/models.py": models, "app/queries.py": QUERIES}
    catalog = Catalog(outlines(files), "/p", complete)
    catalog.set_migrated(migrated or {}, views)
    engine = Engine(RULES)
    place = InProject(catalog, "app/queries.py")
    engine.open(PATH, QUERIES, settings, Project(naming=None), None, place)
    assert engine.work(PATH)
    return [each.rule for each in engine.findings(PATH)]


def migrated(*indexes: SchemaIndex, complete: bool = True, name: TableName = USERS) -> Schema:
    return {name: Table(name=name, indexes=indexes, complete=complete)}


BY_EMAIL = SchemaIndex(name="ix", keys=(IndexKey("email"),))
BY_NAME = SchemaIndex(name="ix", keys=(IndexKey("name"),))


def test_a_query_that_no_index_serves() -> None:
    assert found() == ["verify-query-patterns-are-indexed"]
    assert found(migrated=migrated(BY_NAME)) == ["verify-query-patterns-are-indexed"]


def test_of_a_table_that_no_migration_creates_the_models_tell() -> None:
    assert found(migrated={USERS: Table(name=USERS, untold=True)}) != []
    assert found(migrated={USERS: Table(name=USERS, indexes=(BY_NAME,), untold=True)}) != []
    assert found(migrated={USERS: Table(name=USERS, indexes=(BY_EMAIL,), untold=True)}) == []


def test_an_index_that_migrations_alone_have_counts() -> None:
    assert found(migrated=migrated(BY_EMAIL)) == []
    assert found(migrated=migrated(BY_EMAIL, name=TableName("other", "users"))) != []


@pytest.mark.parametrize(
    "known",
    [
        {"migrated": migrated(complete=False)},
        {"migrated": migrated(SchemaIndex(name="ix", keys=UNKNOWN))},
        {"views": frozenset({USERS})},
        {"settings": Settings(small_tables=frozenset({"users"}))},
        {"settings": Settings(is_test=True)},
        {"settings": Settings(dialect="sqlite")},
        {"complete": False},
        {"models": "from x import Y\n" + MODELS.replace("(Base)", "(Base, Y)")},
        {"models": MODELS + "    __table_args__ = unheard_of()\n"},
    ],
    ids=repr,
)
def test_where_not_all_is_known_nothing_is_said(known: dict[str, object]) -> None:
    assert found(**known) == []  # type: ignore[arg-type]
