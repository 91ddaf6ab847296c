"""The SQL that keeps a column of another type beside a column, each under its own name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .column_swap import ColumnSwap


@dataclass(frozen=True, slots=True)
class ColumnPair(ColumnSwap):
    """Two columns, of which either can be written; `using` and `back` are about `column` alone."""

    def sync(self) -> Iterator[str]:
        """The trigger: the column that was written, or else the new one, gives the other its value.

        Of INSERT, the row that was there is NULL. What is filled agrees with what is there, and
        changes nothing else.
        """
        new, old, held = self.new, self.column, "held" if self.column != "held" else "was_held"
        yield f"""
        CREATE FUNCTION {self.function}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            {held} {self.type};
        BEGIN
            IF NEW.{new} IS NOT DISTINCT FROM OLD.{new}
                AND NEW.{old} IS NOT DISTINCT FROM OLD.{old}
            THEN
                RETURN NEW;
            END IF;
            {held} := {self._value(self.using, old)};
            IF NEW.{new} IS NOT DISTINCT FROM OLD.{new} THEN
                NEW.{new} := {held};
            ELSIF NEW.{new} IS DISTINCT FROM {held} THEN
                NEW.{old} := {self._value(self.back, new)};
            END IF;
            RETURN NEW;
        END $$
        """
        yield self.triggered()

    def fill(self) -> Iterator[str]:
        """As where they are swapped; and the new column has its values as the old one has."""
        yield from ColumnSwap.fill(self)
        if self.not_null:
            change = f"ALTER TABLE {self.table}"
            yield f"{change} ALTER COLUMN {self.new} SET NOT NULL"
            yield f"{change} DROP CONSTRAINT {self.not_null}"

    def unfill(self) -> Iterator[str]:
        """What `fill` has made is gone, but for the values."""
        yield from ColumnSwap.unfill(self)
        if self.not_null:
            yield f"ALTER TABLE {self.table} ALTER COLUMN {self.new} DROP NOT NULL"

    def unchecked(self) -> Iterator[str]:
        """No check is left."""
        return iter(())

    def _value(self, sql: str, column: str) -> str:
        if sql == self.column:
            return f"NEW.{column}"
        return f"(SELECT {sql} FROM (SELECT NEW.{column} AS {self.column}) AS {self.name})"
