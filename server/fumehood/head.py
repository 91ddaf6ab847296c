"""Head: the revision behind which a migration's follow-up goes, and what Alembic names it by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

SLUG_LENGTH = 40  # as alembic.script.base has it
FILE_TEMPLATE = "%(rev)s_%(slug)s"


class NoHeadError(Exception):
    """A migration can have no follow-up; the message says why.

    `amiss`: as long as the revisions are what they are, none of the branch can.
    """

    def __init__(self, why: str, amiss: bool = False) -> None:
        super().__init__(why)
        self.amiss = amiss


@dataclass(frozen=True, slots=True)
class Created:
    """A file to create: its absolute path, and its text."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Head:
    """The one head of a migration's branch; paths are absolute.

    `text` is its file's, `folder` the one in which Alembic would make the next file.
    `next_number` is the next free id where revisions are numbered ("0043"), None where they are
    not. `between` has the texts of what runs after the migration, up to the head and with it.
    """

    revision: str
    path: str
    text: str
    folder: str
    file_template: str = FILE_TEMPLATE
    slug_length: int = SLUG_LENGTH
    next_number: str | None = None
    between: tuple[str, ...] = ()


# Tells the head of a migration's branch, or raises NoHeadError.
FindHead = Callable[[], Head]


class NobodyKnowsError(NoHeadError):
    """Nobody was to be asked, so that it is no news to anybody."""


def no_head() -> Head:
    """Where nobody knows of other revisions, there are no follow-ups."""
    raise NobodyKnowsError("nothing is known of the other revisions")
