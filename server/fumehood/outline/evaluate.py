"""Expressions -> what they stand for, and the queries that are run on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..facts import UNKNOWN
from ..join import values as v
from ..join.values import Made, Member, Reference
from ..read import nodes as n
from . import chains
from .symbols import (
    CLS,
    SELF,
    Choice,
    Maybe,
    Operated,
    Queried,
    Spot,
    Value,
    is_symbolic,
    last_part,
    merged,
    starred,
)

# Positional and keyword arguments; `*args` and `**kwargs` that are not known stand for UNKNOWN.
Given = tuple[tuple[Value, ...], dict[str, Value]]


@dataclass(slots=True)
class Frame:
    """The names in sight. `names` is replaced, never changed, when a name is bound.

    `owner` is the class around it, by its dotted name; `run` are the queries met. Aliases are told
    apart by their number within the frame, behind the name that they are given in a module.
    """

    names: dict[str, Value]
    module: dict[str, Value]
    owner: str = ""
    run: list[Queried] = field(default_factory=list)
    piece: int = 0
    made: int = 0  # aliases so far
    given: str = ""

    def bind(self, name: str, value: Value) -> None:
        """Give a name a value."""
        self.names = {**self.names, name: value}

    def inner(self, names: dict[str, Value]) -> Frame:
        """A frame in which some names stand for something else."""
        return Frame({**self.names, **names}, self.module, self.owner, self.run, self.piece)


def evaluate(node: n.Expression | None, frame: Frame) -> Value:
    """What an expression stands for; UNKNOWN where the text does not tell."""
    method = _METHODS.get(type(node))
    return UNKNOWN if method is None else method(node, frame)


def _name(node: n.Name, frame: Frame) -> Value:
    if node.id in frame.names:
        return frame.names[node.id]
    if node.id in frame.module:
        return frame.module[node.id]
    return Reference(f":{node.id}")  # it may come from `import *`


def _attribute(node: n.Attribute, frame: Frame) -> Value:
    return attribute(evaluate(node.value, frame), node.attr, frame)


def attribute(base: Value, name: str, frame: Frame) -> Value:
    """`base.name`."""
    if isinstance(base, Reference):
        return base if name == "__class__" else Reference(f"{base.dotted}.{name}")
    if base == SELF and name == "__class__":
        return Reference(f":{frame.owner}")
    if isinstance(base, Made | Member | Queried | Choice):
        return Member(base, name)
    return UNKNOWN


def _call(node: n.Call, frame: Frame) -> Value:
    spot = Spot(frame.piece, node.path)
    if isinstance(node.func, n.Attribute):
        base = evaluate(node.func.value, frame)
        given = _given(node, frame)
        if isinstance(base, Reference):
            return _call_reference(base.dotted, node.func.attr, given, frame, spot)
        return _call_method(base, node.func.attr, given, frame, spot)
    function = evaluate(node.func, frame)
    given = _given(node, frame)
    if isinstance(function, Reference):
        base_name, _, name = function.dotted.rpartition(".")
        if not base_name and function.dotted.startswith(":"):
            base_name, name = ":", last_part(function.dotted)
        return _call_reference(base_name, name, given, frame, spot)
    frame.run += chains.passed_to("", given)
    return UNKNOWN


def _given(node: n.Call, frame: Frame) -> Given:
    positional: list[Value] = []
    keywords: dict[str, Value] = {}
    by_name = isinstance(node.func, n.Attribute) and node.func.attr == "filter_by"
    for argument in node.arguments:
        value = evaluate(argument.value, frame)
        value = chains.compared(argument.value, value) if by_name else value
        if argument.keyword is not None:
            keywords[argument.keyword] = value
        elif argument.star == "*":
            positional += value if isinstance(value, tuple) else (UNKNOWN,)
        elif argument.star == "**" and isinstance(value, dict):
            keywords.update(value)
        elif argument.star == "**":
            keywords["**"] = UNKNOWN
        else:
            positional.append(value)
    return tuple(positional), keywords


def _call_reference(base: str, name: str, given: Given, frame: Frame, spot: Spot) -> Value:
    """A call of `base.name`, where base is imported, a name of the file, or an attribute of it."""
    dotted = f":{name}" if base == ":" else f"{base}.{name}" if base else name
    positional, keywords = given
    if name in ("type", "list", "tuple", "set", "dict", "super") and base == ":":
        return _call_builtin(name, positional, frame)
    started = chains.started(base, name, given, spot)
    if started is not None:
        frame.run += chains.nested_in(given)
        return started
    entity, _, rest = base.rpartition(".query")
    if entity and not rest:
        query = Queried("select", (Reference(entity),), spot=spot)
        return chains.extended(query, name, given, frame.run, spot)
    frame.run += chains.passed_to(dotted, given)
    complete = "**" not in keywords
    arguments = tuple((key, value) for key, value in keywords.items() if key != "**")
    if name == "aliased":
        frame.made += 1
        arguments = (*arguments, ("#", f"{frame.given}{frame.made}"))
    return Made(dotted, positional, arguments, complete, None)


def _call_builtin(name: str, positional: tuple[Value, ...], frame: Frame) -> Value:
    value = positional[0] if positional else ()
    if name == "type":
        if value == CLS:
            return CLS
        return Reference(f":{frame.owner}") if value == SELF else UNKNOWN
    if name == "dict":
        return value if isinstance(value, dict) else UNKNOWN
    return value if isinstance(value, tuple) and name != "super" else UNKNOWN


def _call_method(base: Value, name: str, given: Given, frame: Frame, spot: Spot) -> Value:
    positional, keywords = given
    if isinstance(base, Queried | Choice):
        frame.run += chains.nested_in(given)
        return chains.extended(base, name, given, frame.run, spot)
    if v.is_plain(base) and base is not None:
        sure = v.known(positional) and not keywords
        return v.call_method(base, name, positional) if sure else UNKNOWN
    if isinstance(base, Made | Member | Operated):
        frame.run += chains.nested_in(given)
        items = tuple(keywords.items())
        return Made(f"?.{name}", positional, items, "**" not in keywords, None, base)
    started = chains.started("", name, given, spot)
    if started is not None:
        frame.run += chains.nested_in(given)
        return started
    frame.run += chains.passed_to(name, given)
    return UNKNOWN


def _sequence(node: n.Sequence, frame: Frame) -> Value:
    found: list[Value] = []
    for item in node.items:
        if isinstance(item, n.Starred):
            found += starred(evaluate(item.value, frame))
        else:
            found.append(evaluate(item, frame))
    return tuple(found)


def _mapping(node: n.Mapping, frame: Frame) -> Value:
    found: dict[Value, Value] = {}
    for key, item in node.items:
        value = evaluate(item, frame)
        name = evaluate(key, frame) if key is not None else None
        if key is None and isinstance(value, dict):
            found.update(value)
        elif key is not None and isinstance(name, str):
            found[name] = value
        else:
            return UNKNOWN
    return found


def _joined(node: n.Joined, frame: Frame) -> Value:
    parts = tuple(evaluate(part, frame) for part in node.parts)
    if all(isinstance(part, str | int) for part in parts):
        return "".join(str(part) for part in parts)
    return Operated("f", parts)


def _binary(node: n.Binary, frame: Frame) -> Value:
    left, right = evaluate(node.left, frame), evaluate(node.right, frame)
    if node.operator in ("and", "or"):
        return UNKNOWN
    if v.is_plain(left) and v.is_plain(right):
        found = v.binary(node.operator, left, right)
        if found is not UNKNOWN:
            return found
    return operated(node.operator, left, right)


def operated(operator: str, *operands: Value) -> Value:
    """An operator on values, at least one of which means something in SQL."""
    symbolic = any(is_symbolic(each) or isinstance(each, Maybe) for each in operands)
    return Operated(operator, operands) if symbolic else UNKNOWN


def _compare(node: n.Compare, frame: Frame) -> Value:
    values = [evaluate(node.left, frame), *(evaluate(item, frame) for _, item in node.comparisons)]
    if len(values) != 2 or node.comparisons[0][0] in ("in", "not in", "is", "is not"):
        return UNKNOWN  # Python's own answer: True or False
    frame.run += chains.queries_in(values)
    operator, right = node.comparisons[0]
    values[1] = chains.compared(right, values[1]) if operator == "==" else values[1]
    return operated(operator, *values)


def _not(node: n.Not, frame: Frame) -> Value:
    evaluate(node.value, frame)
    return UNKNOWN


def _unary(node: n.Unary, frame: Frame) -> Value:
    value = evaluate(node.value, frame)
    if node.operator == "-" and isinstance(value, int | float):
        return -value
    return operated(f"{node.operator}x", value)


def _conditional(node: n.Conditional, frame: Frame) -> Value:
    evaluate(node.test, frame)
    return merged(evaluate(node.body, frame), evaluate(node.orelse, frame))


def _subscript(node: n.Subscript, frame: Frame) -> Value:
    base, index = evaluate(node.value, frame), evaluate(node.index, frame)
    if isinstance(base, dict) and isinstance(index, str):
        return base.get(index, UNKNOWN)
    if isinstance(base, tuple):
        inside = isinstance(index, int) and -len(base) <= index < len(base)
        return base[index] if inside else UNKNOWN
    if isinstance(base, Queried | Choice):
        frame.run += chains.sliced(base, index)
        return UNKNOWN
    return operated("[]", base, index)


def _named(node: n.Named, frame: Frame) -> Value:
    value = evaluate(node.value, frame)
    frame.bind(node.name, value)
    return value


def _opaque(node: n.Opaque, frame: Frame) -> Value:
    inner = frame.inner(dict.fromkeys((*node.binds, *node.hides), UNKNOWN))
    values = [evaluate(part, inner) for part in node.parts]
    if node.binds:
        frame.names = frame.names | dict.fromkeys(node.binds, UNKNOWN)
    if node.hides:  # `[… for row in query]`
        frame.run += chains.queries_in(values)
    return UNKNOWN


_METHODS: dict[type, Callable[[Any, Frame], Value]] = {
    n.Constant: lambda node, _: node.value,
    n.Name: _name,
    n.Attribute: _attribute,
    n.Call: _call,
    n.Sequence: _sequence,
    n.Mapping: _mapping,
    n.Joined: _joined,
    n.Binary: _binary,
    n.Compare: _compare,
    n.Not: _not,
    n.Unary: _unary,
    n.Conditional: _conditional,
    n.Subscript: _subscript,
    n.Named: _named,
    n.Opaque: _opaque,
}
