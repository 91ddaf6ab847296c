"""`$/progress`: how far a long piece of work is, where the client shows that."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from lsprotocol import types

if TYPE_CHECKING:
    from fumehood.lsp.client import Client
    from fumehood.lsp.protocol import Protocol

_numbers = itertools.count(1)


class Progress:
    """One piece of work. Nothing is sent before the client has taken the token."""

    def __init__(self, protocol: Protocol, client: Client) -> None:
        self._protocol = protocol
        self._shown = client.progress
        self._token = f"fumehood-{next(_numbers)}"
        self._done, self._of = 0, 1
        self._open = False

    def begin(self, title: str, of: int) -> None:
        """The work has so many steps."""
        self._of = of

        def taken(_result: Any) -> None:
            self._open = self._shown
            self._say({"kind": "begin", "title": title, "percentage": self._percentage})

        if self._shown:
            params = {"token": self._token}
            self._protocol.ask(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params, taken)

    def step(self, steps: int) -> None:
        """So many steps more are done."""
        self._done += steps
        self._say({"kind": "report", "percentage": self._percentage})

    def end(self) -> None:
        """The work is done, or given up."""
        self._say({"kind": "end"})
        self._open = self._shown = False

    @property
    def _percentage(self) -> int:
        return min(100, 100 * self._done // self._of)

    def _say(self, value: dict[str, Any]) -> None:
        if self._open:
            self._protocol.announce(types.PROGRESS, {"token": self._token, "value": value})
