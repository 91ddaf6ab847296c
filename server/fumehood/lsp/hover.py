"""`textDocument/hover`: on a finding, what it is; there and on an ignore, the rules' pages.

On a model or a column, its indexes and the queries that they serve.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from fumehood.lsp.diagnostics import range_of
from fumehood.lsp.hover_uses import said
from fumehood.lsp.others import others
from fumehood.lsp.uris import path_of

if TYPE_CHECKING:
    from fumehood.engine import Engine, Published
    from fumehood.lsp.documents import Document
    from fumehood.lsp.server import Server
    from fumehood.uses import Uses


def register(server: Server) -> None:
    """Answer `textDocument/hover`."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> Any:
        def answer(engine: Engine, document: Document) -> Any:
            place = params.position
            text = engine.text(document.uri)
            offset = text.offset(place.line, place.character, server.client.encoding)
            found = engine.uses_at(document.uri, offset)
            if found is None:
                return _hover(server, engine, document, place)
            return _hover_of_uses(server, engine, document, place, found)

        return server.when_analysed(params.text_document.uri, answer)


async def _hover_of_uses(
    server: Server,
    engine: Engine,
    document: Document,
    place: types.Position,
    steps: Generator[None, None, list[Uses]],
) -> dict[str, Any] | None:
    """The same, below what a model or column has for indexes."""
    found = await server.in_steps(document, steps)
    path = path_of(document.uri)
    workspaces = server.configuration.workspaces
    root = workspaces.root if path is None else workspaces.folder_of(path)
    text = said(engine, found, root, server.client.markdown)
    below = _hover(server, engine, document, place)
    if below is None:
        kind = "markdown" if server.client.markdown else "plaintext"
        return {"contents": {"kind": kind, "value": text}}
    contents = {**below["contents"], "value": f"{text}\n\n---\n\n{below['contents']['value']}"}
    return {**below, "contents": contents}


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
    why = engine.why_unfixed(document.uri, here, *others(server, engine, document)) if here else {}
    says = not server.client.diagnostics_in_hover
    texts = [_explained(finding, says, why.get(finding)) for finding in here]
    texts += [_page(rule) for rule in (() if ignored is None else ignored[0])]
    texts = [text for text in dict.fromkeys(texts) if text]
    if not texts:
        return None
    span = ignored[1] if ignored is not None and not here else here[0].span
    kind = "markdown" if server.client.markdown else "plaintext"
    return {
        "contents": {"kind": kind, "value": "\n\n---\n\n".join(texts)},
        "range": range_of(text, span, encoding),
    }


def _explained(finding: Published, says: bool, unfixed: str | None) -> str:
    """Its page, below what it says, unless the client shows that, and why it has no fix."""
    said = (finding.what, finding.effect) if says else ()
    why = unfixed and f"No fix is offered here: {unfixed}."
    return "\n\n".join(filter(None, (*said, why, _page(finding.rule))))


def _page(rule: str) -> str:
    """A rule's page; nothing for what has none, such as findings about comments."""
    from fumehood import pages

    if rule not in pages.ids():
        return ""
    return pages.shown(rule, level=3)  # the window is small
