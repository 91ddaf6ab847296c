"""Notes: what is said of a file that is no rule's finding, and counts as none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .document import Document
from .published import Published
from .revision_flaws import Flaw
from .severity import Severity

GRAPH = "revision-graph"


def graph_notes(document: Document, flaws: Sequence[Flaw]) -> Iterator[Published]:
    """What is wrong with the place of a migration among revisions, where it says its place."""
    for flaw in flaws:
        severity = Severity.ERROR if flaw.fatal else Severity.WARNING
        what, _, advice = flaw.message.rpartition("; ")
        what, advice = f"{flaw.part}: {what}.", f"{advice[:1].upper()}{advice[1:]}."
        yield Published(GRAPH, severity, flaw.span(document.text.content), what, advice)
