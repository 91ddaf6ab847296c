"""What each operation needs that none before it has made.

It is read from the operations, as fumehood reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

from fumehood import facts
from fumehood.identifiers import quoted
from fumehood.read.sql import columns_of

from .needs import DEFAULT_TYPE, Name, Needs, qualified


def needs_of(operations: Sequence[facts.Operation], types: dict[str, str]) -> Needs:
    """What upgrade() needs, and then downgrade(); `types` are those of columns, by name."""
    walk = _Walk(Needs(fixed_types=types), operations)
    for function in ("upgrade", "downgrade"):
        for operation in operations:
            if operation.context.function.startswith(function):
                walk.step(operation)
    return walk.needs


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
