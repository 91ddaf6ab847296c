"""The operations of one migration file, in the order in which its functions run them.

The whole file is joined when names, blocks or helpers change. A line that binds no name, leaves no
block and calls no helper changes nothing but its own operations: then only that line is evaluated
again, in the frames in which it ran before.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..cut import Change, Piece, Pieces
from ..facts import Operation, Site
from ..read import reading as r
from .flow import ENTRY_POINTS, Flow
from .frame import Frame
from .values import Function, Reference


class Migration:
    """The join of one file."""

    def __init__(self, pieces: Pieces, dialect: str, autocommit: bool = False) -> None:
        """`autocommit`: the migration's connection is in autocommit from the start."""
        self.pieces = pieces
        self.dialect = dialect
        self._autocommit = autocommit
        self._flow = Flow(pieces, dialect, autocommit)

    def __iter__(self) -> Iterator[Operation]:
        for found in self._flow.operations.values():
            yield from found

    def at(self, site: Site) -> list[Operation]:
        """The operations that one call stands for: one for each turn of a loop, each caller."""
        return [item for item in self._flow.operations.get(site.piece, ()) if item.site == site]

    def name_of(self, dotted: str) -> str | None:
        """A name of the file that is bound to something imported."""
        for name, value in self._flow.module.names.items():
            if value == Reference(dotted) and name != "*":
                return name
        return None

    def join(self) -> tuple[list[Operation], list[Operation]]:
        """Join the whole file: the operations that went and came."""
        before = {(item.site, item.order): item for item in self}
        self._join()
        for found in self._flow.operations.values():
            # What is as it was stays the same object, so that nothing runs again because of it.
            found[:] = [_kept(item, before) for item in found]
        now = {id(item) for item in self}
        was = {id(item) for item in before.values()}
        gone = [item for item in before.values() if id(item) not in now]
        return gone, [item for item in self if id(item) not in was]

    def _join(self) -> None:
        flow = self._flow = Flow(self.pieces, self.dialect, self._autocommit)
        flow.run_module()
        functions = {
            name: value for name, value in flow.module.names.items() if isinstance(value, Function)
        }
        for name in ENTRY_POINTS:
            if name in functions:
                flow.enter(name, functions[name])
        for name, function in functions.items():
            # Templates for several databases have upgrade_<name>, called through globals().
            if name.startswith(("upgrade_", "downgrade_")) and not self._ran(function):
                flow.enter(name, function)

    def update(self, change: Change) -> tuple[list[Operation], list[Operation]] | None:
        """Follow a change of lines: the operations that went and came; None: join the whole."""
        removed = [piece for piece in change.removed if not piece.blank]
        added = [piece for piece in change.added if not piece.blank]
        if not removed and not added:
            return [], []
        if change.relabelled or not all(map(self._is_plain, (*removed, *added))):
            return None
        columns = {piece.column for piece in (*removed, *added)}
        if len(columns) > 1 or self._column_behind(change) > min(columns):
            return None
        frames = self._frames_at(change, removed)
        if frames is None:
            return None
        found = {piece: [self._flow.again(piece, frame) for frame in frames] for piece in added}
        if any(here.called for runs in found.values() for here in runs):
            return None
        gone = [
            operation for piece in removed for operation in self._flow.operations.pop(piece, ())
        ]
        for piece in removed:
            self._flow.frames.pop(piece, None)
        come = []
        for piece, runs in found.items():
            self._flow.frames[piece] = frames
            if operations := [operation for here in runs for operation in here.found]:
                self._flow.operations[piece] = operations
                come += operations
        return gone, come

    def _is_plain(self, piece: Piece) -> bool:
        reading: r.Reading = piece.reading
        return reading.header is None and reading.plain and piece not in self._flow.calling

    def _column_behind(self, change: Change) -> int:
        """The column of the first line of code behind a change."""
        for index in range(change.first + len(change.added), len(self.pieces)):
            if not self.pieces[index].blank:
                return self.pieces[index].column
        return 0

    def _frames_at(self, change: Change, removed: list[Piece]) -> list[Frame] | None:
        """The frames in which lines at the change run; None where that is not plain to see."""
        if removed:
            return self._flow.frames.get(removed[0], [])
        index = change.first - 1
        while index >= 0 and self.pieces[index].blank:
            index -= 1
        added = next(piece for piece in change.added if not piece.blank)
        if index < 0 or self.pieces[index].column != added.column:
            return None
        before = self.pieces[index]
        return self._flow.frames.get(before, []) if self._is_plain(before) else None

    def _ran(self, function: Function) -> bool:
        block = self.pieces.block(self.pieces.index(function.piece))
        return any(self.pieces[index] in self._flow.frames for index in block)


def _kept(item: Operation, before: dict[tuple[Site, tuple[int, ...]], Operation]) -> Operation:
    old = before.get((item.site, item.order))
    return old if old == item else item
