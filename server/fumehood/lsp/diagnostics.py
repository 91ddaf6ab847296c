"""`textDocument/publishDiagnostics`: the findings of each analysed version, once."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from fumehood.lsp.client import Client
from fumehood.lsp.documentation import page_uri
from fumehood.text import Encoding, Span, Text

if TYPE_CHECKING:
    from fumehood.engine import Engine, Published
    from fumehood.lsp.documents import Document
    from fumehood.lsp.server import Server
    from fumehood.rule import Severity

_SEVERITIES = {"error": 1, "warning": 2, "information": 3, "hint": 4}

Json = dict[str, Any]


class Diagnostics:
    """Findings in the words of one client.

    A keystroke publishes all findings of its file again, and nearly all differ from the last time
    in nothing but their place: what else they say is kept as the text that goes over the wire.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._said = lru_cache(maxsize=8192)(self._say)

    def publish(self, server: Server, engine: Engine, document: Document) -> None:
        """Send the findings of the document's present version."""
        text = engine.text(document.uri)
        findings = engine.findings(document.uri)
        found = ",".join(self._encoded(engine, text, finding) for finding in findings)
        version = "" if document.version is None else f'"version":{document.version},'
        server.protocol.announce_json(
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
            f'{{"uri":{json.dumps(document.uri)},{version}"diagnostics":[{found}]}}',
        )

    def to_json(self, engine: Engine, text: Text, finding: Published) -> Json:
        """A finding as a diagnostic."""
        diagnostic: Json = json.loads(self._encoded(engine, text, finding))
        return diagnostic

    def _encoded(self, engine: Engine, text: Text, finding: Published) -> str:
        encoding = self._client.encoding
        first, start = text.position(finding.span.start, encoding)
        last, end = text.position(finding.span.end, encoding)
        said = self._said(
            finding.rule, finding.severity, finding.what, finding.effect, finding.tags
        )
        related = self._related(engine, finding) if finding.related else ""
        return (
            f'{{"range":{{"start":{{"line":{first},"character":{start}}},'
            f'"end":{{"line":{last},"character":{end}}}}},{related}{said}}}'
        )

    def _say(
        self, rule: str, severity: Severity, what: str, effect: str, tags: tuple[str, ...]
    ) -> str:
        said: Json = {
            "severity": _SEVERITIES[severity],
            "code": rule,
            "source": "fumehood",
            "message": f"{what} {effect}",
        }
        if numbers := self._client.diagnostic_tags(tags):
            said["tags"] = numbers
        page = page_uri(self._client, rule) if self._client.code_descriptions else None
        if page is not None:
            said["codeDescription"] = {"href": page}
        if self._client.diagnostic_data:
            said["data"] = {}
        return json.dumps(said, separators=(",", ":"))[1:-1]

    def _related(self, engine: Engine, finding: Published) -> str:
        if not self._client.related:
            return ""
        places = []
        for related in finding.related:
            try:
                text = engine.text(related.path)
            except KeyError:
                continue  # of a file that is not open there is no text to count columns in
            place = range_of(text, related.span, self._client.encoding)
            location = {"uri": related.path, "range": place}
            places.append({"location": location, "message": related.message})
        return f'"relatedInformation":{json.dumps(places)},'


def clear(server: Server, uri: str) -> None:
    """Take back what was said about a document that is closed now."""
    params = {"uri": uri, "diagnostics": []}
    server.protocol.announce(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)


def range_of(text: Text, span: Span, encoding: Encoding) -> Json:
    """A span as the range that the client knows it by."""
    start, end = text.position(span.start, encoding), text.position(span.end, encoding)
    return {
        "start": {"line": start.line, "character": start.character},
        "end": {"line": end.line, "character": end.character},
    }
