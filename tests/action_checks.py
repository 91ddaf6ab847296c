"""What every action leaves behind, whatever it is for."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import lru_cache

from fumehood.engine import Action
from tests.oracle import operations
from tests.page_cases import PATH, actions_of, analysed, applied, line_of, minimal, statement_lines

BESIDE = "Build the new index beside the old one"
LEAVE_OUT = ("Leave the index out", "Add the column without an index")


def every_action(text: str) -> list[Action]:
    """All that is offered for a migration that stands alone."""
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
    """It resolves what it says it does, adds nothing, and the migration does what it did."""
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
    """It changes no line but those of its finding."""
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
