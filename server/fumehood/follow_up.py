"""FollowUps: the revisions that a fix creates behind a migration's branch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .cut import Piece
from .facts import Operation
from .head import FindHead, no_head
from .join.migration import Migration
from .new_revisions import Autocommit, NewRevisions, Step
from .revision_text import bound_statements

__all__ = ["Autocommit", "FollowUps", "Step"]


class FollowUps(NewRevisions):
    """Creates revisions behind the head of a migration's branch, each behind the one before.

    Their steps may use what the migration imports at its top.
    """

    def __init__(
        self,
        migration: Migration,
        width: int,
        find_head: FindHead,
        operations_of: Callable[[str], list[Operation]],
        autocommit: bool = False,
    ) -> None:
        """`operations_of` tells those of another migration's text."""
        super().__init__(width, find_head, self._imported, autocommit)
        self._migration, self._operations_of = migration, operations_of

    def between(self, operation: Operation) -> Iterator[Operation]:
        """What runs after an operation and before a follow-up: here, then in later revisions."""
        for item in self._migration:
            if item.context.function == operation.context.function and item.order > operation.order:
                yield item
        yield from self._behind()

    def later(self) -> Iterator[Operation]:
        """What later revisions run; nothing where nobody knows of other revisions."""
        if self._find_head is not no_head:
            yield from self._behind()

    def _imported(self) -> dict[str, str]:
        known: dict[str, str] = {}
        for piece in self._migration.pieces:
            if _imports(piece):
                known |= bound_statements(piece.text)
        return known

    def _behind(self) -> Iterator[Operation]:
        for text in self.head().between:
            found = self._operations_of(text)
            yield from (item for item in found if item.context.function == "upgrade")


def _imports(piece: Piece) -> bool:
    return piece.word in ("import", "from") and piece.column == 0
