"""The driver is that of a database URL that is written out, else the one that is depended on."""

from __future__ import annotations

from pathlib import Path

import pytest

from fumehood.config import Settings
from fumehood.discovery import load_rules
from fumehood.engine import Engine
from fumehood.project import Driver, Project
from fumehood.workspace.disk import Disk
from fumehood.workspace.environments import Environments

INI = "[alembic]\nscript_location = migrations\nsqlalchemy.url = {}\n"
ENV = "from alembic import context\n{}\ncontext.run_migrations()\n"
PYPROJECT = '[project]\ndependencies = ["alembic", "{}"]\n'
TWO = "postgresql+psycopg2://h/d"
THREE = "postgresql+psycopg://h/d"

# Files of a project, besides migrations/env.py where none is given.
KNOWN: dict[str, tuple[dict[str, str], Driver | None]] = {
    "in the ini": ({"alembic.ini": INI.format(TWO)}, "psycopg2"),
    "asynchronous": (
        {"alembic.ini": INI.format("postgresql+psycopg_async://h/d")},
        "psycopg",
    ),
    "another": (
        {
            "alembic.ini": INI.format("postgresql+asyncpg://h/d"),
            "requirements.txt": "psycopg2\n",
        },
        None,
    ),
    "in a comment": ({"alembic.ini": INI.format("driver://h/d") + f"# {TWO}\n"}, None),
    "in env.py": (
        {"alembic.ini": INI.format(""), "migrations/env.py": ENV.format(f"url = {THREE!r}")},
        "psycopg",
    ),
    "in a comment of env.py": (
        {"alembic.ini": INI.format(""), "migrations/env.py": ENV.format(f"# {THREE!r}")},
        None,
    ),
    "two that differ": (
        {
            "alembic.ini": INI.format(TWO),
            "migrations/env.py": ENV.format("u = u.replace('+psycopg2', 'postgres+asyncpg')"),
        },
        None,
    ),
    "a project's": (
        {
            "alembic.ini": INI.format("postgresql://h/d"),
            "pyproject.toml": PYPROJECT.format("psycopg"),
        },
        "psycopg",
    ),
    "with an extra": (
        {"alembic.ini": INI.format(""), "pyproject.toml": PYPROJECT.format("psycopg[c]>=3.2")},
        "psycopg",
    ),
    "of Poetry": (
        {
            "alembic.ini": INI.format(""),
            "pyproject.toml": '[tool.poetry.dependencies]\npsycopg2-binary = "^2.9"\n',
        },
        "psycopg2",
    ),
    "pinned": (
        {
            "alembic.ini": INI.format(""),
            "requirements.txt": "# psycopg\npsycopg2-binary==2.9.12 \\\n    --hash=sha256:ab\n"
            "opentelemetry-instrumentation-psycopg==1\n",
        },
        "psycopg2",
    ),
    "in a folder of requirements": (
        {"alembic.ini": INI.format(""), "requirements/prod.txt": "psycopg==3.2\n"},
        "psycopg",
    ),
    "in the folder above": (
        {
            "db/alembic.ini": INI.format(""),
            "db/migrations/env.py": ENV.format(""),
            "pyproject.toml": PYPROJECT.format("psycopg2"),
        },
        "psycopg2",
    ),
    "outside of the repository": (
        {
            "db/.git/HEAD": "",
            "db/alembic.ini": INI.format(""),
            "db/migrations/env.py": ENV.format(""),
            "pyproject.toml": PYPROJECT.format("psycopg2"),
        },
        None,
    ),
    "both": (
        {"alembic.ini": INI.format(""), "requirements.txt": "psycopg2\npsycopg\n"},
        None,
    ),
    "beside another": (
        {"alembic.ini": INI.format(""), "requirements.txt": "asyncpg\npsycopg2\n"},
        None,
    ),
    "only a module's name": (
        {"alembic.ini": INI.format(""), "pyproject.toml": '[[x]]\nmodule = "psycopg2.*"\n'},
        None,
    ),
    "not readable": ({"alembic.ini": INI.format(""), "requirements.txt": "\udcff"}, None),
}


@pytest.mark.parametrize(("files", "driver"), KNOWN.values(), ids=KNOWN)
def test_driver(files: dict[str, str], driver: Driver | None, tmp_path: Path) -> None:
    for name, text in {"migrations/env.py": ENV.format(""), **files}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    folder = tmp_path / ("db" if "db/alembic.ini" in files else "")
    (tmp_path / ".git").mkdir()
    found = Environments(Disk()).of(folder / "migrations" / "versions" / "a.py")
    assert found is not None
    assert found.project().driver == driver


HEAD = 'from alembic import op\nrevision = "b"\ndown_revision = "a"\n\n\ndef upgrade():\n'
CREATE = '    op.create_index("ix", "t", ["a"], postgresql_concurrently=True)\n'
DROP = '    op.execute("DROP INDEX CONCURRENTLY ix")\n'
COMMIT = '    op.execute("COMMIT")\n'
# Lines of upgrade(), and how many findings they have with psycopg2, psycopg 3 and another driver.
COMMITS = {
    COMMIT + CREATE: (0, 1, 0),
    COMMIT + CREATE + DROP: (0, 2, 0),
    COMMIT + '    op.execute("BEGIN")\n' + CREATE: (1, 1, 1),
    '    if FLAG:\n        op.execute("COMMIT")\n' + CREATE: (0, 1, 0),
    # What is called may leave the transaction by itself.
    '    if load():\n        op.execute("COMMIT")\n' + CREATE: (0, 0, 0),
    "    op.get_bind().commit()\n" + CREATE: (0, 0, 0),
    "    connect().execute('COMMIT')\n" + CREATE: (0, 0, 0),
    COMMIT + "    with op.get_context().autocommit_block():\n    " + CREATE: (0, 0, 0),
    '    op.execute("COMMIT; CREATE INDEX CONCURRENTLY ix ON t (a)")\n': (1, 1, 1),
}


@pytest.mark.parametrize(("lines", "counts"), COMMITS.items())
def test_what_runs_behind_commit(lines: str, counts: tuple[int, int, int]) -> None:
    drivers: tuple[Driver | None, ...] = ("psycopg2", "psycopg", None)
    for driver, count in zip(drivers, counts, strict=True):
        engine = Engine(load_rules())
        engine.open("b.py", HEAD + lines, Settings(), Project(driver=driver))
        engine.work("b.py")
        found = engine.findings("b.py")
        assert len(found) == count, driver
        behind = driver == "psycopg" and "BEGIN" not in lines and "; CREATE" not in lines
        assert all(("Behind COMMIT, psycopg 3" in each.message) == behind for each in found)


# Files of a project, and whether all that they say is that it is for PostgreSQL.
ONLY: dict[str, tuple[dict[str, str], bool]] = {
    "a URL": ({"alembic.ini": INI.format("postgresql://h/d")}, True),
    "a driver": ({"alembic.ini": INI.format(""), "requirements.txt": "asyncpg==0.30\n"}, True),
    "env.py": (
        {"alembic.ini": INI.format(""), "migrations/env.py": ENV.format("u = 'postgresql://'")},
        True,
    ),
    "nothing": ({"alembic.ini": INI.format("")}, False),
    "a template's URL": ({"alembic.ini": INI.format("driver://user:pass@localhost/d")}, False),
    "another in a comment": (
        {"alembic.ini": INI.format("postgresql://h/d") + "# sqlite:///d\n"},
        True,
    ),
    "another": ({"alembic.ini": INI.format("mysql://h/d")}, False),
    "another section": (
        {
            "alembic.ini": INI.format("postgresql://h/d")
            + "[test]\nscript_location = t\nsqlalchemy.url = sqlite:///d\n"
        },
        False,
    ),
    "batches, which are for SQLite": (
        {
            "alembic.ini": INI.format("postgresql://h/d"),
            "migrations/env.py": ENV.format("context.configure(render_as_batch=True)"),
        },
        False,
    ),
    "drivers of two": (
        {
            "alembic.ini": INI.format("postgresql://h/d"),
            "requirements.txt": "psycopg2\nPyMySQL>=1\n",
        },
        False,
    ),
    "a tool of another name": (
        {"alembic.ini": INI.format(""), "requirements.txt": "asyncpg\nmysqlclient-stubs\n"},
        True,
    ),
}


@pytest.mark.parametrize(("files", "only"), ONLY.values(), ids=ONLY)
def test_whether_it_is_for_postgresql_only(
    files: dict[str, str], only: bool, tmp_path: Path
) -> None:
    (tmp_path / ".git").mkdir()
    for name, text in {"migrations/env.py": ENV.format(""), **files}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    environment = Environments(Disk()).of(tmp_path / "migrations" / "versions" / "x.py")
    assert environment is not None
    assert environment.project().only_postgresql == only
    speaks = {"another", "another section", "batches, which are for SQLite", "drivers of two"}
    assert environment.project().others == (files in [ONLY[each][0] for each in speaks])
