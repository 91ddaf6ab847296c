"""Edits of several files of a project, as one fix makes them."""

from __future__ import annotations

from collections.abc import Callable

from .model_edits import ModelEdits
from .statement import RefusedError
from .text import Edit


class ProjectEdits:
    """Collects the edits of one fix, file by file; paths are those from the project's folder."""

    def __init__(self, edits_of: Callable[[str], ModelEdits | None]) -> None:
        """`edits_of` begins the edits of a file's current text; None where there is none."""
        self._edits_of = edits_of
        self._files: dict[str, ModelEdits] = {}

    def file(self, path: str) -> ModelEdits:
        """The edits of one file. Raises RefusedError where it cannot be changed."""
        if path not in self._files:
            found = self._edits_of(path)
            if found is None:
                raise RefusedError(f"{path} cannot be read, or is to be left alone")
            self._files[path] = found
        return self._files[path]

    def finish(self) -> dict[str, tuple[Edit, ...]]:
        """The edits of each file that is changed."""
        found = ((path, each.finish()) for path, each in self._files.items())
        return {path: edits for path, edits in found if edits}
