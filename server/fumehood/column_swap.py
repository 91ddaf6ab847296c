"""The SQL that puts a column of another type in a column's place, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .batched import batched

_PATIENCE = "5s"
# For all tables, where they are several: less than deadlock_timeout. A writer who has written one
# and waits for another, in line behind this, began to wait after it: he is not ended.
_LITTLE_PATIENCE = 900  # ms


@dataclass(frozen=True, slots=True)
class IndexSwap:
    """The names of an index on the column, in SQL; in `keys`, the column is None.

    `new` and `old` are what it is called beside the other; names with `in_` have their schema.
    `constraint`: it is a unique constraint's.
    """

    name: str
    new: str
    old: str
    in_name: str
    in_new: str
    in_old: str
    keys: tuple[str | None, ...]
    unique: bool = False
    constraint: bool = False

    def on(self, column: str) -> str:
        """Its keys, on one of the two columns."""
        return ", ".join(key or column for key in self.keys)


@dataclass(frozen=True, slots=True)
class Identity:
    """GENERATED … AS IDENTITY: `kind` says when, `sequence` is its own; it is called `aside` while
    the other column gets one of its name.
    """

    kind: str
    sequence: str
    aside: str
    in_aside: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A foreign key or check that is made anew for the new column, and validated afterwards."""

    table: str
    name: str
    definition: str

    @property
    def dropped(self) -> str:
        """Without it."""
        return f"ALTER TABLE {self.table} DROP CONSTRAINT {self.name}"

    @property
    def added(self) -> str:
        """With it, for what is written from now on."""
        return f"ALTER TABLE {self.table} ADD CONSTRAINT {self.name} {self.definition} NOT VALID"

    @property
    def validated(self) -> str:
        """With it, for all rows; nothing is done where it is so."""
        return f"ALTER TABLE {self.table} VALIDATE CONSTRAINT {self.name}"


@dataclass(frozen=True, slots=True)
class ColumnSwap:
    """The names and expressions of one change; all of them are SQL."""

    table: str
    name: str  # the table's, without its schema
    column: str
    new: str
    old: str
    type: str
    old_type: str
    function: str
    trigger: str
    not_null: str | None  # the check that says so while the column is filled
    using: str
    back: str
    compares: bool  # the old type has an equality
    keys: tuple[str, ...]  # of the primary key
    key_type: str  # of the first
    tables: tuple[str, ...]  # all that are locked, in the order in which they are
    indexes: tuple[IndexSwap, ...] = ()
    primary: IndexSwap | None = None  # the primary key's, where the column is that
    bound: tuple[Bound, ...] = ()
    default: str | None = None
    sequence: str | None = None  # the column's own
    identity: Identity | None = None

    def expand(self) -> Iterator[str]:
        """A new column that follows each write from now on."""
        yield f"ALTER TABLE {self.table} ADD COLUMN {self.new} {self.type}"
        yield from self.sync()

    def sync(self) -> Iterator[str]:
        """The trigger; it fires last, as triggers do in the order of their names."""
        row = f"(SELECT NEW.*) AS {self.name}"
        value = (
            f"NEW.{self.column}"
            if self.using == self.column
            else f"(SELECT {self.using} FROM {row})"
        )
        yield f"""
        CREATE FUNCTION {self.function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.{self.new} := {value};
            RETURN NEW;
        END $$
        """
        yield self.triggered()

    def triggered(self) -> str:
        """The trigger that runs the function for each row."""
        return (
            f"CREATE TRIGGER {self.trigger} BEFORE INSERT OR UPDATE ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.function}()"
        )

    def unsync(self) -> Iterator[str]:
        """No trigger any more."""
        yield f"DROP TRIGGER {self.trigger} ON {self.table}"
        yield f"DROP FUNCTION {self.function}()"

    def fill(self) -> Iterator[str]:
        """The rows that were there; what was written since the trigger is there has its value."""
        yield batched(self.table, self.keys, self.key_type, f"{self.new} = {self.using}", self.new)
        yield from self._checked(self.new)
        for each in self._all_indexes():
            if each.constraint:
                yield f"ALTER TABLE {self.table} DROP CONSTRAINT IF EXISTS {each.new}"
            yield from self._built(each.in_new, each.new, each.unique, each.on(self.new))
            if each.constraint:
                added = f"ADD CONSTRAINT {each.new} UNIQUE USING INDEX {each.new}"
                yield f"ALTER TABLE {self.table} {added}"
        if self.sequence:
            yield f"ALTER SEQUENCE {self.sequence} AS {self.type} OWNED BY {self.table}.{self.new}"

    def unfill(self) -> Iterator[str]:
        """What `fill` has made is gone, but for the values; what the way back left is validated."""
        for bound in self.bound:
            yield bound.validated
        if self.sequence:
            owner = f"{self.table}.{self.column}"
            yield f"ALTER SEQUENCE {self.sequence} AS {self.old_type} OWNED BY {owner}"
        for each in self._all_indexes():
            if each.constraint:
                yield f"ALTER TABLE {self.table} DROP CONSTRAINT IF EXISTS {each.new}"
            else:
                yield f"DROP INDEX CONCURRENTLY IF EXISTS {each.in_new}"

    def unchecked(self) -> Iterator[str]:
        """No check that the new column has a value."""
        if self.not_null:
            yield f"ALTER TABLE {self.table} DROP CONSTRAINT {self.not_null}"

    def contract(self) -> Iterator[str]:
        """The new column under the old one's name."""
        yield from self.locked()
        yield from self.unsync()
        yield from self._freed()
        yield from self._renamed(self.column, self.old)
        yield from self._renamed(self.new, self.column)
        for each in self.indexes:
            yield self._renames(each, each.in_name, each.name, each.old)
            yield self._renames(each, each.in_new, each.new, each.name)
        if self.not_null:
            yield f"ALTER TABLE {self.table} ALTER COLUMN {self.column} SET NOT NULL"
            yield f"ALTER TABLE {self.table} DROP CONSTRAINT {self.not_null}"
        yield from self._identified(self.old)
        if self.not_null:
            yield f"ALTER TABLE {self.table} ALTER COLUMN {self.old} DROP NOT NULL"
        if self.primary:
            yield self._keyed(self.primary.new)
        yield from self._defaulted(self.old)
        yield from (each.added for each in self.bound)

    def validate(self) -> Iterator[str]:
        """What was made anew holds for all rows."""
        return (each.validated for each in self.bound)

    def prepare_undo(self) -> Iterator[str]:
        """What the way back needs, and another way there, where all is as `contract` left it."""
        yield from self._checked(self.column)
        if self.primary:
            each = self.primary
            yield from self._built(each.in_old, each.old, True, each.on(self.old))
            yield from self._built(each.in_new, each.new, True, each.on(self.column))

    def undo_contract(self) -> Iterator[str]:
        """The old column in its place again, with what was written since."""
        yield from self.locked()
        yield from self._freed()
        differs = f" WHERE {self.old} IS DISTINCT FROM {self.back}" if self.compares else ""
        if any(each.unique for each in self._all_indexes()):
            # Else two rows that have changed places would hold one value for a moment.
            yield f"UPDATE {self.table} SET {self.old} = NULL{differs}"
        yield f"UPDATE {self.table} SET {self.old} = {self.back}{differs}"
        yield from self._renamed(self.column, self.new)
        yield from self._renamed(self.old, self.column)
        if self.not_null:
            yield f"ALTER TABLE {self.table} ALTER COLUMN {self.column} SET NOT NULL"
        yield from self._identified(self.new)
        if self.not_null:
            yield f"ALTER TABLE {self.table} ALTER COLUMN {self.new} DROP NOT NULL"
        for each in self.indexes:
            yield self._renames(each, each.in_name, each.name, each.new)
            yield self._renames(each, each.in_old, each.old, each.name)
        if self.primary:
            yield self._keyed(self.primary.old)
        yield from self._defaulted(self.new)
        yield from (each.added for each in self.bound)
        yield from self.sync()

    def _all_indexes(self) -> Iterable[IndexSwap]:
        return (*self.indexes, self.primary) if self.primary else self.indexes

    def _checked(self, column: str) -> Iterator[str]:
        """A check that a column has a value: with it, SET NOT NULL has to look at no row."""
        if self.not_null:
            change = f"ALTER TABLE {self.table}"
            yield f"{change} DROP CONSTRAINT IF EXISTS {self.not_null}"
            check = f"ADD CONSTRAINT {self.not_null} CHECK ({column} IS NOT NULL) NOT VALID"
            yield f"{change} {check}"
            yield f"{change} VALIDATE CONSTRAINT {self.not_null}"

    def _built(self, in_name: str, name: str, unique: bool, keys: str) -> Iterator[str]:
        yield f"DROP INDEX CONCURRENTLY IF EXISTS {in_name}"
        kind = "UNIQUE INDEX" if unique else "INDEX"
        yield f"CREATE {kind} CONCURRENTLY {name} ON {self.table} ({keys})"

    def locked(self) -> Iterator[str]:
        """All tables, or none: PostgreSQL waits anew for each."""
        number = len(self.tables)
        patience = _PATIENCE if number == 1 else f"{_LITTLE_PATIENCE // number}ms"
        yield f"SET LOCAL lock_timeout = '{patience}'"
        yield f"LOCK TABLE {', '.join(self.tables)} IN ACCESS EXCLUSIVE MODE"

    def _freed(self) -> Iterator[str]:
        """Nothing is bound to the columns any more."""
        yield from (each.dropped for each in self.bound)
        if self.primary:
            yield f"ALTER TABLE {self.table} DROP CONSTRAINT {self.primary.name}"

    def _keyed(self, index: str) -> str:
        assert self.primary is not None
        name = self.primary.name
        return f"ALTER TABLE {self.table} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {index}"

    def _identified(self, other: str) -> Iterator[str]:
        """The column that bears the name gives the next values, and the other one none."""
        if self.identity is None:
            return
        name, change = self.identity.sequence, f"ALTER TABLE {self.table} ALTER COLUMN"
        yield f"ALTER SEQUENCE {name} RENAME TO {self.identity.aside}"
        kind = f"GENERATED {self.identity.kind} AS IDENTITY (SEQUENCE NAME {name})"
        yield f"{change} {self.column} ADD {kind}"
        literal = name.replace("'", "''")
        yield f"SELECT setval('{literal}', last_value, is_called) FROM {self.identity.in_aside}"
        yield f"{change} {other} DROP IDENTITY"

    def _defaulted(self, other: str) -> Iterator[str]:
        """The default on the column that bears the name, and none on the other."""
        if self.default is not None:
            change = f"ALTER TABLE {self.table} ALTER COLUMN"
            yield f"{change} {self.column} SET DEFAULT {self.default}"
            yield f"{change} {other} DROP DEFAULT"

    def _renames(self, index: IndexSwap, in_name: str, name: str, new: str) -> str:
        if index.constraint:
            return f"ALTER TABLE {self.table} RENAME CONSTRAINT {name} TO {new}"
        return f"ALTER INDEX {in_name} RENAME TO {new}"

    def _renamed(self, one: str, other: str) -> Iterator[str]:
        yield f"ALTER TABLE {self.table} RENAME COLUMN {one} TO {other}"
