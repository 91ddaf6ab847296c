"""libcst expressions -> unevaluated expressions."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import libcst as cst

from .nodes import (
    Argument,
    Attribute,
    Binary,
    Call,
    Compare,
    Conditional,
    Constant,
    Expression,
    Joined,
    Mapping,
    Name,
    Named,
    Not,
    Opaque,
    Path,
    Sequence,
    Starred,
    Subscript,
    Unary,
)

_OPERATORS = {
    "Add": "+", "Modulo": "%", "Multiply": "*", "And": "and", "Or": "or",
    "Equal": "==", "NotEqual": "!=", "In": "in", "NotIn": "not in", "Is": "is", "IsNot": "is not",
    "LessThan": "<", "GreaterThan": ">", "LessThanEqual": "<=", "GreaterThanEqual": ">=",
    "BitOr": "|", "BitAnd": "&", "Subtract": "-", "Divide": "/",
}  # fmt: skip
_UNARY = {"Minus": "-", "BitInvert": "~"}
_NAMED = {"None": None, "True": True, "False": False}


def read_expression(node: cst.CSTNode, path: Path) -> Expression:
    """The expression at `node`, which is at `path` in its piece."""
    reader = _READERS.get(type(node).__name__)
    return reader(node, path) if reader else read_opaque(node, path)


def read_opaque(node: cst.CSTNode, path: Path) -> Opaque:
    """Any node: the expressions in it, in order, and the names that it binds."""
    parts: list[Expression] = []
    binds: list[str] = []
    hides = bound_names(node.target) if isinstance(node, cst.CompFor) else []
    for field, value in _fields(node):
        children = value if isinstance(value, (list, tuple)) else (value,)
        for number, child in enumerate(children):
            if not isinstance(child, cst.CSTNode):
                continue
            where = (*path, field, number) if value is not child else (*path, field)
            found = read_expression(child, where)
            if isinstance(found, Opaque):
                parts += found.parts
                binds += found.binds
                hides += found.hides
            elif not isinstance(found, (Constant, Name)):
                parts.append(found)
    return Opaque(tuple(parts), tuple(binds), tuple(hides))


def target(node: cst.CSTNode, path: Path) -> Expression:
    """The target of an assignment: a name, an attribute, a tuple of targets, or opaque."""
    if isinstance(node, cst.Name):
        return Name(node.value)
    if isinstance(node, cst.Attribute):
        return Attribute(Opaque(), node.attr.value)
    if isinstance(node, (cst.Tuple, cst.List)):
        items = node.elements
        if all(isinstance(item, cst.Element) for item in items):
            return Sequence("tuple", tuple(target(item.value, path) for item in items))
    return Opaque(binds=tuple(bound_names(node)))


def bound_names(node: cst.CSTNode) -> list[str]:
    """The names that an assignment to `node` binds, or whose values it changes."""
    if isinstance(node, cst.Name):
        return [node.value]
    if isinstance(node, cst.Subscript):
        return bound_names(node.value)
    if isinstance(node, (cst.Tuple, cst.List)):
        return [name for item in node.elements for name in bound_names(item.value)]
    return []


def read_arguments(nodes: Iterable[cst.Arg], path: Path) -> tuple[Argument, ...]:
    """Arguments, which are at `path`: of a call, or the bases and keywords of a class."""
    return tuple(
        Argument(
            read_expression(arg.value, (*path, number, "value")),
            arg.keyword.value if arg.keyword else None,
            arg.star,
        )
        for number, arg in enumerate(nodes)
    )


def augmentation(node: cst.BaseAugOp) -> str | None:
    """The operator of an augmented assignment, without its "="."""
    return _OPERATORS.get(type(node).__name__.removesuffix("Assign"))


def _fields(node: cst.CSTNode) -> list[tuple[str, Any]]:
    """The fields of a node in which expressions can stand, in order."""
    return [
        (field, getattr(node, field))
        for field in node.__dataclass_fields__
        if not field.startswith(("whitespace", "lpar", "rpar", "leading_", "lbr", "rbr"))
    ]


def _literal(node: Any, path: Path) -> Expression:
    """A number or string; opaque where Python itself refuses it (a null byte, a broken escape)."""
    try:
        if "\\" not in node.value:
            return Constant(node.evaluated_value)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an escape that Python does not know is theirs
            return Constant(node.evaluated_value)
    except (SyntaxError, ValueError, OverflowError):
        return Opaque()


def _name(node: cst.Name, path: Path) -> Expression:
    return Constant(_NAMED[node.value]) if node.value in _NAMED else Name(node.value)


def _attribute(node: cst.Attribute, path: Path) -> Expression:
    return Attribute(read_expression(node.value, (*path, "value")), node.attr.value)


def _call(node: cst.Call, path: Path) -> Expression:
    arguments = read_arguments(node.args, (*path, "args"))
    return Call(read_expression(node.func, (*path, "func")), arguments, path)


def _sequence(kind: str) -> Callable[[Any, Path], Expression]:
    def read(node: Any, path: Path) -> Expression:
        return Sequence(
            kind,
            tuple(
                Starred(read_expression(item.value, (*path, "elements", number, "value")))
                if isinstance(item, cst.StarredElement)
                else read_expression(item.value, (*path, "elements", number, "value"))
                for number, item in enumerate(node.elements)
            ),
        )

    return read


def _mapping(node: cst.Dict, path: Path) -> Expression:
    items: list[tuple[Expression | None, Expression]] = []
    for number, item in enumerate(node.elements):
        where = (*path, "elements", number)
        value = read_expression(item.value, (*where, "value"))
        key = None
        if isinstance(item, cst.DictElement):
            key = read_expression(item.key, (*where, "key"))
        items.append((key, value))
    return Mapping(tuple(items))


def _concatenated(node: cst.ConcatenatedString, path: Path) -> Expression:
    left = read_expression(node.left, (*path, "left"))
    return Binary("+", left, read_expression(node.right, (*path, "right")))


def _formatted(node: cst.FormattedString, path: Path) -> Expression:
    parts: list[Expression] = []
    for number, part in enumerate(node.parts):
        if isinstance(part, cst.FormattedStringText):
            parts.append(_text_of(part.value, node))
        elif isinstance(part, cst.FormattedStringExpression):
            plain = part.format_spec is None and part.conversion in (None, "s")
            value = read_expression(part.expression, (*path, "parts", number, "expression"))
            parts.append(value if plain else Opaque((value,)))
    return Joined(tuple(parts))


def _text_of(written: str, whole: cst.FormattedString) -> Expression:
    """What stands between the fields of an f-string."""
    text = written.replace("{{", "{").replace("}}", "}")
    if "r" in whole.prefix.lower() or "\\" not in text:
        return Constant(text)
    if "\\N" in text:
        return Opaque()
    return _literal(cst.SimpleString(whole.quote + text + whole.end), ())


def _binary(node: Any, path: Path) -> Expression:
    operator = _OPERATORS.get(type(node.operator).__name__)
    if operator is None:
        return read_opaque(node, path)
    left = read_expression(node.left, (*path, "left"))
    return Binary(operator, left, read_expression(node.right, (*path, "right")))


def _comparison(node: cst.Comparison, path: Path) -> Expression:
    comparisons = tuple(
        (
            _OPERATORS.get(type(item.operator).__name__, "?"),
            read_expression(item.comparator, (*path, "comparisons", number, "comparator")),
        )
        for number, item in enumerate(node.comparisons)
    )
    return Compare(read_expression(node.left, (*path, "left")), comparisons)


def _unary(node: cst.UnaryOperation, path: Path) -> Expression:
    if isinstance(node.operator, cst.Not):
        return Not(read_expression(node.expression, (*path, "expression")))
    operator = _UNARY.get(type(node.operator).__name__)
    if operator is None:
        return read_opaque(node, path)
    return Unary(operator, read_expression(node.expression, (*path, "expression")))


def _conditional(node: cst.IfExp, path: Path) -> Expression:
    return Conditional(
        read_expression(node.test, (*path, "test")),
        read_expression(node.body, (*path, "body")),
        read_expression(node.orelse, (*path, "orelse")),
    )


def _subscript(node: cst.Subscript, path: Path) -> Expression:
    indices = tuple(
        read_expression(item.slice.value, (*path, "slice", number, "slice", "value"))
        if isinstance(item.slice, cst.Index) and not item.slice.star
        else read_opaque(item, (*path, "slice", number))
        for number, item in enumerate(node.slice)
    )
    index = indices[0] if len(indices) == 1 else Sequence("tuple", indices)
    return Subscript(read_expression(node.value, (*path, "value")), index)


def _named(node: cst.NamedExpr, path: Path) -> Expression:
    if not isinstance(node.target, cst.Name):
        return read_opaque(node, path)
    return Named(node.target.value, read_expression(node.value, (*path, "value")))


def _lambda(node: cst.CSTNode, path: Path) -> Expression:
    return Opaque()  # its body runs elsewhere, if at all


_READERS: dict[str, Callable[[Any, Path], Expression]] = {
    "SimpleString": _literal,
    "Integer": _literal,
    "Float": _literal,
    "Name": _name,
    "Attribute": _attribute,
    "Call": _call,
    "List": _sequence("list"),
    "Tuple": _sequence("tuple"),
    "Set": _sequence("set"),
    "Dict": _mapping,
    "ConcatenatedString": _concatenated,
    "FormattedString": _formatted,
    "BinaryOperation": _binary,
    "BooleanOperation": _binary,
    "Comparison": _comparison,
    "UnaryOperation": _unary,
    "IfExp": _conditional,
    "Subscript": _subscript,
    "Lambda": _lambda,
    "NamedExpr": _named,
}
