"""Edits of models: an index for a column or a table, or one less, as the model is written.

Made from a file's current text. Where it is not plain what to write, they are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .cut import Piece, Pieces
from .document import Document
from .import_edits import Imports
from .join.values import Reference
from .lines_around import UNIT, indent_of
from .model_calls import (
    annotated,
    binds,
    column_call,
    forwards,
    index_source,
    is_named,
    is_only_item,
    parsed,
    table_column,
    tail,
    with_index,
    without_item,
)
from .models.facts import ModelIndex
from .outline.module import outline_of
from .outline.parts import Outline
from .parts import IndexKey
from .read import reading as r
from .statement import EXPRESSION, RefusedError, Statement
from .syntax import Path
from .text import Edit
from .written_indexes import path_to

_ARGS = "__table_args__"
# Flask-SQLAlchemy's object, which has all that SQLAlchemy has.
_FLASK = re.compile(r"\b((?:[A-Za-z_]\w*\.)*db)\.(?:Column|mapped_column|Table)\(")


@dataclass(frozen=True, slots=True)
class NewIndex:
    """An index to be written into a model. A key is a column's name, or an expression."""

    name: str
    keys: Sequence[IndexKey]


class ModelEdits:
    """Collects edits of one file with models; `owner` is a class, or the name of a Table()."""

    def __init__(
        self,
        document: Document,
        read: Callable[[Piece], r.Reading],
        width: int,
        outline: Outline | None = None,
    ) -> None:
        """`outline` is that of the text, where it is known."""
        self._document, self._read, self._width = document, read, width
        self._pieces: Pieces = document.pieces
        self._outline = outline or outline_of(self._pieces, read)
        self._edits: list[Edit] = []
        # What is imported from each module, and the edits that do.
        self._imports: dict[str, tuple[list[str], tuple[Edit, ...]]] = {}

    def finish(self) -> tuple[Edit, ...]:
        """The edits, ascending."""
        imports = (edit for _, edits in self._imports.values() for edit in edits)
        return tuple(sorted([*self._edits, *imports]))

    def index_column(self, owner: str, attribute: str, column: str) -> None:
        """Give a column `index=True`, by its attribute and its name in the table."""
        piece, path = self._column(owner, attribute, column)
        if path is None:
            self._write_column(piece, owner)
            return
        statement = self._statement(piece)
        if statement.keyword("index", path) not in (None, "False", "None"):
            raise RefusedError("it is not plain whether the column has an index")
        if {"*", "**"} & {*statement.keywords(path)}:
            raise RefusedError("the column may be given index= by what is unpacked")
        statement.set_keyword("index", "True", path)
        self._replace(piece, statement)

    def unindex_column(self, owner: str, attribute: str, column: str) -> None:
        """Take a column's `index=True` away."""
        piece, path = self._column(owner, attribute, column)
        if path is None:
            raise RefusedError("the column is not written out here")
        statement = self._statement(piece)
        if statement.keyword("index", path) != "True":
            raise RefusedError("its index is not told by index=True")
        if statement.keyword("unique", path) not in (None, "False"):
            raise RefusedError("without its index the column would get a unique constraint")
        statement.remove_keyword("index", path)
        self._replace(piece, statement)

    def add_index(self, owner: str, index: NewIndex) -> None:
        """Put an Index() into a model's `__table_args__`, or into a Table()."""
        header = self._piece_of(owner)
        held = self._outline.classes.get(owner)
        if held is not None and _ARGS not in held.attributes:
            self._write_arguments(owner, header, index)
            return
        piece = header if held is None else self._value_of(f"{owner}.{_ARGS}")
        source = self._source(index, header, piece)
        statement = self._statement(piece)
        statement.edit(EXPRESSION, lambda root, node: with_index(root, node, source))
        self._replace(piece, statement)

    def remove_index(self, index: ModelIndex) -> None:
        """Take an Index() out of a model, a Table(), or the file."""
        name = index.origin.name
        if [each.name for each in self._outline.indexes].count(name) > 1:
            raise RefusedError(f"there are several of the name {index.index.name}")
        piece = self._value_of(name) if name.endswith(f".{_ARGS}") else self._piece_of(name)
        path = path_to(index, self._read(piece))
        if not path:
            raise RefusedError("the index is not written out here")
        if path == EXPRESSION:
            if is_named(piece):
                raise RefusedError("the index has a name by which it may be used")
            self._remove_line(piece)
            return
        if is_only_item(piece, path):
            if piece.word != _ARGS:
                raise RefusedError("nothing would be left of what holds the index")
            self._remove_line(piece)
            return
        statement = self._statement(piece)
        statement.edit(*without_item(piece, path))
        self._replace(piece, statement)

    def _column(self, owner: str, attribute: str, column: str) -> tuple[Piece, Path | None]:
        """The line of a column, and the call in it that makes it; None where it has no value."""
        if owner not in self._outline.classes:
            piece = self._piece_of(owner)
            return piece, table_column(piece, column)
        piece = self._value_of(f"{owner}.{attribute}")
        return piece, column_call(piece)

    def _write_column(self, piece: Piece, owner: str) -> None:
        """Give a column that has no call one."""
        code, annotation, value = annotated(piece)
        is_mapped = "Mapped[" in annotation
        if is_mapped and value is not None:
            raise RefusedError("the column is not written out here")
        module, function = (
            ("sqlalchemy.orm", "mapped_column") if is_mapped else ("sqlmodel", "Field")
        )
        called = self._imported(module, function, self._piece_of(owner), piece)
        default = "" if value is None else f"default={value}, "
        text = f"{code} = {called}({default}index=True){tail(piece)}"
        self._replace(piece, Statement(text, self._width, own=True))

    def _write_arguments(self, owner: str, header: Piece, index: NewIndex) -> None:
        """Give a class that has none `__table_args__`: behind its table's name, or first."""
        places = self._outline.places.names
        own = [
            self._pieces[self._pieces.at(start)]
            for name, start in places.items()
            if name.rpartition(".")[0] == owner
        ]
        own = [each for each in own if each.column > header.column and not each.opens]
        if not own:
            raise RefusedError("the class has no attributes to put it before")
        special = [each for each in own if each.word.startswith("__")]
        like = special[-1] if special else min(own, key=self._pieces.start_of)
        source = f"{indent_of(like)}{_ARGS} = ({self._source(index, header, like)},)"
        newline = self._newline(like)
        statement = Statement(source + newline, self._width, own=True)
        text = statement.indented(indent_of(like), UNIT)
        start = self._pieces.start_of(like)
        if special:
            start += len(like.text)
            text = text if like.text.endswith(("\n", "\r")) else newline + text
        else:
            text += newline
        self._edits.append(Edit(start, start, text))

    def _source(self, index: NewIndex, header: Piece, place: Piece) -> str:
        """The call of Index(), as the file can write it at a line of a class or a Table()."""
        keys = forwards(index.keys)
        written = "".join(each.text for each in (header, *self._block(header)))
        quote = '"' if written.count('"') >= written.count("'") else "'"
        flask = _FLASK.search(written)
        if flask is not None:
            call, text = f"{flask[1]}.Index", f"{flask[1]}.text"
        else:
            call = self._imported("sqlalchemy", "Index", header, place)
            is_sql = any(_is_sql(each) for each in keys)
            text = self._imported("sqlalchemy", "text", header, place) if is_sql else ""
        return index_source(index.name, keys, call, text, quote)

    def _imported(self, module: str, name: str, header: Piece, place: Piece) -> str:
        """What a class can call a name of a module at a line; imported where it is not yet."""
        before = self._pieces.index(header)
        imports = Imports(self._pieces, self._read, before, self._width)
        called = imports.name_of(module, name)
        names, _ = self._imports.get(module, ([], ()))
        first = (called or name).partition(".")[0]
        held = self._outline.names.get(first)
        imported = held is None if called is None else isinstance(held, Reference)
        if first in self._outline.classes or not imported:
            raise RefusedError(f"{first} is something else here")
        if any(binds(self._read(each), first) for each in self._lines_before(place, header)):
            raise RefusedError(f"{first} is something else in the class")
        if called is None and name not in names:
            names = [*names, name]
            self._imports[module] = names, imports.added(module, names)
        return called or name

    def _lines_before(self, place: Piece, header: Piece) -> list[Piece]:
        """The lines of a class that run before one of them."""
        start = self._pieces.start_of(place)
        return [each for each in self._block(header) if self._pieces.start_of(each) < start]

    def _piece_of(self, name: str) -> Piece:
        start = self._outline.places.names.get(name)
        if start is None:
            raise RefusedError(f"{name} does not stand here")
        return self._pieces[self._pieces.at(start)]

    def _value_of(self, name: str) -> Piece:
        """The line that gives an attribute its value; of a function, its only `return`."""
        piece = self._piece_of(name)
        if not piece.opens:
            return piece
        returns = [each for each in self._block(piece) if each.word == "return"]
        if len(returns) != 1:
            raise RefusedError(f"{name} is returned in several places")
        return returns[0]

    def _block(self, header: Piece) -> list[Piece]:
        if not header.opens:
            return [header]
        return [self._pieces[index] for index in self._pieces.block(self._pieces.index(header))]

    def _statement(self, piece: Piece) -> Statement:
        parsed(piece)  # refuses what is more than one statement
        return Statement(piece.text, self._width)

    def _newline(self, piece: Piece) -> str:
        return piece.text[len(piece.text.rstrip("\r\n")) :] or "\n"

    def _replace(self, piece: Piece, statement: Statement) -> None:
        start = self._pieces.start_of(piece)
        text = statement.indented(statement.indent, UNIT)
        self._edits.append(Edit(start, start + len(piece.text), text))

    def _remove_line(self, piece: Piece) -> None:
        """Take a line away, and of the blank lines around it the fewer."""
        pieces, index = self._pieces, self._pieces.index(piece)
        if not self._has_siblings(index):
            raise RefusedError("nothing would be left in the block")
        first, last = index, index + 1
        while first > 0 and _is_empty(pieces[first - 1]):
            first -= 1
        while last < len(pieces) and _is_empty(pieces[last]):
            last += 1
        before, behind = index - first, last - index - 1
        if last < len(pieces):
            first = first if behind >= before > 0 else index
            last = last if before > behind > 0 else index + 1
        start = pieces.start(first)
        end = pieces.start(last) if last < len(pieces) else len(self._document.text)
        self._edits.append(Edit(start, end, ""))

    def _has_siblings(self, index: int) -> bool:
        """Whether the block that a line stands in holds other lines."""
        column = self._pieces[index].column
        if column == 0:
            return True
        for step in (-1, 1):
            position = index + step
            while 0 <= position < len(self._pieces):
                piece = self._pieces[position]
                if not piece.blank and piece.column < column:
                    break
                if not piece.blank and piece.column == column:
                    return True
                position += step
        return False


def _is_sql(key: IndexKey) -> bool:
    """Whether a key is written as SQL: an expression, or one that may be sorted otherwise."""
    return key.expression is not None or key.descending or key.nulls_first is not None


def _is_empty(piece: Piece) -> bool:
    return not piece.text.strip()
