"""Findings of queries follow the models of other files, and only what has read them runs again."""

from __future__ import annotations

from fumehood.config import Settings
from fumehood.discovery import load_rules
from fumehood.engine import Engine
from fumehood.facts import IndexKey
from fumehood.models.catalog import Catalog, InProject
from fumehood.project import Project
from fumehood.schema import SchemaIndex, Table, TableName
from fumehood.text import Edit
from tests.outlines import outline

RULE = "verify-query-patterns-are-indexed"
RULES = [each for each in load_rules() if each.id == RULE]
MODELS = """\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase): pass

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column()

class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column()
"""
QUERIES = """\
from app.models import Order, User

def users(session, x):
    session.query(User).filter(User.email == x).all()

def orders(session, x):
    session.query(Order).filter(Order.number == x).all()

def again(session, x):
    session.query(Order).filter(Order.number == x, Order.id != 1).all()
"""


def started(complete: bool = True, **settings: object) -> tuple[Engine, Catalog]:
    """Both files open, in one project."""
    engine, catalog = Engine(RULES), Catalog(complete=complete)
    for path, text in (("app/queries.py", QUERIES), ("app/models.py", MODELS)):
        around = InProject(catalog, path)
        engine.open(path, text, Settings(**settings), Project(), {}, around)  # type: ignore[arg-type]
        engine.work(path)
    engine.work("app/queries.py")
    return engine, catalog


def lines(engine: Engine, path: str = "app/queries.py") -> list[int]:
    content = engine.text(path).content
    return [content.count("\n", 0, each.span.start) + 1 for each in engine.findings(path)]


def replaced(engine: Engine, path: str, old: str, new: str) -> None:
    start = engine.text(path).content.index(old)
    engine.change(path, [Edit(start, start + len(old), new)])
    engine.work(path)


def follows(engine: Engine) -> int:
    """How many checks run when the queries' file follows the models."""
    before = engine.stats.checked
    engine.work("app/queries.py")
    return engine.stats.checked - before


def test_a_column_is_read_by_its_own_queries_only() -> None:
    engine, _ = started()
    assert lines(engine) == [4, 7, 10]
    replaced(engine, "app/models.py", "number: Mapped[str] = mapped_column()", "number = 1")
    replaced(engine, "app/models.py", "number = 1", "number: Mapped[str] = mapped_column(index=1)")
    replaced(engine, "app/models.py", "index=1", "index=True")
    assert follows(engine) == 2
    assert lines(engine) == [4]


def test_what_leaves_a_model_as_it_was_runs_nothing() -> None:
    engine, _ = started()
    replaced(engine, "app/models.py", "\n\nclass User", "\n\n# users\nclass User")
    replaced(engine, "app/models.py", "class Order", "class New(Base): pass\n\nclass Order")
    assert follows(engine) == 0


def test_a_finding_moves_with_its_statement_and_is_not_made_again() -> None:
    engine, _ = started()
    before = engine.stats.checked
    replaced(engine, "app/queries.py", "\ndef users", "\n# many\n# lines\ndef users")
    assert engine.stats.checked == before
    assert lines(engine) == [6, 9, 12]
    replaced(engine, "app/queries.py", "Order.id != 1", "Order.id == 1")
    assert engine.stats.checked == before + 1
    assert lines(engine) == [6, 9]


def test_related_places_are_those_of_the_present_text() -> None:
    engine, _ = started()
    replaced(engine, "app/models.py", "class Base", "import os\n\nclass Base")
    (related,) = engine.findings("app/queries.py")[0].related
    text = engine.text("app/models.py").content
    assert (related.path, text[related.span.start :][:13]) == ("app/models.py", "email: Mapped")


def test_indexes_of_migrations_count() -> None:
    engine, catalog = started()
    index = SchemaIndex(name="ix", keys=(IndexKey("email"),))
    name = TableName(None, "users")
    catalog.set_migrated({name: Table(name=name, indexes=(index,), complete=True)})
    assert follows(engine) == 1
    assert lines(engine) == [7, 10]
    catalog.set_migrated({})
    assert follows(engine) == 1
    assert lines(engine) == [4, 7, 10]
    catalog.set_migrated({name: Table(name=name)})  # not all of it is known
    follows(engine)
    assert lines(engine) == [7, 10]
    catalog.set_migrated({}, frozenset([name]))
    follows(engine)
    assert lines(engine) == [7, 10]


def test_a_table_whose_name_is_made_may_be_one_of_several() -> None:
    engine, catalog = started()
    replaced(engine, "app/models.py", '"users"', "made()")
    follows(engine)
    assert lines(engine) == [4, 7, 10]
    index = SchemaIndex(name="ix", keys=(IndexKey("email"),))
    for found in ("users", "user", "app_user"):
        name = TableName(None, found)
        catalog.set_migrated({name: Table(name=name, indexes=(index,), complete=True)})
        follows(engine)
        assert lines(engine) == [7, 10]
    other = TableName(None, "user_emails")
    catalog.set_migrated({other: Table(name=other, indexes=(index,), complete=True)})
    follows(engine)
    assert lines(engine) == [4, 7, 10]
    small = started(small_tables=frozenset(["users"]))[0]
    replaced(small, "app/models.py", '"users"', "made()")
    follows(small)
    assert lines(small) == [7, 10]


def test_nothing_is_said_before_all_files_were_read() -> None:
    engine, catalog = started(complete=False)
    assert lines(engine) == []
    catalog.set_complete(True)
    assert follows(engine) == 3
    assert lines(engine) == [4, 7, 10]
    catalog.set_complete(False)  # many files have changed at once
    follows(engine)
    assert lines(engine) == []


def test_a_file_that_goes_takes_its_models_along() -> None:
    engine, catalog = started()
    catalog.replace("app/models.py", None)
    follows(engine)
    assert lines(engine) == []
    catalog.replace("app/models.py", outline(MODELS))
    follows(engine)
    assert lines(engine) == [4, 7, 10]


def test_small_tables_and_tests_are_left_out() -> None:
    engine, _ = started(small_tables=frozenset(["orders"]))
    assert lines(engine) == [4]
    engine, _ = started(is_test=True)
    assert lines(engine) == []


def test_a_finding_can_be_ignored_in_place() -> None:
    engine, _ = started()
    mark = f"  # fumehood: ignore[{RULE}]"
    replaced(engine, "app/queries.py", "User.email == x).all()", f"User.email == x).all(){mark}")
    assert lines(engine) == [7, 10]
    replaced(engine, "app/queries.py", "Order.number == x).all()", f"Order.id == x).all(){mark}")
    assert [each.rule for each in engine.findings("app/queries.py")] == ["unused-ignore", RULE]
    actions = engine.actions("app/queries.py", engine.findings("app/queries.py")[0].span)
    assert len(actions) == 1
    assert engine.fix_all("app/queries.py") is not None


def test_two_functions_of_one_name_have_queries_of_their_own() -> None:
    engine, _ = started()
    replaced(engine, "app/queries.py", "def again", "def orders")
    assert lines(engine) == [4, 7, 10]
    replaced(engine, "app/queries.py", "Order.number == x).all()", "Order.id == x).all()")
    assert lines(engine) == [4, 10]
