"""Edits of models' table arguments: each case is what they are before and after."""

from __future__ import annotations

import pytest

from fumehood.facts import IndexKey
from fumehood.model_edits import NewIndex
from tests.model_edits import (
    BACKWARDS,
    COLUMNS,
    HEAD,
    LOWER,
    MIXED,
    Change,
    add,
    changed,
    formatted,
    indexes,
    remove,
)

COMMENTED = HEAD.replace(
    "import Column, Index, Integer, String, UniqueConstraint, text",
    "import (Column, Integer,  # what it is made of\n                        String)",
)
PATTERN = NewIndex("ix_users_a", [IndexKey("a", operator_class="text_pattern_ops")])
ARGUMENTS: dict[str, tuple[Change, str, str]] = {
    "none yet": (add(), "", '    __table_args__ = (Index("ix_users_a_b", "a", "b"),)\n'),
    "a dict": (
        add(),
        '    __table_args__ = {"schema": "app"}\n',
        '    __table_args__ = (Index("ix_users_a_b", "a", "b"), {"schema": "app"})\n',
    ),
    "a tuple of one": (
        add(),
        '    __table_args__ = (UniqueConstraint("a"),)\n',
        '    __table_args__ = (UniqueConstraint("a"), Index("ix_users_a_b", "a", "b"))\n',
    ),
    "a tuple and a dict": (
        add(),
        '    __table_args__ = (UniqueConstraint("a"), {"schema": "app"})\n',
        "    __table_args__ = (\n"
        '        UniqueConstraint("a"),\n'
        '        Index("ix_users_a_b", "a", "b"),\n'
        '        {"schema": "app"},\n'
        "    )\n",
    ),
    "one a line, with comments": (
        add(),
        "    __table_args__ = (\n"
        '        UniqueConstraint("a"),  # why\n'
        '        {"schema": "app"},  # where\n'
        "    )\n",
        "    __table_args__ = (\n"
        '        UniqueConstraint("a"),  # why\n'
        '        Index("ix_users_a_b", "a", "b"),\n'
        '        {"schema": "app"},  # where\n'
        "    )\n",
    ),
    "of no argument": (
        add(),
        "    __table_args__ = ()\n",
        '    __table_args__ = (Index("ix_users_a_b", "a", "b"),)\n',
    ),
    "a dict in a tuple": (
        add(),
        '    __table_args__ = ({"schema": "app"},)\n',
        '    __table_args__ = (Index("ix_users_a_b", "a", "b"), {"schema": "app"})\n',
    ),
    "an expression": (
        add(LOWER),
        "",
        '    __table_args__ = (Index("ix_users_lower", text("lower(a)")),)\n',
    ),
    "an operator class": (
        add(PATTERN),
        "",
        "    __table_args__ = (\n"
        '        Index("ix_users_a", "a", postgresql_ops={"a": "text_pattern_ops"}),\n'
        "    )\n",
    ),
    "in two directions": (
        add(MIXED),
        "",
        '    __table_args__ = (Index("ix_users_a_b", "a", text("b DESC")),)\n',
    ),
    "backwards": (add(BACKWARDS), "", '    __table_args__ = (Index("ix_users_a", "a"),)\n'),
    "the last goes": (
        remove(),
        '    __table_args__ = (UniqueConstraint("a"), Index("ix_a", "a"))\n',
        '    __table_args__ = (UniqueConstraint("a"),)\n',
    ),
    "the first goes": (
        remove(),
        '    __table_args__ = (Index("ix_a", "a"), UniqueConstraint("a"))\n',
        '    __table_args__ = (UniqueConstraint("a"),)\n',
    ),
    "the only one goes": (remove(), '    __table_args__ = (Index("ix_a", "a"),)\n', ""),
    "only the dict stays": (
        remove(),
        '    __table_args__ = (Index("ix_a", "a"), {"schema": "app"})\n',
        '    __table_args__ = {"schema": "app"}\n',
    ),
    "one of several lines goes": (
        remove(),
        "    __table_args__ = (\n"
        '        Index("ix_a", "a"),\n'
        '        Index("ix_b", "b"),  # why\n'
        '        UniqueConstraint("a"),\n'
        "    )\n",
        "    __table_args__ = (\n"
        '        Index("ix_b", "b"),  # why\n'
        '        UniqueConstraint("a"),\n'
        "    )\n",
    ),
}


@pytest.mark.parametrize("case", ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments(case: tuple[Change, str, str]) -> None:
    change, before, after = case
    content, expected = HEAD + before + COLUMNS, HEAD + after + COLUMNS
    assert changed(content, change) == expected
    assert formatted(content) == content
    assert formatted(expected) == expected
    assert abs(len(indexes(content)) - len(indexes(expected))) == 1
