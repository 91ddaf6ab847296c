"""The driver through which a project reaches PostgreSQL, as far as its text tells."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from fumehood.project import Driver
from fumehood.scope import module_of

from .contents import listing, text_of
from .disk import Disk

_URL = re.compile(r"\bpostgres(?:ql)?\+(\w+)")
_OF_URL: dict[str, Driver] = {
    "psycopg": "psycopg",
    "psycopg_async": "psycopg",
    "psycopg2": "psycopg2",
}
_PACKAGE = re.compile(r"(?<![\w./-])(psycopg2?|psycopg2-binary|asyncpg|pg8000)(?![\w./-])", re.I)
_OTHER_PACKAGE = re.compile(
    r"(?<![\w./-])(mysqlclient|pymysql|aiomysql|asyncmy|mysql-connector\S*|mariadb|aiosqlite|oracledb"
    r"|cx_oracle|pyodbc|pymssql|sqlalchemy-(?:cockroachdb|redshift|bigquery|spanner\S*)|snowflake\S*"
    r"|duckdb\S*|clickhouse\S*)(?![\w/-])",
    re.IGNORECASE,
)
# In an env.py or its configuration. Batches are for SQLite.
_OTHERS = re.compile(
    r"render_as_batch|sqlite|mysql|mariadb|mssql|oracle|cockroach|redshift|snowflake|yugabyte"
    r"|greenplum|spanner|duckdb|bigquery|clickhouse",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"#.*")
_DEPENDENCIES = re.compile(r"pyproject\.toml|requirements.*\.(?:txt|in)|setup\.cfg|Pipfile")


def driver_of(disk: Disk, ini: Path | None, env: Path) -> Driver | None:
    """The driver that database URLs name which are written out, else the one that is depended on.

    None where there is none, or several, or another than psycopg2 and psycopg 3.
    """
    named = {*disk.get(env, _in_code)}
    if ini is not None:
        named |= {*disk.get(ini, _in_configuration)}
    if named:
        return _OF_URL.get(named.pop()) if len(named) == 1 else None
    packages = _packages(disk, (ini or env).parent)
    found = {name.lower().removesuffix("-binary") for name in packages}
    if found == {"psycopg"}:
        return "psycopg"
    return "psycopg2" if found == {"psycopg2"} else None


def only_postgresql(disk: Disk, ini: Path | None, env: Path, dialect: str | None) -> bool:
    """Whether a project is said to be for PostgreSQL, and its text speaks of no other database."""
    if other_databases(disk, ini, env):
        return False
    packages = _packages(disk, (ini or env).parent)
    texts = _texts(disk, ini, env)
    said = any("postgresql" in each or "postgres:" in each for each in texts)
    return dialect == "postgresql" or (dialect is None and (said or any(packages)))


def other_databases(disk: Disk, ini: Path | None, env: Path) -> bool:
    """Whether a project's text speaks of another database than PostgreSQL."""
    found = any(map(_OTHERS.search, _texts(disk, ini, env)))
    return found or any(_packages_of_others(disk, env.parent))


def _texts(disk: Disk, ini: Path | None, env: Path) -> list[str]:
    return [disk.get(env, text_of), *([disk.get(ini, _settings)] if ini else ())]


def _packages(disk: Disk, folder: Path) -> Iterator[str]:
    """The drivers in the nearest folder that lists any, up to the repository's."""
    for found in _listed(disk, folder, _depended_on):
        if found:
            yield from found
            return


def _packages_of_others(disk: Disk, folder: Path) -> Iterator[str]:
    """Drivers of other databases in any of these folders."""
    for found in _listed(disk, folder, _others_depended_on):
        yield from found


def _listed(
    disk: Disk, folder: Path, packages: Callable[[Path], tuple[str, ...]]
) -> Iterator[list[str]]:
    """The packages that each folder lists, up to the repository's."""
    for each in (folder, *folder.parents):
        inside = disk.get(each, listing)
        files = [each / name for name in inside.files if _DEPENDENCIES.fullmatch(name)]
        if "requirements" in inside.folders:
            names = disk.get(each / "requirements", listing).files
            files += [
                each / "requirements" / name for name in names if name.endswith((".txt", ".in"))
            ]
        yield [name for file in files for name in disk.get(file, packages)]
        if ".git" in inside.folders:
            return


def _in_code(env: Path) -> tuple[str, ...]:
    """The drivers in the strings of an env.py."""
    module = module_of(text_of(env))
    if module is None:
        return ()
    strings = (
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return tuple(name for text in strings for name in _URL.findall(text))


def _in_configuration(path: Path) -> tuple[str, ...]:
    return tuple(_URL.findall(_settings(path)))


def _depended_on(path: Path) -> tuple[str, ...]:
    return tuple(_PACKAGE.findall(_COMMENT.sub("", _text(path))))


def _others_depended_on(path: Path) -> tuple[str, ...]:
    return tuple(_OTHER_PACKAGE.findall(_COMMENT.sub("", _text(path))))


def _settings(path: Path) -> str:
    """An .ini file without its comments."""
    lines = _text(path).splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith(("#", ";")))


def _text(path: Path) -> str:
    """A file's text; nothing where it cannot be read, for others say so."""
    try:
        return path.read_text("utf-8-sig")
    except (OSError, ValueError):
        return ""
