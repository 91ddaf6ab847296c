"""Code frames: the marks stand under the code, whatever it is made of."""

from __future__ import annotations

import click
import pytest

from fumehood.cli.frame import frame
from fumehood.text import Span, Text


def _frame(content: str, start: int, end: int) -> list[str]:
    return click.unstyle(frame(Text(content), Span(start, end), "red")).splitlines()


@pytest.mark.parametrize(
    ("code", "shown", "marks"),
    [
        ("  op.x(1)", "  op.x(1)", "  ^^^^"),
        ("\top.x(1)", "    op.x(1)", "    ^^^^"),
        ("a\top.x(1)", "a   op.x(1)", "    ^^^^"),
        ("é = op.x", "é = op.x", "    ^^^^"),
        ("'表'; op.x", "'表'; op.x", "      ^^^^"),
        ("'\x1b[31m'; op.x", "'\ufffd[31m'; op.x", "         ^^^^"),
        ("'\u202e'; op.x", "'\ufffd'; op.x", "     ^^^^"),
    ],
)
def test_marks_are_aligned(code: str, shown: str, marks: str) -> None:
    start = code.index("op.x")
    assert _frame(code, start, start + 4) == ["  |", f"1 | {shown}", f"  | {marks}"]


def test_a_line_either_side_with_aligned_numbers() -> None:
    content = "\n" * 8 + "before\nop.x\nafter\nmore\n"
    start = content.index("op.x")
    assert _frame(content, start, start + 4) == [
        "   |",
        " 9 | before",
        "10 | op.x",
        "   | ^^^^",
        "11 | after",
    ]


def test_several_lines_and_no_more_than_six() -> None:
    content = "(\n" * 20
    shown = _frame(content, 0, 40)
    assert shown[:4] == ["   |", " 1 | (", "   | ^", " 2 | ("]
    assert shown[-1] == "...|" or shown[-1].endswith("|")
    assert len(shown) == 14


def test_a_very_long_line_is_shown_around_the_finding() -> None:
    content = "x" * 5000 + "op.x" + "y" * 5000
    _, line, marks = _frame(content, 5000, 5004)
    assert len(line) < 200
    assert line[marks.index("^") :].startswith("op.x")


def test_an_empty_span_has_one_mark() -> None:
    assert _frame("ab", 1, 1) == ["  |", "1 | ab", "  |  ^"]
