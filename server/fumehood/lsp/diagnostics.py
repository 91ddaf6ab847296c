"""`textDocument/publishDiagnostics`: the findings of each analysed version, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from fumehood.text import Encoding, Span, Text

if TYPE_CHECKING:
    from fumehood.engine import Engine, Published
    from fumehood.lsp.documents import Document
    from fumehood.lsp.server import Server

_SEVERITIES = {"error": 1, "warning": 2, "information": 3, "hint": 4}

Json = dict[str, Any]


def publish(server: Server, engine: Engine, document: Document) -> None:
    """Send the findings of the document's present version."""
    uri = document.uri
    text = engine.text(uri)
    found = [to_json(server, engine, text, finding) for finding in engine.findings(uri)]
    params: Json = {"uri": uri, "diagnostics": found}
    if document.version is not None:
        params["version"] = document.version
    server.protocol.announce(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)


def clear(server: Server, uri: str) -> None:
    """Take back what was said about a document that is closed now."""
    params = {"uri": uri, "diagnostics": []}
    server.protocol.announce(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)


def to_json(server: Server, engine: Engine, text: Text, finding: Published) -> Json:
    """A finding as a diagnostic, in what this client understands."""
    client = server.client
    diagnostic: Json = {
        "range": range_of(text, finding.span, client.encoding),
        "severity": _SEVERITIES[finding.severity],
        "code": finding.rule,
        "source": "fumehood",
        "message": finding.message,
    }
    if tags := client.diagnostic_tags(finding.tags):
        diagnostic["tags"] = tags
    if client.related and (related := _related(server, engine, finding)):
        diagnostic["relatedInformation"] = related
    if client.diagnostic_data:
        diagnostic["data"] = {}
    return diagnostic


def range_of(text: Text, span: Span, encoding: Encoding) -> Json:
    """A span as the range that the client knows it by."""
    start, end = text.position(span.start, encoding), text.position(span.end, encoding)
    return {
        "start": {"line": start.line, "character": start.character},
        "end": {"line": end.line, "character": end.character},
    }


def _related(server: Server, engine: Engine, finding: Published) -> list[Json]:
    encoding = server.client.encoding
    return [
        {
            "location": {
                "uri": place.path,
                "range": range_of(engine.text(place.path), place.span, encoding),
            },
            "message": place.message,
        }
        for place in finding.related
        # Of a file that is not open there is no text to count columns in.
        if place.path in server.documents
    ]
