"""Where and under what an operation of a migration stands, and what is said of the unknown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from .cut import Piece

Path = tuple[str | int, ...]


class _Unknown(Enum):
    UNKNOWN = "UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("UNKNOWN is neither true nor false: compare with `is`")


UNKNOWN: Final = _Unknown.UNKNOWN
Unknown = Literal[_Unknown.UNKNOWN]
Text = str | Unknown
MaybeText = str | None | Unknown
Flag = bool | Unknown


@dataclass(frozen=True, slots=True)
class Site:
    """A call in the text: its piece, and the path to the call within it; () is the whole line.

    `part` counts from 1 what SQL does, where one call sends several operations.
    """

    piece: Piece
    path: Path
    part: int = 0


@dataclass(frozen=True, slots=True)
class InSql:
    """Where an operation stands in the SQL that its call sends; offsets are in code points.

    `alone`: the call sends nothing else. CONCURRENTLY or NOT VALID goes to `insert`, and a name to
    `name_at` where there is none. `keys` is [start, end) of a unique or primary key's columns with
    their parentheses. `refusal` says why it cannot be rewritten as it is. `own`: it is sent through
    `op.get_bind()`, and so through the migration's connection.
    """

    start: int
    end: int
    sql: str  # all that is sent
    alone: bool
    insert: int | None = None
    name_at: int | None = None
    keys: tuple[int, int] | None = None
    refusal: str | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """`with op.batch_alter_table(table, schema=…) as …:`, at `site`."""

    table: Text
    schema: MaybeText
    recreate: Text
    site: Site
    receiver: str  # what stands before `.batch_alter_table`
    plain: bool  # no other argument than these
    autocommit: Flag  # whether it ends, and so runs, within an autocommit block


@dataclass(frozen=True, slots=True)
class Context:
    """Under what an operation runs.

    `function` is the entry point (upgrade, downgrade…). `autocommit`: within an autocommit block,
    UNKNOWN within a `with` that is not understood. `branches`: of each `if` chain around it whose
    tests are not known, its first line and which branch. `via`: the calls of helpers, outermost
    first.
    """

    function: str
    autocommit: Flag = False
    within: tuple[str, ...] = ()  # other `with` blocks around it
    conditional: bool = False
    branches: tuple[tuple[Piece, int], ...] = ()
    loop: bool = False
    tried: bool = False
    via: tuple[Site, ...] = ()

    @property
    def downgrade(self) -> bool:
        """Whether it undoes a revision."""
        return self.function.startswith("downgrade")

    def excludes(self, other: Context) -> bool:
        """Whether they stand in different branches of one `if`, so that only one of them runs."""
        chosen = dict(self.branches)
        return any(chosen.get(head, branch) != branch for head, branch in other.branches)
