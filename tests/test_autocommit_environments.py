"""Where env.py has each statement committed at once is told as a real Alembic has it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from fumehood.environment import runs_in_autocommit
from tests.alembic_environments import HEAD, fails

SEEN = """\
from alembic import op
revision = "r"
down_revision = None
def upgrade():
    level = op.get_bind().connection.dbapi_connection.isolation_level
    assert level is not None, "autocommit"
def downgrade():
    pass
"""


LEVEL = 'isolation_level="AUTOCOMMIT"'


MADE = 'from sqlalchemy import create_engine\ne = create_engine("sqlite://", {})\n'.format


# env.py behind HEAD, and whether all that migrations do is committed at once.
AUTOCOMMIT = {
    "engine": (MADE(LEVEL) + "with e.connect() as c:\n    run(c)", True),
    "engine, begun": (MADE(LEVEL) + "with e.begin() as c:\n    run(c)", True),
    "engine's options": (
        MADE('execution_options={"isolation_level": "AUTOCOMMIT"}')
        + "with e.connect() as c:\n    run(c)",
        True,
    ),
    "options of an engine": (
        f"e = engine.execution_options({LEVEL})\nwith e.connect() as c:\n    run(c)",
        True,
    ),
    "options of a connection": (
        f"with engine.connect().execution_options({LEVEL}) as c:\n    run(c)",
        True,
    ),
    "assigned": (
        f"with engine.connect() as c:\n    c = c.execution_options({LEVEL})\n    run(c)",
        True,
    ),
    "in place": (
        f"with engine.connect() as c:\n    c.execution_options({LEVEL})\n    run(c)",
        True,
    ),
    "where it is given": (
        f"with engine.connect() as c:\n    run(c.execution_options({LEVEL}))",
        True,
    ),
    "another level": (
        MADE('isolation_level="SERIALIZABLE"') + "with e.connect() as c:\n    run(c)",
        False,
    ),
    "set back": (
        MADE(LEVEL)
        + "with e.connect() as c:\n"
        + '    c.execution_options(isolation_level="SERIALIZABLE")\n    run(c)',
        False,
    ),
    "another connection's": (
        f"with engine.connect() as x:\n    x.execution_options({LEVEL})\n"
        "with engine.connect() as c:\n    run(c)",
        False,
    ),
    "no transactional DDL": (
        """
        with engine.connect() as c:
            context.configure(c, transactional_ddl=False)
            migrate()
        """,
        False,
    ),
    "one of two branches": (
        f"c = engine.connect()\nif not c:\n    c = c.execution_options({LEVEL})\nrun(c)",
        False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", AUTOCOMMIT)
def test_autocommit_is_told_where_it_is(tmp_path: Path, name: str) -> None:
    source, expected = AUTOCOMMIT[name]
    text = HEAD + textwrap.dedent(source)
    assert runs_in_autocommit(text) == expected
    assert fails(tmp_path, text, SEEN) == expected


@pytest.mark.parametrize(
    "text",
    [
        "with engine.connect() as c:\n    c.execution_options(isolation_level=level)\n    run(c)",
        "e = create_engine('x', **options)\nwith e.connect() as c:\n    run(c)",
        "e = create_engine('x', isolation_level='AUTOCOMMIT')\nwith e.connect() as c:\n    run(",
        "",
    ],
)
def test_autocommit_is_told_where_it_is_plain_only(text: str) -> None:
    assert not runs_in_autocommit(HEAD + text)
