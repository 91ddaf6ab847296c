"""What the names of a Python module stand for, as its text tells."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Imported:
    """`from ..module import name`; `level` counts the dots, `name` is None for a module itself."""

    module: str
    level: int = 0
    name: str | None = None


Bound = ast.expr | ast.ClassDef | Imported


@dataclass(frozen=True, slots=True)
class Scope:
    """A module's, or a class's: all that each name is bound to, in order.

    `stars` are the modules of `from … import *`. A name that is bound in a way that is not followed
    (a function, a loop) stands for None.
    """

    bound: dict[str, list[Bound | None]] = field(default_factory=dict)
    stars: list[Imported] = field(default_factory=list)


def module_of(text: str) -> ast.Module | None:
    """A module's syntax; None where it cannot be parsed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def scope_of(body: list[ast.stmt]) -> Scope:
    """The names that a body binds, those in its branches included."""
    scope = Scope()
    for statement in _flat(body):
        for name, value in _bindings(statement, scope):
            scope.bound.setdefault(name, []).append(value)
    return scope


def target_metadata(module: ast.Module) -> list[ast.expr] | None:
    """What an env.py gives to configure() as target_metadata; None where that is not plain."""
    calls = [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "configure"
        and isinstance(node.func.value, ast.Name | ast.Attribute)
        and ast.unparse(node.func.value).endswith("context")
    ]
    keywords = [keyword for call in calls for keyword in call.keywords]
    found = [each.value for each in keywords if each.arg == "target_metadata"]
    if not calls or (not found and any(each.arg is None for each in keywords)):
        return None
    return found


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements with those in branches, but not in functions and classes."""
    for statement in body:
        yield statement
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for name in ("body", "orelse", "finalbody"):
                yield from _flat(getattr(statement, name, []))
            for handler in getattr(statement, "handlers", []):
                yield from _flat(handler.body)


def _bindings(statement: ast.stmt, scope: Scope) -> Iterator[tuple[str, Bound | None]]:
    match statement:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                plain = isinstance(target, ast.Name)
                yield from ((name, value if plain else None) for name in _stored(target))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.ClassDef(name=name):
            yield name, statement
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name, None
        case ast.Import() | ast.ImportFrom():
            yield from _imported(statement, scope)
        case ast.For(target=target) | ast.AsyncFor(target=target) | ast.AugAssign(target=target):
            yield from ((name, None) for name in _stored(target))


def _stored(target: ast.expr) -> list[str]:
    names = (node for node in ast.walk(target) if isinstance(node, ast.Name))
    return [name.id for name in names if isinstance(name.ctx, ast.Store)]


def _imported(
    statement: ast.Import | ast.ImportFrom, scope: Scope
) -> Iterator[tuple[str, Imported]]:
    for alias in statement.names:
        top = alias.name.partition(".")[0]
        if isinstance(statement, ast.Import):
            yield alias.asname or top, Imported(alias.name if alias.asname else top)
            continue
        found = Imported(statement.module or "", statement.level, alias.name)
        if alias.name == "*":
            scope.stars.append(found)
        else:
            yield alias.asname or alias.name, found
