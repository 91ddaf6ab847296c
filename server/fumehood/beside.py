"""What a fix may ask about files that are not its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .config import Settings
from .project import Project

_NO_PROJECT = Project(naming=None)  # nothing is known of how constraints are named


@dataclass(frozen=True, slots=True)
class Other:
    """Another file as it is now, unsaved changes included; `path` is what the shell calls it."""

    path: str
    text: str
    settings: Settings
    project: Project = _NO_PROJECT


# Finds a file by its absolute path; None where it cannot be read, or is to be left alone.
FindFile = Callable[[str], Other | None]


def no_file(_: str) -> Other | None:
    """Where nobody knows of other files, none is changed."""
    return None
