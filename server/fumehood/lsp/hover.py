"""`textDocument/hover`: on a finding, what it is; there and on an ignore, the rules' pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from fumehood.lsp.diagnostics import range_of

if TYPE_CHECKING:
    from fumehood.engine import Engine, Published
    from fumehood.lsp.documents import Document
    from fumehood.lsp.server import Server


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
        for finding in (*engine.findings(document.uri), *engine.notes(document.uri))
        if finding.span.start <= offset <= finding.span.end
    ]
    ignored = engine.ignored_at(document.uri, offset)
    said = [_explained(finding) for finding in here]
    if ignored is not None:
        said += [page for rule in ignored[0] if (page := _page(rule))]
    if not said:
        return None
    span = ignored[1] if ignored is not None and not here else here[0].span
    kind = "markdown" if server.client.markdown else "plaintext"
    return {
        "contents": {"kind": kind, "value": "\n\n---\n\n".join(said)},
        "range": range_of(text, span, encoding),
    }


def _explained(finding: Published) -> str:
    return "\n\n".join(filter(None, (finding.what, finding.effect, _page(finding.rule))))


def _page(rule: str) -> str:
    """A rule's page; nothing for what has none, such as findings about comments."""
    from fumehood import pages

    if rule not in pages.ids():
        return ""
    return pages.shown(rule)
