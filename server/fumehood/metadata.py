"""The naming conventions that Python source gives to a MetaData, read from its text."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from .naming import Naming

MARK = "naming_convention"
# Libraries whose base classes bring conventions of their own.
_LIBRARIES = ("advanced_alchemy",)
_KINDS = frozenset(("fk", "ck", "uq", "ix", "pk"))


def may_name(text: str) -> bool:
    """Whether a file is worth a closer look."""
    return MARK in text or any(library in text for library in _LIBRARIES)


def conventions(text: str) -> list[Naming | None]:
    """The conventions in a file; None for one that is no literal."""
    if MARK not in text:
        return [None] if may_name(text) else []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [None]
    named = {
        target.id: value
        for statement in module.body
        for target, value in _assigned(statement)
        if isinstance(target, ast.Name)
    }
    return [_naming(value, named) for value in _given(module)]


def _given(module: ast.Module) -> Iterator[ast.expr]:
    """What is given as a naming convention: as an argument, or by assignment to the attribute."""
    for node in ast.walk(module):
        if isinstance(node, ast.keyword) and node.arg == MARK:
            yield node.value
        elif isinstance(node, ast.stmt):
            for target, value in _assigned(node):
                if isinstance(target, ast.Attribute) and target.attr == MARK:
                    yield value


def _assigned(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield target, statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        yield statement.target, statement.value


def _naming(value: ast.expr, named: dict[str, ast.expr]) -> Naming | None:
    if isinstance(value, ast.Name):
        value = named.get(value.id, value)
    if not isinstance(value, ast.Dict):
        return None
    found = {}
    for key, pattern in zip(value.keys, value.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(pattern, ast.Constant):
            return None
        if key.value not in _KINDS or not isinstance(pattern.value, str):
            return None
        found[str(key.value)] = pattern.value
    return Naming(found)
