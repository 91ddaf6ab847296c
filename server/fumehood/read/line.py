"""A piece's tree -> its reading."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from ..cut import Piece
from ..syntax import Parsed, parse
from .expression import (
    augmentation,
    bound_names,
    read_arguments,
    read_expression,
    read_opaque,
    target,
)
from .nodes import Attribute, Call, Expression, Name, Path
from .reading import (
    Assert,
    Assign,
    Branch,
    Case,
    Class,
    Declare,
    Define,
    Evaluate,
    For,
    Forget,
    Header,
    If,
    Import,
    Jump,
    Leave,
    Match,
    Mutate,
    Parameter,
    Reading,
    Statement,
    With,
)


def read(piece: Piece) -> tuple[Reading, Parsed | None]:
    """Parse a piece and read it. A broken line reads as nothing, or as a header of some kind."""
    parsed = parse(piece.text, piece.word, piece.opens)
    if parsed is None:
        return _unparsed(piece), None
    node = parsed.statement
    if isinstance(node, cst.SimpleStatementLine):
        return _simple(node, ":=" in piece.text), parsed
    header, block = _header(node)
    if isinstance(header, If) and piece.word == "elif":
        header = If(header.test, chained=True)
    statements: tuple[Statement, ...] = ()
    if not piece.opens and block is not None:
        field, body = block
        statements = _statements(body.body, (field, "body"))
    return Reading(header, statements, plain=False), parsed


def _unparsed(piece: Piece) -> Reading:
    """What can be known of a line that does not parse: whether a block follows."""
    if not piece.opens:
        return Reading(broken=True)
    header: Header = Branch(piece.word)
    if piece.word in ("def", "class", "async"):
        header = Class("")  # what is in it belongs to no function that is known
    return Reading(header, plain=False, broken=True)


def _simple(node: cst.SimpleStatementLine, binds: bool) -> Reading:
    statements = _statements(node.body, ("body",))
    plain = not binds and all(isinstance(statement, Evaluate) for statement in statements)
    return Reading(None, statements, plain)


def _statements(nodes: Any, path: Path) -> tuple[Statement, ...]:
    found = (
        _SMALL.get(type(node), _other)(node, (*path, number)) for number, node in enumerate(nodes)
    )
    return tuple(statement for statement in found if statement is not None)


def _expr(node: cst.Expr, path: Path) -> Statement:
    value = read_expression(node.value, (*path, "value"))
    if isinstance(value, Call) and isinstance(value.func, Attribute):
        name, method = value.func.value, value.func.attr
        if isinstance(name, Name) and method in _MUTATORS:
            return Mutate(name.id, value)
    return Evaluate(value)


def _assign(node: cst.Assign, path: Path) -> Statement:
    targets = tuple(target(item.target, path) for item in node.targets)
    return Assign(targets, read_expression(node.value, (*path, "value")))


def _annotated(node: cst.AnnAssign, path: Path) -> Statement | None:
    annotation = read_expression(node.annotation.annotation, (*path, "annotation", "annotation"))
    if node.value is None:
        name = node.target.value if isinstance(node.target, cst.Name) else None
        return None if name is None else Declare(name, annotation)
    value = read_expression(node.value, (*path, "value"))
    return Assign((target(node.target, path),), value, annotation)


def _augmented(node: cst.AugAssign, path: Path) -> Statement:
    value = read_expression(node.value, (*path, "value"))
    return Forget(tuple(bound_names(node.target)), value, augmentation(node.operator))


def _import(node: cst.Import, path: Path) -> Statement:
    names = []
    for alias in node.names:
        dotted = alias.evaluated_name
        bound = alias.evaluated_alias
        names.append((bound, dotted) if bound else (dotted.split(".")[0], dotted.split(".")[0]))
    return Import(tuple(names))


def _import_from(node: cst.ImportFrom, path: Path) -> Statement:
    module = "." * len(node.relative) + _dotted(node.module)
    if isinstance(node.names, cst.ImportStar):
        return Import((("*", module),))
    return Import(
        tuple(
            (alias.evaluated_alias or alias.evaluated_name, f"{module}.{alias.evaluated_name}")
            for alias in node.names
        )
    )


def _dotted(node: cst.BaseExpression | None) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def _return(node: cst.Return, path: Path) -> Statement:
    value = read_expression(node.value, (*path, "value")) if node.value else None
    return Jump(Leave.RETURN, value)


def _raise(node: cst.Raise, path: Path) -> Statement:
    return Jump(Leave.RAISE, read_opaque(node, path))


def _assert(node: cst.Assert, path: Path) -> Statement:
    return Assert(read_expression(node.test, (*path, "test")))


def _del(node: cst.Del, path: Path) -> Statement:
    return Forget(tuple(bound_names(node.target)))


def _global(node: cst.Global | cst.Nonlocal, path: Path) -> Statement:
    return Forget(tuple(item.name.value for item in node.names))


def _other(node: cst.CSTNode, path: Path) -> Statement | None:
    found = read_opaque(node, path)
    return Evaluate(found) if found.parts else None


_SMALL: dict[type[cst.CSTNode], Callable[[Any, Path], Statement | None]] = {
    cst.Expr: _expr,
    cst.Assign: _assign,
    cst.AnnAssign: _annotated,
    cst.AugAssign: _augmented,
    cst.Import: _import,
    cst.ImportFrom: _import_from,
    cst.Return: _return,
    cst.Raise: _raise,
    cst.Assert: _assert,
    cst.Break: lambda node, path: Jump(Leave.BREAK),
    cst.Continue: lambda node, path: Jump(Leave.CONTINUE),
    cst.Del: _del,
    cst.Global: _global,
    cst.Nonlocal: _global,
    cst.Pass: lambda node, path: None,
}


def _header(node: Any) -> tuple[Header, tuple[str, Any] | None]:
    """The header that a compound statement is, and its block with the field that holds it."""
    header: Header
    if isinstance(node, cst.FunctionDef):
        header = _define(node)
    elif isinstance(node, cst.ClassDef):
        arguments = (
            *read_arguments(node.bases, ("bases",)),
            *read_arguments(node.keywords, ("keywords",)),
        )
        header = Class(node.name.value, arguments, _decorators(node))
    elif isinstance(node, cst.With):
        header = With(tuple(_with_item(item, number) for number, item in enumerate(node.items)))
    elif isinstance(node, cst.If):
        header = If(read_expression(node.test, ("test",)))
    elif isinstance(node, cst.Else):
        header = If(None, chained=True)
    elif isinstance(node, cst.For):
        header = For(target(node.target, ()), read_expression(node.iter, ("iter",)))
    elif isinstance(node, cst.While):
        header = Branch("while", read_expression(node.test, ("test",)))
    elif isinstance(node, (cst.ExceptHandler, cst.ExceptStarHandler)):
        bound = bound_names(node.name.name) if node.name else []
        header = Branch("except", None, tuple(bound))
    elif isinstance(node, cst.Match):
        return Match(read_expression(node.subject, ("subject",))), None
    elif isinstance(node, cst.MatchCase):
        values = () if node.guard else _alternatives(node.pattern)
        header = Case(values, tuple(_captured(node.pattern)))
    else:
        header = Branch("try" if isinstance(node, (cst.Try, cst.TryStar)) else "finally")
    return header, ("body", node.body)


def _define(node: cst.FunctionDef) -> Define:
    returns = None
    if node.returns is not None:
        returns = read_expression(node.returns.annotation, ("returns", "annotation"))
    return Define(node.name.value, _parameters(node.params), _decorators(node), returns)


def _decorators(node: cst.FunctionDef | cst.ClassDef) -> tuple[Expression, ...]:
    return tuple(
        read_expression(item.decorator, ("decorators", number, "decorator"))
        for number, item in enumerate(node.decorators)
    )


def _with_item(item: cst.WithItem, number: int) -> tuple[Expression, Expression | None]:
    path = ("items", number)
    bound = target(item.asname.name, path) if item.asname else None
    return read_expression(item.item, (*path, "item")), bound


def _parameters(node: cst.Parameters) -> tuple[Parameter, ...]:
    found = [_parameter(item) for item in (*node.posonly_params, *node.params)]
    if isinstance(node.star_arg, cst.Param):
        found.append(_parameter(node.star_arg, "*"))
    found += [_parameter(item, keyword_only=True) for item in node.kwonly_params]
    if node.star_kwarg:
        found.append(_parameter(node.star_kwarg, "**"))
    return tuple(found)


def _parameter(node: cst.Param, star: str = "", keyword_only: bool = False) -> Parameter:
    default = read_expression(node.default, ()) if node.default else None
    return Parameter(node.name.value, default, star, keyword_only)


def _alternatives(pattern: cst.MatchPattern) -> tuple[Expression, ...] | None:
    """The values that a pattern stands for; None for `_`, none for what is no value."""
    if isinstance(pattern, cst.MatchValue):
        return (read_expression(pattern.value, ()),)
    if isinstance(pattern, cst.MatchOr):
        found = [_alternatives(item.pattern) for item in pattern.patterns]
        return tuple(value for item in found for value in item or ()) if all(found) else ()
    wildcard = isinstance(pattern, cst.MatchAs) and pattern.pattern is None
    return None if wildcard else ()


def _captured(pattern: cst.CSTNode) -> list[str]:
    """The names that a case's pattern binds."""
    own = [pattern.name.value] if isinstance(pattern, _CAPTURES) and pattern.name else []
    return own + [name for child in pattern.children for name in _captured(child)]


_MUTATORS = frozenset(
    [
        "add",
        "append",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "remove",
        "reverse",
        "setdefault",
        "sort",
        "update",
    ]
)
_CAPTURES = (cst.MatchAs, cst.MatchStar)
