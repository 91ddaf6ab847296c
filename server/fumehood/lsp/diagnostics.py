"""`textDocument/publishDiagnostics`: the findings of each analysed version, once."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from fumehood.lsp.client import Client
from fumehood.lsp.documentation import page_uri
from fumehood.lsp.uris import uri_of
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
        self._published: dict[str, str] = {}  # what was last sent about each file

    def publish(self, server: Server, engine: Engine, document: Document) -> None:
        """Send the findings of the document's present version."""
        uri, version = document.uri, document.version
        if version is None:
            self._published.pop(uri, None)  # this may be another text
        found = [*engine.findings(uri), *engine.notes(uri)]
        self.say(server, uri, version, engine.text(uri), found)
        engine.shown(uri)

    def say(
        self,
        server: Server,
        uri: str,
        version: int | None,
        text: Text,
        findings: Sequence[Published],
    ) -> None:
        """Send the findings of a text, unless that was the last that was said of it."""
        assert server.engine is not None
        found = ",".join(self._encoded(server.engine, text, finding) for finding in findings)
        of = "" if version is None else f'"version":{version},'
        params = f'{{"uri":{json.dumps(uri)},{of}"diagnostics":[{found}]}}'
        # What surrounds a document may change and make no difference to it.
        if self._published.get(uri) != params:
            self._published[uri] = params
            server.protocol.announce_json(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)

    def clear(self, server: Server, uri: str) -> None:
        """Take back what was said about a document that is closed now."""
        self._published.pop(uri, None)
        params = {"uri": uri, "diagnostics": []}
        server.protocol.announce(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)

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
            uri, text = text_of(engine, related.path)
            place = range_of(text, related.span, self._client.encoding)
            places.append({"location": {"uri": uri, "range": place}, "message": related.message})
        return f'"relatedInformation":{json.dumps(places)},'


def text_of(engine: Engine, path: str) -> tuple[str, Text]:
    """The URI and the text of a file that a finding is about: an open document, or a path."""
    with contextlib.suppress(KeyError):
        return path, engine.text(path)
    uri = uri_of(Path(path))
    with contextlib.suppress(KeyError):
        return uri, engine.text(uri)
    return uri, _text_on_disk(path, _modified(path))


@lru_cache(maxsize=64)
def _text_on_disk(path: str, modified: int) -> Text:
    from fumehood.workspace import contents

    return Text(contents.text_of(Path(path)))


def _modified(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0


def range_of(text: Text, span: Span, encoding: Encoding) -> Json:
    """A span as the range that the client knows it by."""
    start, end = text.position(span.start, encoding), text.position(span.end, encoding)
    return {
        "start": {"line": start.line, "character": start.character},
        "end": {"line": end.line, "character": end.character},
    }
