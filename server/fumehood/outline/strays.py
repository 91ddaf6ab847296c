"""Calls of Index() behind a class or a Table(), which add to its table."""

from __future__ import annotations

import re

from ..join.values import Made
from .blocks import Block
from .parts import Stray
from .symbols import Value, last_part, mentioned

_INDEX = re.compile(r"\bIndex\s*\(")


def stray_of(value: Value) -> Stray | None:
    """The index that a line makes; its name, and what it is on, tell it from others of its file."""
    if not isinstance(value, Made) or last_part(value.callee) != "Index":
        return None
    given = value.arguments[0] if value.arguments else value.keyword("name")
    told = given if isinstance(given, str) else "-".join(sorted(mentioned(value)))
    return Stray(f"{told.replace('.', '-')}.Index", value)


def index_at(pieces: Block, index: int) -> int:
    """The offset of the call in its line."""
    found = _INDEX.search(pieces[index].text)
    return pieces.start(index) + (found.start() if found else 0)
