"""Follow-up revisions: when they are offered, and what is in them."""

from __future__ import annotations

from collections import Counter
from itertools import permutations, product

import pytest

from fumehood.engine import Action
from fumehood.head import Head, NoHeadError
from tests.action_checks import what_it_does
from tests.page_cases import HEAD, PATH, analysed, applied
from tests.share import sampled, share

MOVE = "Move it to a follow-up revision, and run it concurrently there"
LATER = "Add it NOT VALID, then validate it in a follow-up revision"
INDEX = 'op.create_index("ix_a_b", "a", ["b"])'
DROP = 'op.drop_index("ix_a_b", table_name="a")'
COLUMN = 'op.add_column("a", sa.Column("b", sa.Text()))'
KEY = 'op.create_foreign_key("fk_a", "a", "c", ["c_id"], ["id"])'


def migration(upgrade: list[str], downgrade: list[str] | None = None, head: str = HEAD) -> str:
    """A migration's text, of these lines."""
    up, down = (
        "".join(f"    {line}\n" for line in each or ["pass"]) for each in (upgrade, downgrade)
    )
    return f"{head}def upgrade():\n{up}\n\ndef downgrade():\n{down}"


def follow_ups(text: str, between: tuple[str, ...] = ()) -> list[Action]:
    """The actions that create a revision."""
    engine = analysed(text)
    head = Head("b2", PATH, text, "/versions", between=between)
    spans = {found.span for found in engine.findings(PATH)}
    found = [each for span in spans for each in engine.actions(PATH, span, lambda: head)]
    return [each for each in found if each.creates]


MOVED = [
    pytest.param([COLUMN, INDEX], [], id="nothing drops it"),
    pytest.param([COLUMN, INDEX], [DROP, 'op.drop_column("a", "b")'], id="dropped"),
    pytest.param([COLUMN, INDEX], [DROP], id="nothing else in downgrade"),
    pytest.param([INDEX, COLUMN, 'op.drop_table("c")'], [], id="others behind"),
    pytest.param([INDEX, "op.execute(\"UPDATE a SET b = ''\")"], [], id="data behind"),
    pytest.param([INDEX, KEY], [], id="a key behind, of a plain index"),
    pytest.param(
        [COLUMN, 'op.create_index(op.f("ix_a_b"), "a", [sa.text("lower(b)")])'], [], id="f"
    ),
]


@pytest.mark.parametrize(("upgrade", "downgrade"), MOVED)
def test_an_index_moves_with_its_drop(upgrade: list[str], downgrade: list[str]) -> None:
    text = migration(upgrade, downgrade)
    action = next(each for each in follow_ups(text) if each.title == MOVE)
    [created] = action.creates
    left = applied(text, action)
    assert "_index" not in left
    assert ("pass" in left) == (downgrade in ([], [DROP]))
    up, _, down = created.text.partition("def downgrade")
    assert "autocommit_block():\n        op.create_index(" in up
    assert "autocommit_block():\n        op.drop_index(" in down
    assert up.count("postgresql_concurrently=True") == 1
    assert down.count("postgresql_concurrently=True") == 1
    assert not action.preferred
    assert not action.safe
    assert analysed(created.text).findings(PATH) == []


NOT_MOVED = [
    pytest.param([INDEX], [DROP], id="alone"),
    pytest.param([INDEX, 'op.create_index("ix_c", "a", ["c"])'], [], id="only indexes"),
    pytest.param([COLUMN, "if x:", f"    {INDEX}"], [], id="perhaps"),
    pytest.param(
        [COLUMN, "for c in 'bc':", '    op.create_index(f"ix_{c}", "a", [c])'], [], id="loop"
    ),
    pytest.param([COLUMN, 'op.create_index(None, "a", ["b"])'], [], id="no name"),
    pytest.param([COLUMN, 't = "a"', 'op.create_index("ix_a_b", t, ["b"])'], [], id="local name"),
    pytest.param(
        [COLUMN, 'op.create_index("ix_a_b", "a", ["b"], unique=True)', KEY], [], id="key to it"
    ),
    pytest.param([COLUMN, INDEX, 'op.rename_table("a", "d")'], [], id="renamed table"),
    pytest.param([COLUMN, INDEX, 'op.drop_column("a", "b")'], [], id="dropped column"),
    pytest.param([COLUMN, INDEX, 'op.execute("CLUSTER a USING ix_a_b")'], [], id="used"),
    pytest.param([COLUMN, INDEX, "op.execute(sql)"], [], id="unknown SQL"),
    pytest.param([COLUMN, INDEX], ['op.execute("DROP INDEX ix_a_b")'], id="dropped by SQL"),
    pytest.param([COLUMN, INDEX], ["op.execute(sql)"], id="unknown SQL in downgrade"),
    pytest.param([COLUMN, INDEX], [DROP, DROP], id="dropped twice"),
    pytest.param([COLUMN, INDEX], ["if x:", f"    {DROP}"], id="perhaps dropped"),
    pytest.param([COLUMN, INDEX], ["op.drop_index(name)"], id="unknown drop"),
    pytest.param([COLUMN], [INDEX], id="downgrade"),
    pytest.param(
        [COLUMN, 'if op.get_bind().dialect.name == "postgresql":', f"    {INDEX}"], [], id="dialect"
    ),
    pytest.param(
        [COLUMN, 'if op.get_bind().dialect.name == "sqlite":', "    return", INDEX], [], id="return"
    ),
    pytest.param(
        [COLUMN, INDEX],
        ['if op.get_bind().dialect.name != "postgresql":', "    return", DROP],
        id="return in downgrade",
    ),
]


@pytest.mark.parametrize(("upgrade", "downgrade"), NOT_MOVED)
def test_an_index_stays(upgrade: list[str], downgrade: list[str]) -> None:
    found = follow_ups(migration(upgrade, downgrade))
    assert MOVE not in [each.title for each in found]


@pytest.mark.parametrize(
    ("later", "offered"),
    [
        (['op.create_index("ix_z", "a", ["z"])', COLUMN], True),
        (['op.drop_table("z")', 'op.rename_table("y", "x")'], True),
        (['op.drop_column("a", "b")'], False),
        (['op.drop_table("a")'], False),
        (["op.execute(sql)"], False),
        (['op.execute("ALTER INDEX ix_a_b RENAME TO x")'], False),
    ],
)
def test_later_revisions_are_looked_at(later: list[str], offered: bool) -> None:
    found = follow_ups(migration([COLUMN, INDEX]), between=(migration(later),))
    assert (MOVE in [each.title for each in found]) == offered


@pytest.mark.parametrize(
    ("later", "offered"),
    [
        (["pass"], True),
        (['op.drop_table("z")'], False),  # perhaps what the key refers to, with CASCADE
        (['op.drop_constraint("fk_a", "a")'], False),
        (['op.execute("ALTER TABLE a VALIDATE CONSTRAINT fk_a")'], False),
        (['op.execute("ALTER TABLE a VALIDATE CONSTRAINT fk_b")'], True),
        (["bind.execute(sql)"], False),
        (['op.bulk_insert(table, [{"c_id": 1}])'], True),
    ],
)
def test_validation_waits_for_what_leaves_the_constraint(later: list[str], offered: bool) -> None:
    here = follow_ups(migration([KEY, *later]))
    behind = follow_ups(migration([KEY]), between=(migration(later),))
    assert (LATER in [each.title for each in here]) == offered
    assert (LATER in [each.title for each in behind]) == offered


UNIQUE_MOVE = "Move it to a follow-up revision, and build its index concurrently there"
UNIQUE = 'op.create_unique_constraint("uq_a", "a", ["b"])'
UNDO = 'op.drop_constraint("uq_a", "a", type_="unique")'
IN_BATCH = "with op.batch_alter_table('a') as batch_op:"


@pytest.mark.parametrize(
    ("upgrade", "downgrade", "offered"),
    [
        pytest.param([COLUMN, UNIQUE], [UNDO, "pass"], True, id="dropped"),
        pytest.param([COLUMN, UNIQUE.replace('"uq_a"', 'op.f("uq_a")')], [UNDO], True, id="f"),
        pytest.param([COLUMN, UNIQUE], [], False, id="nothing drops it"),
        pytest.param([COLUMN, UNIQUE], [UNDO.replace("uq_a", "uq_b")], False, id="another goes"),
        pytest.param([COLUMN, UNIQUE], [UNDO, UNDO], False, id="dropped twice"),
        pytest.param([COLUMN, UNIQUE], ["if x:", f"    {UNDO}"], False, id="perhaps dropped"),
        pytest.param([COLUMN, UNIQUE], ["op.execute(sql)"], False, id="unknown SQL"),
        pytest.param([UNIQUE], [UNDO], False, id="alone"),
        pytest.param([COLUMN, "if x:", f"    {UNIQUE}"], [UNDO], False, id="perhaps"),
        pytest.param([COLUMN, "for x in 'yz':", f"    {UNIQUE}"], [UNDO], False, id="loop"),
        pytest.param(
            [COLUMN, IN_BATCH, "    batch_op.create_unique_constraint('uq_a', ['b'])"],
            [UNDO],
            False,
            id="batch",
        ),
        pytest.param([UNIQUE, 'op.rename_table("a", "d")'], [UNDO], False, id="renamed table"),
        pytest.param([UNIQUE, 'op.drop_column("a", "b")'], [UNDO], False, id="dropped column"),
        pytest.param([UNIQUE, KEY], [UNDO], False, id="key to it, perhaps"),
        pytest.param([COLUMN], [UNIQUE, UNDO], False, id="downgrade"),
    ],
)
def test_a_unique_constraint_moves_with_its_drop(
    upgrade: list[str], downgrade: list[str], offered: bool
) -> None:
    found = [
        each for each in follow_ups(migration(upgrade, downgrade)) if each.title == UNIQUE_MOVE
    ]
    assert bool(found) == offered
    for action in found:
        [created] = action.creates
        up, _, down = created.text.partition("def downgrade")
        assert "UNIQUE USING INDEX uq_a" in up
        assert UNDO in down
        assert not action.safe


LEAVE = "Leave the index out"
WIDE = 'op.create_index("ix_a_b_c", "a", ["b", "c"])'


@pytest.mark.parametrize(
    ("later", "offered"),
    [
        ([], True),
        (['op.create_index("ix_z", "a", ["z"])', "op.drop_index('ix_z', 'a')"], True),
        ([DROP], False),
        (["op.drop_index(name)"], False),
        (['op.execute("DROP INDEX ix_a_b")'], False),
        (['op.execute("ALTER INDEX ix_a_b RENAME TO x")'], False),
        (['op.execute("ALTER TABLE a ADD UNIQUE USING INDEX ix_a_b")'], False),
        (["op.execute(sql)"], False),
    ],
)
def test_an_index_that_later_revisions_name_is_not_left_out(
    later: list[str], offered: bool
) -> None:
    text = migration([COLUMN, WIDE, INDEX])
    engine = analysed(text)
    head = Head("b2", PATH, text, "/versions", between=(migration(later),))
    (finding,) = (each for each in engine.findings(PATH) if "served by" in each.message)
    titles = [each.title for each in engine.actions(PATH, finding.span, lambda: head)]
    assert (LEAVE in titles) == offered


def unknown_head() -> Head:
    raise NoHeadError("6 revisions stand behind it already")


def test_an_index_of_an_old_revision_is_not_left_out() -> None:
    engine = analysed(migration([COLUMN, WIDE, INDEX]))
    (finding,) = (each for each in engine.findings(PATH) if "served by" in each.message)
    titles = [each.title for each in engine.actions(PATH, finding.span, unknown_head)]
    assert LEAVE not in titles


UPGRADES = [COLUMN, INDEX, KEY, 'op.create_index("ix_d", "d", ["e"], unique=True)']
UPGRADES += ['op.drop_column("d", "e")', 'op.rename_table("z", "a")', 'op.execute("SELECT 1")']
DOWNGRADES = [DROP, 'op.drop_index("ix_d", table_name="d")', 'op.drop_column("a", "b")']
STEPS = [*permutations(UPGRADES, 2), UPGRADES[:4]]
UNDONE = [[], *([each] for each in DOWNGRADES), DOWNGRADES]


def test_nothing_is_lost_between_two_revisions() -> None:
    made: Counter[str] = Counter()
    for upgrade, downgrade in sampled([*product(STEPS, UNDONE)]):
        text = migration([*upgrade], downgrade)
        before = what_it_does(text)
        for action in follow_ups(text):
            made[action.title] += 1
            [created] = action.creates
            now = what_it_does(applied(text, action)) + what_it_does(created.text)
            assert not before - now, action.title
            more = [each.split()[:2] for each in (now - before).elements()]
            assert more in ([], [["downgrade:", "drop_index"]], [["upgrade:", "execute"]])
    assert made[MOVE] > share(50)
    assert made[LATER] > share(25)


def test_asked_again_the_file_is_the_same() -> None:
    text = migration([COLUMN, INDEX, KEY])
    once, again = follow_ups(text), follow_ups(text)
    assert {each.creates for each in once} == {each.creates for each in again}
    assert len({created.path for each in once for created in each.creates}) == 2


def test_imports_that_are_needed_go_along() -> None:
    head = (
        "from alembic import op\nfrom sqlalchemy import text as sql, func\nimport other\n\n"
        'revision = "b2"\ndown_revision = "a1"\n\n\n'
    )
    index = 'op.create_index("ix_a_b", "a", [sql("lower(b)")])'
    column = "op.add_column('a', other.column())"
    [action] = follow_ups(migration([column, index], head=head))
    lines = action.creates[0].text.splitlines()
    assert lines[:3] == ["from alembic import op", "from sqlalchemy import text as sql", ""]
