"""Expressions laid out as ruff and black write them, so that a fix leaves formatted code formatted.

It arranges lines and nothing else: quotes, parentheses and numbers stay as they are. Use it only
where the text to be changed equals its own layout; other code is edited as little as possible
(`fumehood.keyword_edits`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

import libcst as cst

# ruff's default `indent-width`: what a tab counts for.
_TAB = 4

_BARE = cst.Module([])

_Item = cst.Arg | cst.BaseElement | cst.BaseDictElement


def lay_out(
    node: cst.BaseExpression,
    *,
    indent: str,
    before: int,
    after: int,
    width: int,
    unit: str = "    ",
) -> str | None:
    """The text of `node` as ruff and black write it.

    indent: the whitespace that the statement's line begins with.
    before: columns in front of the node on its first line, indentation included.
    after: columns that follow the node's last line on the same line (`)`, ` for x in y`).
    width: the line length, in columns; unit: one level of indentation.
    None where this layout does not know the form: comments inside, strings over several lines, a
    long operation, …
    """
    try:
        if _has_comment(node):
            return None
        return _Printer(width, unit).statement(node, indent, before, after)
    except _UnknownFormError:
        return None


def columns(text: str) -> int:
    """How many columns `text` takes: wide characters two, combining ones none, tabs four."""
    if text.isascii():
        return len(text) + text.count("\t") * (_TAB - 1)
    return sum(map(_columns_of, text))


class _UnknownFormError(Exception):
    """This layout cannot tell what a formatter would write."""


class _Printer:
    """Writes nodes for one line length.

    In all methods `indent` is the whitespace of the line the node begins on, `before` the columns
    in front of it there, and `after` the columns that follow its end.
    """

    def __init__(self, width: int, unit: str) -> None:
        self.width = width
        self.unit = unit

    def statement(self, node: cst.BaseExpression, indent: str, before: int, after: int) -> str:
        text = self.node(node, indent, before, after)
        # To the right of `=`, `return` and the like the formatters weigh parentheses around it all.
        if before > columns(indent) and _overflows(text, before, self.width):
            raise _UnknownFormError
        return text

    def node(self, node: cst.BaseExpression, indent: str, before: int, after: int) -> str:
        flat = _flat(node)
        if flat is not None and before + columns(flat) + after <= self.width:
            return flat
        if isinstance(node, cst.ConcatenatedString):
            return self._strings(node, indent, before, after)
        if isinstance(node, cst.Call) and node.args and not node.lpar:
            return self._call(node, indent, before)
        brackets = _brackets(node)
        if brackets is not None and brackets[1]:
            opening, items, closing = brackets
            return self._exploded(opening, items, closing, indent, _is_one_tuple(node))
        if flat is not None and _cannot_break(node):
            return flat
        raise _UnknownFormError

    def _call(self, node: cst.Call, indent: str, before: int) -> str:
        head = _flat(node.func)
        if head is None or not self._head_stands(node, before + columns(head) + 1):
            raise _UnknownFormError
        inner = indent + self.unit
        body = _flat_items(node.args)
        if body is not None and columns(inner) + columns(body) <= self.width:
            return f"{head}(\n{inner}{body}\n{indent})"
        return self._exploded(f"{head}(", node.args, ")", indent, False)

    def _head_stands(self, node: cst.Call, end: int) -> bool:
        """Whether the last bracket is the one that opens, as in `op.get_bind().execute(…`."""
        calls = sum(isinstance(part, cst.Call | cst.Subscript) for part in _chain(node.func))
        return calls == 0 or (calls == 1 and end <= self.width)

    def _exploded(
        self, opening: str, items: Sequence[_Item], closing: str, indent: str, one_tuple: bool
    ) -> str:
        """One item a line; a single one takes no trailing comma that it did not have."""
        inner = indent + self.unit
        comma = "," if len(items) > 1 or _magic(items) or one_tuple else ""
        lines = [f"{inner}{self._item(item, inner, len(comma))}{comma}\n" for item in items]
        return f"{opening}\n{''.join(lines)}{indent}{closing}"

    def _item(self, item: _Item, indent: str, after: int) -> str:
        prefix = _prefix(item)
        if prefix is None:
            raise _UnknownFormError
        before = columns(indent) + columns(prefix)
        return prefix + self.node(item.value, indent, before, after)

    def _strings(self, node: cst.ConcatenatedString, indent: str, before: int, after: int) -> str:
        """One string a line, in the parentheses that there are."""
        parts = list(_parts(node.with_changes(lpar=(), rpar=())))
        # ruff joins what fits once joined, without the quotes and the space between two parts.
        joined = sum(map(columns, parts)) - 2 * (len(parts) - 1)
        if not node.lpar and before + joined + after > self.width:
            return f"\n{indent}".join(parts)
        inner = indent + self.unit
        if len(node.lpar) != 1 or columns(inner) + joined <= self.width:
            raise _UnknownFormError
        lines = f"\n{inner}".join(parts)
        return f"(\n{inner}{lines}\n{indent})"


def _flat(node: cst.BaseExpression) -> str | None:
    """The node on one line; None where something in it forces a line break."""
    if isinstance(node, cst.ConcatenatedString) and _is_long(node):
        return None
    if isinstance(node, cst.Call) and not node.lpar:
        return _flat_around(_flat(node.func), "(", node.args, ")")
    if isinstance(node, cst.Attribute) and not node.lpar:
        value = _flat(node.value)
        return None if value is None else f"{value}.{node.attr.value}"
    brackets = _brackets(node)
    if brackets is None:
        return _verbatim(node)
    opening, items, closing = brackets
    if _is_one_tuple(node):
        value = _flat_item(items[0])
        return None if value is None else f"({value},)"
    return _flat_around("", opening, items, closing)


def _flat_around(
    head: str | None, opening: str, items: Sequence[_Item], closing: str
) -> str | None:
    body = _flat_items(items)
    return None if head is None or body is None else f"{head}{opening}{body}{closing}"


def _flat_items(items: Sequence[_Item]) -> str | None:
    texts = [_flat_item(item) for item in items]
    known = [text for text in texts if text is not None]
    return None if _magic(items) or len(known) < len(texts) else ", ".join(known)


def _flat_item(item: _Item) -> str | None:
    prefix, value = _prefix(item), _flat(item.value)
    return None if prefix is None or value is None else prefix + value


def _prefix(item: _Item) -> str | None:
    """What stands before an item's value: `name=`, `**`, `key: `."""
    if isinstance(item, cst.Arg):
        return item.star + (f"{item.keyword.value}=" if item.keyword is not None else "")
    if isinstance(item, cst.StarredElement):
        return "*"
    if isinstance(item, cst.StarredDictElement):
        return "**"
    if isinstance(item, cst.DictElement):
        key = _flat(item.key)
        return None if key is None else f"{key}: "
    return ""


def _brackets(node: cst.BaseExpression) -> tuple[str, Sequence[_Item], str] | None:
    """The opening bracket, items and closing bracket of a display; a tuple's are its own."""
    if isinstance(node, cst.Tuple) and len(node.lpar) == 1:
        return "(", node.elements, ")"
    if node.lpar:
        return None
    if isinstance(node, cst.List):
        return "[", node.elements, "]"
    if isinstance(node, cst.Set | cst.Dict):
        return "{", node.elements, "}"
    return None


def _is_one_tuple(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Tuple) and len(node.elements) == 1


def _magic(items: Sequence[_Item]) -> bool:
    """Whether a trailing comma asks for one item a line."""
    return bool(items) and isinstance(items[-1].comma, cst.Comma)


def _parts(node: cst.BaseString) -> Iterator[str]:
    if isinstance(node, cst.ConcatenatedString) and not node.lpar:
        yield from _parts(node.left)
        yield from _parts(node.right)
    else:
        yield _verbatim(node)


def _chain(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The node and what it is taken from: `a.b().c` gives itself, `a.b()`, `a.b`, `a`."""
    yield node
    if isinstance(node, cst.Attribute | cst.Subscript):
        yield from _chain(node.value)
    elif isinstance(node, cst.Call):
        yield from _chain(node.func)


def _cannot_break(node: cst.BaseExpression) -> bool:
    """Whether a formatter leaves the node on one line, however long that is."""
    brackets = _brackets(node)
    if brackets is not None or node.lpar:
        return brackets is not None and not brackets[1]
    if isinstance(node, cst.Attribute):
        return all(isinstance(part, cst.Attribute | cst.Name) for part in _chain(node))
    if isinstance(node, cst.Call):
        return not node.args and _cannot_break(node.func)
    return isinstance(node, cst.Name | cst.SimpleString | cst.FormattedString | cst.BaseNumber)


def _verbatim(node: cst.CSTNode) -> str:
    if _is_long(node):
        raise _UnknownFormError
    return _code(node)


def _is_long(node: cst.CSTNode) -> bool:
    """Whether the node is written over several lines."""
    text = _code(node)
    return "\n" in text or "\r" in text


def _code(node: cst.CSTNode) -> str:
    return _BARE.code_for_node(node)


def _has_comment(node: cst.CSTNode) -> bool:
    if "#" not in _code(node):
        return False
    return isinstance(node, cst.Comment) or any(map(_has_comment, node.children))


def _overflows(text: str, before: int, width: int) -> bool:
    first, *rest = text.split("\n")
    return before + columns(first) > width or (not rest and before + columns(text) > width)


def _columns_of(character: str) -> int:
    if character == "\t":
        return _TAB
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
