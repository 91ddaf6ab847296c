"""One logical line while a fix rewrites it: edited through its tree, laid out at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import libcst as cst

from .arguments import argument_index
from .cut import Piece
from .keyword_edits import item_removal, keyword_edits, keyword_removal
from .layout import columns, lay_out
from .reindent import reindent
from .spans import spans
from .sql_source import name_of, sql_edits
from .syntax import Parsed, Path, node_at, parse
from .text import Edit

# Comments that ruff and black leave out when they measure a line.
_PRAGMA = re.compile(r"\s*#\s*(?:noqa|type:|pyright:|pylint:|fmt:|flake8:|ruff:)")
_INDENT = re.compile(r"[ \t]*")
# From a line that is one expression statement to its expression.
EXPRESSION: Path = ("body", 0, "value")


class RefusedError(Exception):
    """A fix cannot be offered here; the reason is its message."""


class UnreadableError(Exception):
    """The line does not parse."""


class Statement:
    """An expression statement that is a call. `text` is the whole line with indent and line end."""

    def __init__(self, text: str, width: int, own: bool = False) -> None:
        self.text = text
        self.width = width
        self.indent = _INDENT.match(text.lstrip("\ufeff\f")).group()  # type: ignore[union-attr]
        # What fumehood writes itself is laid out, as is what a formatter wrote.
        self._formatted = own or self._laid_out(self.indent, "    ") == text

    def call(self, path: Path = EXPRESSION) -> cst.Call:
        """The call at a path."""
        return cast("cst.Call", node_at(self._parsed(), path))

    def argument(self, position: int, name: str, path: Path = EXPRESSION) -> str | None:
        """The source of an argument, given by position or by name."""
        return argument(self.call(path), position, name)

    def keyword(self, name: str, path: Path = EXPRESSION) -> str | None:
        """The source of a keyword argument."""
        call = self.call(path)
        return argument(call, len(call.args), name)

    def begins_by_position(self) -> bool:
        """Whether the first argument is given by position."""
        first = next(iter(self.call().args), None)
        return first is not None and first.keyword is None and not first.star

    def keywords(self, path: Path = EXPRESSION) -> list[str]:
        """The names of the keyword arguments; "*" and "**" for what is unpacked."""
        given = self.call(path).args
        return [arg.star or (arg.keyword.value if arg.keyword else "") for arg in given]

    def set_function(self, source: str) -> None:
        """Call something else with the same arguments."""

        def edits(root: cst.Module, call: cst.Call) -> Sequence[Edit]:
            return [Edit(*spans(root, [call.func])[call.func], source)]

        self.edit(EXPRESSION, edits)

    def rename_keyword(self, old: str, new: str) -> None:
        """Give an argument by another keyword, if it is given by this one."""

        def edits(root: cst.Module, call: cst.Call) -> Sequence[Edit]:
            found = [arg.keyword for arg in call.args if arg.keyword and arg.keyword.value == old]
            return [Edit(*span, new) for span in spans(root, found).values()]

        self.edit(EXPRESSION, edits)

    def set_keyword(self, name: str, value: str, path: Path = EXPRESSION) -> None:
        """Set or add a keyword argument; `value` is source."""
        self.edit(path, lambda root, call: keyword_edits(root, call, name, value))

    def set_argument(self, position: int, name: str, value: str) -> None:
        """Set an argument that is given by position or by name; `value` is source."""

        def edits(root: cst.Module, call: cst.Call) -> Sequence[Edit]:
            given = call.args[position] if position < len(call.args) else None
            if given is None or given.keyword is not None or given.star:
                return keyword_edits(root, call, name, value)
            return [Edit(*spans(root, [given.value])[given.value], value)]

        self.edit(EXPRESSION, edits)

    def remove_keyword(self, name: str, path: Path = EXPRESSION) -> None:
        """Take a keyword argument out."""
        self.edit(path, lambda root, call: keyword_removal(root, call, name))

    def remove_argument(self, path: Path) -> None:
        """Take the argument out whose value is at `path`."""
        index = cast("int", path[-2])
        self.edit(path[:-3], lambda root, call: item_removal(root, call, index))

    def items(self, position: int, name: str, path: Path = EXPRESSION) -> list[str] | None:
        """The sources in a list or tuple that is an argument; None where it is written otherwise.

        Without a name, the positional arguments from `position` on.
        """
        found = _items(self.call(path), position, name)
        return None if found is None else [cst.Module([]).code_for_node(each) for each in found]

    def keep_items(self, count: int, position: int, name: str, path: Path = EXPRESSION) -> None:
        """Take out the items behind the first ones."""

        def edits(root: cst.Module, call: cst.Call) -> Sequence[Edit]:
            found = (_items(call, position, name) or [])[count - 1 :]
            places = [spans(root, [each])[each] for each in found]
            cut = Edit(places[0][1], places[-1][1], "")
            if "#" in root.code[cut.start : cut.end]:
                raise UnreadableError(self.text)  # a comment would go
            return [cut]

        self.edit(path, edits)

    def sql_name(self) -> str | None:
        """The name that gives the SQL which the call sends; None where it is no name."""
        call = self.call()
        return name_of(call.args[0].value) if call.args else None

    def edit_sql(self, sql: str, edits: Sequence[Edit]) -> None:
        """Edit the SQL that the call sends; offsets are those in the SQL."""

        def made(root: cst.Module, call: cst.Call) -> Sequence[Edit]:
            found = sql_edits(root, call.args[0].value, sql, edits) if call.args else None
            if found is None:
                raise UnreadableError(self.text)
            return found

        self.edit(EXPRESSION, made)

    def move_methods(self, old: str, new: str, methods: frozenset[str]) -> bool:
        """Call methods of `old` on `new`; False where `old` is used in another way."""
        parsed = self._parsed()
        uses = [node for node in _nodes(parsed.statement) if _is_name(node, old)]
        moved = [
            node
            for node in _nodes(parsed.statement)
            if isinstance(node, cst.Attribute)
            and _is_name(node.value, old)
            and node.attr.value in methods
        ]
        for start, end in sorted(spans(parsed.module, uses).values(), reverse=True):
            self.text = self.text[: start - parsed.shift] + new + self.text[end - parsed.shift :]
        return len(moved) == len(uses)

    def insert_second(self, source: str) -> None:
        """Put a positional argument behind the first."""

        def edits(root: cst.Module, call: cst.Call) -> Sequence[Edit]:
            end = spans(root, [call.args[0]])[call.args[0]][1]
            return [Edit(end, end, f", {source}")]

        self.edit(EXPRESSION, edits)

    def indented(self, indent: str, unit: str) -> str:
        """The line at another indent; as a formatter would write it, if one wrote the original."""
        if self._formatted and (laid_out := self._laid_out(indent, unit)) is not None:
            return laid_out
        if indent.startswith(self.indent):
            return reindent(self.text, indent[len(self.indent) :])
        return indent + self.text[len(self.indent) :]

    def _parsed(self) -> Parsed:
        parsed = parse(self.text, "", False)
        if parsed is None:
            raise UnreadableError(self.text)
        return parsed

    def edit(self, path: Path, make: Callable[[cst.Module, Any], Sequence[Edit]]) -> None:
        """Apply what `make` makes of the module that the line is parsed in and the node at `path`.

        Offsets are those of the module's code.
        """
        parsed = self._parsed()
        for edit in sorted(make(parsed.module, node_at(parsed, path)), reverse=True):
            start, end = edit.start - parsed.shift, edit.end - parsed.shift
            self.text = self.text[:start] + edit.text + self.text[end:]

    def _laid_out(self, indent: str, unit: str) -> str | None:
        """The line as ruff and black write it; None where that is not known."""
        parsed = self._parsed()
        call = node_at(parsed, EXPRESSION)
        if not isinstance(call, cst.BaseExpression):
            return None
        start, end = spans(parsed.module, [call])[call]
        head = self.text[len(self.indent) : start - parsed.shift]
        tail = self.text[end - parsed.shift :]
        comment = tail.rstrip("\r\n")
        text = lay_out(
            call,
            indent=indent,
            before=columns(indent + head),
            after=0 if _PRAGMA.match(comment) else columns(comment),
            width=self.width,
            unit=unit,
        )
        newline = tail[len(comment) :] or "\n"
        return None if text is None else indent + head + text.replace("\n", newline) + tail


def _items(call: cst.Call, position: int, name: str) -> list[cst.BaseExpression] | None:
    if not name:
        given: Sequence[cst.Arg | cst.BaseElement] = [
            each for each in call.args[position:] if each.keyword is None
        ]
        starred = any(each.star for each in call.args)
    else:
        index = argument_index(call, position, name)
        value = None if index is None else call.args[index].value
        if not isinstance(value, cst.List | cst.Tuple):
            return None
        given = value.elements
        starred = any(isinstance(each, cst.StarredElement) for each in given)
    return None if starred else [each.value for each in given]


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def _is_name(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


def edited_assignment(text: str, sql: str, edits: Sequence[Edit]) -> str:
    """A line `name = SQL` with edits in the SQL; offsets are those in the SQL."""
    parsed = parse(text, "", False)
    value = None if parsed is None else node_at(parsed, ("body", 0, "value"))
    if parsed is None or not isinstance(value, cst.BaseExpression):
        raise UnreadableError(text)
    found = sql_edits(parsed.module, value, sql, edits)
    if found is None:
        raise UnreadableError(text)
    for edit in sorted(found, reverse=True):
        start, end = edit.start - parsed.shift, edit.end - parsed.shift
        text = text[:start] + edit.text + text[end:]
    return text


def node_of(piece: Piece, path: Path) -> cst.Call:
    """The call at a path within a piece of the file."""
    parsed = parse(piece.text, piece.word, piece.opens)
    if parsed is None:
        raise UnreadableError(piece.text)
    return cast("cst.Call", node_at(parsed, path))


def argument(call: cst.Call, position: int, name: str) -> str | None:
    """The source of an argument, given by position or by name."""
    index = argument_index(call, position, name)
    return None if index is None else cst.Module([]).code_for_node(call.args[index].value)
