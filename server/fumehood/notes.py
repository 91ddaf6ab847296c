"""Notes: what is said of a file that is no rule's finding, and counts as none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from .document import Document
from .facts import UNKNOWN, Execute, Operation, Site
from .published import Published
from .read.sql import postgresql, rejection
from .revision_flaws import Flaw
from .severity import Severity
from .suppress import Ignores
from .text import Span

GRAPH = "revision-graph"
REFUSED = "refused-sql"
NOTES = frozenset((GRAPH, REFUSED))
# What speaks of databases besides PostgreSQL, and of batches, which are for SQLite.
_OTHERS = re.compile(
    r"\bdialect\b|dialect_?name|drivername|engine\.name|batch_alter_table|sqlite|mysql|mariadb|mssql"
    r"|oracle|cockroach|redshift|snowflake|yugabyte|greenplum|spanner",
    re.IGNORECASE,
)


def graph_notes(document: Document, flaws: Sequence[Flaw]) -> Iterator[Published]:
    """What is wrong with the place of a migration among revisions, where it says its place."""
    for flaw in flaws:
        severity = Severity.ERROR if flaw.fatal else Severity.WARNING
        what, _, advice = flaw.message.rpartition("; ")
        what, advice = f"{flaw.part}: {what}.", f"{advice[:1].upper()}{advice[1:]}."
        yield Published(GRAPH, severity, flaw.span(document.text.content), what, advice)


class RefusedSql:
    """SQL of a migration that PostgreSQL's grammar refuses, so that nobody knows what it does.

    Only that which surely runs as it is written, on the migration's own connection.
    """

    def __init__(self) -> None:
        self._found: dict[int, tuple[Execute, str]] = {}

    def change(self, gone: Iterable[Operation], come: Iterable[Operation]) -> None:
        """Follow the operations of the file."""
        for operation in gone:
            self._found.pop(id(operation), None)
        for operation in come:
            if isinstance(operation, Execute) and (why := _refused(operation)):
                self._found[id(operation)] = operation, why

    def looked(self, document: Document, ignores: Ignores) -> frozenset[str]:
        """Which notes could have been made, of those that ignores speak of."""
        named = any(placed.names(REFUSED) for placed in ignores.placed)
        looked = named and _is_of_one(document) and postgresql() is not None
        return frozenset({REFUSED} if looked else ())

    def notes(self, document: Document, span_of: Callable[[Site], Span]) -> Iterator[Published]:
        """One for each call."""
        if not self._found or not _is_of_one(document):
            return
        for site, why in {each.site: why for each, why in self._found.values()}.items():
            what = f"PostgreSQL's grammar refuses the SQL that is sent here: {why}."
            effect = "What it does is not known, and nothing is said of it."
            yield Published(REFUSED, Severity.INFORMATION, span_of(site), what, effect)


def _is_of_one(document: Document) -> bool:
    """Whether a file speaks of no other database than PostgreSQL."""
    return not _OTHERS.search(document.text.content)


def _refused(operation: Execute) -> str | None:
    context = operation.context
    if operation.in_sql or operation.sql is UNKNOWN or context.autocommit is UNKNOWN:
        return None
    if context.conditional or context.tried:
        return None
    return rejection(operation.sql)
