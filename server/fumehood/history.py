"""History: the tables before and after each revision, replayed along the graph of revisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from .facts import Operation
from .naming import Naming
from .replay import Replay
from .revisions import Revisions
from .schema import Place, Schema


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

    def changed(self, path: Path, steps: Steps) -> History:
        """The history where one file's steps are others: what does not follow from it is kept."""
        new = History(self.graph, {**self._steps, path: steps}, self.naming)
        follow = self.graph.followers(self.graph.paths[path])
        new._after = {each: found for each, found in self._after.items() if each not in follow}
        return new

    def before(self, revision: str) -> Schema:
        """The tables that a revision finds when it runs right behind those that it follows."""
        parents = self.graph.parents(revision)
        if not parents:
            return {}
        tables = self._run_up_to(parents[0])
        if len(parents) == 1:
            return tables
        done = set(self.graph.order(parents[0]))
        for parent in parents[1:]:
            rest = [each for each in self.graph.order(parent) if each not in done]
            tables = self._run(tables, rest)
            done.update(rest)
        return tables

    def after(self, revision: str) -> Schema:
        """The tables that a revision leaves."""
        return self._run_up_to(revision)

    def _run_up_to(self, revision: str) -> Schema:
        """The tables after a revision; those after its ancestors are found on the way."""
        if revision not in self._after:
            for each in self.graph.order(revision):  # no recursion: histories are long
                if each not in self._after:
                    self._after[each] = {}  # for what is in a cycle
                    self._after[each] = self._run(self.before(each), [each])
        return self._after[revision]

    def _run(self, tables: Schema, revisions: Iterable[str]) -> Schema:
        state = Replay(tables, self.naming)
        for revision in revisions:
            self.replayed += 1
            for step in self._by_id.get(revision, ()):
                state.run(step.operation, step.place)
        return state.tables
