"""What every code action leaves behind, on generated migrations and on the pages' examples."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fumehood.engine import Action
from tests.oracle import operations
from tests.oracle.generate import migrations
from tests.page_cases import (
    PATH,
    Case,
    actions_of,
    all_cases,
    analysed,
    applied,
    line_of,
    minimal,
    statement_lines,
)
from tests.share import examples, sampled

WHOLE = [each for each in all_cases() if each.is_migration and each.block.option("broken") is None]

BESIDE = "Build the new index beside the old one"
LEAVE_OUT = ("Leave the index out", "Add the column without an index")


def every_action(text: str) -> list[Action]:
    engine = analysed(text)
    actions = [each for found in engine.findings(PATH) for each in actions_of(engine, found)]
    both = (engine.fix_all(PATH, unsafe=unsafe) for unsafe in (False, True))
    return actions + [each for each in both if each]


@lru_cache(maxsize=256)  # several actions of a text come to the same
def messages(text: str) -> list[str]:
    return [each.message for each in analysed(text).findings(PATH)]


@lru_cache(maxsize=256)
def what_it_does(text: str) -> Counter[str]:
    """The operations, but for where and how they run; of what is renamed, the name in the end."""
    renames = "RENAME TO" in text
    found = (
        f"{each.function}: {each.kind} {each.fields.name} on {each.fields.schema}."
        f"{each.fields.table} {each.fields.columns}"
        for each in operations(text)
    )
    return Counter(each.replace("_new on ", " on ") if renames else each for each in found)


def check_action(text: str, action: Action) -> None:
    after = applied(text, action)
    ast.parse(after)
    resolved = [each.message for each in action.resolves]
    left = Counter(messages(text)) - Counter(resolved)
    if action.title in LEAVE_OUT:
        # What else is said of the index goes with it, and nothing but it and its drop goes.
        assert not Counter(messages(after)) - left, action.title
        gone = what_it_does(text) - what_it_does(after)
        assert not what_it_does(after) - what_it_does(text)
        assert all(re.search(": (create|drop)_index ", each) for each in gone)
        return
    if action.title.startswith(("Keep the first", "Move the rest")):
        # Another index is what they are for, and what others say of it may be gone.
        assert not Counter(messages(after)) - left, action.title
        return
    if action.title.startswith(BESIDE):  # of the drop and of the create
        assert not Counter(messages(after)) - left, action.title
    else:
        assert Counter(messages(after)) == left, action.title
    before, now = what_it_does(text), what_it_does(after)
    # Some add a drop, or a create for the index of a column or constraint; nothing may go.
    adds = "re-runnable" in action.title or any(
        "new column" in each or "Unique constraint" in each for each in resolved
    )
    assert not before - now, action.title
    assert adds or now == before, action.title


def check_untouched(text: str, action: Action) -> None:
    allowed: set[int] = set()
    if action.title in LEAVE_OUT:
        lines = re.split(r"\r\n|\r|\n", text)
        allowed |= {number for number, line in enumerate(lines) if "drop_index" in line}
    if action.title.startswith(BESIDE):
        for finding in analysed(text).findings(PATH):
            allowed |= statement_lines(text, finding.span)
    for finding in action.resolves:
        allowed |= statement_lines(text, finding.span)
    for edit in (minimal(text, each) for each in action.edits):
        if edit.start < edit.end:
            first, last = line_of(text, edit.start), line_of(text, edit.end - 1)
            assert set(range(first, last + 1)) <= allowed, (action.title, edit)


@examples(60)
@given(migrations())
def test_actions_on_generated_migrations(text: str) -> None:
    for action in every_action(text):
        check_action(text, action)
        check_untouched(text, action)


@pytest.mark.parametrize("case", sampled(WHOLE), ids=str)
def test_actions_on_the_pages(case: Case) -> None:
    for action in every_action(case.text):
        check_action(case.text, action)
        check_untouched(case.text, action)


@examples(60)
@given(migrations())
def test_fix_all_leaves_nothing_to_fix(text: str) -> None:
    for unsafe in (False, True):
        action = analysed(text).fix_all(PATH, unsafe=unsafe)
        if action:
            assert analysed(applied(text, action)).fix_all(PATH, unsafe=unsafe) is None


def formatted(texts: list[str], line_length: int = 88) -> list[str]:
    """The texts as ruff writes them."""
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.py" for number in range(len(texts))]
        for file, text in zip(files, texts, strict=True):
            file.write_bytes(text.encode())
        command = [sys.executable, "-m", "ruff", "format", "--isolated", "--quiet"]
        subprocess.run([*command, f"--line-length={line_length}", folder], check=True)
        return [file.read_bytes().decode() for file in files]


def check_stays_formatted(texts: list[str]) -> None:
    # A comment behind an opening parenthesis breaks its line in a way that is not known here.
    sources = [source for source in formatted(texts) if "(  #" not in source]
    results = {
        applied(source, action): action for source in sources for action in every_action(source)
    }
    for result, same in zip(results, formatted(list(results)), strict=True):
        assert result == same, results[result].title


# Not shrunk: ten migrations and two starts of ruff a try would take minutes.
@settings(examples(4), phases=(Phase.explicit, Phase.generate))
@given(st.lists(migrations(), min_size=10, max_size=10))
def test_formatted_migrations_stay_formatted(texts: list[str]) -> None:
    check_stays_formatted(texts)


@pytest.mark.slow
def test_formatted_examples_stay_formatted() -> None:
    check_stays_formatted([case.text for case in WHOLE])
