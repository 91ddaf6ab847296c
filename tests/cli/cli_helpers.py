"""What the tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import Result

Run = Callable[..., Result]

HEAD = 'revision = "b2"\ndown_revision = "a1"\n'


def migration(*calls: str) -> str:
    """The text of a revision whose upgrade() is these lines."""
    lines = "".join(f"    {call}\n" for call in calls or ("pass",))
    return f"{HEAD}\n\ndef upgrade():\n{lines}"
