"""Incremental equals from scratch: after any edits, pieces and findings are the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date

import pytest

from fumehood.config import Settings
from fumehood.cut import Pieces, cut
from fumehood.discovery import load_rules
from fumehood.engine import Engine
from fumehood.naming import Naming
from fumehood.parts import ColumnType, IndexKey
from fumehood.project import Project
from fumehood.schema import Schema, SchemaColumn, SchemaIndex, Table, TableName
from fumehood.severity import Severity
from fumehood.text import Edit, Text
from tests.share import share
from tests.sources import FRAGMENTS, LINES, MIGRATIONS

RULES = load_rules()
SETTINGS = (
    Settings(),
    Settings(ignore=frozenset({"only-concurrent-indexes"})),
    Settings(select=frozenset({"only-concurrent-indexes"}), downgrade=False),
    Settings(severity={"only-concurrent-indexes": Severity.HINT}, require_ignore_reason=True),
    Settings(dialect="mysql"),
    Settings(checked=False),
    Settings(postgres_version=18, downgrade=False),
    Settings(ignore=frozenset({"split-foreign-key"}), require_ignore_reason=True),
    Settings(small_tables=frozenset({"users", "a.users", "orders"})),
)
PROJECTS = (
    Project(),
    Project(naming=None),
    Project(naming=Naming({"ck": "ck_%(table_name)s_%(constraint_name)s"})),
    Project(partitioned=frozenset({(None, "users"), ("a", "orders")})),
    Project(block_fails="env.py:3 runs migrations inside engine.begin()."),
    Project(driver="psycopg"),
)
# Tables as the revision finds them: not known, none, some.
BEFORE = (
    None,
    {},
    *(
        {
            name: Table(
                name=name,
                columns={"email": SchemaColumn(name="email", type=ColumnType(kind, size))},
                indexes=(SchemaIndex(name="ix", keys=(IndexKey("email"), IndexKey(second))),),
                complete=True,
            )
            for name in (TableName(None, "users"), TableName("a", "orders"))
        }
        for kind, size, second in (("varchar", (50,), "name"), ("text", (), "id"))
    ),
)
Around = tuple[Settings, Project, Schema | None]


def today() -> date:
    """A day between those that the sources' ignores name."""
    return date(2027, 1, 1)


def random_edit(source: random.Random, content: str) -> Edit:
    """An edit as a person makes it: a key, a word, a line, a block cut, moved, commented out."""
    size = len(content)
    start = source.randint(0, size)
    kind = source.random()
    if kind < 0.35:  # a key, or a fragment of syntax
        end = min(size, start + source.choice((0, 0, 0, 1, 2)))
        return Edit(start, end, source.choice(FRAGMENTS))
    line_starts = [0, *(index + 1 for index, char in enumerate(content) if char == "\n")]
    line = source.randrange(len(line_starts))
    start = line_starts[line]
    many = source.choice((0, 1, 1, 2, 4))
    end = line_starts[line + many] if line + many < len(line_starts) else size
    if kind < 0.6:  # a line written, in the place of some or none
        return Edit(start, end if kind < 0.45 else start, source.choice(LINES))
    if kind < 0.7:  # a block copied to another place
        place = source.choice(line_starts)
        return Edit(place, place, content[start:end])
    if kind < 0.8:  # deleted
        return Edit(start, end, "")
    if kind < 0.9:  # moved right
        return Edit(start, start, source.choice(("    ", "\t", "  ", "# ")))
    blank = len(content[start:]) - len(content[start:].lstrip(" "))
    return Edit(start, start + min(blank, 4), "")


def sessions(seeds: range) -> Iterator[tuple[int, random.Random, str]]:
    """Where editing sessions begin."""
    for seed in seeds:
        source = random.Random(seed)
        yield seed, source, source.choice(MIGRATIONS)


@pytest.mark.parametrize("first", range(0, share(240), 12))
def test_pieces_are_those_of_a_fresh_cut(first: int) -> None:
    for seed, source, content in sessions(range(first, first + 12)):
        text, pieces = Text(content), Pieces(cut(content))
        for step in range(40):
            edit = random_edit(source, text.content)
            text.replace(edit)
            pieces.replace(edit, text.content)
            fresh = list(cut(text.content))
            assert "".join(piece.text for piece in pieces) == text.content, (seed, step)
            assert [_seen(piece) for piece in pieces] == [_seen(piece) for _, piece in fresh], (
                seed,
                step,
                edit,
            )
            assert [pieces.start(index) for index in range(len(pieces))] == [
                start for start, _ in fresh
            ]
            assert [pieces.index(piece) for piece in pieces] == list(range(len(pieces)))


@pytest.mark.parametrize("first", range(0, share(300), 10))
def test_findings_are_those_of_a_fresh_engine(first: int) -> None:
    for seed, source, content in sessions(range(first, first + 10)):
        engine = Engine(RULES, today)
        engine.open("m.py", content)
        engine.work("m.py")
        around: Around = (Settings(), Project(), {})
        for step in range(40):
            for _ in range(source.choice((1, 1, 1, 2, 3))):
                if source.random() < 0.1:
                    around = (
                        source.choice(SETTINGS),
                        source.choice(PROJECTS),
                        source.choice(BEFORE),
                    )
                    engine.configure("m.py", *around)
                    if source.random() < 0.5:
                        _compare(engine, around, (seed, step))
                engine.change("m.py", [random_edit(source, engine.text("m.py").content)])
            _compare(engine, around, (seed, step))


def _compare(engine: Engine, around: Around, where: tuple[int, int]) -> None:
    """With a fresh engine on the same text, in the same surroundings."""
    assert engine.work("m.py")
    fresh = Engine(RULES, today)
    fresh.open("m.py", engine.text("m.py").content, *around)
    fresh.work("m.py")
    assert _operations(engine) == _operations(fresh), where
    assert engine.findings("m.py") == fresh.findings("m.py"), where


def _seen(piece: object) -> tuple[object, ...]:
    names = ("text", "look", "column", "blank", "opens", "broken", "word")
    return tuple(getattr(piece, name) for name in names)


def _operations(engine: Engine) -> list[tuple[object, ...]]:
    """The operations without what differs between two equal files: pieces and labels."""
    return [
        (type(item).__name__, item.table, item.schema, item.context.function,
         item.context.autocommit, item.context.conditional, item.context.loop, item.context.within,
         len(item.order), len(item.context.via), engine.span_of("m.py", item))
        for item in engine.operations("m.py")
    ]  # fmt: skip
