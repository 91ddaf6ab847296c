"""Heads: behind which revision the follow-up of a migration goes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fumehood.head import Head, NoHeadError
from fumehood.revisions import Revision, revision_of

from .contents import text_of
from .migrations import revision_in

if TYPE_CHECKING:
    from .environment import Environment

# Behind more revisions than these a migration has run everywhere for long.
_MOST_BETWEEN = 5
_NUMBERED = re.compile(r"(?P<number>\d{1,8})(?:_\w*)?")
_MENTIONED = re.compile(r"^down_revision\b", re.MULTILINE)


def head_of(environment: Environment, path: Path, unsaved: Mapping[Path, str]) -> Head:
    """The one head of the branch that a migration is in.

    `unsaved` are texts that are newer than the disk's, also of files that are not on it yet.
    Raises NoHeadError where there is none, or where the graph is not plain to see.
    """
    history = _History(environment, unsaved)
    own = history.revisions.get(path)
    if own is None:
        raise NoHeadError(f"{path}: its revision is no literal, or it is in no version folder")
    following = history.following(own.id)
    heads = [each for each in following if not history.children(each)]
    if len(heads) != 1:
        found = f"have several heads ({', '.join(sorted(heads))}); merge them first"
        why = f"{path}: the revisions behind {own.id} {found if heads else 'form a cycle'}"
        raise NoHeadError(why, amiss=True)
    between = [each for each in following if each != own.id]
    if len(between) > _MOST_BETWEEN:
        raise NoHeadError(f"{path}: {len(between)} revisions stand behind it already")
    return _head(environment, history, heads[0], between)


def last_of(environment: Environment, unsaved: Mapping[Path, str]) -> Head:
    """The one head of an environment. As above."""
    history = _History(environment, unsaved)
    heads = [each for each in history.ids if not history.children(each)]
    if len(heads) != 1:
        found = f"has several heads ({', '.join(sorted(heads))}); merge them first"
        why = f"{environment.script} {found if heads else 'has no revision'}"
        raise NoHeadError(why, amiss=len(heads) > 1)
    return _head(environment, history, heads[0], [])


def _head(environment: Environment, history: _History, head: str, between: Sequence[str]) -> Head:
    place = history.path(head)
    return Head(
        head,
        place.as_posix(),
        history.text(place),
        _folder(environment, place).as_posix(),
        environment.file_template,
        environment.slug_length,
        _next_number(head, history.ids),
        tuple(history.text(history.path(each)) for each in between),
    )


class _History:
    """The revisions of an environment, those that are not saved yet among them."""

    def __init__(self, environment: Environment, unsaved: Mapping[Path, str]) -> None:
        self._disk, self._unsaved = environment.disk, unsaved
        self.revisions = {path: found for path, found in self._read(environment) if found}
        self._paths = {found.id: path for path, found in self.revisions.items()}
        twice = [each for each, count in Counter(self.ids).items() if count > 1]
        if twice:
            why = f"{environment.script}: revision {twice[0]} stands in several files"
            raise NoHeadError(why, amiss=True)
        self._children: dict[str, list[str]] = {}
        for found in self.revisions.values():
            for parent in found.down:
                self._children.setdefault(parent, []).append(found.id)
        lost = [each for each in self._children if each not in self._paths]
        if lost:
            why = f"{environment.script}: no migration is the revision {lost[0]}"
            raise NoHeadError(why, amiss=True)

    @property
    def ids(self) -> list[str]:
        return [found.id for found in self.revisions.values()]

    def children(self, revision: str) -> list[str]:
        """The revisions that name one as their parent."""
        return self._children.get(revision, [])

    def following(self, revision: str) -> list[str]:
        """A revision and all that come behind it, nearest first."""
        found = {revision: None}
        waiting = [revision]
        while waiting:
            new = [each for each in self.children(waiting.pop(0)) if each not in found]
            found.update(dict.fromkeys(new))
            waiting += new
        return list(found)

    def path(self, revision: str) -> Path:
        return self._paths[revision]

    def text(self, path: Path) -> str:
        unsaved = self._unsaved.get(path)
        return self._disk.get(path, text_of) if unsaved is None else unsaved

    def _read(self, environment: Environment) -> Iterator[tuple[Path, Revision | None]]:
        new = (path for path in self._unsaved if environment.holds(path))
        for path in dict.fromkeys((*environment.migrations(), *new)):
            unsaved = self._unsaved.get(path)
            found = self._disk.get(path, revision_in) if unsaved is None else revision_of(unsaved)
            unclear = _MENTIONED.search(self.text(path)) if found is None else found.unread
            if unclear and (found is None or "down_revision" in found.unread):
                why = f"{path}: its revision or down_revision is no literal"
                raise NoHeadError(why, amiss=True)
            yield path, found


def _folder(environment: Environment, head: Path) -> Path:
    """Where Alembic would put the next file: among several places, where the head is."""
    places = environment.versions
    if len(places) == 1:
        return places[0]
    holding = [each for each in places if head.is_relative_to(each)]
    return max(holding, key=lambda each: len(each.parts))


def _next_number(head: str, ids: Iterable[str]) -> str | None:
    """The next free number, where revisions are numbered: 0043 behind 0042, or 0042_orders."""
    found = _NUMBERED.fullmatch(head)
    if found is None:
        return None
    numbers = (int(each["number"]) for each in map(_NUMBERED.fullmatch, ids) if each)
    return str(max(numbers) + 1).zfill(len(found["number"]))
