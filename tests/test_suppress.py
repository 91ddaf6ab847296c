"""Ignores: which findings they hide, what is said of those that are wrong, and their edits."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumehood.config import Settings
from fumehood.discovery import load_rules
from fumehood.engine import Action, Engine, Published
from fumehood.suppress import ignores
from fumehood.text import Span
from tests.oracle.generate import migrations
from tests.share import examples

RULE = "only-concurrent-indexes"
# One that finds nothing, besides those that there are.
OTHER_RULE = "another-rule"
RULES = (*load_rules(), replace(load_rules()[0], id=OTHER_RULE, checks=()))
PATH = "m.py"
HEADER = "from alembic import op\nrevision = 'b'\ndown_revision = 'a'\n\n\ndef upgrade():\n"
CREATE = '    op.create_index("ix_a", "a", ["x"])\n'
OTHER = '    op.create_index("ix_b", "b", ["x"])\n'


def opened(text: str, configured: Settings | None = None) -> Engine:
    engine = Engine(RULES, lambda: date(2027, 1, 1))
    engine.open(PATH, text, configured or Settings())
    engine.work(PATH)
    return engine


def findings(text: str, configured: Settings | None = None) -> list[Published]:
    return opened(text, configured).findings(PATH)


def said(text: str, configured: Settings | None = None) -> list[tuple[str, int, str]]:
    """Rule, line counted from the header's end, and message of each finding."""
    first = HEADER.count("\n") if text.startswith(HEADER) else 0
    return [
        (found.rule, text.count("\n", 0, found.span.start) - first + 1, found.message)
        for found in findings(text, configured)
    ]


def everywhere(text: str) -> Span:
    return Span(0, len(text))


def applied(text: str, action: Action) -> str:
    for start, end, new in reversed(action.edits):
        text = text[:start] + new + text[end:]
    return text


HIDING = {
    "above": f"    # fumehood: ignore[{RULE}]\n" + CREATE,
    "above, with a reason": f"    # fumehood: ignore[{RULE}]: the table is empty\n" + CREATE,
    "above, until a day to come": f"    # fumehood: ignore[{RULE}] until=2027-01-01\n" + CREATE,
    "above, at another column": f"# fumehood: ignore[{RULE}]\n" + CREATE,
    "above, among other comments": f"    # fumehood: ignore[{RULE}]\n    # why not\n" + CREATE,
    "at the end": CREATE.rstrip() + f"  # fumehood: ignore[{RULE}]\n",
    "behind noqa": CREATE.rstrip() + f"  # noqa: E501 # fumehood: ignore[{RULE}]\n",
    "before type": CREATE.rstrip() + f"  # fumehood: ignore[{RULE}]  # type: ignore\n",
    "at the end of the first line": CREATE.replace(
        "(", f"(  # fumehood: ignore[{RULE}]\n        ", 1
    ),
    "at the end of the last line": CREATE.replace("(", "(\n        ", 1).rstrip()
    + f"  # fumehood: ignore[{RULE}]\n",
    "on a line within": CREATE.replace("(", f"(\n        # fumehood: ignore[{RULE}]\n        ", 1),
    "for the file, below": CREATE + f"# fumehood: ignore-file[{RULE}]\n",
    "without spaces": f"    #fumehood:ignore[{RULE}]\n" + CREATE,
    "in a one-line compound": f"    # fumehood: ignore[{RULE}]\n    if x: {CREATE.strip()}\n",
}


@pytest.mark.parametrize("body", HIDING.values(), ids=HIDING)
def test_hidden(body: str) -> None:
    assert RULE not in {rule for rule, _, _ in said(HEADER + body)}
    assert said(HEADER + body) == []
    without = HEADER + body.replace("fumehood:", "")
    assert [rule for rule, _, _ in said(without)] == [RULE]


SHOWN = {
    "a line between": f"    # fumehood: ignore[{RULE}]\n\n" + CREATE,
    "below": CREATE + f"    # fumehood: ignore[{RULE}]\n",
    "a neighbour's": OTHER.rstrip() + f"  # fumehood: ignore[{RULE}]\n" + CREATE,
    "in a string": f"    x = '# fumehood: ignore[{RULE}]'\n" + CREATE,
    "in the operation's own string": CREATE.replace("ix_a", f"# fumehood: ignore[{RULE}]"),
    "another rule": "    # fumehood: ignore[another-rule]\n" + CREATE,
    "no rule": "    # fumehood: ignore\n" + CREATE,
    "no day": f"    # fumehood: ignore[{RULE}] until=tomorrow\n" + CREATE,
    "ended": f"    # fumehood: ignore[{RULE}] until=2026-12-31\n" + CREATE,
    "prose": "    # fumehood: a fine tool\n" + CREATE,
    "above the block only": f"    # fumehood: ignore[{RULE}]\n    if x:\n    " + CREATE,
}


@pytest.mark.parametrize("body", SHOWN.values(), ids=SHOWN)
def test_not_hidden(body: str) -> None:
    lines = HEADER.count("\n") + body.count("\n")
    found = [line for rule, line, _ in said(HEADER + body) if rule == RULE]
    assert len(found) == 1
    assert found[0] <= lines


def test_an_ended_ignore_is_named_with_the_finding() -> None:
    body = f"    # fumehood: ignore[{RULE}] until=2026-12-31: after the launch\n" + CREATE
    [(rule, line, message)] = said(HEADER + body)
    assert (rule, line) == (RULE, 2)
    assert message.endswith("It was ignored until 2026-12-31.")


WRONG = {
    "unused": (
        f"    # fumehood: ignore[{RULE}]\n    pass\n",
        "unused-ignore",
        f"This ignore hides nothing: {RULE} finds nothing here. ",
        "    pass\n",
    ),
    "unused, at the end of a line": (
        f"    pass  # noqa # fumehood: ignore[{RULE}]\n",
        "unused-ignore",
        "This ignore hides nothing",
        "    pass  # noqa\n",
    ),
    "unused, before another tool's": (
        f"    pass  # fumehood: ignore[{RULE}] # noqa\n",
        "unused-ignore",
        "This ignore hides nothing",
        "    pass  # noqa\n",
    ),
    "unused, with an ending": (
        f"    pass\t# fumehood: ignore[{RULE}]: why\r\n    pass\r\n",
        "unused-ignore",
        "This ignore hides nothing",
        "    pass\r\n    pass\r\n",
    ),
    "unused at the end of the file": (
        f"    pass\n    # fumehood: ignore[{RULE}]",
        "unused-ignore",
        "This ignore hides nothing",
        "    pass\n",
    ),
    "unused for the file": (
        f"    pass\n# fumehood: ignore-file[{RULE}]\n",
        "unused-ignore",
        f"{RULE} finds nothing in this file",
        "    pass\n",
    ),
    "unknown rule": (
        "    # fumehood: ignore[only-concurent-indexes]\n" + CREATE,
        "invalid-ignore",
        f"There is no rule 'only-concurent-indexes'. Did you mean '{RULE}'?",
        f"    # fumehood: ignore[{RULE}]\n" + CREATE,
    ),
    "nothing like it": (
        "    # fumehood: ignore[xyz]\n    pass\n",
        "invalid-ignore",
        "There is no rule 'xyz'. The rules are: ",
        None,
    ),
    "no rule": (
        "    # fumehood: ignore\n    pass\n",
        "invalid-ignore",
        "It names no rule; write ignore[rule], or ignore[rule, another-rule]. It hides nothing.",
        None,
    ),
    "another word": (
        "    # fumehood: noqa\n    pass\n",
        "invalid-ignore",
        "There is no 'noqa'; write ignore[rule].",
        None,
    ),
    "no day": (
        f"    # fumehood: ignore[{RULE}] until=2027-13-01\n    pass\n",
        "invalid-ignore",
        "until=2027-13-01 is no day; write until=2027-01-31.",
        None,
    ),
}


@pytest.mark.parametrize(("body", "rule", "message", "fixed"), WRONG.values(), ids=WRONG)
def test_wrong_ignores(body: str, rule: str, message: str, fixed: str | None) -> None:
    text = HEADER + body
    found = [each for each in findings(text) if each.rule == rule]
    assert len(found) == 1
    assert message in found[0].message
    actions = [
        action
        for action in opened(text).actions(PATH, everywhere(text))
        if action.resolves[0].rule == rule
    ]
    assert [applied(text, action) for action in actions] == (
        [] if fixed is None else [HEADER + fixed]
    )


def test_only_the_unused_of_several_rules_goes() -> None:
    text = HEADER + f"    # fumehood: ignore[another-rule, {RULE}]: fine\n" + CREATE
    [action] = opened(text).actions(PATH, everywhere(text))
    assert action.title == "Remove another-rule from the ignore"
    assert applied(text, action) == HEADER + f"    # fumehood: ignore[{RULE}]: fine\n" + CREATE


def test_of_a_statement_that_is_being_typed_nothing_is_said() -> None:
    assert findings(HEADER + f"    # fumehood: ignore[{RULE}]\n    op.create_index('ix',\n") == []


@pytest.mark.parametrize(
    "configured",
    [
        Settings(ignore=frozenset({RULE})),
        Settings(select=frozenset({"another-rule"})),
        Settings(checked=False),
        Settings(dialect="mysql"),
    ],
)
def test_of_a_rule_that_did_not_run_nothing_is_said(configured: Settings) -> None:
    assert findings(HEADER + f"    # fumehood: ignore[{RULE}]\n    pass\n", configured) == []


def test_a_reason_can_be_required() -> None:
    required = Settings(require_ignore_reason=True)
    without = HEADER + f"    # fumehood: ignore[{RULE}] until=2027-02-01\n" + CREATE
    [found] = findings(without, required)
    assert (found.rule, found.what) == ("invalid-ignore", "This ignore gives no reason.")
    assert findings(without.replace("02-01", "02-01 it is small"), required) == []


def test_hidden_findings_are_not_fixed() -> None:
    text = HEADER + f"    # fumehood: ignore[{RULE}]\n" + CREATE + OTHER
    engine = opened(text)
    assert engine.fix_all(PATH) is None  # the block would commit what is ignored
    action = engine.fix_all(PATH, unsafe=True)
    assert action is not None
    assert CREATE in applied(text, action)
    assert OTHER not in applied(text, action)


def test_a_fix_takes_the_ended_ignore_along() -> None:
    text = HEADER + f"    # fumehood: ignore[{RULE}] until=2026-12-31\n" + CREATE
    engine = opened(text)
    for action in (engine.actions(PATH, everywhere(text))[0], engine.fix_all(PATH)):
        assert action is not None
        assert "fumehood:" not in applied(text, action)
        assert findings(applied(text, action)) == []


def test_ignores_are_added_to_those_that_stand_there() -> None:
    text = HEADER + "    # fumehood: ignore[another-rule]: fine\n" + CREATE
    here = opened(text).ignores(PATH, everywhere(text))[0]
    assert f"# fumehood: ignore[another-rule, {RULE}]: fine\n" in applied(text, here)
    text = f"#!/usr/bin/env python\n# fumehood: ignore-file[x]\n{HEADER}{CREATE}"
    file = opened(text).ignores(PATH, everywhere(text))[1]
    assert applied(text, file) == text.replace("[x]", f"[x, {RULE}]")


def test_an_ignore_for_the_file_goes_below_what_must_come_first() -> None:
    head = "\ufeff#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n"
    text = head + '"""Add."""\n' + HEADER + CREATE
    file = opened(text).ignores(PATH, everywhere(text))[1]
    comment = f"# fumehood: ignore-file[{RULE}]\n"
    assert applied(text, file) == head + comment + '"""Add."""\n' + HEADER + CREATE


@examples(60)
@given(migrations())
def test_every_finding_can_be_ignored(text: str) -> None:
    engine = opened(text)
    before = engine.findings(PATH)
    for found in before:
        for action in engine.ignores(PATH, found.span):
            after = applied(text, action)
            ast.parse(after)
            left = findings(after)
            assert "unused-ignore" not in {each.rule for each in left}
            gone = [each for each in before if each not in action.resolves]
            assert len(left) <= len(gone) or "in this file" not in action.title
            assert len(left) < len(before)
            rule = action.resolves[0].rule  # of several at the place
            assert after.replace(f"# fumehood: ignore[{rule}]\n", "").split() == text.split() or (
                "in this file" in action.title
            )


@given(st.text(alphabet="# fumehod:ignr-[],=2al\t\n'\"()", max_size=60))
def test_any_comment_can_be_read(text: str) -> None:
    for ignore in ignores(f"# fumehood:{text}"):
        assert 0 <= ignore.span.start < ignore.span.end
