"""Code frames: the lines around a finding, with the finding underlined."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import click

from fumehood.text import Span, Text

_CONTEXT = 1
_MOST_LINES = 6  # of one finding; a longer one shows its first lines
_MOST_CELLS = 160  # of one line; a longer one is shown around the finding
_TAB = 4
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def frame(text: Text, span: Span, color: str) -> str:
    """The finding's lines and one either side, with line numbers; styled, without a line end."""
    first, last = text.line_of(span.start), text.line_of(max(span.start, span.end - 1))
    shown = range(max(0, first - _CONTEXT), min(text.line_count, last + _CONTEXT + 1))
    width = len(str(shown[-1] + 1))
    lines = [_bar(width)]
    for line in shown[:_MOST_LINES]:
        code, underline = _line(text, span, line)
        lines.append(f"{_bar(width, str(line + 1))} {code}".rstrip())
        if underline:
            lines.append(f"{_bar(width)} {click.style(underline, fg=color, bold=True)}")
    if len(shown) > _MOST_LINES:
        lines.append(f"{_bar(width, '...')}")
    return "\n".join(lines)


def _bar(width: int, label: str = "") -> str:
    return click.style(f"{label:>{width}} |", fg="blue")


def _line(text: Text, span: Span, line: int) -> tuple[str, str]:
    """A line as shown, and the marks below it: empty where the finding is elsewhere."""
    start, code = text.line_start(line), text.line_text(line)
    low = min(max(span.start - start, 0), len(code))
    high = min(max(span.end - start, 0), len(code))
    here = start <= span.start <= start + len(code) or low < high
    before, inside, after = code[:low], code[low:high], code[high:]
    if len(code) > _MOST_CELLS:
        before = before if len(before) < 60 else "…" + before[-40:]
        inside = inside if len(inside) < 80 else inside[:80] + "…"
        after = after if len(after) < 60 else after[:40] + "…"
    shown_before = visible(before)
    shown = visible(before + inside)
    marks = max(1, cells(shown) - cells(shown_before))
    underline = " " * cells(shown_before) + "^" * marks if here else ""
    return visible(before + inside + after), underline


def visible(code: str) -> str:
    """Code as a terminal may show it: tabs as spaces, what is invisible as a mark."""
    if code.isascii() and code.isprintable():
        return code
    return "".join(_pieces(code))


def _pieces(code: str) -> Iterator[str]:
    column = 0
    for character in code:
        piece = character
        if character == "\t":
            piece = " " * (_TAB - column % _TAB)
        elif unicodedata.category(character) in _HIDDEN:
            piece = "\N{REPLACEMENT CHARACTER}"
        column += cells(piece)
        yield piece


def cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    # rich is slow to import, and rarely needed here.
    from rich.cells import cell_len

    return cell_len(text)
