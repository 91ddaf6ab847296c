"""A project on disk whose migrations the real Alembic runs on a real server."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Engine, NullPool, create_engine, event
from sqlalchemy.pool import PoolResetState

_INI = """\
[alembic]
script_location = %(here)s/migrations
"""

_ENV = """\
from alembic import context
from sqlalchemy import MetaData

target_metadata = MetaData(naming_convention={convention!r})

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        transaction_per_migration={per_migration},
    )
    with context.begin_transaction():
        context.run_migrations()
"""

# One that is pending before each example, and one behind it: what they write has to be there, and
# with transaction_per_migration=False all three share a transaction.
_NEIGHBOUR = """\
from alembic import op

revision = {revision!r}
down_revision = {down!r}


def upgrade():
    op.execute("CREATE TABLE of_{revision} (id integer)")


def downgrade():
    op.execute("DROP TABLE of_{revision}")
"""

Files = Mapping[str, str]  # the revisions' texts by file name


@dataclass(frozen=True)
class Setup:
    """Under what a migration runs: one point of the matrix."""

    driver: str = "psycopg"
    per_migration: bool = True
    convention: str = "none"
    schema: str | None = None

    def __str__(self) -> str:
        per = "per-migration" if self.per_migration else "all-in-one"
        return f"{self.driver}-{per}-{self.convention}-{self.schema or 'public'}"


CONVENTIONS: dict[str, dict[str, str]] = {
    "none": {},
    "simple": {
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_check",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
    "named": {
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(constraint_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    },
}


@dataclass(frozen=True)
class Project:
    """Revision a1, the example b2 (with what follows it), and z9.

    Each command has an engine of its own, or all have the one that is given.
    """

    folder: Path
    setup: Setup
    parameters: Mapping[str, str]  # libpq's
    engine: Engine | None = None

    @property
    def versions(self) -> Path:
        """Where the revisions lie."""
        return self.folder / "migrations" / "versions"

    def write(self, files: Files, undoing: Sequence[str] | None = None, last: bool = True) -> None:
        """Write the revisions, z9 only if `last`; `undoing`: SQL for the first's downgrade()."""
        self.versions.mkdir(parents=True, exist_ok=True)
        for old in self.versions.glob("*.py"):
            old.unlink()
        (self.folder / "alembic.ini").write_text(_INI)
        (self.versions.parent / "env.py").write_text(self.env())
        self._put("a1.py", _NEIGHBOUR.format(revision="a1", down=None))
        for name, text in files.items():
            self._put(name, with_downgrade(text, undoing if name == next(iter(files)) else ()))
        head = _revision([*files.values()][-1])
        if last:
            self._put("z9.py", _NEIGHBOUR.format(revision="z9", down=head))

    def env(self) -> str:
        """The text of env.py."""
        convention = CONVENTIONS[self.setup.convention]
        return _ENV.format(convention=convention, per_migration=self.setup.per_migration)

    def upgrade(self, to: str = "head", watch: Callable[[Engine], None] = lambda _: None) -> None:
        """`alembic upgrade`; `watch` is given the engine before it connects."""
        command.upgrade(self._config(watch), to)

    def downgrade(self, to: str = "base", watch: Callable[[Engine], None] = lambda _: None) -> None:
        """`alembic downgrade`; `watch` as above."""
        command.downgrade(self._config(watch), to)

    def stamp(self, revision: str) -> None:
        """`alembic stamp`."""
        command.stamp(self._config(lambda _: None), revision)

    def _config(self, watch: Callable[[Engine], None]) -> Config:
        url = url_of(self.parameters, self.setup.driver)
        engine = self.engine or create_engine(url, poolclass=NullPool)
        watch(engine)
        return Config(self.folder / "alembic.ini", attributes={"engine": engine})

    def _put(self, name: str, text: str) -> None:
        # With its own line ends, which an example may be about.
        (self.versions / name).write_text(text, encoding="utf-8", newline="")


@contextmanager
def one_connection(parameters: Mapping[str, str], driver: str) -> Iterator[Engine]:
    """An engine for all commands of a test, each of which finds its connection like a new one.

    To connect costs PostgreSQL more than most of what a migration does.
    """
    # psycopg would look for what it has prepared, which is discarded.
    given = {"prepare_threshold": None} if driver == "psycopg" else {}
    engine = create_engine(
        url_of(parameters, driver), pool_size=1, pool_reset_on_return=None, connect_args=given
    )
    event.listen(engine, "reset", _discard)
    try:
        yield engine
    finally:
        engine.dispose()


def _discard(connection: Any, _record: Any, state: PoolResetState) -> None:
    """Leave nothing of a session, nor of what a migration told its driver."""
    connection.rollback()
    if not state.terminate_only:
        connection.autocommit = True
        connection.cursor().execute("DISCARD ALL")
        connection.autocommit = False


def url_of(parameters: Mapping[str, str], driver: str) -> URL:
    """SQLAlchemy's URL for parameters of libpq."""
    given = dict(parameters)
    return URL.create(
        f"postgresql+{driver}",
        username=given.pop("user", None),
        password=given.pop("password", None),
        database=given.pop("dbname", None),
        port=int(given.pop("port", "5432")),
        query=given,
    )


def with_downgrade(text: str, undoing: Sequence[str] | None) -> str:
    """A revision's text with a downgrade() that runs SQL, unless it has one."""
    end = "\r\n" if "\r\n" in text else "\n"
    for function in ("upgrade", "downgrade"):
        if not re.search(rf"^(async )?def {function}\b", text, re.MULTILINE):
            lines = [f"op.execute({sql!r})" for sql in (undoing or ()) if function == "downgrade"]
            body = textwrap.indent("\n".join([*lines, "pass"]), "    ")
            added = f"\n\ndef {function}():\n    from alembic import op\n\n{body}\n"
            text += added.replace("\n", end)
    return text


def _revision(text: str) -> str:
    found = re.search(r"^revision\b[^=\n]*=\s*[\"'](.+?)[\"']", text, re.MULTILINE)
    assert found, text
    return found[1]
