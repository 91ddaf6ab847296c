"""SQL that is sent as text -> the operations that it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..facts import UNKNOWN, Execute, Operation
from ..read.ddl import commands


def executed(execute: Execute, own: bool = False) -> Iterator[Operation]:
    """What its SQL does in Alembic's terms; first the execution itself, where it does more.

    `own` as in InSql.
    """
    if execute.sql is UNKNOWN:
        yield execute
        return
    found = commands(execute.sql)
    if not found.all:
        yield execute
    for number, command in enumerate(found.found, 1):
        common: dict[str, Any] = {
            "site": replace(execute.site, part=number),
            "order": (*execute.order, number),
            "context": execute.context,
            "receiver": execute.receiver,
            "in_sql": replace(command.place, own=True) if own else command.place,
        }
        yield command.kind(**common, **command.arguments)
