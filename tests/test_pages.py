"""Pages are tests: what they mark is found, what they show as fixed is what the action writes."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

import pytest

from fumehood import pages
from fumehood.engine import Published
from fumehood.text import Span
from tests.action_checks import check_action, check_untouched, every_action
from tests.formatter import formatted
from tests.offered import Offered
from tests.page_cases import ODD_CASES, Case, actions_of, all_cases, applied, line_of
from tests.share import sampled

CASES = all_cases()
SAMPLED = frozenset(map(id, sampled(CASES)))
EXPECTED_KINDS = {"<-", "error", "warning", "information"}


@pytest.fixture(autouse=True)
def _no_rule_raises(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A rule or fix that raises is a line in the log, and finds or offers nothing."""
    yield
    assert not [each for each in caplog.get_records("call") if each.levelno >= logging.ERROR]


def whole(text: str) -> Span:
    return Span(0, len(text))


def said(found: Iterable[Published]) -> Counter[tuple[str, str]]:
    return Counter((each.rule, each.what) for each in found)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_example(case: Case) -> None:
    offered = Offered(case)
    check_marked_lines(case, offered)
    if case.block.kind == "good":
        assert offered.findings == []
    if case.block.kind == "cases":
        check_number_of_fixes(case, offered)
    for index in range(len(case.fixed)):
        check_fixed_text(case, offered, index)
    for index in range(len(case.rewritten)):
        check_rewritten_file(case, offered, index)
    if id(case) not in SAMPLED:
        return
    check_line_ends(case, offered)
    if not case.is_migration:
        check_with_known_outline(case, offered)
    elif case.block.option("broken") is None:
        for action in offered.within:
            check_action(case.text, action)
            check_untouched(case.text, action)
        check_format(case, offered)


def check_marked_lines(case: Case, offered: Offered) -> None:
    """Marked lines, and no others, have findings."""
    by_line: dict[int, list[Published]] = {}
    for finding in offered.own:
        line = line_of(case.text, finding.span.start) - case.first_line + 1
        by_line.setdefault(line, []).append(finding)
    expected = {each.line: each for each in case.block.markers if each.kind in EXPECTED_KINDS}
    assert sorted(by_line) == sorted(expected)
    for line, marker in expected.items():
        if marker.kind != "<-":
            assert {each.severity for each in by_line[line]} == {marker.kind}
        assert any(marker.text in each.message for each in by_line[line])


def check_with_known_outline(case: Case, offered: Offered) -> None:
    """A file whose outline is known has the same actions."""
    known = case.with_text(case.text, known=True)
    assert known.findings(case.path) == offered.findings
    for finding, actions in offered.by_finding.items():
        assert actions_of(known, finding, True, case.path, case.files) == actions
    assert known.fix_all(case.path, unsafe=True) == offered.fix_all[True]


def check_number_of_fixes(case: Case, offered: Offered) -> None:
    """So many findings can be mended where no file can be created."""
    mended = (any(not each.creates for each in offered.by_finding[one]) for one in offered.own)
    fixable = {one.span for one, is_mended in zip(offered.own, mended, strict=True) if is_mended}
    assert len(fixable) == int(case.block.option("fixes") or -1)


def check_fixed_text(case: Case, offered: Offered, index: int) -> None:
    """An action gives the text that the page shows."""
    block, expected = case.fixed[index]
    if block.option("all") is not None:
        action = offered.fix_all[True]
        assert action is not None
    else:
        titles = [each.title for each in offered.of_own]
        assert block.title in titles
        action = offered.of_own[titles.index(block.title)]
    assert applied(case.text, action) == expected
    shown = {each.file: each.code for each in case.created if each.title == action.title}
    assert [each.path for each in action.creates] == [f"/{name}" for name in shown]
    for created in action.creates:
        assert created.text.endswith(shown[created.path[1:]])
        assert 'down_revision = "b2"\n' in created.text
    after = case.with_text(expected)
    left = said(offered.findings) - said(action.resolves)
    assert said(after.findings(case.path)) == left
    if not left:
        assert after.actions(case.path, whole(expected)) == []
        assert after.fix_all(case.path, unsafe=True) is None


def check_rewritten_file(case: Case, offered: Offered, index: int) -> None:
    """An action gives another file the text that the page shows."""
    block = case.rewritten[index]
    action = next(each for each in offered.of_own if each.title == block.title)
    (rewrite,) = action.rewrites
    assert (rewrite.path, rewrite.text) == (block.file, case.files[block.file])
    assert applied(rewrite.text, rewrite) == block.code
    assert not action.safe
    after = case.with_text(applied(case.text, action), files={block.file: block.code})
    left = said(offered.findings) - said(action.resolves)
    assert said(after.findings(case.path)) == left


def check_line_ends(case: Case, offered: Offered) -> None:
    """All lines of what an action writes end as the example's do."""
    for action in offered.actions:
        for text in (applied(case.text, action), *(each.text for each in action.creates)):
            mixed = "\r\n" in text and "\n" in text.replace("\r\n", "")
            assert not mixed
            assert ("\r\n" in text) == ("\r\n" in case.text)


@cache
def as_formatted() -> dict[str, str]:
    """The migrations of all examples as a formatter writes them."""
    texts = [
        each.text for each in CASES if each.is_migration and each.block.option("broken") is None
    ]
    return dict(zip(texts, formatted(texts), strict=True))


def check_format(case: Case, offered: Offered) -> None:
    """What was formatted stays formatted."""
    source = as_formatted()[case.text]
    actions = offered.within if source == case.text else every_action(source)
    results = {applied(source, action): action.title for action in actions}
    for result, same in zip(results, formatted(list(results)), strict=True):
        assert result == same, results[result]


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
            first = Offered(case).own[0]
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
