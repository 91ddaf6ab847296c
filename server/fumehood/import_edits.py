"""Imports of SQLAlchemy's names: what a file has, and one more where it needs it."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Sequence

import libcst as cst
from libcst.helpers import get_full_name_for_node

from .cut import Piece, Pieces
from .read import reading as r
from .spans import spans
from .statement import RefusedError
from .syntax import parse
from .text import Edit

# Where else a name of `sqlalchemy` is found.
_ALSO_IN = ("sqlalchemy.schema", "sqlmodel")


class Imports:
    """What a file imports at its top, before the piece at `before`."""

    def __init__(
        self, pieces: Pieces, read: Callable[[Piece], r.Reading], before: int, width: int
    ) -> None:
        self._pieces, self._width = pieces, width
        self._lines = [
            index
            for index in range(before)
            if pieces[index].word in ("from", "import") and pieces[index].column == 0
        ]
        self.bound = {
            name: dotted
            for index in self._lines
            for statement in read(pieces[index]).statements
            if isinstance(statement, r.Import)
            for name, dotted in statement.names
        }

    def name_of(self, module: str, name: str) -> str | None:
        """What a file calls `name` of `module`: "Index", "sa.Index"; None where it has no name."""
        modules = (module, *_ALSO_IN) if module == "sqlalchemy" else (module,)
        direct = {f"{each}.{name}" for each in modules}
        for bound, dotted in self.bound.items():
            if dotted in direct:
                return bound
        for bound, dotted in self.bound.items():
            if dotted == module and "." not in bound:
                return f"{bound}.{name}"
        return None

    def added(self, module: str, names: Sequence[str]) -> tuple[Edit, ...]:
        """Import `names`, in the line that imports from `module`, or in a new one before its like.

        Refused where there is neither, or one of them stands for something else.
        """
        for name in names:
            if name in self.bound:
                raise RefusedError(f"{name} is imported from elsewhere")
        names = sorted(names, key=_by_kind)
        for index in self._lines:
            found = _import_from(self._pieces[index])
            if found is not None and found[1] == module:
                return self._widened(index, found[0], names)
        for index in self._lines:
            found = _import_from(self._pieces[index])
            if found is not None and found[1].startswith(("sqlalchemy.", "sqlmodel")):
                start = self._pieces.start(index)
                head, newline = f"from {module} import ", _newline(self._pieces[index])
                return (Edit(start, start, _on_one_line(head, names, newline)),)
        raise RefusedError(f"nothing is imported from {module}")

    def _widened(self, index: int, line: cst.ImportFrom, added: Sequence[str]) -> tuple[Edit, ...]:
        """The import with more names, sorted in where the others are sorted."""
        piece = self._pieces[index]
        aliases = _aliases(line)
        names = [
            cst.Module([]).code_for_node(each.with_changes(comma=cst.MaybeSentinel.DEFAULT))
            for each in aliases
        ]
        wider = list(names)
        for name in added:
            wider.insert(_place(wider, name), name)
        module = get_full_name_for_node(line.module) if line.module else ""
        head = f"from {module} import "
        start = self._pieces.start(index)
        newline = _newline(piece)
        for write in (_on_one_line, _one_a_line):
            if write(head, names, newline) == piece.text:
                text = _on_one_line(head, wider, newline)
                if write is _one_a_line or len(text.rstrip("\r\n")) > self._width:
                    text = _one_a_line(head, wider, newline)
                return (Edit(start, start + len(piece.text), text),)
        return tuple(self._inserted(index, aliases, _place(names, each), each) for each in added)

    def _inserted(
        self, index: int, aliases: Sequence[cst.ImportAlias], place: int, name: str
    ) -> Edit:
        piece = self._pieces[index]
        parsed = parse(piece.text, piece.word, piece.opens)
        assert parsed is not None
        start = self._pieces.start(index) - parsed.shift
        statement = parsed.statement
        assert isinstance(statement, cst.SimpleStatementLine)
        line = statement.body[0]
        assert isinstance(line, cst.ImportFrom)
        found = _aliases(line)
        if place < len(found):
            at = start + spans(parsed.module, [found[place]])[found[place]][0]
            return Edit(at, at, f"{name}, ")
        at = start + spans(parsed.module, [found[-1]])[found[-1]][1]
        return Edit(at, at, f", {name}")


def _import_from(piece: Piece) -> tuple[cst.ImportFrom, str] | None:
    """A line that is one `from module import names`, and its module."""
    parsed = parse(piece.text, piece.word, piece.opens)
    statement = None if parsed is None else parsed.statement
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    line = statement.body[0]
    if not isinstance(line, cst.ImportFrom) or line.relative or line.module is None:
        return None
    if isinstance(line.names, cst.ImportStar):
        return None
    return line, get_full_name_for_node(line.module) or ""


def _aliases(line: cst.ImportFrom) -> Sequence[cst.ImportAlias]:
    assert not isinstance(line.names, cst.ImportStar)
    return line.names


def _place(names: Sequence[str], name: str) -> int:
    """Where a name goes among others: as isort sorts, by case, or behind them all."""
    for key in (_by_kind, str.lower, str):
        keys = [key(each) for each in names]
        if keys == sorted(keys):
            return bisect(keys, key(name))
    return len(names)


def _by_kind(name: str) -> tuple[int, str, str]:
    """isort's order: constants, classes, the rest."""
    name = name.partition(" ")[0]
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name.lower(), name


def _on_one_line(head: str, names: Sequence[str], newline: str) -> str:
    return f"{head}{', '.join(names)}{newline}"


def _one_a_line(head: str, names: Sequence[str], newline: str) -> str:
    lines = "".join(f"    {each},{newline}" for each in names)
    return f"{head}({newline}{lines}){newline}"


def _newline(piece: Piece) -> str:
    return piece.text[len(piece.text.rstrip("\r\n")) :] or "\n"
