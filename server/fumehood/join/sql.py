"""SQL that is sent as text -> the operations that it holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..facts import UNKNOWN, Execute, Operation, ValidateConstraint
from ..read.sql import validations


def executed(execute: Execute) -> Iterator[Operation]:
    """The execution itself, and behind it what its SQL says in Alembic's terms."""
    yield execute
    if execute.sql is UNKNOWN:
        return
    for number, found in enumerate(validations(execute.sql)):
        common: dict[str, Any] = {
            "site": execute.site,
            "order": (*execute.order, number),
            "context": execute.context,
            "receiver": execute.receiver,
        }
        yield ValidateConstraint(
            name=found.constraint,
            final=True,
            alone=found.alone,
            table=found.table,
            schema=found.schema,
            **common,
        )
