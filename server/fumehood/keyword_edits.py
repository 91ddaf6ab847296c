"""Arguments and items set and removed by the smallest edits, for code no formatter has touched.

Offsets are those of the code generated from `root`. Comments stay beside what they stand beside.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from fumehood.arguments import is_bare_generator, keyword_index
from fumehood.spans import spans
from fumehood.text import Edit, Span

# What holds items between parentheses.
Holder = cst.Call | cst.Tuple
_Item = cst.Arg | cst.BaseElement

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
    return edits + _behind_item(place, call.args, len(call.args) - 1, f"{name}={value}")


def keyword_removal(root: cst.Module, call: cst.Call, name: str) -> list[Edit]:
    """The smallest edits that take the keyword argument out, with its comma and its line."""
    index = keyword_index(call, name)
    return [] if index is None else item_removal(root, call, index)


def item_removal(root: cst.Module, holder: Holder, index: int) -> list[Edit]:
    """The same for any argument, or an item of a tuple in parentheses."""
    place, given = _Place(root, holder), _items(holder)
    start, end = place.with_comma(given[index])
    becomes_one = isinstance(holder, cst.Tuple) and len(given) == 2
    if _COMMENT.match(place.text, end):
        edits = [_deletion(*_beside_comment(place, start, end))]
    elif index + 1 < len(given):
        edits = [_deletion(*_before_next(place, start, end))]
    elif index > 0 and becomes_one:
        edits = [_deletion(place.with_comma(given[index - 1]).end, end)]
    elif index > 0:
        edits = [_deletion(*_behind(place, given[index - 1], start, end))]
    else:
        edits = [_deletion(*_alone(place, start, end))]
    if becomes_one and index == 0 and not isinstance(given[1].comma, cst.Comma):
        edits.append(_insertion(place.span(given[1]).end, ","))
    return edits


def item_insertion(root: cst.Module, holder: Holder, index: int, text: str) -> list[Edit]:
    """The smallest edits that put an item in front of that at `index`, or behind the last."""
    place, given = _Place(root, holder), _items(holder)
    if not given:
        return [_insertion(place.opened, f"{text}," if isinstance(holder, cst.Tuple) else text)]
    if index > 0:
        return _behind_item(place, given, index - 1, text)
    start = place.span(given[0]).start
    if not place.begins_line(start):
        edits = [_insertion(start, f"{text}, ")]
        if isinstance(holder, cst.Tuple) and len(given) == 1:  # it has to have its comma
            edits.append(_deletion(place.span(given[0]).end, place.with_comma(given[0]).end))
        return edits
    indent = place.text[place.line_start(start) : start]
    return [_insertion(start, f"{text},{place.line_end_before(start)}{indent}")]


def _items(holder: Holder) -> Sequence[_Item]:
    return holder.args if isinstance(holder, cst.Call) else holder.elements


class _Place:
    """A call, or a tuple in parentheses, within its text."""

    def __init__(self, root: cst.Module, holder: Holder) -> None:
        given = _items(holder)
        nodes: list[cst.CSTNode] = [holder, *given, *(each.value for each in given)]
        nodes += [each.comma for each in given if isinstance(each.comma, cst.Comma)]
        nodes += [holder.func] if isinstance(holder, cst.Call) else []
        self.text = root.code
        self._spans = spans(root, nodes)
        before = (
            self.span(holder.func).end if isinstance(holder, cst.Call) else self.span(holder).start
        )
        opening = _OPENING.match(self.text, before)
        assert opening is not None
        self.opened = opening.end()  # behind the opening parenthesis

    def span(self, node: cst.CSTNode) -> Span:
        return Span(*self._spans[node])

    def with_comma(self, arg: _Item) -> Span:
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


def _behind_item(place: _Place, given: Sequence[_Item], index: int, text: str) -> list[Edit]:
    last = given[index]
    start, end = place.with_comma(last)
    has_comma = isinstance(last.comma, cst.Comma)
    text += "," if has_comma else ""
    if not _one_a_line(place, given):
        if len(given) == 1 and isinstance(last, cst.Element) and has_comma:
            text = text.removesuffix(",")  # a tuple of one has to have it
        return [_insertion(end, f" {text}" if has_comma else f", {text}")]
    indent = place.text[place.line_start(start) : start]
    text = f"{place.line_end_before(start)}{indent}{text}"
    comment = _COMMENT.match(place.text, end)
    if comment is None:
        return [_insertion(end, text if has_comma else f",{text}")]
    edits = [] if has_comma else [_insertion(end, ",")]
    return [*edits, _insertion(comment.end(), text)]


def _one_a_line(place: _Place, given: Sequence[_Item]) -> bool:
    """Whether each item, but for a first one behind the parenthesis, begins its line."""
    items = given if len(given) == 1 else given[1:]
    return all(place.begins_line(place.span(each).start) for each in items)


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


def _behind(place: _Place, previous: _Item, start: int, end: int) -> tuple[int, int]:
    """The last of several: the comma before it goes too, unless it had one itself."""
    previous_end = place.span(previous).end
    comma_end = place.with_comma(previous).end
    if place.text[comma_end:start].strip():
        return _behind_comment(place, start, end)
    if place.text[end - 1] == "," or place.text[previous_end:start].strip() != ",":
        return comma_end, end
    return previous_end, end


def _behind_comment(place: _Place, start: int, end: int) -> tuple[int, int]:
    """A comment or a backslash stands before the argument, and the line end behind it must stay."""
    line_end = place.line_start(start) - len(place.line_end_before(start))
    if not (place.begins_line(start) and _TO_LINE_END.match(place.text, end)):
        return start, end
    # Nothing may stand behind a backslash.
    return (start, end) if place.text[:line_end].endswith("\\") else (line_end, end)


def _alone(place: _Place, start: int, end: int) -> tuple[int, int]:
    closing = _CLOSING.match(place.text, end)
    if closing is None or place.text[place.opened : start].strip():
        return start, end
    return place.opened, closing.end()


def _insertion(offset: int, text: str) -> Edit:
    return Edit(offset, offset, text)


def _deletion(start: int, end: int) -> Edit:
    return Edit(start, end, "")
