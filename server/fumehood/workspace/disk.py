"""Disk: what was read from it, kept until it changes there."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
# What tells one state of a path from another: kind, modification time in ns, size, inode.
_State = tuple[int, int, int, int]
_NOT_ASKED = object()


class Disk:
    """Answers about paths, each computed once for each state that the path is in.

    An answer holds until `refresh` has found the path changed: an editor asks at every keystroke.
    What is made of several answers holds as long as `generation` is the same.
    """

    def __init__(self) -> None:
        self._states: dict[Path, _State | None] = {}
        self._answers: dict[Path, dict[Callable[[Path], Any], Any]] = {}
        self._unsaved: dict[tuple[Path, Callable[[Path], Any]], Any] = {}
        self.generation = 0

    def get(self, path: Path, answer: Callable[[Path], T]) -> T:
        """`answer(path)`, a function of that one path's content, or of a folder's listing.

        `answer` has to be the same object each time: a function of a module, no lambda.
        """
        if (path, answer) in self._unsaved:
            unsaved: T = self._unsaved[path, answer]
            return unsaved
        return self.saved(path, answer)

    def saved(self, path: Path, answer: Callable[[Path], T]) -> T:
        """The same, whatever an editor has."""
        if path not in self._states:
            self._states[path] = _state(path)
        answers = self._answers.setdefault(path, {})
        if answer not in answers:
            answers[answer] = answer(path)
        found: T = answers[answer]
        return found

    def known(self, path: Path, answer: Callable[[Path], T]) -> T | None:
        """What `learn` was given for the state that the path is in; None before that."""
        if path not in self._states:
            self._states[path] = _state(path)
        return self._answers.get(path, {}).get(answer)

    def learn(self, path: Path, answer: Callable[[Path], T], found: T) -> None:
        """Take an answer that another process has found, asked when `known` had none."""
        self._answers.setdefault(path, {})[answer] = found

    def set_unsaved(self, path: Path, answer: Callable[[Path], T], found: T) -> bool:
        """Let an editor's text give an answer; whether that may be another one than before."""
        saved = self._answers.get(path, {}).get(answer, _NOT_ASKED)
        changed = bool(self._unsaved.get((path, answer), saved) != found)
        self._unsaved[path, answer] = found
        self.generation += changed
        return changed

    def forget_unsaved(self, path: Path, answer: Callable[[Path], T]) -> bool:
        """Let the disk give an answer again; whether that may be another one than before."""
        saved = self._answers.get(path, {}).get(answer, _NOT_ASKED)
        changed = bool(self._unsaved.pop((path, answer), saved) != saved)
        self.generation += changed
        return changed

    def refresh(self) -> set[Path]:
        """Look at all paths again: those that changed, whose answers are forgotten."""
        changed = {path for path, state in self._states.items() if _state(path) != state}
        for path in changed:
            del self._states[path]
            self._answers.pop(path, None)
        self.generation += bool(changed)
        return changed


def _state(path: Path) -> _State | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return stat.S_IFMT(found.st_mode), found.st_mtime_ns, found.st_size, found.st_ino
