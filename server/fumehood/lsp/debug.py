"""The command that says what a report of a problem needs: versions, settings, last errors."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fumehood import __version__
from fumehood.lsp.logs import recent
from fumehood.lsp.uris import path_of

if TYPE_CHECKING:
    from fumehood.lsp.server import Server

DEBUG_INFORMATION = "fumehood.debugInformation"
_SLOWEST = 5
_LIBRARIES = ("libcst", "lsprotocol", "pathspec", "postgast", "pygls", "tomlkit")


def register(server: Server) -> None:
    """Offer the command; its argument is the URI of the document whose settings are wanted."""

    def information(arguments: Sequence[Any]) -> str:
        uri = arguments[0] if arguments and isinstance(arguments[0], str) else None
        return "\n".join(_lines(server, uri)) + "\n"

    server.commands[DEBUG_INFORMATION] = information


def _lines(server: Server, uri: str | None) -> Iterator[str]:
    yield f"fumehood: {__version__}"
    yield f"Python: {platform.python_version()}, {sys.executable}"
    yield f"platform: {platform.platform()}"
    yield f"libraries: {', '.join(_libraries())}"
    yield f"client: {server.client.name or 'does not say'}, {server.client.encoding}"
    yield f"engine: {'ready' if server.engine else 'not ready'}"
    yield f"open documents: {len(server.documents)}"
    yield from _work(server)
    yield from _settings(server, uri)
    yield ""
    yield "last warnings and errors:" if recent() else "no warnings, no errors"
    yield from recent()


def _work(server: Server) -> Iterator[str]:
    """What was done since the start, in counts, and what took longest."""
    counts = server.unopened.counts
    yield (
        f"other files that are checked: {counts.followed}, {counts.found} of them with "
        f"findings, {counts.analysed} analyses so far"
    )
    if server.engine is None:
        return
    yield f"lines parsed: {server.engine.stats.parsed}"
    slowest = server.engine.costs.slowest()[:_SLOWEST]
    yield "slowest rules:" if slowest else "no rule has run"
    for rule, cost in slowest:
        yield f"  {rule}: {cost.runs} runs, {cost.seconds * 1000:.1f} ms"


def _libraries() -> Iterator[str]:
    from importlib.metadata import PackageNotFoundError, version

    for name in _LIBRARIES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} absent"


def _settings(server: Server, uri: str | None) -> Iterator[str]:
    path = None if uri is None else path_of(uri)
    if path is None:
        return
    workspace = server.configuration.workspaces.of(path)
    revisions, unread = workspace.revisions(path), len(workspace.wanted(path))
    yield f"revisions around {path}: {revisions}, {unread} of them not read yet"
    yield ""
    yield f"settings of {path}:"
    for setting in workspace.origins(path):
        value = json.dumps(setting.value, ensure_ascii=False)
        yield f"  {setting.key} = {value} ({setting.origin})"
    for problems in workspace.problems().values():
        yield from (f"  wrong: {problem}" for problem in problems)
