"""`workspace/executeCommand`: what clients can ask for by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

if TYPE_CHECKING:
    from fumehood.lsp.server import Server


def register(server: Server) -> None:
    """Answer `workspace/executeCommand` with what `server.commands` has under the name."""

    def execute(params: Any) -> Any:
        given = params if isinstance(params, dict) else {}
        name, arguments = given.get("command"), given.get("arguments")
        if name not in server.commands:
            raise JsonRpcInvalidParams.of(f"there is no command {name!r}")
        return server.commands[name](arguments if isinstance(arguments, list) else [])

    server.protocol.raw(types.WORKSPACE_EXECUTE_COMMAND, execute)
