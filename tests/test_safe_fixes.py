"""Which fixes are safe: no human decides, and nothing else stands in the function to be split.

And what their titles say where they are not.
"""

from __future__ import annotations

import pytest

from fumehood.engine import Engine
from fumehood.head import Head
from fumehood.project import Project
from tests.page_cases import HEAD, PATH, RULES, analysed, applied

INDEX = 'op.create_index("ix_a", "users", ["a"])'
UNIQUE = 'op.create_index("ux_b", "users", ["b"], unique=True)'
DROP = 'op.drop_index("ix_c", table_name="users")'
BLOCK = "with op.get_context().autocommit_block():\n        op.execute('SELECT 1')"
COLUMN = 'op.add_column("users", sa.Column("d", sa.Integer(), index=True))'
KEY = 'op.create_foreign_key("fk_a", "users", "teams", ["a"], ["id"])'
CHECK = 'op.create_check_constraint("ck_a", "users", "a > 0")'
CONSTRAINT = 'op.create_unique_constraint("uq_a", "users", ["a"])'
UNIQUE_SQL = 'op.execute("ALTER TABLE users ADD CONSTRAINT uq_a UNIQUE (a)")'
UNIQUE_COLUMN = 'op.add_column("users", sa.Column("e", sa.Integer(), unique=True))'
DATA = 'op.execute("UPDATE users SET a = 1")'
WIDE = 'op.create_index("ix_w", "users", ["w", "x", "y", "z"])'

# The lines of upgrade(), and how many of their findings fix-all mends without being asked.
SAFE = {
    "an index": ([INDEX], 1),
    "indexes": ([INDEX, DROP], 2),
    "an index beside a block": ([BLOCK, INDEX], 1),
    "an index beside data": ([INDEX, DATA], 0),
    "an index beside a column": ([COLUMN, INDEX], 0),
    "indexes in two functions": ([INDEX, "\n\ndef downgrade():", DATA], 1),
    "a unique one in another's place": ([DROP, UNIQUE], 2),
    "a unique one before the other goes": ([UNIQUE, DROP], 2),
    "a column's index": ([COLUMN], 1),
    "a foreign key": ([KEY], 1),
    "a foreign key beside a block": ([KEY, BLOCK], 1),
    "a foreign key beside an index": ([KEY, INDEX], 0),
    "a check": ([CHECK], 1),
    "two checks": ([CHECK, CHECK.replace("ck_a", "ck_b")], 0),
    "a constraint": ([CONSTRAINT], 1),
    "a constraint beside data": ([CONSTRAINT, DATA], 0),
    "a constraint beside an index": ([CONSTRAINT, INDEX], 0),
    "a constraint in SQL": ([UNIQUE_SQL], 1),
    "a constraint in SQL beside an index": ([UNIQUE_SQL, INDEX], 0),
    "a column with a constraint": ([UNIQUE_COLUMN], 1),
    "a column with a constraint beside an index": ([UNIQUE_COLUMN, INDEX], 0),
    "a constraint and a check": ([CONSTRAINT, CHECK], 0),
    "a wide index": ([WIDE], 1),  # it is built concurrently, and stays wide
}


def text_of(lines: list[str]) -> str:
    return f"{HEAD}def upgrade():\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(("lines", "count"), SAFE.values(), ids=SAFE)
def test_what_is_mended_without_being_asked(lines: list[str], count: int) -> None:
    engine = analysed(text_of(lines))
    action = engine.fix_all(PATH, unsafe=False)
    assert len(action.resolves if action else ()) == count
    assert action is None or action.safe


@pytest.mark.parametrize(("lines", "count"), SAFE.values(), ids=SAFE)
def test_a_title_says_what_is_committed(lines: list[str], count: int) -> None:
    text = text_of(lines)
    engine = analysed(text)
    head = Head(revision="b2", path=PATH, text=text, folder="")
    for finding in engine.findings(PATH):
        actions = engine.actions(PATH, finding.span, lambda: head)
        own = [each for each in actions if finding in each.resolves]
        assert not any(each.safe for each in own[1:]), "only the first may be"
        assert not any(each.safe or each.preferred for each in own if each.creates)
        for each in own:
            assert not (each.safe and "commits" in each.title)
            blocks = applied(text, each).count("autocommit_block") - text.count("autocommit_block")
            moved = "follow-up" in each.title
            if blocks > 0 and not moved and len(lines) > 1 and count == 0:
                assert each.title.endswith(" (commits what stands before it)")
    assert len(engine.findings(PATH)) >= count


SWAP = [INDEX.replace("create_index", "drop_index").replace(', ["a"]', ""), INDEX]
# What sends SQL that is PostgreSQL's own, and what other databases take as well.
OWN_SQL = ([KEY], [CHECK], [CONSTRAINT], [UNIQUE_SQL], [UNIQUE_COLUMN], SWAP)
COMMON = ([INDEX], [INDEX, DROP], [COLUMN])


@pytest.mark.parametrize("lines", [*OWN_SQL, *COMMON])
def test_where_a_project_has_other_databases_a_human_decides(lines: list[str]) -> None:
    for others in (False, True):
        engine = Engine(RULES)
        engine.open(PATH, text_of(lines), project=Project(others=others))
        assert engine.work(PATH)
        action = engine.fix_all(PATH, unsafe=False)
        assert (action is None) == (others and lines not in COMMON)
        for finding in engine.findings(PATH):
            offered = engine.actions(PATH, finding.span)
            assert offered[0].safe == (not others or lines in COMMON)
        assert engine.fix_all(PATH, unsafe=True) is not None
