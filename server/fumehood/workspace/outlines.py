"""Outlines of files on the disk: made where it disturbs nobody, and what is made of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fumehood.history import History, Steps
from fumehood.naming import Naming
from fumehood.outline.parts import Outline
from fumehood.revisions import Revisions
from fumehood.steps import Json, models_of, steps_of
from fumehood.stepwise import finished

from .contents import say_unreadable
from .disk import Disk
from .environment import Environment
from .outline_cache import OutlineCache
from .source import Found, SourceError, read_source

if TYPE_CHECKING:
    from fumehood.read.cache import Lines

log = logging.getLogger(__name__)

_BROKEN = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
_NOTHING = '{"steps": []}'  # what cannot be read has no models either


class Outlined(NamedTuple):
    """A file's outline, as JSON."""

    path: Path
    outline: str


def remembered(path: Path) -> Outlined | None:
    """The outline of a file that was made before; None where it has to be made.

    It takes some 0.1 ms and starts no process. What cannot be read is logged and is one of nothing.
    """
    try:
        kept = cache_of_user().get(read_source(Found(path, named=False)).data)
    except SourceError as error:
        say_unreadable(path, str(error))
        return Outlined(path, _NOTHING)
    return None if kept is None else Outlined(path, kept)


def outlined(path: Path) -> Outlined:
    """The outline of a file, made and kept; may run in any process.

    What cannot be read, or not be outlined, is logged and has an outline of nothing.
    """
    return finished(outlining(path))


def outlining(path: Path) -> Generator[None, None, Outlined]:
    """The same, in small steps."""
    # Not at the top: what was made before is taken without libcst.
    from fumehood.outlining import outline_in_steps

    try:
        source = read_source(Found(path, named=False))
    except SourceError as error:
        say_unreadable(path, str(error))
        return Outlined(path, _NOTHING)
    try:
        outline = yield from outline_in_steps(str(path), source.text, _lines())
        made = json.dumps(outline, separators=(",", ":"))
    except Exception:  # one file that cannot be outlined must not take the others down
        log.exception("%s: what it does to the schema is not known", path)
        return Outlined(path, _NOTHING)
    cache_of_user().put(source.data, made)
    return Outlined(path, made)


@cache
def cache_of_user() -> OutlineCache:
    """What earlier runs have kept."""
    return OutlineCache()


@cache
def _lines() -> Lines:
    from fumehood.read.cache import Lines

    return Lines()


def steps_in(path: Path) -> Steps:
    """The steps of a migration that `Outlines.learn` was told of: an answer for Disk."""
    raise LookupError(f"{path}: its outline is not made here")


def parts_of(found: Outlined) -> Generator[None, None, tuple[Json, Outline | None]]:
    """The outline of a file, and the models in it, in small steps.

    One that was kept and is broken is made anew.
    """
    try:
        return (yield from _parts(found))
    except _BROKEN as error:
        return (yield from _parts(_made_anew(found.path, error)))


def _parts(found: Outlined) -> Generator[None, None, tuple[Json, Outline | None]]:
    outline = json.loads(found.outline)
    if not isinstance(outline, dict) or "steps" not in outline:
        raise ValueError(f"no outline: {found.outline[:50]}")
    return outline, (yield from models_of(outline))


def _made_anew(path: Path, error: Exception) -> Outlined:
    log.warning("%s: what was kept of it is broken (%r), and made anew", path, error)
    return outlined(path)


class Outlines:
    """What is known of the files of some environments, as they are on the disk."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._asked: set[Path] = set()
        self._unsaved: dict[Path, Steps] = {}
        self._histories: dict[Environment, tuple[dict[Path, Steps], History]] = {}
        self._learned = 0  # what the disk's generation says nothing of
        self._current: dict[Environment, tuple[object, History | None]] = {}
        self.looked = 0  # how often all migrations of an environment were looked at

    def wanted(self, environment: Environment) -> list[Path]:
        """The migrations whose outlines have to be made before the history is known."""
        found = [
            path
            for path in environment.graph().paths
            if path not in self._unsaved and self._disk.known(path, steps_in) is None
        ]
        self._asked.update(found)
        return found

    def learn(self, path: Path, outline: Json) -> None:
        """Take an outline, if it was wanted."""
        if path in self._asked:
            self._asked.discard(path)
            try:
                steps = steps_of(outline, str(path))
            except _BROKEN as error:
                steps = steps_of(json.loads(_made_anew(path, error).outline), str(path))
            self._disk.learn(path, steps_in, steps)
            self._learned += 1

    def set_unsaved(self, path: Path, steps: Json | None) -> None:
        """Take what an open file does, as `current_steps` tells; None: what the disk has again."""
        before = self._unsaved.pop(path, None)
        if steps is not None:
            self._unsaved[path] = steps_of({"steps": steps}, str(path))
        self._learned += self._unsaved.get(path) != before

    def history(self, environment: Environment) -> History | None:
        """The tables of an environment along its revisions; None while outlines are wanted."""
        graph, naming = environment.graph(), environment.project().naming
        state = graph, naming, self._disk.generation, self._learned
        before, found = self._current.get(environment, (None, None))
        if before != state:
            found = self._history(environment, graph, naming)
            self._current[environment] = state, found
        return found

    def _history(
        self, environment: Environment, graph: Revisions, naming: Naming | None
    ) -> History | None:
        self.looked += 1
        steps: dict[Path, Steps] = {}
        for path in graph.paths:
            found = self._unsaved.get(path)
            if found is None and (found := self._disk.known(path, steps_in)) is None:
                return None
            steps[path] = found
        before, kept = self._histories.get(environment, ({}, None))
        if kept is None or kept.graph is not graph or kept.naming != naming:
            kept = History(graph, steps, naming)
        else:
            for path, now in steps.items():
                if before[path] != now:
                    kept = kept.changed(path, now)
        self._histories[environment] = steps, kept
        return kept
