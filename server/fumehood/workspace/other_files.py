"""Files that a fix would change although it was asked for in another one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fumehood.beside import Other

from .source import Found, SourceError, read_source

if TYPE_CHECKING:
    from .workspace import Workspace


def other_file(
    workspace: Workspace, path: Path, opened: tuple[str, str] | None = None
) -> Other | None:
    """A file as it is now; None where it cannot be read, or is none that fumehood may change.

    `opened` are name and text of the editor's document, where the file is open.
    """
    settings, project = workspace.around(path)
    if settings.is_test or workspace.excludes(path):
        return None
    if opened is not None:
        return Other(*opened, settings, project)
    try:
        text = read_source(Found(path, named=False)).text
    except SourceError:
        return None
    return Other(str(path), text, settings, project)
