"""Statements that lead elsewhere: conditions, loops, try and with."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from tests.oracle.evaluate import Evaluator
from tests.oracle.values import BLOCK, UNKNOWN, Batch, Unknown, known, truth

_MOST_TURNS = 500


class Flow(Evaluator):
    """Runs statements; `run` returns how a block ends: None, return, raise, break or continue."""

    blocks: int  # autocommit blocks that are open
    unclear: int  # `with` items that are open and not understood

    def inside(self) -> bool | Unknown:
        """Whether what runs now runs in an autocommit block."""
        return True if self.blocks else UNKNOWN if self.unclear else False

    def run(self, body: list[ast.stmt]) -> str | None:
        """Run statements in order until one leaves the block."""
        for statement in body:
            name = "_run_" + type(statement).__name__.lower()
            ends = getattr(self, name, self._run_other)(statement)
            if ends:
                return str(ends)
        return None

    def _run_other(self, node: ast.stmt) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)

    def _run_break(self, node: ast.Break) -> str:
        return "break"

    def _run_continue(self, node: ast.Continue) -> str:
        return "continue"

    def _run_assert(self, node: ast.Assert) -> str | None:
        return "raise" if truth(self.value(node.test)) is False else None

    def _run_if(self, node: ast.If) -> str | None:
        held = truth(self.value(node.test))
        if held is not None:
            return self.run(node.body if held else node.orelse)
        return self._run_any([node.body, node.orelse])

    def _run_any(self, bodies: list[list[ast.stmt]]) -> str | None:
        """Run bodies of which one will; go on with what those that come to their end agree on."""
        before = dict(self.scope.names)
        after, ends = [], []
        for body in bodies:
            self.scope.names = dict(before)
            ends.append(self.run(body))
            if ends[-1] is None:
                after.append(self.scope.names)
        self.scope.names = _agreed(after or [before])
        return None if after else ends[0]

    def _run_match(self, node: ast.Match) -> str | None:
        subject = self.value(node.subject)
        possible = []
        for case in node.cases:
            held = _matches(case.pattern, subject) if known(subject) else None
            guard = truth(self.value(case.guard)) if case.guard else True
            if held and guard:
                possible.append(case.body)
                return self._run_any(possible)
            if held is not False and guard is not False:
                possible.append(case.body)
        return self._run_any([*possible, []])

    def _run_for(self, node: ast.For | ast.AsyncFor) -> str | None:
        items = self.value(node.iter)
        if not isinstance(items, list | tuple | dict) or len(items) > _MOST_TURNS:
            self._forget(node)
            items = [UNKNOWN]
        for item in items:
            self.assign(node.target, item)
            ends = self.run(node.body)
            if ends == "break":
                return None
            if ends in ("return", "raise"):
                return None if item is UNKNOWN else ends
        return self.run(node.orelse)

    _run_asyncfor = _run_for

    def _run_while(self, node: ast.While) -> None:
        self._forget(node)
        if truth(self.value(node.test)) is not False:
            self.run(node.body)
        self.run(node.orelse)

    def _forget(self, loop: ast.For | ast.AsyncFor | ast.While) -> None:
        """Names that a loop of unknown turns binds are unknown in it and behind it."""
        for node in ast.walk(loop):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.scope.names[node.id] = UNKNOWN

    def _run_try(self, node: ast.Try) -> str | None:
        before = dict(self.scope.names)
        ends = self.run(node.body)
        done, after = self.scope.names, []
        for handler in [] if _cannot_fail(node.body) else node.handlers:
            # Where in the body it was raised is not known.
            self.scope.names = _agreed([before, done])
            if self.run(handler.body) is None:
                after.append(self.scope.names)
        self.scope.names = done
        ends = ends or self.run(node.orelse)
        if ends is None:
            after.insert(0, self.scope.names)
        self.scope.names = _agreed(after or [before])
        last = self.run(node.finalbody)
        return last or (None if after else ends)

    _run_trystar = _run_try

    def _run_with(self, node: ast.With | ast.AsyncWith) -> str | None:
        entered = unclear = 0
        for item in node.items:
            value = self.value(item.context_expr)
            if value == BLOCK:
                self.blocks += 1
                entered += 1
            elif isinstance(value, Batch):
                value = replace(value, autocommit=self.inside())
            elif isinstance(value, Unknown):
                # It may be a block behind another name.
                self.unclear += 1
                unclear += 1
            if item.optional_vars:
                self.assign(item.optional_vars, value if isinstance(value, Batch) else UNKNOWN)
        ends = self.run(node.body)
        self.blocks -= entered
        self.unclear -= unclear
        return ends

    _run_asyncwith = _run_with


def _cannot_fail(body: list[ast.stmt]) -> bool:
    """Whether all that is done is to import from Alembic, which runs the migration."""
    modules = [each.module or "" for each in body if isinstance(each, ast.ImportFrom)]
    modules += [name.name for each in body if isinstance(each, ast.Import) for name in each.names]
    imports = all(isinstance(each, ast.Import | ast.ImportFrom) for each in body)
    return imports and all(each.partition(".")[0] == "alembic" for each in modules)


def _agreed(scopes: list[dict[str, Any]]) -> dict[str, Any]:
    first, *others = scopes
    result = {}
    for name in {name for scope in scopes for name in scope}:
        values = [scope.get(name, UNKNOWN) for scope in (first, *others)]
        same = all(each is values[0] or _equal(each, values[0]) for each in values)
        result[name] = values[0] if same else UNKNOWN
    return result


def _equal(one: Any, other: Any) -> bool:
    return type(one) is type(other) and known(one) and bool(one == other)


def _matches(pattern: ast.pattern, subject: Any) -> bool | None:
    if isinstance(pattern, ast.MatchOr):
        results = [_matches(each, subject) for each in pattern.patterns]
        return True if True in results else None if None in results else False
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is None:
        return True
    if isinstance(pattern, ast.MatchValue) and isinstance(pattern.value, ast.Constant):
        return bool(pattern.value.value == subject)
    return None
