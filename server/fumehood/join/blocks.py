"""What is known inside of `with` blocks, and at the branches of an `if` chain or a match."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from ..cut import Piece
from ..facts import UNKNOWN, Batch, Context
from .values import AUTOCOMMIT, Made, Value, compare

# The first line of an `if` chain, and which of its branches.
Branch = tuple[Piece, int]


class Chain(Enum):
    """What is known, at a branch of an `if` chain, of those before it."""

    OPEN = "none of them ran"
    UNSURE = "one of them may have run"
    DECIDED = "one of them surely ran"


def entered(context: Context, value: Value, line: str) -> Context:
    """The context inside of `with value:`, whose text is `line`."""
    if value == AUTOCOMMIT:
        return replace(context, autocommit=True)
    # An exit stack, or what stands elsewhere, may begin an autocommit block.
    understood = isinstance(value, Batch) or (isinstance(value, Made) and _is_known(value.callee))
    autocommit = context.autocommit if understood or context.autocommit is True else UNKNOWN
    return replace(context, autocommit=autocommit, within=(*context.within, line))


def _is_known(callee: str) -> bool:
    """Whether what a `with` enters is of Alembic, SQLAlchemy or Python, and no exit stack."""
    top = callee.partition(".")[0]
    known = top in ("alembic", "sqlalchemy") or top in sys.stdlib_module_names
    return known and not callee.endswith("ExitStack")


def matched(subject: Value, values: Sequence[Value] | None) -> bool | None:
    """Whether a case is taken that names these values, or any (None); None where that is open."""
    if values is None:
        return True
    found = [compare("==", subject, value) for value in values]
    if any(item is True for item in found):
        return True
    return None if not found or UNKNOWN in found else False
