"""Expressions -> values, as far as one file's text tells, and the operations met on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from ..facts import UNKNOWN
from ..read import nodes as n
from . import values as v
from .calls import Calls, Given
from .frame import Frame, Here
from .values import DIALECT, ENGINE, Function, Member, Reference, Value


class Functions(Protocol):
    """Runs functions of the same file."""

    dialect: str

    def call(self, function: Function, call: n.Call, frame: Frame, here: Here) -> Value:
        """What the call returns, its operations having been met."""


class Evaluator:
    """Evaluates expressions in a frame."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._calls = Calls()

    def value(self, node: n.Expression | None, frame: Frame, here: Here) -> Value:
        """What an expression is; UNKNOWN where the text does not tell."""
        method = _METHODS.get(type(node))
        return UNKNOWN if method is None else method(self, node, frame, here)

    def _constant(self, node: n.Constant, frame: Frame, here: Here) -> Value:
        return node.value

    def _name(self, node: n.Name, frame: Frame, here: Here) -> Value:
        if node.id in frame.names:
            return frame.names[node.id]
        if node.id in frame.outer:
            return frame.outer[node.id]
        if node.id in v.BUILTINS:
            return Reference(node.id)
        star = frame.outer.get("*")
        return Reference(f"{star.dotted}.{node.id}") if isinstance(star, Reference) else UNKNOWN

    def _attribute(self, node: n.Attribute, frame: Frame, here: Here) -> Value:
        base = self.value(node.value, frame, here)
        if isinstance(base, Reference):
            return Reference(f"{base.dotted}.{node.attr}")
        if node.attr == "dialect":
            return DIALECT
        if node.attr == "engine":
            return ENGINE
        if node.attr == "name" and base in (DIALECT, ENGINE):
            return self._functions.dialect
        return Member(base, node.attr)

    def _call(self, node: n.Call, frame: Frame, here: Here) -> Value:
        function = self.value(node.func, frame, here)
        if isinstance(function, Function):
            return self._functions.call(function, node, frame, here)
        given = self.arguments(node, frame, here)
        if isinstance(function, Reference):
            asked = v.asked_dialect(function.dotted)
            if asked is not None and len(node.arguments) <= 1:
                return v.is_dialect(asked, self._functions.dialect)
        return self._calls.call(function, node, given, frame, here)

    def assigned(self, attribute: str, frame: Frame, here: Here) -> None:
        """An attribute gets a value that takes a connection out of its transaction."""
        self._calls.assigned(attribute, frame, here)

    def arguments(self, node: n.Call, frame: Frame, here: Here) -> Given:
        """Positional and keyword arguments; False where some of them are hidden."""
        positional: list[Value] = []
        keywords: dict[str, Value] = {}
        complete = True
        for argument in node.arguments:
            value = self.value(argument.value, frame, here)
            if argument.keyword is not None:
                keywords[argument.keyword] = value
            elif argument.star == "":
                positional.append(value)
            elif argument.star == "*" and isinstance(value, tuple):
                positional += value
            elif argument.star == "**" and isinstance(value, dict):
                keywords.update(value)
            else:
                complete = False
                if argument.star == "*":
                    positional += [UNKNOWN] * 8  # what stands behind it has no known position
        return tuple(positional), keywords, complete

    def _sequence(self, node: n.Sequence, frame: Frame, here: Here) -> Value:
        found: list[Value] = []
        for item in node.items:
            if not isinstance(item, n.Starred):
                found.append(self.value(item, frame, here))
                continue
            value = self.value(item.value, frame, here)
            if not isinstance(value, tuple):
                return UNKNOWN
            found += value
        return tuple(found)

    def _mapping(self, node: n.Mapping, frame: Frame, here: Here) -> Value:
        found: dict[Value, Value] = {}
        for key, item in node.items:
            value = self.value(item, frame, here)
            name = self.value(key, frame, here) if key is not None else None
            if key is None and isinstance(value, dict):
                found.update(value)
            elif key is not None and isinstance(name, (str, int, tuple)) and v.known(name):
                found[name] = value
            else:
                return UNKNOWN
        return found

    def _joined(self, node: n.Joined, frame: Frame, here: Here) -> Value:
        return v.joined([self.value(part, frame, here) for part in node.parts])

    def _binary(self, node: n.Binary, frame: Frame, here: Here) -> Value:
        left = self.value(node.left, frame, here)
        right = self.value(node.right, frame, here)
        if node.operator not in ("and", "or"):
            return v.binary(node.operator, left, right)
        decides = node.operator == "or"
        first, second = v.truth(left), v.truth(right)
        if first is not None:
            return left if first is decides else right
        return decides if second is decides else UNKNOWN

    def _compare(self, node: n.Compare, frame: Frame, here: Here) -> Value:
        left = self.value(node.left, frame, here)
        result: Value = True
        for operator, item in node.comparisons:
            right = self.value(item, frame, here)
            found = v.compare(operator, left, right)
            if found is False:
                return False
            result = UNKNOWN if found is UNKNOWN else result
            left = right
        return result

    def _not(self, node: n.Not, frame: Frame, here: Here) -> Value:
        truth = v.truth(self.value(node.value, frame, here))
        return UNKNOWN if truth is None else not truth

    def _unary(self, node: n.Unary, frame: Frame, here: Here) -> Value:
        self.value(node.value, frame, here)
        return UNKNOWN

    def _conditional(self, node: n.Conditional, frame: Frame, here: Here) -> Value:
        truth = v.truth(self.value(node.test, frame, here))
        if truth is not None:
            return self.value(node.body if truth else node.orelse, frame, here)
        maybe = frame.copy(context=replace(frame.context, conditional=True))
        one = self.value(node.body, maybe, here)
        other = self.value(node.orelse, maybe, here)
        return one if v.known(one) and v.known(other) and one == other else UNKNOWN

    def _subscript(self, node: n.Subscript, frame: Frame, here: Here) -> Value:
        base = self.value(node.value, frame, here)
        index = self.value(node.index, frame, here)
        if not v.known(index) or isinstance(index, dict):
            return UNKNOWN
        if isinstance(base, dict):
            return base.get(index, UNKNOWN)
        if isinstance(base, tuple) and isinstance(index, int) and -len(base) <= index < len(base):
            return base[index]
        return UNKNOWN

    def _named(self, node: n.Named, frame: Frame, here: Here) -> Value:
        value = self.value(node.value, frame, here)
        frame.bind(node.name, value)
        return value

    def _opaque(self, node: n.Opaque, frame: Frame, here: Here) -> Value:
        hidden = dict.fromkeys((*node.binds, *node.hides), UNKNOWN)
        maybe = frame.copy(
            names=frame.names | hidden,
            context=replace(frame.context, conditional=True, loop=True),
        )
        for part in node.parts:
            self.value(part, maybe, here)
        for name in node.binds:
            frame.bind(name, UNKNOWN)
        return UNKNOWN


_METHODS: dict[type, Any] = {
    n.Constant: Evaluator._constant,
    n.Name: Evaluator._name,
    n.Attribute: Evaluator._attribute,
    n.Call: Evaluator._call,
    n.Sequence: Evaluator._sequence,
    n.Mapping: Evaluator._mapping,
    n.Joined: Evaluator._joined,
    n.Binary: Evaluator._binary,
    n.Compare: Evaluator._compare,
    n.Not: Evaluator._not,
    n.Unary: Evaluator._unary,
    n.Conditional: Evaluator._conditional,
    n.Subscript: Evaluator._subscript,
    n.Named: Evaluator._named,
    n.Opaque: Evaluator._opaque,
}
