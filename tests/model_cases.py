"""Models in every form that is read: each case is a project that SQLAlchemy itself can import.

They stand in tests/models/, a heading each, with a block for each of their files.
"""

from __future__ import annotations

from pathlib import Path

from fumehood import pages

BASE = """
from sqlalchemy.orm import DeclarativeBase

class Base(DeclarativeBase):
    pass
"""


def _cases() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for page in sorted(Path(__file__).with_name("models").glob("*.md")):
        for block in pages.blocks(page.read_text(encoding="utf-8")):
            found.setdefault(block.heading, {})[block.file] = block.code
    return found


CASES = _cases()
"""By heading, then by the path in the project."""
