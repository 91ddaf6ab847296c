"""Where a finding has no fix, it is said why."""

from __future__ import annotations

import pytest

from fumehood.head import Head, NoHeadError
from fumehood.trials import all_found
from tests.page_cases import HEAD, PATH, Case, all_cases, analysed
from tests.test_expand_contract import PLAIN, changing
from tests.test_type_change import analysed as spread

UNFIXED = [case for case in all_cases() if case.block.option("fixes") == "0"]
# Its fix can be made, but not so that the finding goes.
TRIED_IN_VAIN = "In an autocommit block, behind BEGIN"

INDEX = 'op.create_index("ix", "t", ["a"])'
TYPE = 'op.alter_column("t", "a", type_=sa.BigInteger(), existing_type=sa.Integer())'


@pytest.mark.parametrize("case", UNFIXED, ids=str)
def test_on_the_pages(case: Case) -> None:
    engine = case.analysed()
    found = {each.published: each for each in all_found(engine._files[case.path])}
    why = engine.why_unfixed(case.path, found.keys())
    for finding, each in found.items():
        if finding.rule == case.rule and TRIED_IN_VAIN not in case.name:
            assert (finding in why) == bool(each.finding.fixes), finding.what


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (INDEX, None),
        (f"x = 1; {INDEX}", "the operation is only a part of its line"),
        (f'op.execute("SAVEPOINT a")\n    {INDEX}', "the block would end what SAVEPOINT has done"),
        (f"for name in names:\n        {INDEX}\n    add()\n", None),
        (TYPE, "how downgrade() undoes it is not plain to see"),
    ],
)
def test_reasons(body: str, why: str | None) -> None:
    engine = analysed(f"{HEAD}def upgrade():\n    {body}\n")
    findings = engine.findings(PATH)
    assert findings
    assert set(engine.why_unfixed(PATH, findings).values()) == ({why} if why else set())


def test_what_stands_in_the_way_of_a_follow_up() -> None:
    def several() -> Head:
        raise NoHeadError("a1 and b2 are both heads")

    engine = spread(changing(), PLAIN)
    [finding] = [each for each in engine.findings("b.py") if each.rule == "change-column-type"][:1]
    assert engine.why_unfixed("b.py", [finding], several) == {finding: "a1 and b2 are both heads"}
    assert engine.why_unfixed("b.py", [finding]) == {}, "it is no news that nobody was asked"
