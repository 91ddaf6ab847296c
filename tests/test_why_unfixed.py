"""Where a finding has no fix, it is said why."""

from __future__ import annotations

import pytest

from fumehood.head import Head, NoHeadError
from fumehood.trials import all_found
from tests.page_cases import HEAD, PATH, Case, all_cases, analysed

UNFIXED = [case for case in all_cases() if case.block.option("fixes") == "0"]
# Its fix can be made, but not so that the finding goes.
TRIED_IN_VAIN = "In an autocommit block, behind BEGIN"

INDEX = 'op.create_index("ix", "t", ["a"])'
TYPE = 'op.alter_column("t", "a", type_=sa.BigInteger(), existing_type=sa.Integer())'
UNDONE = TYPE.replace("BigInteger", "Integer", 1).replace("_type=sa.I", "_type=sa.BigI")
DOWN = f"\n\ndef downgrade():\n    {UNDONE}\n"


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

    text = f"{HEAD}def upgrade():\n    {TYPE}\n{DOWN}"
    engine = analysed(text)
    findings = engine.findings(PATH)
    asked = engine.why_unfixed(PATH, findings, several)
    assert findings[0] in asked
    # It is no news that nobody was asked.
    assert (
        "nothing is known of the other revisions" not in engine.why_unfixed(PATH, findings).values()
    )
