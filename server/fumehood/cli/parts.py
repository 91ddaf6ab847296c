"""What the command line is given by whoever joins it to the engine and the rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fumehood.engine import Engine
    from fumehood.rule import Rule


@dataclass(frozen=True, slots=True)
class Parts:
    """Each is called when a command needs it, so that `--help` imports neither rules nor libcst.

    `keeps`: what is found depends on files and fumehood's own code alone, and may be kept.
    """

    make_engine: Callable[[], Engine]
    load_rules: Callable[[], Sequence[Rule]]
    keeps: bool = False
