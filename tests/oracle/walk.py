"""A whole migration: its module, then the functions that Alembic calls."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from tests.oracle import calls
from tests.oracle.flow import Flow
from tests.oracle.values import (
    ALEMBIC,
    UNKNOWN,
    Batch,
    Function,
    Method,
    Scope,
    Unknown,
    imported,
    known,
)


@dataclass(frozen=True)
class Operation:
    """One call of an operation: `line` is 1-based, `column` 0-based and in code points."""

    function: str
    kind: str
    fields: calls.Fields
    autocommit: bool | Unknown
    line: int
    column: int


def is_migration(tree: ast.Module) -> bool:
    """Whether the module binds both `revision` and `down_revision`."""
    names = set()
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        names |= {each.id for each in targets if isinstance(each, ast.Name)}
    return {"revision", "down_revision"} <= names


def operations(source: str) -> list[Operation]:
    """The operations of upgrade(), then those of downgrade(), in the order they run.

    Both arms of a condition that is not known run, one after the other.
    """
    tree = ast.parse(source)
    if not is_migration(tree):
        return []
    walker = Walker(source)
    walker.run(tree.body)
    rebound = (node.names for node in ast.walk(tree) if isinstance(node, ast.Global))
    walker.scope.names.update((name, UNKNOWN) for names in rebound for name in names)
    walker.recording = True
    for name in ("upgrade", "downgrade"):
        function = walker.scope.get(name)
        if isinstance(function, Function):
            walker.function = name
            walker.call_function(function, calls.Arguments((), {}))
    return walker.found


class Walker(Flow):
    """Runs a module and its functions, and notes the operations."""

    def __init__(self, source: str) -> None:
        # Not splitlines(): a form feed ends no line of Python's.
        self._lines = source.encode().replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self.scope = Scope()
        self.found: list[Operation] = []
        self.recording = False
        self.function = ""
        self.star = ""
        self.blocks = self.unclear = 0
        self._active: list[ast.AST] = []
        self._returned: list[Any] = []

    def record(self, node: ast.Call, method: Method, arguments: calls.Arguments) -> bool:
        fields = calls.operation(method, arguments)
        if fields is None:
            return False
        inside = self.inside()
        if isinstance(method.owner, Batch):
            inside = method.owner.autocommit
        if self.recording:
            line, column = node.func.lineno, node.func.col_offset
            column = len(self._lines[line - 1][:column].decode())
            operation = Operation(self.function, method.name, fields, inside, line, column)
            self.found.append(operation)
        return True

    def call_function(self, function: Function, arguments: calls.Arguments) -> Any:
        node = function.node
        if node in self._active:
            return UNKNOWN
        outer, returned = self.scope, self._returned
        self.scope, self._returned = Scope(parent=function.scope), []
        self._active.append(node)
        try:
            self._bind(node.args, arguments)
            if isinstance(node, ast.Lambda):
                return self.value(node.body)
            if self.run(node.body) is None:
                self._returned.append(None)
            if any(isinstance(each, ast.Yield | ast.YieldFrom) for each in ast.walk(node)):
                return UNKNOWN
            values = self._returned
            same = values and known(values) and all(each == values[0] for each in values)
            single = len(values) == 1
            return values[0] if same or single else UNKNOWN
        finally:
            self._active.pop()
            self.scope, self._returned = outer, returned

    def _bind(self, parameters: ast.arguments, given: calls.Arguments) -> None:
        names = [*parameters.posonlyargs, *parameters.args]
        bound = dict(zip((each.arg for each in names), given.positional, strict=False))
        bound |= given.keywords
        defaults = [None] * (len(names) - len(parameters.defaults)) + parameters.defaults
        both = [*zip(names, defaults, strict=True)]
        both += zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True)
        for parameter, default in both:
            missing = UNKNOWN if given.open or default is None else self.value(default)
            self.scope.names[parameter.arg] = bound.pop(parameter.arg, missing)
        if parameters.vararg:
            rest = given.positional[len(names) :]
            self.scope.names[parameters.vararg.arg] = UNKNOWN if given.open else tuple(rest)
        if parameters.kwarg:
            self.scope.names[parameters.kwarg.arg] = UNKNOWN if given.open else bound

    def _run_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.scope.names[node.name] = Function(node, self.scope)

    _run_asyncfunctiondef = _run_functiondef

    def _run_classdef(self, node: ast.ClassDef) -> None:
        self.scope.names[node.name] = UNKNOWN

    def _run_import(self, node: ast.Import) -> None:
        for each in node.names:
            if each.asname:
                self.scope.names[each.asname] = imported(each.name, "")
            elif each.name.partition(".")[0] == "alembic":
                self.scope.names["alembic"] = ALEMBIC
            else:
                first = each.name.partition(".")[0]
                self.scope.names[first] = imported(first, "")

    def _run_importfrom(self, node: ast.ImportFrom) -> None:
        for each in node.names:
            if each.name == "*":
                self.star = node.module or ""
            value = UNKNOWN if node.level else imported(node.module or "", each.name)
            self.scope.names[each.asname or each.name] = value

    def _run_assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.assign(target, value)

    def _run_annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.value(node.value))

    def _run_augassign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            left = ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target)
            self.assign(node.target, self.value(ast.BinOp(left, node.op, node.value)))

    def _run_return(self, node: ast.Return) -> str:
        self._returned.append(self.value(node.value))
        return "return"

    def _run_raise(self, node: ast.Raise) -> str:
        self._run_other(node)
        return "raise"
