"""FollowUps: the revisions that a fix creates behind a migration's branch."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from textwrap import dedent

from .cut import Piece
from .facts import Operation
from .head import Created, FindHead, Head, NoHeadError, no_head
from .join.migration import Migration
from .revision_name import file_name, new_date, new_id
from .revision_text import NewRevision, bound_statements, manner_of, revision_text
from .revisions import Revision, revision_of
from .statement import RefusedError, Statement

_BLOCK = "with op.get_context().autocommit_block():"
_BUILTIN = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class Autocommit:
    """Steps in an autocommit block."""

    steps: Sequence[str | Statement]


# A line of the file, the source of an expression statement, a comment ("# …"), or a block.
Step = str | Statement | Autocommit


class FollowUps:
    """Creates revisions behind the head of a migration's branch, each behind the one before.

    `created` are the files. What is asked here raises RefusedError where no follow-up can be made.
    """

    def __init__(
        self,
        migration: Migration,
        width: int,
        find_head: FindHead,
        operations_of: Callable[[str], list[Operation]],
        autocommit: bool = False,
    ) -> None:
        """`operations_of` tells those of another migration's text. `autocommit`: no block is needed
        in this environment, and none is written.
        """
        self.created: list[Created] = []
        self._migration, self._width = migration, width
        self._find_head, self._operations_of = find_head, operations_of
        self._found: Head | None = None
        self._autocommit = autocommit

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

    def _behind(self) -> Iterator[Operation]:
        for text in self._head().between:
            found = self._operations_of(text)
            yield from (item for item in found if item.context.function == "upgrade")

    def create_revision(
        self, message: str, upgrade: Sequence[Step], downgrade: Sequence[Step]
    ) -> str:
        """Create the next revision of the branch; its id.

        Steps may use `op`, and what the migration imports at its top. A function with nothing but
        comments gets `pass`.
        """
        head = self._head()
        try:
            created, revision = self._created(head, message, upgrade, downgrade)
        except NoHeadError as error:
            raise RefusedError(str(error)) from error
        self.created.append(created)
        self._found = replace(
            head,
            revision=revision,
            path=created.path,
            text=created.text,
            next_number=_next(head.next_number),
            between=(*head.between, created.text),
        )
        return revision

    def _created(
        self, head: Head, message: str, upgrade: Sequence[Step], downgrade: Sequence[Step]
    ) -> tuple[Created, str]:
        manner = manner_of(head.text)
        up, down = (
            self._body(steps, manner.unit, manner.newline) for steps in (upgrade, downgrade)
        )
        revision, date = new_id(head, message, up + down), new_date(head)
        new = NewRevision(revision, message, date, up, down, self._imports((up, down)))
        text = revision_text(head, new)
        if revision_of(text) != Revision(revision, down=(head.revision,)):
            raise RefusedError(f"{head.path} is no pattern for another revision")
        name = file_name(head, revision, message, date)
        return Created(f"{head.folder.rstrip('/')}/{name}", text), revision

    def _head(self) -> Head:
        if self._found is None:
            try:
                self._found = self._find_head()
            except NoHeadError as error:
                raise RefusedError(str(error)) from error
        return self._found

    def _body(self, steps: Sequence[Step], unit: str, newline: str) -> str:
        if self._autocommit:
            steps = [
                each
                for step in steps
                for each in (step.steps if isinstance(step, Autocommit) else (step,))
            ]
        lines = [self._line(step, unit, unit, newline) for step in steps]
        if all(isinstance(step, str) and step.startswith("#") for step in steps):
            lines.append(f"{unit}pass{newline}")
        return "".join(lines)

    def _line(self, step: Step, indent: str, unit: str, newline: str) -> str:
        if isinstance(step, Autocommit):
            inner = [self._line(each, indent + unit, unit, newline) for each in step.steps]
            return f"{indent}{_BLOCK}{newline}{''.join(inner)}"
        if isinstance(step, str) and step.startswith("#"):
            return f"{indent}{step}{newline}"
        if isinstance(step, str):
            step = Statement(step + newline, self._width, own=True)
        return step.indented(indent, unit).rstrip("\r\n") + newline

    def _imports(self, bodies: Sequence[str]) -> dict[str, str]:
        """What the bodies need of this file's imports; refused where they need something else."""
        known: dict[str, str] = {}
        for piece in self._migration.pieces:
            if _imports(piece):
                known |= bound_statements(piece.text)
        wanted = {name for body in bodies for name in _names(body)} - {"op"}
        if lost := wanted - known.keys():
            raise RefusedError(f"the follow-up would lack {min(lost)}")
        return {name: known[name] for name in sorted(wanted)}


def _imports(piece: Piece) -> bool:
    return piece.word in ("import", "from") and piece.column == 0


def _names(source: str) -> set[str]:
    """The names that lines take from outside."""
    try:
        nodes = list(ast.walk(ast.parse(dedent(source))))
    except (SyntaxError, ValueError) as error:
        raise RefusedError("the follow-up would not parse") from error
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    own = {node.id for node in nodes if isinstance(node, ast.Name) and _stored(node)}
    own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    return used - own - _BUILTIN


def _stored(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _next(number: str | None) -> str | None:
    return None if number is None else str(int(number) + 1).zfill(len(number))
