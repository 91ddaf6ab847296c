"""The SQL that puts a column of another type in a column's place, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_BATCH = 10_000  # rows
_WAIT = "SET LOCAL lock_timeout = '5s'"


@dataclass(frozen=True, slots=True)
class IndexSwap:
    """The names of an index on the column, in SQL; `keys` are those on the new column.

    `new` and `old` are what it is called beside the other; names with `in_` have their schema.
    """

    name: str
    new: str
    old: str
    in_name: str
    in_new: str
    in_old: str
    keys: str


@dataclass(frozen=True, slots=True)
class ColumnSwap:
    """The names and expressions of one change; all of them are SQL."""

    table: str
    name: str  # the table's, without its schema
    column: str
    new: str
    old: str
    type: str
    function: str
    trigger: str
    not_null: str | None  # the check that says so while the column is filled
    using: str
    back: str
    compares: bool  # the old type has an equality
    key: str
    key_type: str
    indexes: tuple[IndexSwap, ...] = ()

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
        yield (
            f"CREATE TRIGGER {self.trigger} BEFORE INSERT OR UPDATE ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.function}()"
        )

    def unsync(self) -> Iterator[str]:
        """No trigger any more."""
        yield f"DROP TRIGGER {self.trigger} ON {self.table}"
        yield f"DROP FUNCTION {self.function}()"

    def fill(self) -> Iterator[str]:
        """The rows that were there; what was written since the trigger is there has its value."""
        yield f"""
        DO $$
        DECLARE
            first_key {self.key_type};
            last_key {self.key_type};
        BEGIN
            first_key := (SELECT {self.key} FROM {self.table} ORDER BY {self.key} LIMIT 1);
            WHILE first_key IS NOT NULL LOOP
                last_key := (
                    SELECT {self.key} FROM (
                        SELECT {self.key} FROM {self.table}
                        WHERE {self.key} >= first_key ORDER BY {self.key} LIMIT {_BATCH}
                    ) AS batch
                    ORDER BY {self.key} DESC LIMIT 1
                );
                UPDATE {self.table} SET {self.new} = {self.using}
                WHERE {self.key} BETWEEN first_key AND last_key AND {self.new} IS NULL;
                COMMIT;
                first_key := (
                    SELECT {self.key} FROM {self.table}
                    WHERE {self.key} > last_key ORDER BY {self.key} LIMIT 1
                );
            END LOOP;
        END $$
        """
        if self.not_null:
            yield f"ALTER TABLE {self.table} DROP CONSTRAINT IF EXISTS {self.not_null}"
            yield from self.check()
            yield f"ALTER TABLE {self.table} VALIDATE CONSTRAINT {self.not_null}"
        for each in self.indexes:
            yield f"DROP INDEX CONCURRENTLY IF EXISTS {each.in_new}"
            yield f"CREATE INDEX CONCURRENTLY {each.new} ON {self.table} ({each.keys})"

    def drop_indexes(self) -> Iterator[str]:
        """No index on the new column any more."""
        for each in self.indexes:
            yield f"DROP INDEX CONCURRENTLY {each.in_new}"

    def check(self) -> Iterator[str]:
        """With it, SET NOT NULL has to look at no row."""
        yield (
            f"ALTER TABLE {self.table} ADD CONSTRAINT {self.not_null} "
            f"CHECK ({self.new} IS NOT NULL) NOT VALID"
        )

    def contract(self) -> Iterator[str]:
        """The new column under the old one's name."""
        yield _WAIT
        yield f"LOCK TABLE {self.table} IN ACCESS EXCLUSIVE MODE"
        yield from self.unsync()
        yield from self._renamed(self.column, self.old)
        yield from self._renamed(self.new, self.column)
        for each in self.indexes:
            yield f"ALTER INDEX {each.in_name} RENAME TO {each.old}"
            yield f"ALTER INDEX {each.in_new} RENAME TO {each.name}"
        if self.not_null:
            yield f"ALTER TABLE {self.table} ALTER COLUMN {self.column} SET NOT NULL"
            yield f"ALTER TABLE {self.table} DROP CONSTRAINT {self.not_null}"
            yield f"ALTER TABLE {self.table} ALTER COLUMN {self.old} DROP NOT NULL"

    def undo_contract(self) -> Iterator[str]:
        """The old column in its place again, with what was written since."""
        yield f"LOCK TABLE {self.table} IN ACCESS EXCLUSIVE MODE"
        changed = f" WHERE {self.old} IS DISTINCT FROM {self.back}" if self.compares else ""
        yield f"UPDATE {self.table} SET {self.old} = {self.back}{changed}"
        if self.not_null:
            yield f"ALTER TABLE {self.table} ALTER COLUMN {self.column} DROP NOT NULL"
            yield f"ALTER TABLE {self.table} ALTER COLUMN {self.old} SET NOT NULL"
        yield from self._renamed(self.column, self.new)
        yield from self._renamed(self.old, self.column)
        for each in self.indexes:
            yield f"ALTER INDEX {each.in_name} RENAME TO {each.new}"
            yield f"ALTER INDEX {each.in_old} RENAME TO {each.name}"
        if self.not_null:
            yield from self.check()
        yield from self.sync()

    def _renamed(self, one: str, other: str) -> Iterator[str]:
        yield f"ALTER TABLE {self.table} RENAME COLUMN {one} TO {other}"
