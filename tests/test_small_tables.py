"""small-tables: what locks them is not reported; what does not know its table is."""

from __future__ import annotations

import pytest

from fumehood.config import Settings
from fumehood.engine import Engine
from fumehood.rule import load_rules

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
