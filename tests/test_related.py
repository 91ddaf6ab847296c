"""What a finding of a migration refers to: the operation that it is about, where it stands now."""

from __future__ import annotations

import pytest

from fumehood.engine import Engine
from fumehood.text import Edit

from .page_cases import HEAD, PATH, RULES

WIDE = '    op.create_index("wide", "users", ["a", "b"])\n'
SERVES = {
    "index": (WIDE, "op.create_index", "wide"),
    "constraint": (
        '    op.create_unique_constraint("uq", "users", ["a", "b"])\n',
        "op.create_unique_constraint",
        "uq",
    ),
    "SQL": (
        '    op.execute("SELECT 1; CREATE INDEX wide ON users (a, b)")\n',
        "op.execute",
        "wide",
    ),
}


@pytest.mark.parametrize(("serving", "place", "named"), SERVES.values(), ids=SERVES)
def test_the_index_that_serves_is_pointed_at(serving: str, place: str, named: str) -> None:
    engine = Engine(RULES)
    narrow = '    op.create_index("narrow", "users", ["a"])\n'
    engine.open(PATH, f"{HEAD}def upgrade() -> None:\n{serving}{narrow}")
    for _ in range(2):
        assert engine.work(PATH)
        content = engine.text(PATH).content
        found = [each for each in engine.findings(PATH) if each.rule == "ensure-index-not-covered"]
        [finding] = found
        [related] = finding.related
        assert (related.path, related.message) == (PATH, f"It is served by {named}")
        assert content[related.span.start : related.span.end] == place
        assert related.span.end < finding.span.start
        start = content.index("def upgrade")
        engine.change(PATH, [Edit(start, start, "# é\n\n")])
