"""Expressions: what each is worth, and the calls that happen on the way."""

from __future__ import annotations

import ast
import operator
from collections.abc import Iterable
from typing import Any

from tests.oracle import calls
from tests.oracle.values import (
    UNKNOWN,
    Function,
    Method,
    Scope,
    Unknown,
    imported,
    known,
    member,
    truth,
)

_COMPARE: dict[type[ast.cmpop], Any] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, container: item in container,
    ast.NotIn: lambda item, container: item not in container,
    ast.Is: lambda one, other: one is other,
    ast.IsNot: lambda one, other: one is not other,
}
_BINARY: dict[type[ast.operator], Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
}
_PLAIN = (str, int, float, bytes, bool, type(None), list, tuple, dict, set)


class Evaluator:
    """Evaluates in `scope`; a subclass says what operations and functions of the file do."""

    scope: Scope
    star: str  # the module of which all names are imported

    def call_function(self, function: Function, arguments: calls.Arguments) -> Any:
        """Run a function of the file."""
        raise NotImplementedError

    def record(self, node: ast.Call, method: Method, arguments: calls.Arguments) -> bool:
        """Note an operation; False where the call is none."""
        raise NotImplementedError

    def value(self, node: ast.expr | None) -> Any:
        """The value of an expression, Unknown where its kind is not understood."""
        if node is None:
            return None
        evaluate = getattr(self, "_" + type(node).__name__.lower(), None)
        if evaluate:
            return evaluate(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
        return UNKNOWN

    def assign(self, target: ast.expr, value: Any) -> None:
        """Bind a target; what cannot be unpacked binds Unknown."""
        if isinstance(target, ast.Name):
            self.scope.names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            parts = target.elts
            plain = not any(isinstance(each, ast.Starred) for each in parts)
            fits = isinstance(value, list | tuple | str) and len(value) == len(parts) and plain
            for index, part in enumerate(parts):
                self.assign(part, value[index] if fits else UNKNOWN)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, UNKNOWN)
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            self.scope.names[target.value.id] = UNKNOWN

    def _constant(self, node: ast.Constant) -> Any:
        return node.value

    def _name(self, node: ast.Name) -> Any:
        value = self.scope.get(node.id)
        if isinstance(value, Unknown):
            value = calls.builtin(node.id)
        return imported(self.star, node.id) if isinstance(value, Unknown) else value

    def _attribute(self, node: ast.Attribute) -> Any:
        return member(self.value(node.value), node.attr)

    def _namedexpr(self, node: ast.NamedExpr) -> Any:
        value = self.value(node.value)
        self.assign(node.target, value)
        return value

    def _lambda(self, node: ast.Lambda) -> Any:
        return Function(node, self.scope)

    def _await(self, node: ast.Await) -> Any:
        return self.value(node.value)

    def _tuple(self, node: ast.Tuple) -> Any:
        items = self._items(node.elts)
        return items if isinstance(items, Unknown) else tuple(items)

    def _list(self, node: ast.List) -> Any:
        return self._items(node.elts)

    def _set(self, node: ast.Set) -> Any:
        items = self._items(node.elts)
        # A list keeps the order of the text, which a set of strings would shuffle.
        return items if known(items) else UNKNOWN

    def _items(self, nodes: Iterable[ast.expr]) -> Any:
        items: list[Any] = []
        lost = False
        for node in nodes:
            inner = node.value if isinstance(node, ast.Starred) else node
            value = self.value(inner)
            if not isinstance(node, ast.Starred):
                items.append(value)
            elif isinstance(value, list | tuple | dict):
                items.extend(value)
            else:
                lost = True
        return UNKNOWN if lost else items

    def _dict(self, node: ast.Dict) -> Any:
        result: dict[Any, Any] = {}
        lost = False
        for key_node, value_node in zip(node.keys, node.values, strict=True):
            key, value = self.value(key_node), self.value(value_node)
            if key_node is None and isinstance(value, dict):
                result.update(value)
            elif key_node is None or not isinstance(key, str | int):
                lost = True
            else:
                result[key] = value
        return UNKNOWN if lost else result

    def _joinedstr(self, node: ast.JoinedStr) -> Any:
        parts = [self.value(each) for each in node.values]
        return "".join(parts) if all(isinstance(each, str) for each in parts) else UNKNOWN

    def _formattedvalue(self, node: ast.FormattedValue) -> Any:
        value, spec = self.value(node.value), self.value(node.format_spec) or ""
        if not isinstance(value, str | int) or not isinstance(spec, str):
            return UNKNOWN
        if node.conversion not in (-1, ord("s")):
            value = repr(value)
        return format(str(value) if node.conversion == ord("s") else value, spec)

    def _binop(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        return _guarded(_BINARY.get(type(node.op)), left, right)

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            held = truth(value)
            return UNKNOWN if held is None else not held
        return _guarded(operator.neg, value) if isinstance(node.op, ast.USub) else UNKNOWN

    def _boolop(self, node: ast.BoolOp) -> Any:
        decides = isinstance(node.op, ast.Or)
        value: Any = UNKNOWN
        lost = False
        for each in node.values:
            value = self.value(each)
            if truth(value) is decides:
                # An unknown part before it may have decided otherwise, but to the same truth.
                return decides if lost else value
            lost = lost or truth(value) is None
        return UNKNOWN if lost else value

    def _compare(self, node: ast.Compare) -> Any:
        values = [self.value(each) for each in (node.left, *node.comparators)]
        results = []
        for index, kind in enumerate(node.ops):
            compared = _guarded(_COMPARE[type(kind)], values[index], values[index + 1])
            results.append(truth(compared))
        if False in results:
            return False
        return UNKNOWN if None in results else True

    def _ifexp(self, node: ast.IfExp) -> Any:
        held = truth(self.value(node.test))
        if held is not None:
            return self.value(node.body if held else node.orelse)
        one, other = self.value(node.body), self.value(node.orelse)
        return one if known(one) and known(other) and one == other else UNKNOWN

    def _subscript(self, node: ast.Subscript) -> Any:
        owner = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            parts = [self.value(each) for each in (node.slice.lower, node.slice.upper)]
            key: Any = slice(*parts) if known(parts) else UNKNOWN
        else:
            key = self.value(node.slice)
        if not isinstance(owner, list | tuple | dict | str) or isinstance(key, Unknown):
            return UNKNOWN
        try:
            return owner[key]
        except (LookupError, TypeError):
            return UNKNOWN

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp) -> Any:
        outer, self.scope = self.scope, Scope(parent=self.scope)
        try:
            return self._comprehend(node.elt, node.generators)
        finally:
            self.scope = outer

    _generatorexp = _listcomp
    _setcomp = _listcomp

    def _comprehend(self, element: ast.expr, loops: list[ast.comprehension]) -> Any:
        if not loops:
            return [self.value(element)]
        items = self.value(loops[0].iter)
        lost = not isinstance(items, list | tuple | dict)
        result: list[Any] = []
        for item in [UNKNOWN] if lost else items:
            self.assign(loops[0].target, item)
            tests = [truth(self.value(each)) for each in loops[0].ifs]
            if False in tests:
                continue
            inner = self._comprehend(element, loops[1:])
            lost = lost or None in tests or isinstance(inner, Unknown)
            result.extend([] if isinstance(inner, Unknown) else inner)
        return UNKNOWN if lost else result

    def _call(self, node: ast.Call) -> Any:
        target = self.value(node.func)
        arguments = self._arguments(node)
        if isinstance(target, Function):
            return self.call_function(target, arguments)
        if isinstance(target, Method) and self.record(node, target, arguments):
            return UNKNOWN
        if isinstance(target, Method) and isinstance(target.owner, list | dict | set):
            return self._method(node, target, arguments)
        return calls.call(target, arguments)

    def _method(self, node: ast.Call, method: Method, arguments: calls.Arguments) -> Any:
        if method.name in calls.PURE_NAMES:
            return calls.call(method, arguments)
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            grown: Any = UNKNOWN
            if method.name == "append" and len(arguments.positional) == 1:
                grown = [*method.owner, *arguments.positional]
            self.scope.names[node.func.value.id] = grown
        return UNKNOWN

    def _arguments(self, node: ast.Call) -> calls.Arguments:
        positional = self._items(node.args)
        keywords: dict[str, Any] = {}
        is_open = isinstance(positional, Unknown)
        for keyword in node.keywords:
            value = self.value(keyword.value)
            names = [keyword.arg] if keyword.arg else value if isinstance(value, dict) else ()
            if twice := keywords.keys() & set(names):
                raise TypeError(f"line {node.lineno}: {', '.join(map(str, twice))} is given twice")
            if keyword.arg:
                keywords[keyword.arg] = value
            elif isinstance(value, dict):
                keywords.update(value)
            else:
                is_open = True
        return calls.Arguments(
            () if is_open and isinstance(positional, Unknown) else tuple(positional),
            keywords,
            is_open,
        )


def _guarded(function: Any, *values: Any) -> Any:
    if function is None:
        return UNKNOWN
    identity = function in (_COMPARE[ast.Is], _COMPARE[ast.IsNot])
    if not identity and not all(isinstance(each, _PLAIN) for each in values):
        return UNKNOWN
    if not known(values):
        return UNKNOWN
    try:
        return function(*values)
    except Exception:
        return UNKNOWN
