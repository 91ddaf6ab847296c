"""Whether an operation runs on other databases as well, which do not know PostgreSQL's own SQL."""

from __future__ import annotations

import re

from .edits import Edits, RefusedError
from .facts import Operation

_ASKED = re.compile(
    r"\b(?:dialect\.name|dialect_name|engine\.name|drivername)\b"
    r"|\b_?is_(?:postgresql|postgres|pg|mysql|mariadb|sqlite|oracle|mssql)\("
)
_NAMED = re.compile(r"""(?:["']|\b_?is_)(mariadb|mssql|mysql|oracle)\b""")


def refuse_other_dialects(op: Operation, edit: Edits) -> None:
    """Refuse where the file asks for the dialect, and the operation runs on another one too.

    Others are SQLite, on which tests often run, and those that the file names. Where only the
    project speaks of others, a human has to decide.
    """
    lines = [piece.text for piece in edit.pieces if not piece.blank]
    if not any(map(_ASKED.search, lines)):
        edit.decided = not edit.project.others
        return
    named = {name for line in lines for name in _NAMED.findall(line)}
    for dialect in sorted({"sqlite", *named}):
        if edit.runs_on(op, dialect):
            raise RefusedError(f"it runs on {dialect} too, which does not know such SQL")
