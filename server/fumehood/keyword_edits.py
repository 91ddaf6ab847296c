"""Arguments set and removed by the smallest edits, for code that no formatter has touched.

Offsets are those of the code generated from `root`. Comments stay beside what they stand beside.
"""

from __future__ import annotations

import re

import libcst as cst

from fumehood.arguments import is_bare_generator, keyword_index
from fumehood.spans import spans
from fumehood.text import Edit, Span

_BLANKS = " \t\f"
_OPENING = re.compile(r"(?:\s|\\|#[^\r\n]*)*\(")
_CLOSING = re.compile(r"\s*(?=\))")
_LINE_END = re.compile(r"\r\n|\r|\n")
_COMMENT = re.compile(rf"[{_BLANKS}]*#[^\r\n]*")
_TO_LINE_END = re.compile(rf"[{_BLANKS}]*(?=[\r\n])")


def keyword_edits(root: cst.Module, call: cst.Call, name: str, value: str) -> list[Edit]:
    """The smallest edits that make the call have `name=value`; `value` is source text.

    A new argument stands on a line of its own where the call has one argument a line, in the column
    of the one before it.
    """
    place = _Place(root, call)
    index = keyword_index(call, name)
    if index is not None:
        return [Edit(*place.span(call.args[index].value), value)]
    if not call.args:
        return [_insertion(place.opened, f"{name}={value}")]
    edits = []
    if is_bare_generator(call):
        start, end = place.span(call.args[0])
        edits = [_insertion(start, "("), _insertion(end, ")")]
    return edits + _appended(place, call, f"{name}={value}")


def keyword_removal(root: cst.Module, call: cst.Call, name: str) -> list[Edit]:
    """The smallest edits that take the keyword argument out, with its comma and its line."""
    index = keyword_index(call, name)
    return [] if index is None else argument_removal(root, call, index)


def argument_removal(root: cst.Module, call: cst.Call, index: int) -> list[Edit]:
    """The same for any argument."""
    place = _Place(root, call)
    start, end = place.with_comma(call.args[index])
    if _COMMENT.match(place.text, end):
        return [_deletion(*_beside_comment(place, start, end))]
    if index + 1 < len(call.args):
        return [_deletion(*_before_next(place, start, end))]
    if index > 0:
        return [_deletion(*_behind(place, call.args[index - 1], start, end))]
    return [_deletion(*_alone(place, start, end))]


class _Place:
    """A call within its text."""

    def __init__(self, root: cst.Module, call: cst.Call) -> None:
        nodes: list[cst.CSTNode] = [call.func, *call.args, *(arg.value for arg in call.args)]
        nodes += [arg.comma for arg in call.args if isinstance(arg.comma, cst.Comma)]
        self.text = root.code
        self._spans = spans(root, nodes)
        opening = _OPENING.match(self.text, self.span(call.func).end)
        assert opening is not None
        self.opened = opening.end()  # behind the opening parenthesis

    def span(self, node: cst.CSTNode) -> Span:
        return Span(*self._spans[node])

    def with_comma(self, arg: cst.Arg) -> Span:
        """From the argument's start to behind its comma, where it has one."""
        start, end = self._spans[arg]
        return Span(start, self.span(arg.comma).end if isinstance(arg.comma, cst.Comma) else end)

    def line_start(self, offset: int) -> int:
        before = self.text[:offset]
        return max(before.rfind("\n"), before.rfind("\r")) + 1

    def begins_line(self, offset: int) -> bool:
        return not self.text[self.line_start(offset) : offset].strip(_BLANKS)

    def line_end_before(self, offset: int) -> str:
        """The line end in front of the line that holds `offset`."""
        start = self.line_start(offset)
        return "\r\n" if self.text[:start].endswith("\r\n") else self.text[start - 1 : start]

    def left(self, offset: int) -> int:
        """The offset without the blanks in front of it."""
        return len(self.text[:offset].rstrip(_BLANKS))


def _appended(place: _Place, call: cst.Call, text: str) -> list[Edit]:
    last = call.args[-1]
    start, end = place.with_comma(last)
    has_comma = isinstance(last.comma, cst.Comma)
    text += "," if has_comma else ""
    if not _one_a_line(place, call):
        return [_insertion(end, f" {text}" if has_comma else f", {text}")]
    indent = place.text[place.line_start(start) : start]
    text = f"{place.line_end_before(start)}{indent}{text}"
    comment = _COMMENT.match(place.text, end)
    if comment is None:
        return [_insertion(end, text if has_comma else f",{text}")]
    edits = [] if has_comma else [_insertion(end, ",")]
    return [*edits, _insertion(comment.end(), text)]


def _one_a_line(place: _Place, call: cst.Call) -> bool:
    """Whether each argument, but for a first one behind the parenthesis, begins its line."""
    args = call.args if len(call.args) == 1 else call.args[1:]
    return all(place.begins_line(place.span(arg).start) for arg in args)


def _beside_comment(place: _Place, start: int, end: int) -> tuple[int, int]:
    """The comment stays: on its own line, or behind what stood before the argument."""
    if not place.begins_line(start):
        return place.left(start), end
    return start, end + len(place.text[end:]) - len(place.text[end:].lstrip(_BLANKS))


def _before_next(place: _Place, start: int, end: int) -> tuple[int, int]:
    """The next argument, or the comment above it, takes the place of the one that goes."""
    ends_line = _TO_LINE_END.match(place.text, end) is not None
    following = end + len(place.text[end:]) - len(place.text[end:].lstrip())
    if not ends_line or place.begins_line(start):
        return start, following
    if place.left(start) == place.opened and place.text[following] != "#":
        return start, following
    return place.left(start), end


def _behind(place: _Place, previous: cst.Arg, start: int, end: int) -> tuple[int, int]:
    """The last of several: the comma before it goes too, unless it had one itself."""
    previous_end = place.span(previous).end
    comma_end = place.with_comma(previous).end
    if place.text[comma_end:start].strip():
        return _behind_comment(place, start, end)
    if place.text[end - 1] == "," or place.text[previous_end:start].strip() != ",":
        return comma_end, end
    return previous_end, end


def _behind_comment(place: _Place, start: int, end: int) -> tuple[int, int]:
    """A comment stands above the argument, and the line end behind it must stay."""
    if not (place.begins_line(start) and _TO_LINE_END.match(place.text, end)):
        return start, end
    return place.line_start(start) - len(place.line_end_before(start)), end


def _alone(place: _Place, start: int, end: int) -> tuple[int, int]:
    closing = _CLOSING.match(place.text, end)
    if closing is None or place.text[place.opened : start].strip():
        return start, end
    return place.opened, closing.end()


def _insertion(offset: int, text: str) -> Edit:
    return Edit(offset, offset, text)


def _deletion(start: int, end: int) -> Edit:
    return Edit(start, end, "")
