"""Where env.py has the connection in autocommit, no block is asked for and none is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from fumehood.config import Settings
from fumehood.discovery import load_rules
from fumehood.engine import Action, Engine
from fumehood.head import Head
from fumehood.project import Project
from fumehood.workspace.workspace import Workspace

from .page_cases import HEAD, PATH, applied

IN_AUTOCOMMIT = Project(autocommit=True)
INDEX = '    op.create_index("ix_a_x", "a", ["x"])\n'
CONCURRENTLY = INDEX.replace("])", "], postgresql_concurrently=True)")
BATCH = '    with op.batch_alter_table("a") as batch_op:\n        batch_op'
CHECK = '    op.create_check_constraint("ck_a_x", "a", "x > 0"{})\n'
VALIDATE = '    op.execute("ALTER TABLE a VALIDATE CONSTRAINT {}")\n'
KEY = '    op.create_foreign_key("fk_a_b", "a", "b", ["x"], ["id"])\n'
LATER = "    with op.get_context().autocommit_block():\n"

REWRITES = {
    "index": (INDEX, CONCURRENTLY),
    "index in a batch": (
        BATCH + '.create_index("ix_a_x", ["x"])\n',
        BATCH + '.create_index("ix_a_x", ["x"], postgresql_concurrently=True)\n',
    ),
    "column's index": (
        '    op.add_column("a", sa.Column("x", sa.Integer(), index=True))\n',
        '    op.add_column("a", sa.Column("x", sa.Integer()))\n'
        '    op.create_index(None, "a", ["x"], postgresql_concurrently=True)\n',
    ),
    "SQL": (
        '    op.execute("CREATE INDEX ix_a_x ON a (x)")\n',
        '    op.execute("CREATE INDEX CONCURRENTLY ix_a_x ON a (x)")\n',
    ),
    "check": (
        CHECK.format(""),
        CHECK.format(", postgresql_not_valid=True") + VALIDATE.format("ck_a_x"),
    ),
    "foreign key": (
        KEY,
        KEY.replace('"])', '"], postgresql_not_valid=True)') + VALIDATE.format("fk_a_b"),
    ),
    "unique": (
        '    op.create_unique_constraint("uq_a_x", "a", ["x"])\n',
        '    op.create_index("uq_a_x", "a", ["x"], unique=True, postgresql_concurrently=True)\n'
        '    op.execute("ALTER TABLE a ADD CONSTRAINT uq_a_x UNIQUE USING INDEX uq_a_x")\n',
    ),
}  # fmt: skip
FINE = {
    "concurrent": CONCURRENTLY,
    "concurrent in a batch": BATCH
    + '.create_index("ix_a_x", ["x"], postgresql_concurrently=True)\n',
    "SQL": '    op.execute("DROP INDEX CONCURRENTLY ix_a_x")\n',
    "validated behind": CHECK.format(", postgresql_not_valid=True") + VALIDATE.format("ck_a_x"),
    "a block all the same": LATER + "    " + CONCURRENTLY,
}


def opened(body: str, project: Project = IN_AUTOCOMMIT) -> Engine:
    engine = Engine(load_rules())
    engine.open(PATH, f"{HEAD}def upgrade() -> None:\n{body}", project=project)
    assert engine.work(PATH)
    return engine


def first_fix(engine: Engine) -> Action:
    [found] = engine.findings(PATH)
    head = Head(revision="b2", path=PATH, text=engine.text(PATH).content, folder="")
    return engine.actions(PATH, found.span, lambda: head)[0]


@pytest.mark.parametrize("name", REWRITES)
def test_no_block_is_written(name: str) -> None:
    before, after = REWRITES[name]
    engine = opened(before)
    [found] = engine.findings(PATH)
    assert "transaction" not in found.what
    fix = first_fix(engine)
    assert applied(engine.text(PATH).content, fix).endswith(f"def upgrade() -> None:\n{after}")
    assert fix.safe
    assert "commits" not in fix.title
    assert not opened(after).findings(PATH)


@pytest.mark.parametrize("name", FINE)
def test_nothing_is_found(name: str) -> None:
    assert not opened(FINE[name]).findings(PATH)


def test_several_statements_in_one_string_are_one_transaction() -> None:
    engine = opened('    op.execute("CREATE INDEX CONCURRENTLY i ON a (x); SELECT 1")\n')
    [found] = engine.findings(PATH)
    assert "one string" in found.what


def test_a_transaction_that_is_begun_by_hand_is_one() -> None:
    begun = '    op.execute("BEGIN")\n'
    [found] = opened(begun + CONCURRENTLY).findings(PATH)
    assert found.what.endswith("runs in a transaction that was begun by hand.")
    assert not opened(begun + '    op.execute("COMMIT")\n' + CONCURRENTLY).findings(PATH)


def test_a_follow_up_has_no_block_either() -> None:
    engine = opened(CHECK.format(""))
    [found] = engine.findings(PATH)
    head = Head(revision="b2", path=PATH, text=engine.text(PATH).content, folder="")
    actions = engine.actions(PATH, found.span, lambda: head)
    [created] = next(each for each in actions if each.creates).creates
    assert VALIDATE.format("ck_a_x") in created.text
    assert "autocommit_block" not in created.text


def test_a_change_of_env_py_is_followed() -> None:
    engine = opened(CONCURRENTLY, Project())
    assert len(engine.findings(PATH)) == 1
    assert engine.configure(PATH, Settings(), IN_AUTOCOMMIT, {})
    engine.work(PATH)
    assert not engine.findings(PATH)


def test_it_is_read_from_env_py(tmp_path: Path) -> None:
    (tmp_path / "env.py").write_text(
        "from alembic import context\n"
        "engine = create_engine('postgresql://', isolation_level='AUTOCOMMIT')\n"
        "with engine.begin() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    context.run_migrations()\n"
    )
    project = Workspace().around(tmp_path / "versions" / "x.py").project
    assert project.autocommit
    assert project.block_fails is None  # none is needed


ENV = """from alembic import context
config = context.config
section = config.get_section(config.config_ini_section, {})
section["sqlalchemy.url"] = url()
with engine_from_config(MADE_OF, prefix="sqlalchemy.").connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


@pytest.mark.parametrize(
    ("level", "made_of", "found"),
    [
        ("AUTOCOMMIT", "section", True),
        ("AUTOCOMMIT", "config.get_section(config.config_ini_section)", True),
        ("AUTOCOMMIT", "section, isolation_level='SERIALIZABLE'", False),
        ("AUTOCOMMIT", "{'sqlalchemy.url': url()}", False),
        ("SERIALIZABLE", "section", False),
    ],
)
def test_it_is_read_from_alembic_ini(level: str, made_of: str, found: bool, tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text(
        f"[alembic]\nscript_location = m\nsqlalchemy.isolation_level = {level}\n"
    )
    (tmp_path / "m" / "versions").mkdir(parents=True)
    (tmp_path / "m" / "env.py").write_text(ENV.replace("MADE_OF", made_of))
    around = Workspace().around(tmp_path / "m" / "versions" / "x.py")
    assert around.project.autocommit == found


LEAVES = {
    "options": ("", 'op.get_bind().execution_options(isolation_level="AUTOCOMMIT")'),
    "level": ("", "op.get_bind().connection.set_isolation_level(0)"),
    "commit": ("", "op.get_bind().commit()"),
    "context's connection": ("", "op.get_context().connection.commit()"),
    "session": ("", "sa.orm.Session(bind=op.get_bind()).commit()"),
    "helper with options": (
        'def leave(c):\n    c.execution_options(isolation_level="AUTOCOMMIT")\n',
        "leave(op.get_bind())",
    ),
    "helper with a level": (
        "def leave():\n    op.get_bind().connection.set_isolation_level(0)\n",
        "leave()",
    ),
    "helper with autocommit": (
        "def leave():\n    raw = op.get_bind().connection.dbapi_connection\n"
        "    raw.autocommit = True\n",
        "leave()",
    ),
    "helper that commits": ("def leave(c):\n    c.commit()\n", "leave(op.get_bind())"),
    "helper of a helper": (
        "def inner(c):\n    c.set_isolation_level(0)\n\n\n"
        "def leave():\n    inner(op.get_bind().connection)\n",
        "leave()",
    ),
    "helper that may": ("def leave():\n    if x():\n        op.get_bind().commit()\n", "leave()"),
    "helper that gives": (
        'def leave():\n    return op.get_bind().execution_options(isolation_level="AUTOCOMMIT")\n',
        "bind = leave()",
    ),
}


@pytest.mark.parametrize(("helpers", "line"), LEAVES.values(), ids=LEAVES)
def test_a_transaction_that_is_left_is_none_behind_that(helpers: str, line: str) -> None:
    def found(*lines: str) -> list[str]:
        engine = Engine(load_rules())
        body = "".join(lines)
        engine.open(PATH, f"{HEAD}{helpers}\n\ndef upgrade() -> None:\n{body}")
        assert engine.work(PATH)
        return [finding.what for finding in engine.findings(PATH)]

    left = f"    {line}\n"
    assert not found(left, CONCURRENTLY)
    assert found(left, INDEX) == ["Index ix_a_x on a is built without CONCURRENTLY."]
    assert len(found(CONCURRENTLY, left)) == 1, "it is left too late"
