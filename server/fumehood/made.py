"""What a fix comes to: its edits, made from the current text of the files that it changes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import NamedTuple

from .document import Document
from .edits import Edits, RefusedError
from .facts import Fact, Operation
from .file import File
from .follow_up import FollowUps
from .head import Created, FindHead, NobodyKnowsError, NoHeadError, no_head
from .index_revision import IMPORTS, create_revision
from .model_edits import ModelEdits
from .models.facts import ClassKey
from .new_revisions import NewRevisions
from .outline.module import outlining
from .outline.parts import Outline
from .project_edits import ProjectEdits
from .rule import Fix
from .schema import table_name
from .statement import UnreadableError
from .surroundings import Surroundings
from .text import Edit
from .trials import Changed, broken

_LOG = logging.getLogger(__name__)


class Asked(NamedTuple):
    """Who tells of other files: the head of a branch; a file of the project, by its path there;
    what a migration at a whole path is checked in the light of.
    """

    head: FindHead = no_head
    file: Callable[[str], File | None] = lambda _: None
    around: Callable[[str], Surroundings | None] = lambda _: None


ALONE = Asked()


@dataclass(frozen=True, slots=True)
class Made:
    """Edits of the finding's own file and of others, and files to be created, in what light.

    `decided` as in Edits.
    """

    edits: tuple[Edit, ...]
    creates: tuple[Created, ...] = ()
    others: tuple[Changed, ...] = ()
    around: Surroundings | None = None
    decided: bool = True


class Refusal(NamedTuple):
    """A fix is not offered; `why`, where that can be told, as "the table is partitioned".

    `unasked`: it may be right, but nobody knows of the other revisions here.
    """

    why: str = ""
    unasked: bool = False


def made(file: File, fact: Fact, fix: Fix, asked: Asked) -> Generator[None, None, Made | Refusal]:
    """What a fix comes to, in small steps; a Refusal also where it fails or changes nothing."""
    project = file.around.project
    if (fix.block and project.block_fails) or fix.keyword in dict(project.ignored):
        return Refusal()  # the finding says it
    try:
        if file.migration is None:
            found = yield from _in_project(file, fact, fix, asked)
        else:
            found = _in_migration(file, fact, fix, asked)
    except (NoHeadError, RefusedError) as error:
        _LOG.debug("the fix %r is not offered: %s", fix.title, error)
        return Refusal(str(error), isinstance(error, NobodyKnowsError))
    except UnreadableError as error:
        _LOG.debug("the fix %r is not offered: its line cannot be rewritten: %s", fix.title, error)
        return Refusal("its line cannot be rewritten with all that stands in it")
    except Exception:  # a fix's fault must not take the other actions down
        _LOG.exception("the fix %r failed", fix.title)
        return Refusal()
    return found if found.edits or found.others else Refusal()


def is_clean(file: File, made: Made) -> bool:
    """Whether all new files can be read, and no rule finds anything in them."""
    for each in made.creates:
        other = _beside(made.around or file.around, each)
        if other.migration is None or other.published() or broken(other):
            return False
    return True


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
    return Made(edit.finish(), tuple(follow_ups.created), decided=edit.decided)


def _outline(file: File) -> Generator[None, None, Outline]:
    """What a file's text says of models and queries."""
    if file.written is not None and file.written.outline is not None:
        return file.written.outline
    document = file.document
    if document.outline is None:
        yield from document.cut()
        document.outline = yield from outlining(document.pieces, file.reading)
    found: Outline = document.outline
    return found


class _NotOutlinedError(Exception):
    """A fix wants to change a file whose models are not known yet."""

    def __init__(self, file: File) -> None:
        self.file = file


def _in_project(file: File, fact: Fact, fix: Fix, asked: Asked) -> Generator[None, None, Made]:
    """The edits of a fix in files with models or queries."""
    models = file.around.models
    own = "" if models is None else models.path
    files = {own: file}
    outlines: dict[File, Outline] = {}

    def edits_of(path: str) -> ModelEdits | None:
        found = files.get(path) or asked.file(path)
        if found is None:
            return None
        files[path] = found
        if found not in outlines:
            raise _NotOutlinedError(found)
        if found.document.is_migration:
            return None
        width = found.settings.line_length
        return ModelEdits(found.document, found.reading, width, outlines[found])

    if fix.migrates is not None:
        asked.head()  # nothing is made where there is none
    edits = None
    while edits is None:
        try:
            edit = ProjectEdits(edits_of)
            fix.apply(fact, edit)
            edits = edit.finish()
        except _NotOutlinedError as error:
            outlines[error.file] = yield from _outline(error.file)
    others = (Changed(files[path], each) for path, each in edits.items() if path != own)
    return Made(edits.get(own, ()), others=tuple(others))


def with_revision(file: File, found: Made, after: File, key: ClassKey, asked: Asked) -> Made | None:
    """The same and a revision that does to the database what the edits do to a model; or None.

    `after` is a copy of the file with the edits.
    """
    assert file.around.models is not None
    assert after.around.models is not None
    catalog = after.around.models.catalog
    before, now = file.around.models.catalog.model(key), catalog.model(key)
    name = None if now is None else table_name(now.schema, now.table)
    try:
        around = asked.around(asked.head().path)
        if before is None or now is None or name is None or around is None:
            return None
        width, autocommit = around.settings.line_length, around.project.autocommit
        revisions = NewRevisions(width, asked.head, lambda: IMPORTS, autocommit)
        create_revision(before, now, catalog.migrated(name), around.project, revisions)
    except (NoHeadError, RefusedError) as error:
        _LOG.debug("no revision is offered for %s: %s", key[1], error)
        return None
    return replace(found, creates=tuple(revisions.created), around=around)


def _operations(file: File, text: str) -> list[Operation]:
    """The operations of another migration of the same environment."""
    other = _beside(file.around, Created("", text))
    return sorted(other.operations(), key=lambda item: item.order)


def _beside(around: Surroundings, created: Created) -> File:
    settings = replace(around.settings, checked=True)
    other = File(Document(created.path, created.text), replace(around, settings=settings))
    other.work(None)
    return other
