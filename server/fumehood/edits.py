"""Edits: what a fix may do to a file, in terms of its operations. Made from the current text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from .config import Settings
from .cut import Piece
from .document import Document
from .facts import Operation, Site
from .follow_up import FollowUps
from .join.migration import Migration
from .lines_around import UNIT, block_before, block_behind, indent_of, stands_alone, unit_at
from .project import Project
from .statement import EXPRESSION, RefusedError, Statement, argument, node_of
from .text import Edit

_NEWLINE = re.compile(r"\r\n|\r|\n")
__all__ = ["Edits", "RefusedError", "Statement"]


class Edits:
    """Collects the edits of one fix."""

    def __init__(
        self,
        document: Document,
        settings: Settings,
        project: Project,
        migration: Migration,
        follow_ups: FollowUps,
    ) -> None:
        self.document = document
        self.follow_ups = follow_ups
        self.pieces = document.pieces
        self.settings = settings
        self.project = project
        self._migration = migration
        self._others: dict[str, Migration] = {}  # as it would be on other dialects
        self._op_name = migration.name_of("alembic.op")
        self._edits: list[Edit] = []
        self.behind_block: Statement | None = None  # what a block that commits would end
        self.decided = True  # False where a human has to say whether it suits other databases

    def finish(self) -> tuple[Edit, ...]:
        """The edits, ascending, none of them overlapping."""
        content = self.document.text.content
        changing = (each for each in self._edits if content[each.start : each.end] != each.text)
        return tuple(sorted(changing))

    def statement(self, operation: Operation) -> Statement:
        """The line that an operation is, to be rewritten; refused where it is more."""
        piece = operation.site.piece
        if operation.site.path != EXPRESSION or not piece.reading.alone:
            raise RefusedError("the operation is only a part of its line")
        if "\f" in piece.text:
            raise RefusedError("a form feed sets the line's column")
        return Statement(piece.text, self.settings.line_length)

    def operations(self) -> Iterator[Operation]:
        """All operations of the file, of all its functions."""
        return iter(self._migration)

    def runs_on(self, operation: Operation, dialect: str) -> bool:
        """Whether the operation's line would do such a thing on another dialect too."""
        other = self._others.get(dialect)
        if other is None:
            other = self._others[dialect] = Migration(self.pieces, dialect)
            other.join()
        function = operation.context.function
        return any(run.context.function == function for run in other.at(operation.site))

    def refuse_inner_block(self, operation: Operation) -> None:
        """Refuse where a batch may end without the operation that stands in it."""
        assert operation.batch is not None
        own, context = operation.site.piece, operation.context
        block = self.pieces.block(self.pieces.index(operation.batch.site.piece))
        if self.pieces.index(own) in block:
            columns = (self.pieces[index].column for index in block if not self.pieces[index].blank)
            inner = own.column != next(columns)
        else:
            inner = context.conditional or context.loop or context.tried
        if inner:
            raise RefusedError("the operation stands in a block within the batch")

    def refuse_other_runs(self, operation: Operation) -> None:
        """Refuse where the line runs again with other values: what a fix writes suits one only."""
        for run in self._migration.at(operation.site):
            if replace(run, order=operation.order, context=operation.context) != operation:
                raise RefusedError("the line runs several times, with other values")

    def new_statement(self, source: str, like: Operation) -> Statement:
        """A line of fumehood's own, with the line end of an operation's."""
        text = source + self._newline(like.site.piece)
        return Statement(text, self.settings.line_length, own=True)

    def context_of(self, operation: Operation) -> str:
        """The source of `op`, through which the migration's context is reached."""
        receiver = operation.batch.receiver if operation.batch else operation.receiver
        if operation.in_sql:
            receiver = ""  # it may have been sent through a connection
        if receiver == "?":
            raise RefusedError("what the operation is called on has no name")
        if receiver:
            return receiver
        if self._op_name is None:
            self._import_op()
        return self._op_name or "op"

    def remove(self, operation: Operation) -> None:
        """Take the operation's line away; `pass` stands there where its block would be empty."""
        piece = operation.site.piece
        alone = stands_alone(self.pieces, self.pieces.index(piece))
        self._replace(piece, f"{indent_of(piece)}pass{self._newline(piece)}" if alone else "")

    def replace(self, operation: Operation, statement: Statement) -> None:
        """Put a rewritten line in the place of the operation's."""
        piece = operation.site.piece
        self._replace(piece, statement.indented(statement.indent, UNIT))

    def rewrite(self, piece: Piece, text: str) -> None:
        """Put other text in the place of a line."""
        self._replace(piece, text)

    def replace_by(self, operation: Operation, statements: Iterable[Statement]) -> None:
        """Put several lines in the place of the operation's."""
        piece = operation.site.piece
        lines = (item.indented(indent_of(piece), UNIT) for item in statements)
        self._replace(piece, "".join(lines))

    def wrap(
        self,
        operation: Operation,
        statements: Iterable[Statement],
        header: str,
        then: Iterable[Statement] = (),
        replacing: Operation | None = None,
    ) -> None:
        """Put lines under `header`, in the place of the operation's; `then`, others behind.

        They replace another's line too, which stands above.
        """
        index = self.pieces.index(operation.site.piece)
        first = self.pieces.index((replacing or operation).site.piece)
        if replacing is not None and first + 1 < index:  # what stands between stays
            self.remove(replacing)
            first = index
        self._put(first, index + 1, statements, header, append=False, then=then)

    def add_before(self, operation: Operation, statement: Statement, header: str) -> None:
        """Put a line under `header`, before the operation's."""
        at = self.pieces.index(operation.site.piece)
        self._put(at, at, [statement], header, append=False)

    def add_behind(
        self,
        operation: Operation,
        statements: Iterable[Statement],
        header: str | None,
        then: Iterable[Statement] = (),
    ) -> None:
        """Put lines behind the operation, or behind the batch that it is in.

        They stand under `header`, or in the block that the operation stands in. `then` come behind.
        """
        like = self.pieces.index(operation.site.piece)
        end = like + 1
        if operation.batch:
            like = self.pieces.index(operation.batch.site.piece)
            end = self.pieces.block(like).stop
        if header is not None:
            self._put(end, end, statements, header, append=False, like=like, then=then)
            return
        indent, start = indent_of(self.pieces[like]), self._offset(end)
        lines = "".join(
            item.indented(indent, unit_at(self.pieces, like)) for item in (*statements, *then)
        )
        self._edit(start, start, self._line_before(start) + lines)

    def move_out(
        self,
        operation: Operation,
        statement: Statement,
        header: str,
        before: bool = False,
        then: Iterable[Statement] = (),
        append: bool = True,
    ) -> None:
        """Take a line out of its batch and put it under `header` before or behind the batch.

        `then` come behind. It joins a block of the same kind there: at its end, or (`append`) not.
        """
        assert operation.batch is not None
        batch = self.pieces.index(operation.batch.site.piece)
        block = self.pieces.block(batch)
        if not block or not all(self.pieces[index].reading.plain for index in block):
            raise RefusedError("the batch holds more than operations")
        own = self.pieces.index(operation.site.piece)
        others = [index for index in block if index != own]
        if not others:
            self._refuse_used_behind(block.stop, operation.receiver)
            self._put(batch, block.stop, [statement], header, append=False, then=then)
            return
        if all(self.pieces[index].blank for index in others):
            raise RefusedError("only comments would be left in the batch")
        first = next(index for index in block if not self.pieces[index].blank)
        if self.pieces[own].column != self.pieces[first].column:
            raise RefusedError("the operation stands in a block within the batch")
        self._replace(self.pieces[own], "")
        place = batch if before else block.stop
        self._put(place, place, [statement], header, append=append, like=batch, then=then)

    def _refuse_used_behind(self, first: int, name: str) -> None:
        """Refuse where what a batch was bound to is used behind it, as the batch goes away.

        The next `as name` binds it anew, and with the function it is gone.
        """
        used, bound = re.compile(rf"\b{re.escape(name)}\b"), re.compile(rf"\bas\s+{name}\b")
        for piece in (self.pieces[index] for index in range(first, len(self.pieces))):
            if bound.search(piece.text) or (piece.opens and piece.column == 0):
                return
            if used.search(piece.text) and not piece.blank:
                raise RefusedError("the batch is used behind its block")

    def source(self, site: Site, position: int, name: str) -> str | None:
        """The source of an argument of the call at `site`, given by position or by name."""
        piece = site.piece
        return argument(node_of(piece, site.path), position, name)

    def _put(
        self,
        first: int,
        last: int,
        statements: Iterable[Statement],
        header: str,
        append: bool,
        like: int | None = None,
        then: Iterable[Statement] = (),
    ) -> None:
        """Put lines under `header` in the place of the pieces [first, last), and `then` behind.

        They join a block of the same kind that stands directly before or, but for `then`, behind.
        """
        like = first if like is None else like
        indent, unit = indent_of(self.pieces[like]), unit_at(self.pieces, like)
        lines = [self.behind_block, *then] if self.behind_block else then
        tail = "".join(item.indented(indent, unit) for item in lines)
        before = block_before(self.pieces, first, like)
        behind = None if tail else block_behind(self.pieces, last, like)
        joined = before if before is not None else behind
        inner = indent + unit if joined is None else indent_of(self.pieces[joined + 1])
        body = "".join(item.indented(inner, unit) for item in statements)
        start, end = self._offset(first), self._offset(last)
        if before is not None:
            self._edit(start, end, body + tail)
            if behind is not None and indent_of(self.pieces[behind + 1]) == inner:
                self._replace(self.pieces[behind], "")
        elif behind is not None and append:
            self._edit(start, end, "")
            stop = self._offset(self.pieces.block(behind).stop)
            self._edit(stop, stop, body)
        elif behind is not None:
            self._edit(start, end, self.pieces[behind].text + body)
            self._replace(self.pieces[behind], "")
        else:
            head = indent + header + self._newline(self.pieces[like])
            self._edit(start, end, self._line_before(start) + head + body + tail)

    def _line_before(self, start: int) -> str:
        """A line end, where the text before an insertion has none."""
        content = self.document.text.content
        ends = start == 0 or content[start - 1] in "\r\n"
        return "" if ends else self._newline(self.pieces[len(self.pieces) - 1])

    def _import_op(self) -> None:
        """Bind `op`, before the import from `alembic.op` that the file has."""
        for piece in self.pieces:
            if piece.word == "from" and "alembic.op" in piece.text and piece.column == 0:
                start = self.document.span(piece).start
                self._edit(start, start, "from alembic import op" + self._newline(piece))
                self._op_name = "op"
                return
        raise RefusedError("nothing here is bound to alembic.op")

    def _offset(self, index: int) -> int:
        return self.pieces.start(index) if index < len(self.pieces) else len(self.document.text)

    def _newline(self, piece: Piece) -> str:
        match = _NEWLINE.search(piece.text) or _NEWLINE.search(self.document.text.content)
        return match.group() if match else "\n"

    def _replace(self, piece: Piece, text: str) -> None:
        self._edit(*self.document.span(piece), text)

    def _edit(self, start: int, end: int, text: str) -> None:
        if start != end or text:
            self._edits.append(Edit(start, end, text))
