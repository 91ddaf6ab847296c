"""The rules' pages: behind a finding's code, shown on request, and as documents of the client.

A client that asks servers for documents (`workspace/textDocumentContent`) gets the pages as hover
has them, under URIs of fumehood's own; any other gets those of the packaged files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from fumehood.lsp.uris import uri_of

if TYPE_CHECKING:
    from fumehood.lsp.client import Client
    from fumehood.lsp.server import Server

SCHEME = "fumehood"
SHOW = "fumehood.showDocumentation"


def register(server: Server) -> None:
    """Answer `workspace/textDocumentContent`, and the command that shows a rule's page."""

    def content(params: Any) -> dict[str, str]:
        uri = params.get("uri") if isinstance(params, dict) else None
        return {"text": _text(uri if isinstance(uri, str) else "")}

    def show(arguments: Sequence[Any]) -> None:
        rule = arguments[0] if arguments else None
        uri = page_uri(server.client, rule) if isinstance(rule, str) else None
        if uri is None:
            raise JsonRpcInvalidParams.of(f"no rule with a page is called {rule!r}")
        params = {"uri": uri, "takeFocus": True}
        server.protocol.ask(types.WINDOW_SHOW_DOCUMENT, params)

    server.protocol.raw(types.WORKSPACE_TEXT_DOCUMENT_CONTENT, content)
    server.commands[SHOW] = show


def page_uri(client: Client, rule: str) -> str | None:
    """Where a client finds a rule's page; None for what has none, or has it in no file."""
    from fumehood import pages

    if rule not in pages.ids():
        return None
    if client.asks_content:
        return f"{SCHEME}:/rules/{rule}.md"
    file = pages.file(rule)
    return None if file is None else uri_of(file)


def _text(uri: str) -> str:
    from fumehood import pages

    parts = urlsplit(uri)
    if parts.scheme == SCHEME and parts.path == "/rules.md":
        return _index()
    rule = parts.path.removeprefix("/rules/").removesuffix(".md")
    if parts.scheme != SCHEME or rule not in pages.ids():
        raise JsonRpcInvalidParams.of(f"there is no document {uri!r}")
    return pages.shown(rule)


def _index() -> str:
    from fumehood import pages

    lines = ["# Rules", ""]
    for rule in pages.ids():
        fields = pages.front_matter(pages.page(rule))
        lines.append(f"- [{rule}](rules/{rule}.md) ({fields['severity']}): {fields['title']}")
    return "\n".join(lines) + "\n"
