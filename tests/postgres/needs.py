"""What a migration needs to find in a database: read from its operations, as fumehood reads them.

Every table has a primary key `id` and a few rows. What the facts do not tell (a column in a string
of SQL, a type) PostgreSQL says when the migration is tried: `mended` takes its word for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fumehood.identifiers import quoted

ROWS = 7
DEFAULT_TYPE = "bigint"

Name = tuple[str | None, str]  # schema, table

# A different value in each row, of each column another row's; {n} is from 1 to ROWS.
_VALUES = {
    "text": "'v' || {n}",
    "character varying": "'v' || {n}",
    "boolean": "{n} % 2 = 0",
    "timestamp": "timestamp '2026-01-01' + {n} * interval '1 day'",
    "date": "date '2026-01-01' + {n}::int",
    "json": "json_build_object('a', {n})",
    "uuid": "('00000000-0000-0000-0000-00000000000' || {n})::uuid",
}
# What columns of no known type may be, in the order in which they are tried.
_GUESSES = (DEFAULT_TYPE, "text", "timestamptz", "jsonb", "boolean")


@dataclass
class Needs:
    """Tables with their columns' types, and what stands on them, as SQL by name."""

    tables: dict[Name, dict[str, str]] = field(default_factory=dict)
    indexes: dict[tuple[str | None, str], str] = field(default_factory=dict)
    constraints: dict[tuple[Name, str], str] = field(default_factory=dict)
    keys: dict[tuple[Name, tuple[str, ...]], None] = field(default_factory=dict)
    schemas: dict[str, None] = field(default_factory=dict)
    refers: dict[tuple[Name, str], str] = field(default_factory=dict)  # of a key of several columns
    without_key: set[Name] = field(default_factory=set)
    checks: list[tuple[Name, str]] = field(default_factory=list)
    fixed_types: dict[str, str] = field(default_factory=dict)
    guess: int = 0
    clean: bool = False

    def sql(self) -> str:
        """Statements that make it all, in an empty database."""
        return ";\n".join(self._statements())

    def _statements(self) -> Iterator[str]:
        for schema in {*self.schemas, *(schema for schema, _ in self.tables if schema)}:
            yield f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}"
        for name, columns in self.tables.items():
            typed = [f"{quoted(column)} {self._type(column)}" for column in columns]
            key = "id bigint NOT NULL" if name in self.without_key else "id bigint PRIMARY KEY"
            yield f"CREATE TABLE {qualified(name)} ({', '.join([key, *typed])})"
            yield self._rows(name, list(columns))
        for name, condition in self.checks if self.clean else ():
            if name in self.tables:
                yield f"DELETE FROM {qualified(name)} WHERE NOT ({condition}\n)"
        for name, key in self.keys:
            columns = ", ".join(map(quoted, key))
            if key != ("id",):
                yield f"ALTER TABLE {qualified(name)} ADD UNIQUE ({columns})"
        yield from self.indexes.values()
        yield from self.constraints.values()

    def _place(self, name: Name, column: str) -> int:
        """By how much a column's values are shifted against those of `id`."""
        if (name, column) in self.refers:
            table, _, referred = self.refers[name, column].rpartition(".")
            schema, _, table = table.rpartition(".")
            other = (schema or None, table)
            columns = ["id", *self.tables.get(other, ())]
            return columns.index(referred) if referred in columns else 0
        return [*self.tables[name]].index(column) + 1

    def _type(self, column: str) -> str:
        return self.fixed_types.get(column, _GUESSES[self.guess % len(_GUESSES)])

    def _rows(self, name: Name, columns: Sequence[str]) -> str:
        values = ["n"]
        for column in columns:
            type_ = self._type(column)
            value = next((sql for key, sql in _VALUES.items() if type_.startswith(key)), "{n}")
            values.append(value.format(n=f"((n + {self._place(name, column)} - 1) % {ROWS} + 1)"))
        into = ", ".join(["id", *map(quoted, columns)])
        return (
            f"INSERT INTO {qualified(name)} ({into}) SELECT {', '.join(values)} "
            f"FROM generate_series(1, {ROWS}) AS s(n)"
        )


def mended(needs: Needs, state: str, message: str) -> bool:
    """Whether what PostgreSQL said of a first try has been added; `state` is its SQLSTATE."""
    match state:
        case "42P01":  # undefined_table
            return _missing_table(needs, message)
        case "42703":  # undefined_column
            return _missing_column(needs, message)
        case "3F000":  # invalid_schema_name
            found = re.search('schema "(.+?)" does not exist', message)
            return found is not None and _put(needs.schemas, found[1])
        case "23514" if not needs.clean:  # check_violation
            needs.clean = bool(needs.checks)
            return needs.clean
        case "42883" | "42804" | "22P02" | "42P17" | "22007":
            needs.guess += 1  # an operator, a function or a literal of another type
            return needs.guess < len(_GUESSES)
    return False


def qualified(name: Name) -> str:
    """A table's name in SQL."""
    return ".".join(quoted(part) for part in name if part is not None)


def _put(into: dict[str, None], key: str) -> bool:
    fresh = key not in into
    into[key] = None
    return fresh


def _missing_table(needs: Needs, message: str) -> bool:
    found = re.search('(?:relation|table) "(.+?)" does not exist', message)
    if found is None:
        return False
    schema, _, table = found[1].rpartition(".")
    name = (schema or None, table)
    fresh = name not in needs.tables
    needs.tables.setdefault(name, {})
    return fresh


def _missing_column(needs: Needs, message: str) -> bool:
    found = re.search(
        'column "?(.+?)"?(?: of relation "(.+?)")?(?: named in key)? does not', message
    )
    if found is None:
        return False
    column = found[1].rpartition(".")[2].strip('"')
    fresh = False
    for (_, table), columns in needs.tables.items():
        if found[2] in (None, table) and column not in columns and column != "id":
            columns[column] = DEFAULT_TYPE
            fresh = True
    return fresh
