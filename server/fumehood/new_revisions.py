"""NewRevisions: the revisions that fixes create, their steps written out."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import dedent

from .head import Created, FindHead, Head
from .revision_name import file_name, new_date, new_id
from .revision_text import NewRevision, manner_of, revision_text
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


class NewRevisions:
    """Creates revisions, each behind the one before, the first behind what `find_head` tells.

    `created` are the files. What is asked here raises RefusedError where none can be made.
    """

    def __init__(
        self,
        width: int,
        find_head: FindHead,
        known: Callable[[], Mapping[str, str]],
        autocommit: bool = False,
    ) -> None:
        """`known` are statements of import, by the names that they bind. `autocommit`: no block is
        needed in this environment, and none is written.
        """
        self.created: list[Created] = []
        self._width, self._known, self._autocommit = width, known, autocommit
        self._find_head = find_head
        self._found: Head | None = None

    def create_revision(
        self, message: str, upgrade: Sequence[Step], downgrade: Sequence[Step]
    ) -> str:
        """Create the next revision of the branch; its id.

        Steps may use `op`, and what is known to be imported. A function with nothing but comments
        gets `pass`. Raises NoHeadError.
        """
        head = self.head()
        created, revision = self._created(head, message, upgrade, downgrade)
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

    def head(self) -> Head:
        """Behind which revision the next one goes. Raises NoHeadError."""
        if self._found is None:
            self._found = self._find_head()
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
        """What the bodies need of the imports that are known; refused where they need more."""
        wanted = {name for body in bodies for name in _names(body)} - {"op"}
        known = self._known() if wanted else {}
        if lost := wanted - known.keys():
            raise RefusedError(f"the follow-up would lack {min(lost)}")
        return {name: known[name] for name in sorted(wanted)}


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
