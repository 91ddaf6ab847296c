"""Runs a generated migration against stand-ins that note calls: the oracle's own oracle."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

from tests.oracle import calls
from tests.oracle.values import OP, Batch, Column, Method


class Recorder:
    """Stands in for alembic.op and its context, on PostgreSQL."""

    def __init__(self) -> None:
        self.function = ""
        self.found: list[tuple[str, str, calls.Fields, bool]] = []
        self.dialect = SimpleNamespace(name="postgresql")
        self._blocks = 0

    def get_bind(self) -> Recorder:
        """The bind has the dialect, as the context has."""
        return self

    get_context = get_bind

    def execute(self, _sql: str) -> None:
        """SQL is nothing that the oracle reads."""

    def f(self, name: str) -> str:
        """The final name."""
        return name

    @contextmanager
    def autocommit_block(self) -> Iterator[None]:
        """Counts as one block while it is open."""
        self._blocks += 1
        try:
            yield
        finally:
            self._blocks -= 1

    @contextmanager
    def batch_alter_table(self, table: Any, schema: Any = None) -> Iterator[Any]:
        """Its operations run where it was opened."""
        batch = Batch(table, schema)
        yield SimpleNamespace(f=self.f, **self.methods(batch, self._blocks > 0))

    def methods(self, owner: Any, inside: bool | None = None) -> dict[str, Any]:
        """A function for each operation, bound to op or to a batch."""

        def bound(kind: str) -> Any:
            def note(*positional: Any, **keywords: Any) -> None:
                arguments = calls.Arguments(positional, keywords)
                fields = calls.operation(Method(owner, kind), arguments)
                if fields:
                    block = self._blocks > 0 if inside is None else inside
                    self.found.append((self.function, kind, fields, block))

            return note

        return {kind: bound(kind) for kind in calls.KINDS}


def run(source: str, online: str) -> list[tuple[str, str, calls.Fields, bool]]:
    """What upgrade() and downgrade() call, up to the first error of each.

    `online` is the environment variable that the generated switches ask for.
    """
    recorder = Recorder()
    for kind, function in recorder.methods(OP).items():
        setattr(recorder, kind, function)
    alembic, op = ModuleType("alembic"), ModuleType("alembic.op")
    for name in (each for each in dir(recorder) if not each.startswith("_")):
        setattr(op, name, getattr(recorder, name))
    alembic.__dict__.update(op=op, context=SimpleNamespace(), __path__=[])
    sqlalchemy = ModuleType("sqlalchemy")
    sqlalchemy.__dict__.update(
        Column=lambda name, *_types, **options: Column(name, tuple(options.items())),
        Text=lambda: None,
        Integer=lambda: None,
    )
    names: dict[str, Any] = {
        "input": lambda _prompt: "typed",
        "open": recorder.batch_alter_table,
        "read_columns": lambda _table: ["read"],
        "read_options": dict,
        "client": SimpleNamespace(create_index=lambda *_arguments: None),
    }
    modules = {"alembic": alembic, "alembic.op": op, "sqlalchemy": sqlalchemy}
    with patch.dict(sys.modules, modules), patch.dict(os.environ, ONLINE=online):
        exec(compile(source, "migration", "exec"), names)  # the generator's own text
        for name in ("upgrade", "downgrade"):
            recorder.function = name
            try:
                names[name]()
            except (NameError, TypeError):
                continue
    return recorder.found
