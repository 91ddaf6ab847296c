"""Where env.py lets no autocommit block work is what happens with a real Alembic.

SQLite has no transactional DDL; these env.py say that it has, as PostgreSQL does.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from fumehood.environment import block_failure
from tests.alembic_environments import HEAD, fails

# env.py behind HEAD, which has 12 lines, and the line that is told where a block fails.
REAL: dict[str, tuple[str, int | None]] = {
    "connect": (
        """
        with engine.connect() as connection:
            context.configure(connection=connection, transactional_ddl=True)
            with context.begin_transaction():
                context.run_migrations()
        """,
        None,
    ),
    "begin": (
        """
        with engine.begin() as connection:
            context.configure(connection=connection, transactional_ddl=True)
            with context.begin_transaction():
                context.run_migrations()
        """,
        14,
    ),
    "begin, no transaction of Alembic": (
        """
        with engine.begin() as connection:
            context.configure(connection=connection, transactional_ddl=True)
            context.run_migrations()
        """,
        14,
    ),
    "by functions": ("with engine.begin() as c:\n    run(c)", 13),
    "by keyword": ("with engine.begin() as c:\n    run(connection=c)", 13),
    "connected by functions": ("with engine.connect() as c:\n    run(c)", None),
    "connected without with": ("run(engine.connect())", None),
    "two items": ("with engine.connect() as c, c.begin():\n    run(c)", 13),
    "nested": ("with engine.connect() as c:\n    with c.begin():\n        run(c)", 14),
    "begun without with": ("c = engine.connect()\nt = c.begin()\nrun(c)", 14),
    "begun and committed": ("c = engine.connect()\nt = c.begin()\nt.commit()\nrun(c)", None),
    "begun before, and ended": (
        "with engine.connect() as c:\n    with c.begin():\n        pass\n    run(c)",
        None,
    ),
    "begun between": (
        """
        with engine.connect() as c:
            context.configure(c, transactional_ddl=True)
            with c.begin():
                context.run_migrations()
        """,
        16,
    ),
    "another engine's": ("with engine.begin() as x, engine.connect() as c:\n    run(c)", None),
    "executed": ("with engine.connect() as c:\n    c.execute(text('SELECT 1'))\n    run(c)", 14),
    "executed and committed": (
        "with engine.connect() as c:\n    c.execute(text('SELECT 1'))\n    c.commit()\n    run(c)",
        None,
    ),
    "executed after a commit": (
        "with engine.connect() as c:\n    c.commit()\n"
        "    c.exec_driver_sql('SELECT 1')\n    run(c)",
        15,
    ),
    "rolled back": (
        "with engine.connect() as c:\n    c.scalar(text('SELECT 1'))\n    c.rollback()\n    run(c)",
        None,
    ),
    "options": (
        "with engine.connect() as c:\n"
        "    c = c.execution_options(schema_translate_map={})\n    run(c)",
        None,
    ),
    "options of an open one": (
        "with engine.begin() as x:\n"
        "    c = x.execution_options(schema_translate_map={})\n    run(c)",
        13,
    ),
    "inspected": (
        # Not told: what inspect() does is unknown.
        "with engine.connect() as c:\n    if inspect(c).has_table('x'):\n        pass\n    run(c)",
        None,
    ),
    "offline is another branch": (
        """
        if context.is_offline_mode():
            context.configure(url="sqlite://")
            context.run_migrations()
        else:
            with engine.begin() as c:
                run(c)
        """,
        18,
    ),
    "not offline": (
        "if not context.is_offline_mode():\n    with engine.begin() as c:\n        run(c)",
        14,
    ),
    "given or made": (
        """
        connectable = context.config.attributes.get("connection", None)
        if connectable is None:
            connectable = engine
        with connectable.begin() as c:
            run(c)
        """,
        17,
    ),
    "in a loop": (
        """
        for schema in ["main"]:
            with engine.connect() as c:
                c.execute(text("SELECT 1"))
                run(c)
                if schema:
                    break
        """,
        16,
    ),
    "tried": (
        "c = engine.connect()\ntry:\n    with c.begin():\n        run(c)\nfinally:\n    c.close()",
        15,
    ),
    "connection of unknown making": (
        "c = (lambda: engine.connect())()\nwith c.begin():\n    run(c)",
        14,
    ),
    "assigned within": ("if (c := engine.connect()) and c.begin():\n    run(c)", 13),
}  # fmt: skip
UNTOLD = ("inspected",)


def env(name: str) -> str:
    return HEAD + textwrap.dedent(REAL[name][0])


@pytest.mark.parametrize("name", REAL)
def test_what_is_told_is_what_happens(tmp_path: Path, name: str) -> None:
    told = block_failure(env(name), "env.py")
    line = REAL[name][1]
    assert (told is None) == (line is None)
    assert told is None or told.startswith(f"env.py:{line} ")
    assert fails(tmp_path, env(name)) == (line is not None or name in UNTOLD)


ASYNC = """
import asyncio
async def main():
    engine = async_engine_from_config({{}})
    async with {begun} as connection:
        await connection.run_sync(run)
    await engine.dispose()
asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEAD + ASYNC.format(begun="engine.connect()"), None),
        (HEAD + ASYNC.format(begun="engine.begin()"), 17),
        (HEAD.replace("import context", "import context as context"), None),
        ("import alembic\n" + HEAD[28:].replace("context.", "alembic.context.")
         + "with engine.begin() as c:\n    run(c)", 13),
        (HEAD + "with make() as c:\n    run(c)", None),
        (HEAD + "if x:\n    with engine.begin() as c:\n        run(c)\nelse:\n    run(y)", None),
        (HEAD + "def f(c):\n    f(c)\nc = engine.connect()\nf(c)\nrun(c)", None),
        (HEAD + "with engine.begin() as c:\n    context.configure(**{'connection': c})\n"
         "    context.run_migrations()", None),
        (HEAD + "with engine.begin() as c:\n    run(", None),
        ("(" * 5000, None),
        ("".join(f"def f{n}():\n" + f"    f{n + 1}()\n" * 30 for n in range(9)) + "f0()\n", None),
        ("\0", None),
        ("", None),
    ],
)  # fmt: skip
def test_what_is_not_run(text: str, line: int | None) -> None:
    told = block_failure(text, "a/env.py")
    assert (told is None) == (line is None)
    assert told is None or told.startswith(f"a/env.py:{line} ")


def test_sentences() -> None:
    begun = HEAD + "with engine.begin() as c:\n    run(c)"
    assert block_failure(begun, "env.py") == (
        "env.py:13 runs migrations inside engine.begin(), where an autocommit block fails: "
        "use engine.connect() and let Alembic begin the transaction."
    )
    by_hand = HEAD + "with engine.connect() as c, c.begin():\n    run(c)"
    assert block_failure(by_hand, "env.py") == (
        "env.py:13 runs migrations inside c.begin(), where an autocommit block fails: "
        "leave that out and let Alembic begin the transaction."
    )
    executed = HEAD + "with engine.connect() as c:\n    c.execute(text('x'))\n    run(c)"
    assert block_failure(executed, "env.py") == (
        "env.py:14 executes SQL before context.configure(), which begins a transaction in which "
        "an autocommit block fails: call c.commit() after it."
    )
