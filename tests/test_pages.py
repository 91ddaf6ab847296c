"""Pages are tests: what they mark is found, what they show as fixed is what the action writes."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

import pytest

from fumehood import pages
from fumehood.engine import Action, Engine, Published
from fumehood.text import Span
from tests.page_cases import (
    ODD_CASES,
    Case,
    actions_of,
    all_cases,
    applied,
    line_of,
)
from tests.share import sampled

CASES = all_cases()
WITH_REWRITTEN = [(case, index) for case in CASES for index in range(len(case.rewritten))]
WITH_FIXED = [(case, index) for case in CASES for index in range(len(case.fixed))]
OF_MODELS = [each for each in CASES if not each.is_migration]
EXPECTED_KINDS = {"<-", "error", "warning", "information"}


@pytest.fixture(autouse=True)
def _no_rule_raises(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A rule or fix that raises is a line in the log, and finds or offers nothing."""
    yield
    assert not [each for each in caplog.get_records("call") if each.levelno >= logging.ERROR]


def whole(text: str) -> Span:
    return Span(0, len(text))


def found_by(case: Case, engine: Engine) -> list[Published]:
    return [each for each in engine.findings(case.path) if each.rule == case.rule]


def said(found: Iterable[Published]) -> Counter[tuple[str, str]]:
    return Counter((each.rule, each.what) for each in found)


@cache
def every_action(case: Case) -> list[Action]:
    engine = case.analysed()
    found = found_by(case, engine)
    actions = [
        a for finding in found for a in actions_of(engine, finding, True, case.path, case.files)
    ]
    for unsafe in (False, True):
        if action := engine.fix_all(case.path, unsafe=unsafe):
            actions.append(action)
    return actions


@pytest.mark.parametrize("case", CASES, ids=str)
def test_marked_lines_and_no_others_have_findings(case: Case) -> None:
    by_line: dict[int, list[Published]] = {}
    for finding in found_by(case, case.analysed()):
        line = line_of(case.text, finding.span.start) - case.first_line + 1
        by_line.setdefault(line, []).append(finding)
    expected = {each.line: each for each in case.block.markers if each.kind in EXPECTED_KINDS}
    assert sorted(by_line) == sorted(expected)
    for line, marker in expected.items():
        if marker.kind != "<-":
            assert {each.severity for each in by_line[line]} == {marker.kind}
        assert any(marker.text in each.message for each in by_line[line])


@pytest.mark.parametrize(
    "case", sampled([each for each in CASES if not each.is_migration]), ids=str
)
def test_a_file_whose_outline_is_known_has_the_same_actions(case: Case) -> None:
    engine, known = case.analysed(), case.with_text(case.text, known=True)
    assert known.findings(case.path) == engine.findings(case.path)
    for finding in engine.findings(case.path):
        offered = actions_of(engine, finding, path=case.path, files=case.files)
        assert actions_of(known, finding, path=case.path, files=case.files) == offered
    assert known.fix_all(case.path, unsafe=True) == engine.fix_all(case.path, unsafe=True)


@pytest.mark.parametrize("case", [each for each in CASES if each.block.kind == "good"], ids=str)
def test_good_is_clean_under_all_rules(case: Case) -> None:
    assert case.analysed().findings(case.path) == []


@pytest.mark.parametrize("case", [each for each in CASES if each.block.kind == "cases"], ids=str)
def test_number_of_fixes(case: Case) -> None:
    engine = case.analysed()
    fixable = {
        each.span
        for each in found_by(case, engine)
        if actions_of(engine, each, path=case.path, files=case.files)
    }
    assert len(fixable) == int(case.block.option("fixes") or -1)


@pytest.mark.parametrize(("case", "index"), WITH_FIXED, ids=str)
def test_action_gives_the_fixed_text(case: Case, index: int) -> None:
    block, expected = case.fixed[index]
    engine = case.analysed()
    if block.option("all") is not None:
        action = engine.fix_all(case.path, unsafe=True)
        assert action is not None
    else:
        found = found_by(case, engine)
        offered = [a for each in found for a in actions_of(engine, each, True, case.path)]
        titles = [each.title for each in offered]
        assert block.title in titles
        action = offered[titles.index(block.title)]
    assert applied(case.text, action) == expected
    shown = {each.file: each.code for each in case.created if each.title == action.title}
    assert [each.path for each in action.creates] == [f"/{name}" for name in shown]
    for created in action.creates:
        assert created.text.endswith(shown[created.path[1:]])
        assert 'down_revision = "b2"\n' in created.text
    after = case.with_text(expected)
    left = said(engine.findings(case.path)) - said(action.resolves)
    assert said(after.findings(case.path)) == left
    if not left:
        assert after.actions(case.path, whole(expected)) == []
        assert after.fix_all(case.path, unsafe=True) is None


@pytest.mark.parametrize(("case", "index"), WITH_REWRITTEN, ids=str)
def test_action_rewrites_another_file(case: Case, index: int) -> None:
    block = case.rewritten[index]
    engine = case.analysed()
    found = found_by(case, engine)
    offered = [a for each in found for a in actions_of(engine, each, True, case.path, case.files)]
    action = next(each for each in offered if each.title == block.title)
    (rewrite,) = action.rewrites
    assert (rewrite.path, rewrite.text) == (block.file, case.files[block.file])
    assert applied(rewrite.text, rewrite) == block.code
    assert not action.safe
    after = case.with_text(applied(case.text, action), files={block.file: block.code})
    left = said(engine.findings(case.path)) - said(action.resolves)
    assert said(after.findings(case.path)) == left


@pytest.mark.parametrize("case", sampled(CASES), ids=str)
def test_line_ends_stay(case: Case) -> None:
    for action in every_action(case):
        for text in (applied(case.text, action), *(each.text for each in action.creates)):
            mixed = "\r\n" in text and "\n" in text.replace("\r\n", "")
            assert not mixed
            assert ("\r\n" in text) == ("\r\n" in case.text)


def test_every_rule_has_odd_cases_and_few_known_misses() -> None:
    for rule in pages.ids():
        odd = [each.block for each in CASES if each.rule == rule and each.block.kind == "cases"]
        assert len(odd) >= 20, f"{rule}: {ODD_CASES}"
        assert all(each.option("fixes") for each in odd)
        todo = [each for block in odd for each in block.markers if each.kind == "todo"]
        assert len(todo) <= 3
        assert all(each.text for each in todo)


def test_severity_of_a_page_is_its_rules() -> None:
    for case in CASES:
        if case.block.kind == "bad":
            first = found_by(case, case.analysed())[0]
            fields = pages.front_matter(pages.page(case.rule))
            assert first.severity == fields["severity"]


def test_unknown_page_names_the_nearest() -> None:
    with pytest.raises(KeyError, match="'only-concurrent-indexes'"):
        pages.page("only-concurent-index")


def test_front_matter_without_an_impact_is_refused() -> None:
    with pytest.raises(ValueError, match="'SEVERE'"):
        pages.front_matter("---\ntitle: x\nimpact: SEVERE\n---\n")
    with pytest.raises(ValueError, match="front matter"):
        pages.front_matter("# No front matter\n")


def test_body_has_neither_front_matter_nor_markers() -> None:
    for rule in pages.ids():
        body = pages.body(pages.page(rule))
        assert body.startswith("# ")
        assert "# <-" not in body


def test_blocks_know_where_they_stand() -> None:
    text = "# A\n\n```python bad models.py\nx = 1  # <-\n```\n"
    text += '\n## B\n\n````sql fixed "Do it"\n```\n````\n'
    first, second = pages.blocks(text)
    assert (first.kind, first.file, first.heading, first.line) == ("bad", "models.py", "A", 4)
    assert first.code == "x = 1\n"
    assert first.markers == (pages.Marker(1, "<-"),)
    assert (second.language, second.title, second.heading) == ("sql", "Do it", "B")
    assert second.code == "```\n"
