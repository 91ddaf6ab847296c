"""Runs simple statements: names get values, blocks are left, operations are met."""

from __future__ import annotations

from collections.abc import Sequence

from ..facts import UNKNOWN
from ..read import nodes as n
from ..read import reading as r
from .evaluate import Evaluator
from .frame import Frame, Here
from .values import Reference, Value, truth

# Attributes of connections that take them out of their transaction.
_TRANSACTIONAL = frozenset(("autocommit", "isolation_level"))
# How a block ended: None at its end, else how it was left, and with what value.
Outcome = tuple[r.Leave, Value] | None


class Statements:
    """Runs the statements of one line."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def run(self, statements: Sequence[r.Statement], frame: Frame, here: Here) -> Outcome:
        """Run statements up to one that leaves the block."""
        for statement in statements:
            match statement:
                case r.Evaluate(value):
                    self._evaluator.value(value, frame, here)
                case r.Assert(test):
                    if truth(self._evaluator.value(test, frame, here)) is False:
                        return r.Leave.RAISE, None
                case r.Jump(how, value):
                    return how, self._evaluator.value(value, frame, here) if value else None
                case _:
                    self._bind(statement, frame, here)
        return None

    def _bind(self, statement: r.Statement, frame: Frame, here: Here) -> None:
        """Run a statement that gives names values, or takes them away."""
        match statement:
            case r.Assign(targets, value):
                found = self._evaluator.value(value, frame, here)
                for target in targets:
                    self.assign(target, found, frame)
                    if isinstance(target, n.Attribute) and target.attr in _TRANSACTIONAL:
                        self._evaluator.assigned(target.attr, frame, here)
            case r.Forget(names, changed):
                self._evaluator.value(changed, frame, here)
                frame.names = frame.names | dict.fromkeys(names, UNKNOWN)
            case r.Mutate(name, value):
                self._evaluator.value(value, frame, here)
                if isinstance(frame.names.get(name, frame.outer.get(name)), (tuple, dict)):
                    frame.bind(name, UNKNOWN)
            case r.Import(imported):
                frame.names = frame.names | {name: Reference(path) for name, path in imported}

    def assign(self, target: n.Expression, value: Value, frame: Frame) -> None:
        """Give a target its value, part by part where it is a tuple."""
        if isinstance(target, n.Name):
            frame.bind(target.id, value)
        elif isinstance(target, n.Sequence):
            items = value if isinstance(value, tuple) and len(value) == len(target.items) else None
            for number, item in enumerate(target.items):
                self.assign(item, items[number] if items is not None else UNKNOWN, frame)
        elif isinstance(target, n.Opaque):
            frame.names = frame.names | dict.fromkeys(target.binds, UNKNOWN)
