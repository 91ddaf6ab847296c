"""`initialize`: what the client can do, and what fumehood offers it."""

from __future__ import annotations

import logging
import platform
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from fumehood.lsp.client import Client
from fumehood.lsp.documentation import SCHEME

if TYPE_CHECKING:
    from fumehood.lsp.server import Server

log = logging.getLogger(__name__)

_INCREMENTAL = 2


def register(server: Server) -> None:
    """Answer `initialize`."""

    def initialize(params: Any) -> dict[str, Any]:
        if not isinstance(params, dict):
            raise JsonRpcInvalidParams.of("params is not an object")
        server.meet(Client.of(params.get("capabilities"), params.get("clientInfo")))
        server.trace.set(params.get("trace"))
        server.protocol.initialized = True
        log.info(
            "fumehood %s, Python %s, for %s",
            server.version,
            platform.python_version(),
            server.client.name or "a client without a name",
        )
        server.configuration.workspaces.start(params)
        server.load_soon()
        process = params.get("processId")
        if isinstance(process, int) and process > 0:
            server.watch(process)
        return {
            "capabilities": _capabilities(server.client, sorted(server.commands)),
            "serverInfo": {"name": server.name, "version": server.version},
        }

    server.protocol.raw(types.INITIALIZE, initialize)


def _capabilities(client: Client, commands: list[str]) -> dict[str, Any]:
    workspace: dict[str, Any] = {
        "workspaceFolders": {"supported": True, "changeNotifications": True}
    }
    if client.asks_content:
        workspace["textDocumentContent"] = {"schemes": [SCHEME]}
    return {
        "positionEncoding": client.encoding,
        "textDocumentSync": {"openClose": True, "change": _INCREMENTAL, "save": {}},
        "codeActionProvider": {
            "codeActionKinds": ["quickfix", "source.fixAll.fumehood"],
            "resolveProvider": client.resolves_edits,
        },
        "executeCommandProvider": {"commands": commands},
        "hoverProvider": True,
        "workspace": workspace,
    }
