"""What columns are compared with: constants that have a name, what is past, patterns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..facts import UNKNOWN
from ..join.values import Made, Reference
from ..outline.symbols import Maybe, Operated, constant, last_part

_NOW = frozenset(["current_timestamp", "current_date", "localtimestamp"])
# Words in the names of functions that tell the time, those of a project too: `utc_now()`.
_NOW_WORDS = frozenset(["now", "utcnow", "today"])


def marked(value: Any) -> Any:
    """A condition in which what has a name in the program is marked where it is compared."""
    match value:
        case Operated("==", (left, Reference() as right)):
            return Operated("==", (left, constant(right)))
        case Made(arguments=(tuple() as items,)) if last_part(value.callee) == "in_":
            if items and all(isinstance(each, Reference) for each in items):
                return replace(value, arguments=(tuple(map(constant, items)),))
        case Operated("&" | "|" | "~x" as operator, operands):
            return Operated(operator, tuple(map(marked, operands)))
        case Maybe(inner):
            return Maybe(marked(inner))
        case Made(base=None) if last_part(value.callee) in ("and_", "or_", "not_"):
            return replace(value, arguments=tuple(map(marked, value.arguments)))
    return value


def row(value: Any) -> tuple[Any, ...]:
    """What stands in `tuple_(…)` or `func.row(…)`; nothing where a value is no row."""
    if not isinstance(value, Made) or value.base is not None or not value.complete:
        return ()
    package, _, name = value.callee.rpartition(".")
    is_row = name == "tuple_" or (name.lower() == "row" and package.endswith("func"))
    known = is_row and package.startswith(("sqlalchemy", "sqlmodel"))
    return value.arguments if known else ()


def items(value: Any, count: int) -> tuple[Any, ...]:
    """What the columns of a row, so many, are compared with."""
    found = value if isinstance(value, tuple) else row(value)
    return found if len(found) == count else (UNKNOWN,) * count


def is_past(value: Any) -> bool:
    """Whether a value is the time of the query, or some time before it.

    Nearly all rows are older, but in a table from which such rows are deleted.
    """
    while isinstance(value, Made | Operated):
        if isinstance(value, Operated):
            if value.operator != "-":
                return False
            value = value.operands[0]
        elif value.base is not None:  # `.replace(tzinfo=None)`
            value = value.base
        else:
            return _tells_time(value.callee)
    return isinstance(value, Reference) and _tells_time(value.dotted)


def _tells_time(dotted: str) -> bool:
    name = last_part(dotted).lower()
    return name in _NOW or not _NOW_WORDS.isdisjoint(name.split("_"))


def beginning(pattern: Any) -> str | None:
    """The text that a pattern begins with; None where that is not known."""
    while isinstance(pattern, Operated) and pattern.operator in ("f", "+") and pattern.operands:
        pattern = pattern.operands[0]
    return pattern if isinstance(pattern, str) else None
