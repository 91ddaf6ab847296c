"""What is wrong in a graph of revisions: what Alembic stops at, or takes only one of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from .option_kinds import nearest
from .revisions import Revision
from .scan import logical_line
from .text import Span


class Flaw(NamedTuple):
    """What is wrong in a file: `part` is the assignment in it, `name` the revision there.

    `fatal`: Alembic stops at it. `again`: another flaw is the same one, seen from another file.
    """

    path: Path
    part: str
    name: str
    message: str
    fatal: bool = True
    again: bool = False

    def line(self, text: str) -> int:
        """Its line, from 1, in the text of the file."""
        return len(text[: self.span(text).start + 1].splitlines()) or 1

    def span(self, text: str) -> Span:
        """The name in the last such assignment of the file's text, or what is nearest to that."""
        assigned = [each.start() for each in re.finditer(rf"(?m)^{self.part}\b", text)]
        if not assigned:
            return Span(0, 0)
        start, end = assigned[-1], logical_line(text, assigned[-1]).end
        named = re.compile(rf"([\"']){re.escape(self.name)}\1").search(text, start, end)
        return Span(*named.span()) if named else Span(start, start + len(self.part))


def flaws_in(files: Mapping[Path, Revision], complete: bool) -> list[Flaw]:
    """What is wrong among revisions; `complete`: there are no others that these may follow."""
    found = [*_twice(files), *_cycles(files)]
    return [*found, *_missing(files)] if complete else found


def _twice(files: Mapping[Path, Revision]) -> Iterator[Flaw]:
    paths: dict[str, list[Path]] = {}
    for path, revision in files.items():
        paths.setdefault(revision.id, []).append(path)
    for name, same in paths.items():
        for path in same if len(same) > 1 else ():
            other = same[0] if path is not same[0] else same[1]
            message = (
                f"{name!r} is the revision of {other.name} too, and Alembic runs one of them "
                "only; give one of them another id"
            )
            yield Flaw(path, "revision", name, message, fatal=False, again=path is same[0])


def _missing(files: Mapping[Path, Revision]) -> Iterator[Flaw]:
    ids = sorted({revision.id for revision in files.values()})
    known = {*ids, *(label for revision in files.values() for label in revision.labels)}
    for path, revision in files.items():
        named = [("down_revision", each) for each in revision.down if each not in ids]
        named += [("depends_on", each) for each in revision.depends_on if each not in known]
        for part, name in named:
            near = nearest(name, ids)
            hint = f"; did you mean {near!r}?" if near else ""
            message = (
                f"no migration is the revision {name!r}, and Alembic runs none while one is "
                f"missing{hint}; name one that there is, or add its folder to version_locations"
            )
            yield Flaw(path, part, name, message)


def _cycles(files: Mapping[Path, Revision]) -> Iterator[Flaw]:
    """One for each revision of each cycle."""
    paths = {revision.id: path for path, revision in files.items()}
    by_label = {label: revision.id for revision in files.values() for label in revision.labels}
    graph = {
        revision.id: {*revision.down, *(by_label.get(each, each) for each in revision.depends_on)}
        for revision in files.values()
    }
    while cycle := _cycle(graph):
        message = (
            f"the revisions {' -> '.join(cycle)} follow one another in a circle, and Alembic runs "
            "none of them; let one of them follow another revision, or None"
        )
        # graphlib names each one before those that follow it.
        for number, (parent, child) in enumerate(sorted(pairwise(cycle), key=itemgetter(1))):
            part = "down_revision" if parent in files[paths[child]].down else "depends_on"
            yield Flaw(paths[child], part, parent, message, again=number > 0)
        for name in cycle:
            graph.pop(name, None)


def _cycle(graph: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []
