"""The revisions of migrations and the graph that they make, as Alembic sees them, from text."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .scan import logical_line

PARTS = frozenset(("revision", "down_revision", "depends_on", "branch_labels"))
_CANDIDATE = re.compile(r"(?<![^\r\n])(?:revision|down_revision|depends_on|branch_labels)\b")
# Alembic completes an identifier only to one of more characters than these.
_TOO_SHORT = 3


@dataclass(frozen=True, slots=True)
class Revision:
    """What a migration says of its place; `unread` names the parts that are no literals."""

    id: str
    down: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def revision_of(text: str) -> Revision | None:
    """The revision that a file declares; None where it declares none that is a literal."""
    parts: dict[str, tuple[str, ...] | None] = {}
    for statement in _statements(text):
        for name, value in _assigned(statement):
            parts[name] = _strings(value)
    identifier = parts.pop("revision", None)
    if identifier is None or len(identifier) != 1:
        return None
    return Revision(
        identifier[0],
        down=parts.get("down_revision") or (),
        depends_on=parts.get("depends_on") or (),
        labels=parts.get("branch_labels") or (),
        unread=tuple(name for name, value in parts.items() if value is None),
    )


def _statements(text: str) -> Iterator[ast.stmt]:
    """The statements at column 0 that begin with a name of interest."""
    candidates = [found.start() for found in _CANDIDATE.finditer(text)]
    last = candidates[-1] if candidates else -1
    start = 0
    while start <= last:
        line = logical_line(text, start)
        if line.column == 0 and line.word in PARTS:
            yield from _parsed(text[start : line.end])
        start = line.end


def _parsed(source: str) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _assigned(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(statement, ast.Assign):
        targets, value = statement.targets, statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets, value = [statement.target], statement.value
    else:
        return
    for target in targets:
        if isinstance(target, ast.Name) and target.id in PARTS:
            yield target.id, value


def _strings(value: ast.expr) -> tuple[str, ...] | None:
    """A string, None or a collection of strings as a tuple; None for anything else."""
    try:
        found = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    if found is None or found == "":
        return ()
    strings = (found,) if isinstance(found, str) else found
    if not isinstance(strings, tuple | list | set):
        return None
    return tuple(strings) if all(isinstance(each, str) for each in strings) else None


class Revisions:
    """The graph of an environment's revisions.

    Cycles, missing parents and ids that stand in several files are no errors here: what they make
    unknown is. `complete`: there are surely no other revisions.
    """

    def __init__(self, files: Mapping[Path, Revision], complete: bool = True) -> None:
        self.paths: Mapping[Path, str] = {path: found.id for path, found in files.items()}
        self._complete = complete
        self._by_id = {found.id: found for found in files.values()}
        self._by_label = {label: found.id for found in files.values() for label in found.labels}
        self._orders: dict[str, tuple[str, ...]] = {}

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self._by_id)

    @cached_property
    def _children(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = {}
        for revision in self._by_id:
            for parent in self.parents(revision):
                found.setdefault(parent, set()).add(revision)
        return found

    @cached_property
    def unclear(self) -> frozenset[str]:
        """The revisions of which it is not known what runs before them, or which of two they are.

        An id that stands in several files, what is in a cycle, and all that comes behind these.
        """
        twice = {each for each, count in Counter(self.paths.values()).items() if count > 1}
        circles = set(self._by_id)
        waiting = [each for each in circles if not self.parents(each)]
        while waiting:  # each once all that it follows is known to be in none
            circles -= set(waiting)
            new = {child for each in waiting for child in self._children.get(each, ())}
            waiting = [each for each in new if circles.isdisjoint(self.parents(each))]
        return frozenset(circles).union(*map(self.followers, twice))

    @cached_property
    def is_whole(self) -> bool:
        """Whether all revisions are known, in one order that Alembic would run them in."""
        known = self._by_id.keys() | self._by_label.keys()
        named = (name for each in self._by_id.values() for name in (*each.down, *each.depends_on))
        order = {"down_revision", "depends_on"}
        unread = not all(order.isdisjoint(each.unread) for each in self._by_id.values())
        return self._complete and not self.unclear and not unread and known.issuperset(named)

    @cached_property
    def heads(self) -> frozenset[str]:
        """The revisions that no other one names as its parent."""
        parents = {parent for found in self._by_id.values() for parent in found.down}
        return self.ids - parents

    def named(self, name: str) -> frozenset[str]:
        """What Alembic takes a name for; empty where it is unknown or ambiguous.

        A name is an id, a label, the beginning of one, `head`, `heads`, or one of these in a
        branch, as in `label@head`.
        """
        branch, at, rest = name.rpartition("@")
        found = self._within(self._one(branch)) if at else self.ids
        if rest == "head":
            heads = self.heads & found
            return heads if len(heads) == 1 else frozenset()
        if rest == "heads":
            return self.heads & found if at else self.heads - self._depended_on
        return self._one(rest, found)

    def parents(self, revision: str) -> tuple[str, ...]:
        """The revisions that a revision follows or depends on, as far as they are known."""
        found = self._by_id[revision]
        names = (*found.down, *(self._by_label.get(each, each) for each in found.depends_on))
        return tuple(dict.fromkeys(name for name in names if name in self._by_id))

    def followers(self, revision: str) -> frozenset[str]:
        """A revision and all that run after it."""
        found, waiting = {revision}, [revision]
        while waiting:
            new = self._children.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        return frozenset(found)

    def order(self, revision: str) -> tuple[str, ...]:
        """A revision and all that run before it, each behind those that it follows.

        What is in a cycle, which Alembic refuses, stands anywhere.
        """
        if revision not in self._orders:
            self._orders[revision] = self._ordered(revision)
        return self._orders[revision]

    def ancestors(self, names: Iterable[str]) -> frozenset[str]:
        """The revisions so named and all that run before them, through parents and dependencies."""
        return self._before({each for name in names for each in self.named(name)})

    @property
    def _depended_on(self) -> frozenset[str]:
        names = {name for found in self._by_id.values() for name in found.depends_on}
        return frozenset(self._by_label.get(name, name) for name in names)

    def _ordered(self, revision: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        entered: set[str] = set()
        waiting = [revision]
        while waiting:
            current = waiting[-1]
            if current in entered:
                found.setdefault(waiting.pop())
                continue
            entered.add(current)
            waiting += [each for each in reversed(self.parents(current)) if each not in entered]
        return tuple(found)

    def _one(self, name: str, among: frozenset[str] | None = None) -> frozenset[str]:
        """The revision of an id, a label, or the beginning of one."""
        if name in self._by_id:
            matches = [name]
        elif name in self._by_label:
            matches = [self._by_label[name]]
        else:
            keys = [key for key in (*self._by_id, *self._by_label) if key.startswith(name)]
            matches = [self._by_label.get(key, key) for key in keys if len(key) > _TOO_SHORT]
        found = [each for each in matches if among is None or each in among]
        return frozenset(found) if name and len(found) == 1 else frozenset()

    def _within(self, branch: frozenset[str]) -> frozenset[str]:
        """A revision's branch: what comes before it, itself, and what comes after."""
        after = {each for each in self._by_id if branch & self._before({each}, dependencies=False)}
        return self._before(set(branch), dependencies=False) | after

    def _before(self, found: set[str], dependencies: bool = True) -> frozenset[str]:
        waiting = list(found)
        while waiting:
            current = waiting.pop()
            names = self.parents(current) if dependencies else self._by_id[current].down
            new = {name for name in names if name in self._by_id} - found
            found |= new
            waiting += new
        return frozenset(found)
