"""History: the tables before and after each revision, replayed along the graph of revisions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .facts import Execute, Operation
from .naming import Naming
from .replay import Replay
from .revisions import Revisions
from .schema import Place, Schema, TableName, table_name

_VIEW = re.compile(
    r"""\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:(?:TEMP|TEMPORARY|RECURSIVE|MATERIALIZED)\s+)*VIEW\s+"""
    r"""(?:IF\s+NOT\s+EXISTS\s+)?(?:(?P<schema>"[^"]+"|\w+)\s*\.\s*)?(?P<name>"[^"]+"|\w+)""",
    re.IGNORECASE,
)


class Step(NamedTuple):
    """One operation of an upgrade(), and where it stands."""

    operation: Operation
    place: Place


Steps = tuple[Step, ...]


class History:
    """The tables of one environment. `replayed` counts the revisions that were run."""

    def __init__(
        self, graph: Revisions, steps: Mapping[Path, Steps], naming: Naming | None
    ) -> None:
        """`steps` are those of each file's upgrade(), as they run."""
        self.graph = graph
        self.naming = naming
        self.replayed = 0
        self._steps = dict(steps)
        self._by_id = {graph.paths[path]: found for path, found in steps.items()}
        self._after: dict[str, Schema] = {}
        self._last: Schema | None = None
        self._views: frozenset[TableName] | None = None

    def changed(self, path: Path, steps: Steps) -> History:
        """The history where one file's steps are others: what does not follow from it is kept."""
        new = History(self.graph, {**self._steps, path: steps}, self.naming)
        follow = self.graph.followers(self.graph.paths[path])
        new._after = {each: found for each, found in self._after.items() if each not in follow}
        return new

    def before(self, revision: str) -> Schema | None:
        """The tables that a revision finds when it runs right behind those that it follows.

        None where the graph does not tell what runs before it.
        """
        if revision in self.graph.unclear:
            return None
        return self._after_all(self.graph.parents(revision))

    def last(self) -> Schema | None:
        """The tables that all revisions leave; None where some are not known."""
        if self._last is None and self.graph.is_whole:
            self._last = self._after_all(sorted(self.graph.heads))
        return self._last

    def views(self) -> frozenset[TableName]:
        """The views that revisions create by SQL."""
        if self._views is None:
            self._views = frozenset(
                name for steps in self._steps.values() for step in steps for name in _views_in(step)
            )
        return self._views

    def _after_all(self, revisions: Sequence[str]) -> Schema:
        """The tables after some revisions, of which none follows another, and all before them."""
        if not revisions:
            return {}
        tables = self._run_up_to(revisions[0])
        if len(revisions) == 1:
            return tables
        done = set(self.graph.order(revisions[0]))
        for parent in revisions[1:]:
            rest = [each for each in self.graph.order(parent) if each not in done]
            tables = self._run(tables, rest)
            done.update(rest)
        return tables

    def after(self, revision: str) -> Schema | None:
        """The tables that a revision leaves; None where the graph does not tell."""
        return None if revision in self.graph.unclear else self._run_up_to(revision)

    def _run_up_to(self, revision: str) -> Schema:
        """The tables after a revision; those after its ancestors are found on the way."""
        if revision not in self._after:
            for each in self.graph.order(revision):  # no recursion: histories are long
                if each not in self._after:
                    self._after[each] = self._run(self._after_all(self.graph.parents(each)), [each])
        return self._after[revision]

    def _run(self, tables: Schema, revisions: Iterable[str]) -> Schema:
        state = Replay(tables, self.naming)
        for revision in revisions:
            self.replayed += 1
            for step in self._by_id.get(revision, ()):
                state.run(step.operation, step.place)
        return state.tables


def _views_in(step: Step) -> Iterator[TableName]:
    sql = step.operation.sql if isinstance(step.operation, Execute) else None
    for found in _VIEW.finditer(sql) if isinstance(sql, str) else ():
        name = table_name(_unquoted(found["schema"]), _unquoted(found["name"]))
        if name is not None:
            yield name


def _unquoted(name: str | None) -> str | None:
    if name is None or name.startswith('"'):
        return name and name.strip('"')
    return name.lower()
