"""The harness itself: wrong rewrites make it fail, and its servers end with their process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from tests.page_cases import HEAD

from .databases import Database
from .databases import database as new_database
from .equivalence import NAME, Rewrite, course, disagreement, original_course
from .locks import Watch, is_definition
from .project import Project, Setup
from .servers import DSN, Server, server_of_environment
from .waiting import until_true

pytestmark = pytest.mark.slow

INDEX = 'op.create_index("ix_users_email", "users", ["email"])'
CHECK = 'op.create_check_constraint("age", "users", "age >= 0")'
NOT_VALID = CHECK.replace('>= 0"', '>= 0", postgresql_not_valid=True')
BLOCK = "with op.get_context().autocommit_block():\n    "
CONCURRENT = INDEX.replace("])", "], postgresql_concurrently=True)")
UNIQUE = INDEX.replace("])", "], unique=True)")
UNIQUE_CONCURRENT = UNIQUE.replace("True)", "True, postgresql_concurrently=True)")
VALIDATE = 'op.execute("ALTER TABLE users VALIDATE CONSTRAINT {}")'

RIGHT = {
    "an index": (INDEX, BLOCK + CONCURRENT),
    "a check": (CHECK, f"{NOT_VALID}\n{BLOCK}{VALIDATE.format('ck_users_age')}"),
}
WRONG = {
    "no block": (INDEX, CONCURRENT, "cannot run inside a transaction block"),
    "validation forgotten": (CHECK, NOT_VALID, "NOT VALID"),
    "the name without its convention": (
        CHECK,
        f"{NOT_VALID}\n{BLOCK}{VALIDATE.format('age')}",
        'constraint "age" of relation "users" does not exist',
    ),
    "another final name": (
        CHECK,
        CHECK.replace('"age", "users"', 'op.f("age"), "users"'),
        "constraint users age: expected none",
    ),
    "the index left invalid": (
        UNIQUE,
        f"op.execute('UPDATE users SET email = 1 WHERE id < 3')\n{BLOCK}try:\n        "
        f"{UNIQUE_CONCURRENT}\n    except sa.exc.IntegrityError:\n        pass",
        "INVALID",
    ),
    "another index": (
        INDEX,
        BLOCK + CONCURRENT.replace("ix_users_email", "ix_email"),
        "index public.ix_email: expected none",
    ),
    "unique where it was not": (
        INDEX,
        BLOCK + CONCURRENT.replace("],", "], unique=True,"),
        "CREATE UNIQUE INDEX",
    ),
}


def migration(body: str) -> str:
    return HEAD + "def upgrade():\n" + textwrap.indent(body, "    ") + "\n"


def compared(database: Database, folder: Path, original: str, rewritten: str) -> list[str]:
    project = Project(folder, Setup(convention="named"), database.parameters)
    needed, first = original_course(project, database, migration(original), "")
    assert not first.error, first.ended
    files = {NAME: migration(rewritten)}
    taken = course(project, database, needed, files, first.undoing)
    return disagreement(first, taken, Rewrite("", files, mends_all=True))


@pytest.mark.parametrize("name", RIGHT)
def test_right_rewrites_pass(name: str, database: Database, tmp_path: Path) -> None:
    assert compared(database, tmp_path, *RIGHT[name]) == []


@pytest.mark.parametrize("name", WRONG)
def test_wrong_rewrites_fail(name: str, database: Database, tmp_path: Path) -> None:
    original, rewritten, says = WRONG[name]
    assert says in "\n".join(compared(database, tmp_path, original, rewritten))


def test_locks_of_a_split_that_is_none(database: Database, tmp_path: Path) -> None:
    together = f"{NOT_VALID}\n{VALIDATE.format('ck_users_age')}"
    apart = RIGHT["a check"][1]
    faults = [
        faults_of(database, tmp_path / str(number), CHECK, body)
        for number, body in enumerate((together, apart))
    ]
    assert faults[1] == []
    assert "VALIDATE CONSTRAINT ck_users_age: works through ['users']" in "\n".join(faults[0])
    assert "AccessExclusiveLock" in "\n".join(faults[0])


def test_locks_of_an_index_in_the_transaction(database: Database, tmp_path: Path) -> None:
    (fault,) = faults_of(database, tmp_path / "plain", INDEX, INDEX)
    assert "while it holds {'users': 'ShareLock'}" in fault
    assert faults_of(database, tmp_path / "concurrent", *RIGHT["an index"]) == []


def faults_of(database: Database, folder: Path, original: str, rewritten: str) -> list[str]:
    """What writers wait for while a rewrite runs, on the tables of its original."""
    project = Project(folder, Setup(convention="named"), database.parameters)
    needed, _ = original_course(project, database, migration(original), "")
    database.reset(needed.sql())
    project.write({NAME: migration(rewritten)})
    watch = Watch(database, needed)
    project.upgrade(watch=watch)
    return [fault for step in watch.steps for fault in step.faults()]


def test_a_wait_ends() -> None:
    looks = iter([False, False, True])
    until_true(lambda: next(looks), "the third is true", looks=3)
    with pytest.raises(AssertionError, match=r"2 times in vain: it is true"):
        until_true(lambda: False, "it is true", looks=2)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("ALTER TABLE users ADD x int", True),
        ("\n  -- é\n  ALTER TABLE users ADD x int", True),
        ("/* one\n more */ -- and\ncreate index on users (x)", True),
        ("-- ALTER TABLE users ADD x int\nSELECT 1", False),
        ("/* DROP */ UPDATE users SET x = 1", False),
    ],
)
def test_definitions_are_seen_behind_comments(sql: str, expected: bool) -> None:
    assert is_definition(sql) is expected


def test_a_role_that_may_create_databases_is_enough(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On a server of the user's, as CONTRIBUTING.md says."""
    with server.connect() as connection:
        if connection.execute("SHOW is_superuser").fetchone() != ("on",):
            pytest.skip("these tests run as such a role already")
        connection.execute("CREATE ROLE fumehood_tester LOGIN CREATEDB")
        parameters = server.parameters | {"user": "fumehood_tester"}
        monkeypatch.setenv(DSN, make_conninfo("", **parameters))
        with server_of_environment() as theirs, new_database(theirs) as made:
            assert compared(made, tmp_path, *RIGHT["an index"]) == []
        connection.execute("DROP ROLE fumehood_tester")


def test_server_ends_with_a_process_that_is_killed() -> None:
    program = """
        from tests.postgres.servers import started
        with started() as server:
            print(server.parameters["host"], flush=True)
            input()
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    folder = Path(child.stdout.readline().decode().strip())
    postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    child.send_signal(signal.SIGKILL)
    child.communicate()
    # Removed when the server has ended.
    until_true(lambda: not folder.exists(), f"{folder} of the server is gone")
    with pytest.raises(ProcessLookupError):
        os.kill(postmaster, 0)
