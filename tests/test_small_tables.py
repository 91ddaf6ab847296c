"""small-tables: what locks them is not reported; what does not know its table is. And loops."""

from __future__ import annotations

import pytest

from fumehood.config import Settings
from fumehood.discovery import load_rules
from fumehood.engine import Engine

INDEX, KEY = "only-concurrent-indexes", "split-foreign-key"
HEAD = 'from alembic import op\n\nrevision = "b"\ndown_revision = "a"\n\n\ndef upgrade():\n'
RULES = load_rules()

CALLS = {
    'op.create_index("ix", "plans", ["a"])': ({"plans"}, []),
    'op.create_index("ix", "plans", ["a"], schema="public")': ({"plans"}, []),
    'op.create_index("ix", "plans", ["a"], schema="audit")': ({"audit.plans"}, []),
    'op.create_index("ix", "plans", ["b"])': ({"public.plans"}, []),
    'op.create_index("ix", "plans", ["c"])': ({"audit.plans", "plan"}, [INDEX]),
    'op.drop_index("ix")': ({"plans"}, [INDEX]),
    'op.drop_index("ix", table_name="plans")': ({"plans"}, []),
    'op.create_foreign_key("fk", "plans", "users", ["a"], ["id"])': ({"plans"}, []),
    'op.create_foreign_key("fk", "users", "plans", ["a"], ["id"])': ({"plans"}, [KEY]),
}


def said_of(loop: str, call: str, settings: Settings) -> list[str]:
    engine = Engine(RULES)
    engine.open("b.py", f"{HEAD}    for t in ({loop}):\n        {call}\n", settings)
    engine.work("b.py")
    return [found.message for found in engine.findings("b.py")]


def test_a_small_table_in_a_loop_hides_none_of_the_others() -> None:
    call, small = 'op.create_index(f"ix_{t}", t, ["a"])', Settings(small_tables=frozenset({"p"}))
    [found] = said_of('"p", "users", "teams"', call, small)
    assert found.startswith("Index ix_users on users is built")
    assert found.endswith("The same goes for ix_teams on teams.")
    assert not said_of('"p", "p"', call, small)


LOOPS = {
    ('"a",', 'op.create_index(f"ix_{t}", t, ["x"])'): "",
    ('"a", "a"', 'op.create_index(f"ix_{t}", t, ["x"])'): "",
    ('"a", "b"', 'op.create_index(f"ix_{t}", t, ["x"])'): "ix_b on b",
    ('"a", "b"', 'op.create_index(f"ix_{t}", "c", [t])'): "ix_b",
    ('"a", "b", "c"', "op.create_foreign_key(None, t, 'o', ['x'], ['id'])"): "b and c",
    (
        '"a", "b", "c", "d", "e", "f", "g"',
        "op.create_unique_constraint(None, t, ['x'])",
    ): "b, c, d, e and 2 more",
}


@pytest.mark.parametrize(("case", "others"), LOOPS.items())
def test_all_turns_of_a_loop_are_said(case: tuple[str, str], others: str) -> None:
    [found] = said_of(*case, Settings())
    assert found.partition(" The same goes for ")[2] == (f"{others}." if others else "")


@pytest.mark.parametrize(("call", "case"), CALLS.items())
def test_small_tables(call: str, case: tuple[set[str], list[str]]) -> None:
    small, expected = case
    engine = Engine(RULES)
    engine.open("b.py", f"{HEAD}    {call}\n", Settings(small_tables=frozenset(small)))
    engine.work("b.py")
    assert [found.rule for found in engine.findings("b.py")] == expected
    engine.open("b.py", f"{HEAD}    {call}\n")
    engine.work("b.py")
    assert len(engine.findings("b.py")) == 1
