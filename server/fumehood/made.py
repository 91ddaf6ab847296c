"""What a fix comes to: its edits, made from the current text of the files that it changes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from .document import Document
from .edits import Edits, RefusedError
from .facts import Fact, Operation
from .file import File
from .follow_up import FollowUps
from .head import Created, FindHead, no_head
from .model_edits import ModelEdits
from .project_edits import ProjectEdits
from .rule import Fix
from .statement import UnreadableError
from .text import Edit
from .trials import Changed, broken

_LOG = logging.getLogger(__name__)


class Asked(NamedTuple):
    """Who tells of other files: the head of a branch; a file of the project, by its path there."""

    head: FindHead = no_head
    file: Callable[[str], File | None] = lambda _: None


ALONE = Asked()


@dataclass(frozen=True, slots=True)
class Made:
    """Edits of the finding's own file and of others, and files to be created."""

    edits: tuple[Edit, ...]
    creates: tuple[Created, ...] = ()
    others: tuple[Changed, ...] = ()


def made(file: File, fact: Fact, fix: Fix, asked: Asked) -> Made | None:
    """What a fix comes to; None where it is refused, fails or changes nothing."""
    if fix.block and file.around.project.block_fails:
        return None
    try:
        if file.migration is None:
            found = _in_project(file, fact, fix, asked)
        else:
            found = _in_migration(file, fact, fix, asked)
    except (RefusedError, UnreadableError):
        return None
    except Exception:  # a fix's fault must not take the other actions down
        _LOG.exception("the fix %r failed", fix.title)
        return None
    return found if found.edits or found.others else None


def is_clean(file: File, created: Created) -> bool:
    """Whether a new file can be read, and no rule finds anything in it."""
    other = _beside(file, created)
    return other.migration is not None and not other.published() and not broken(other)


def _in_migration(file: File, fact: Fact, fix: Fix, asked: Asked) -> Made:
    assert file.migration is not None
    follow_ups = FollowUps(
        file.migration,
        file.settings.line_length,
        asked.head,
        lambda text: _operations(file, text),
        file.around.project.autocommit,
    )
    edit = Edits(file.document, file.settings, file.around.project, file.migration, follow_ups)
    fix.apply(fact, edit)
    return Made(edit.finish(), tuple(follow_ups.created))


def _in_project(file: File, fact: Fact, fix: Fix, asked: Asked) -> Made:
    """The edits of a fix in files with models or queries."""
    models = file.around.models
    own = "" if models is None else models.path
    files = {own: file}

    def edits_of(path: str) -> ModelEdits | None:
        found = files.get(path) or asked.file(path)
        if found is None or found.document.is_migration:
            return None
        files[path] = found
        return ModelEdits(found.document, found.reading, found.settings.line_length)

    edit = ProjectEdits(edits_of)
    fix.apply(fact, edit)
    edits = edit.finish()
    others = (Changed(files[path], each) for path, each in edits.items() if path != own)
    return Made(edits.get(own, ()), others=tuple(others))


def _operations(file: File, text: str) -> list[Operation]:
    """The operations of another migration of the same environment."""
    other = _beside(file, Created("", text))
    return sorted(other.operations(), key=lambda item: item.order)


def _beside(file: File, created: Created) -> File:
    settings = replace(file.settings, checked=True)
    around = replace(file.around, settings=settings)
    other = File(Document(created.path, created.text), around)
    other.work(None)
    return other
