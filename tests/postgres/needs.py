"""What a migration needs to find in a database: read from its operations, as fumehood reads them.

Every table has a primary key `id` and a few rows. What the facts do not tell (a column in a string
of SQL, a type) PostgreSQL says when the migration is tried: `mended` takes its word for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from fumehood import facts
from fumehood.identifiers import quoted
from fumehood.read.sql import columns_of

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


def needs_of(operations: Sequence[facts.Operation], types: dict[str, str]) -> Needs:
    """What upgrade() needs, and then downgrade(); `types` are those of columns, by name."""
    walk = _Walk(Needs(fixed_types=types), operations)
    for function in ("upgrade", "downgrade"):
        for operation in operations:
            if operation.context.function.startswith(function):
                walk.step(operation)
    return walk.needs


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


class _Walk:
    """Runs through operations and notes what each needs that none before it has made."""

    def __init__(self, needs: Needs, operations: Sequence[facts.Operation]) -> None:
        self.needs = needs
        self.operations = operations
        self.made: set[object] = set()  # tables, (table, column), (schema, index), …
        self.fresh = count(1)

    def step(self, op: facts.Operation) -> None:
        """One operation."""
        name = _name(op)
        if isinstance(op, facts.CreateTable):
            self._make_table(name, op)
            return
        if isinstance(op, facts.DropIndex):
            self._need_index(op)
            return
        if name is None:
            return
        self.table(name)
        match op:
            case facts.AddColumn(column=facts.Column() as column):
                self._added(name, column)
            case (
                facts.DropColumn(column=str() as column) | facts.AlterColumn(column=str() as column)
            ):
                self.column(name, column)
                if isinstance(op, facts.AlterColumn) and isinstance(op.new_name, str):
                    self.made.add((name, op.new_name))
            case facts.RenameTable(new_name=str() as new):
                self._rename(name, (name[0], new))
            case facts.CreateIndex():
                self._columns(name, op.columns)
                self.made.add(("index", name[0], op.name))
            case facts.Constraint():
                self._constraint(name, op)

    def _constraint(self, name: Name, op: facts.Constraint) -> None:
        key = ("constraint", name, op.name)
        match op:
            case facts.CreateForeignKey():
                self._columns(name, op.columns)
                self._referred(name, op)
            case facts.CreateUniqueConstraint() | facts.CreatePrimaryKey():
                self._columns(name, op.columns)
                if isinstance(op, facts.CreatePrimaryKey):
                    self.needs.without_key.add(name)
            case facts.CreateCheckConstraint(condition=str() as condition):
                self._columns(name, columns_of(condition, name[1]) or ())
                self.needs.checks.append((name, condition))
            case facts.DropConstraint() | facts.ValidateConstraint():
                if key not in self.made:
                    self._need_constraint(name, op)
        self.made.add(key)

    def table(self, name: Name) -> None:
        """A table that has to be there."""
        if name not in self.made:
            self.needs.tables.setdefault(name, {})

    def column(self, name: Name, column: str) -> None:
        """A column that has to be there."""
        self.table(name)
        if column != "id" and name not in self.made and (name, column) not in self.made:
            self.needs.tables[name].setdefault(column, DEFAULT_TYPE)

    def _columns(self, name: Name, columns: object) -> None:
        for column in columns if isinstance(columns, Iterable) else ():
            if isinstance(column, str) and column:
                self.column(name, column)

    def _make_table(self, name: Name | None, op: facts.CreateTable) -> None:
        if name is None:
            return
        uses = (each for each in self.operations if _name(each) == name)
        if any(op.context.excludes(use.context) for use in uses):
            self.table(name)  # made only where it is missing; the other branch is about locks
            return
        self.made.add(name)
        self.needs.tables.pop(name, None)
        for column in op.columns:
            for key in column.foreign_keys:
                self._target(key)

    def _added(self, name: Name, column: facts.Column) -> None:
        self.made.add((name, column.name))
        if name not in self.made and isinstance(column.name, str):
            self.needs.tables[name].pop(column.name, None)
        for key in column.foreign_keys:
            self._target(key)
        self.needs.checks += [
            (name, each.condition) for each in column.checks if isinstance(each.condition, str)
        ]
        for check in column.checks:
            if isinstance(check.condition, str):
                self._columns(name, columns_of(check.condition, name[1]) or ())

    def _rename(self, old: Name, new: Name) -> None:
        self.made.add(new)

    def _target(self, key: facts.ForeignKey) -> None:
        if not isinstance(key.target, str) or "." not in key.target:
            return
        *schema, table, column = key.target.split(".")
        self._key((schema[0] if schema else None, table), (column,))

    def _referred(self, name: Name, op: facts.CreateForeignKey) -> None:
        columns = op.referent_columns
        if not isinstance(op.referent, str) or not isinstance(columns, tuple):
            return
        schema = op.referent_schema if isinstance(op.referent_schema, str) else None
        self._key((schema, op.referent), columns)
        if len(columns) > 1 and isinstance(op.columns, tuple):
            prefix = f"{schema}." if schema else ""
            for column, referred in zip(op.columns, columns, strict=False):
                self.needs.refers[name, str(column)] = f"{prefix}{op.referent}.{referred}"

    def _key(self, name: Name, columns: Sequence[object]) -> None:
        self._columns(name, columns)
        known = tuple(str(column) for column in columns)
        if name not in self.made:
            self.needs.keys[name, known] = None

    def _need_index(self, op: facts.DropIndex) -> None:
        if not isinstance(op.name, str) or op.schema is facts.UNKNOWN:
            return
        creates = [each for each in self.operations if isinstance(each, facts.CreateIndex)]
        twin = next((each for each in creates if each.name == op.name), None)
        name = _name(op) or (twin and _name(twin)) or (op.schema, "somewhere")
        if name in self.made or ("index", name[0], op.name) in self.made:
            return
        self.table(name)
        columns = twin.columns if twin and isinstance(twin.columns, tuple) else (None,)
        if not all(isinstance(column, str) for column in columns):
            columns = (f"c{next(self.fresh)}",)
        self._columns(name, columns)
        unique = "UNIQUE " if twin and twin.unique is True else ""
        self.needs.indexes[name[0], op.name] = (
            f"CREATE {unique}INDEX IF NOT EXISTS {quoted(op.name)} ON {qualified(name)} "
            f"({', '.join(quoted(str(column)) for column in columns)})"
        )

    def _need_constraint(self, name: Name, op: facts.Constraint) -> None:
        if not isinstance(op.name, str) or name in self.made:
            return
        kind = op.type_ if isinstance(op, facts.DropConstraint) else "check"
        unvalidated = " NOT VALID" if isinstance(op, facts.ValidateConstraint) else ""
        what = {
            "foreignkey": f"FOREIGN KEY (id) REFERENCES {qualified(name)} (id)",
            "unique": "UNIQUE (id)",
        }.get(str(kind), f"CHECK (id > 0){unvalidated}")
        self.needs.constraints[name, op.name] = (
            f"ALTER TABLE {qualified(name)} ADD CONSTRAINT {quoted(op.name)} {what}"
        )


def _name(op: facts.Operation) -> Name | None:
    """The operation's table, where it is known."""
    if not isinstance(op.table, str) or op.schema is facts.UNKNOWN:
        return None
    return (None if op.schema == "public" else op.schema, op.table)
