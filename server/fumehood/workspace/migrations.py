"""What a migration's file tells an environment."""

from __future__ import annotations

import logging
from pathlib import Path

from fumehood.options import shown
from fumehood.partitions import Table, partitioned_tables
from fumehood.revisions import Revision, revision_of

from .contents import text_of

log = logging.getLogger(__name__)


def partitioned_in(path: Path) -> frozenset[Table]:
    """The tables that a migration creates as partitioned."""
    return partitioned_tables(text_of(path))


def revision_in(path: Path) -> Revision | None:
    """What a migration declares; what cannot be read is logged."""
    text, name = text_of(path), shown(path)
    found = revision_of(text)
    if found is None and "down_revision" in text:
        log.warning("%s: its revision is no literal; it is left out of the revisions' graph", name)
    for part in found.unread if found else ():
        log.warning("%s: %s is no literal and is left out of the revisions' graph", name, part)
    return found
