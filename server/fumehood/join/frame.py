"""Where evaluation stands: the names in sight, and the line at hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ..cut import Piece
from ..facts import Context, Operation
from .values import Function, Value


@dataclass(slots=True)
class Frame:
    """Where evaluation stands: the names in sight, and what operations met here run under.

    `names` is replaced, never changed, when a name is bound, so that a frame's copy keeps its own.
    """

    names: dict[str, Value]
    outer: dict[str, Value]
    context: Context
    prefix: tuple[int, ...] = ()
    calls: tuple[Function, ...] = ()
    maybe_returned: bool = False
    # What the last `try` binds, which is not known in its `except`; None where that never runs.
    tried: tuple[str, ...] | None = ()

    def copy(self, **changes: Any) -> Frame:
        """A frame of the same place that goes its own way."""
        return replace(self, **changes)

    def bind(self, name: str, value: Value) -> None:
        """Give a name a value."""
        self.names = {**self.names, name: value}


@dataclass(slots=True)
class Here:
    """The piece under evaluation, and the operations that were met in it."""

    piece: Piece
    found: list[Operation] = field(default_factory=list)
    met: int = 0  # operations and calls of functions so far, for their order
    called: bool = False  # a function of the file was called

    def next(self, frame: Frame) -> tuple[int, ...]:
        """The order of the next operation."""
        self.met += 1
        return (*frame.prefix, self.piece.label, self.met)
