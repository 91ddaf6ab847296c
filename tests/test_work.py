"""How much work an edit costs, counted: lines parsed, checks run, files joined as a whole."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from fumehood import written
from fumehood.discovery import load_rules
from fumehood.engine import Engine, Stats
from fumehood.facts import CreateIndex, CreateTable, DropIndex, Fact
from fumehood.models.catalog import Catalog, InProject
from fumehood.models.facts import WrittenIndex, WrittenQuery
from fumehood.text import Edit
from tests.share import share
from tests.sources import HEADER

RULES = load_rules()
PATH = "m.py"
LINES = share(10_000)
HERE = LINES // 2


def long_migration(lines: int) -> str:
    """A migration whose upgrade() has so many operations, one a line, on a table each."""
    body = "".join(
        f'    op.create_index("ix_{number}", "t{number}", ["c{number}"])\n'
        for number in range(lines)
    )
    return f"{HEADER}\ndef upgrade() -> None:\n{body}"


def opened(content: str) -> Engine:
    """An engine that has analysed one file."""
    engine = Engine(RULES)
    engine.open(PATH, content)
    assert engine.work(PATH)
    return engine


def cost(engine: Engine, *edits: Edit) -> Stats:
    """What edits cost, made at once."""
    before = engine.stats
    engine.change(PATH, edits)
    assert engine.work(PATH)
    after = engine.stats
    return Stats(*(new - old for new, old in zip(vars_of(after), vars_of(before), strict=True)))


def vars_of(stats: Stats) -> tuple[int, int, int]:
    """The counters of a Stats."""
    return stats.parsed, stats.checked, stats.joined


def test_what_a_migration_does_is_told_when_it_was_analysed_and_costs_nothing_before() -> None:
    engine = opened(long_migration(20))
    told = engine.steps(PATH)
    assert told is not None
    assert len(told) == 20
    engine.change(PATH, [Edit(len(HEADER), len(HEADER), "# A note.\n")])
    before = engine.stats
    assert engine.steps(PATH) is None
    assert engine.stats == before
    assert engine.work(PATH)
    assert [step[2:] for step in engine.steps(PATH) or ()] == [step[2:] for step in told]


def checks_of(kind: type[Fact]) -> int:
    """How many checks hear facts of a kind: each rule's own."""
    return sum(kind in kinds for rule in RULES for _, kinds in rule.checks)


def replacing(engine: Engine, old: str, new: str) -> Edit:
    """The edit that replaces the only occurrence of `old`."""
    content = engine.text(PATH).content
    assert content.count(old) == 1
    start = content.index(old)
    return Edit(start, start + len(old), new)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return opened(long_migration(LINES))


def test_a_character_costs_one_parse_and_one_check_of_each_rule(engine: Engine) -> None:
    assert cost(engine, replacing(engine, f'"ix_{HERE}"', f'"ix_{HERE}a"')) == Stats(
        1, checks_of(CreateIndex), 0
    )


def test_undo_costs_no_parse(engine: Engine) -> None:
    cost(engine, replacing(engine, f'"ix_{HERE + 100}"', f'"ix_{HERE + 100}a"'))
    assert cost(engine, replacing(engine, f'"ix_{HERE + 100}a"', f'"ix_{HERE + 100}"')) == Stats(
        0, checks_of(CreateIndex), 0
    )


def test_a_comment_costs_nothing(engine: Engine) -> None:
    here = engine.text(PATH).content.index(f'    op.create_index("ix_{HERE + 200}"')
    assert cost(engine, Edit(here, here, "    # why\n")) == Stats(0, 0, 0)
    assert cost(engine, Edit(here + 6, here + 6, "x")) == Stats(0, 0, 0)


def test_a_new_line_costs_one_parse_and_one_check_of_each_rule(engine: Engine) -> None:
    here = engine.text(PATH).content.index(f'    op.create_index("ix_{HERE + 300}"')
    line = '    op.drop_index("ix_new", table_name="t")\n'
    assert cost(engine, Edit(here, here, line)) == Stats(1, checks_of(DropIndex), 0)
    assert cost(engine, Edit(here, here + len(line), "")) == Stats(0, 0, 0)


def test_a_half_typed_call_costs_its_own_line(engine: Engine) -> None:
    found = len(engine.findings(PATH))
    assert cost(engine, replacing(engine, f'["c{HERE + 400}"])', f'["c{HERE + 400}"]')).parsed == 1
    assert len(engine.findings(PATH)) == found - 1
    assert (
        cost(engine, replacing(engine, f'["c{HERE + 400}"]\n', f'["c{HERE + 400}"])\n')).parsed == 0
    )
    assert len(engine.findings(PATH)) == found


def test_readers_of_a_changed_table_run_again_and_no_others() -> None:
    lines = '    op.create_table("made", sa.Column("id", sa.Integer()))\n' + "".join(
        f'    op.create_index("ix_{n}", "{"made" if n < 3 else "other"}", ["c{n}"])\n'
        for n in range(50)
    )
    engine = opened(f"{HEADER}\ndef upgrade() -> None:\n{lines}")
    assert len(engine.findings(PATH)) == 47
    # Of each index: whether its table is new, and which others the table has.
    readers, own = 3 * 2, checks_of(CreateTable)
    assert cost(engine, replacing(engine, '"made", sa', '"made2", sa')) == Stats(
        1, readers + own, 0
    )
    assert len(engine.findings(PATH)) == 50


def test_a_header_joins_the_file_and_checks_what_changed() -> None:
    engine = opened(long_migration(50))
    wrapped = '    if op.get_bind().dialect.name == "sqlite":\n    op.create_index("ix_9"'
    result = cost(engine, replacing(engine, '    op.create_index("ix_9"', wrapped))
    assert result == Stats(1, 0, 1)


def test_what_no_rule_needs_is_parsed_when_idle_only() -> None:
    engine = opened("import sqlalchemy as sa\n\n\nclass User:\n    name = sa.Column()\n")
    assert engine.stats == Stats(0, 0, 0)
    assert engine.complete(PATH, 10)
    assert engine.stats.parsed == 3
    pieces = engine._files[PATH].document.pieces
    assert all(piece.blank or piece.parsed is not None for piece in pieces)


def long_models(classes: int) -> str:
    """A file of models, each with an index of too much and a query, in ten lines."""
    head = "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n\n"
    return f"{head}class Base(DeclarativeBase):\n    pass\n" + "".join(
        f"\n\nclass Thing{n}(Base):\n"
        f'    __tablename__ = "things_{n}"\n'
        "    id: Mapped[int] = mapped_column(primary_key=True, index=True)\n"
        "    name: Mapped[str] = mapped_column()\n\n"
        "    @classmethod\n"
        "    def named(cls, session, name):\n"
        "        return session.query(cls).filter(cls.name == name).all()\n"
        for n in range(classes)
    )


@pytest.fixture(scope="module")
def modelled() -> Engine:
    engine = Engine(RULES)
    engine.open(PATH, long_models(LINES // 10), models=InProject(Catalog(), PATH))
    assert engine.work(PATH)
    return engine


def outlined(engine: Engine) -> int:
    """How many blocks were outlined so far."""
    written = engine._files[PATH].written
    return 0 if written is None else written.outlined


def test_a_character_in_a_model_outlines_one_block_and_checks_one_model(modelled: Engine) -> None:
    before, found = outlined(modelled), len(modelled.findings(PATH))
    table = f'    __tablename__ = "things_{LINES // 20}"\n'
    spent = cost(modelled, replacing(modelled, table, f"{table}    a: Mapped[int]\n"))
    # Its index, and its query that looks for a name.
    assert spent == Stats(1, checks_of(WrittenIndex) + checks_of(WrittenQuery), 0)
    assert outlined(modelled) == before + 1
    assert len(modelled.findings(PATH)) == found


def test_a_character_in_a_query_outlines_one_block_and_checks_one_query(modelled: Engine) -> None:
    before = outlined(modelled)
    start = modelled.text(PATH).content.index("cls.name == name")
    assert cost(modelled, Edit(start, start + 8, "cls.id")) == Stats(1, checks_of(WrittenQuery), 0)
    assert outlined(modelled) == before + 1


def slices(engine: Engine) -> int:
    """In how many steps a file is analysed, where each is as small as it can be."""
    return next(number for number in count(1) if engine.work(PATH, 0))


def test_a_file_is_searched_once_for_what_may_be_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []

    def search(text: str) -> bool:
        searched.append(text)
        return True

    monkeypatch.setattr(written, "matters", search)
    engine, text = Engine(RULES), long_models(20)
    engine.open(PATH, text, models=InProject(Catalog(), PATH))
    assert engine.work(PATH)
    assert searched == [text]


def test_models_are_analysed_in_small_steps() -> None:
    engine, classes = Engine(RULES), LINES // 10
    engine.open(PATH, long_models(classes), models=InProject(Catalog(), PATH))
    # A step is a line that is cut or read, a block that is cut, outlined or looked through for
    # queries, or what is found of one model or query.
    assert slices(engine) > 20 * classes
    assert engine.stats.checked == classes * (checks_of(WrittenIndex) + checks_of(WrittenQuery))


def test_a_key_while_models_are_analysed_outlines_nothing_again() -> None:
    engine, classes = Engine(RULES), LINES // 10
    engine.open(PATH, long_models(classes), models=InProject(Catalog(), PATH))
    while outlined(engine) < classes // 2:
        assert not engine.work(PATH, 0)
    before = outlined(engine)
    engine.change(PATH, [replacing(engine, "class Thing3(Base)", "class Thing3(Base, object)")])
    assert engine.work(PATH)
    assert outlined(engine) == 2 + classes + 1  # the imports, Base, and one class twice
    assert before < outlined(engine)


def test_a_key_while_models_are_checked_checks_nothing_again() -> None:
    engine, classes = Engine(RULES), LINES // 10
    engine.open(PATH, long_models(classes), models=InProject(Catalog(), PATH))
    while engine.stats.checked < classes:
        assert not engine.work(PATH, 0)
    engine.change(PATH, [Edit(0, 0, "# why\n")])
    assert engine.work(PATH)
    assert engine.stats.checked == classes * (checks_of(WrittenIndex) + checks_of(WrittenQuery))


def test_a_comment_among_models_checks_nothing(modelled: Engine) -> None:
    before = outlined(modelled)
    start = modelled.text(PATH).content.index(f"class Thing{LINES // 30}(")
    assert cost(modelled, Edit(start, start, "# why\n")) == Stats(0, 0, 0)
    assert outlined(modelled) <= before + 1


def test_a_name_that_changes_outlines_what_speaks_of_it(modelled: Engine) -> None:
    before = outlined(modelled)
    cost(modelled, replacing(modelled, "Mapped, mapped_column\n", "Mapped as M, mapped_column\n"))
    assert outlined(modelled) == before + 1 + LINES // 10


def test_a_key_elsewhere_leaves_the_place_among_revisions_unread() -> None:
    engine = opened(long_migration(20))
    before = engine.declared(PATH)
    assert before is not None
    cost(engine, replacing(engine, '"ix_7"', '"ix_7a"'))
    assert engine.declared(PATH) is before
    cost(engine, replacing(engine, f'"{before.id}"', '"typed"'))
    assert engine.declared(PATH) == replace(before, id="typed")


def test_an_index_from_a_mixin_stays_at_its_line_when_that_is_written_anew() -> None:
    mixin = "class Keyed:\n    id: Mapped[int] = mapped_column(primary_key=True, index=True)\n\n\n"
    text = long_models(1).replace(
        "    id: Mapped[int] = mapped_column(primary_key=True, index=True)\n", ""
    )
    text = text.replace("class Thing0(Base)", f"{mixin}class Thing0(Keyed, Base)")
    engine = Engine(RULES)
    engine.open(PATH, text, models=InProject(Catalog(), PATH))
    assert engine.work(PATH)
    cost(engine, replacing(engine, "index=True)\n", "index=True)  # why\n"))
    written = engine._files[PATH].written
    assert written is not None
    (index,) = (each for each in written if isinstance(each, WrittenIndex))
    assert index.site.piece.text.endswith("# why\n")
