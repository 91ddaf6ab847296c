"""`textDocument/hover`: on a finding, what it is and its rule's page."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from fumehood.lsp.diagnostics import range_of

if TYPE_CHECKING:
    from fumehood.engine import Engine, Published
    from fumehood.lsp.documents import Document
    from fumehood.lsp.server import Server

log = logging.getLogger(__name__)

# ```python fixed "Title": editors take all of it for the language's name.
_MARKED_FENCE = re.compile(r"^(?P<fence>```\w+) +(?P<mark>\S.*)$", re.MULTILINE)


def register(server: Server) -> None:
    """Answer `textDocument/hover`."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> Any:
        def answer(engine: Engine, document: Document) -> dict[str, Any] | None:
            return _hover(server, engine, document, params.position)

        return server.when_analysed(params.text_document.uri, answer)


def _hover(
    server: Server, engine: Engine, document: Document, place: types.Position
) -> dict[str, Any] | None:
    encoding = server.client.encoding
    text = engine.text(document.uri)
    offset = text.offset(place.line, place.character, encoding)
    here = [
        finding
        for finding in engine.findings(document.uri)
        if finding.span.start <= offset <= finding.span.end
    ]
    if not here:
        return None
    kind = "markdown" if server.client.markdown else "plaintext"
    value = "\n\n---\n\n".join(_explained(finding) for finding in here)
    return {
        "contents": {"kind": kind, "value": value},
        "range": range_of(text, here[0].span, encoding),
    }


def _explained(finding: Published) -> str:
    from fumehood import pages

    said = f"{finding.what}\n\n{finding.effect}"
    try:
        page = pages.body(pages.page(finding.rule))
    except KeyError:
        log.warning("the rule %s has no page", finding.rule)
        return said
    return f"{said}\n\n{_MARKED_FENCE.sub(_captioned, page)}"


def _captioned(fence: re.Match[str]) -> str:
    return f"*{fence['mark']}:*\n\n{fence['fence']}"
