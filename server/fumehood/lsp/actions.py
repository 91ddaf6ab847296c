"""`textDocument/codeAction` and `codeAction/resolve`: fixes, computed from the text as it is."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified, JsonRpcInvalidParams

from fumehood.head import Created
from fumehood.lsp.diagnostics import Json, range_of
from fumehood.lsp.documentation import SHOW, page_uri
from fumehood.lsp.others import others
from fumehood.text import Edit, Span, Text, difference

if TYPE_CHECKING:
    from fumehood.engine import Action, Engine, Published
    from fumehood.lsp.documents import Document
    from fumehood.lsp.server import Server
    from fumehood.workspace.start import Start

_NEW = "fumehood.new-revision"  # the annotation of what creates files
QUICK_FIX = "quickfix"
FIX_ALL = "source.fixAll.fumehood"
_TRIES = 3  # in steps, while what actions depend on changes
START_AFTER = "Start checking after this revision"


def register(server: Server) -> None:
    """Answer `textDocument/codeAction` and `codeAction/resolve`."""

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
    def code_action(params: types.CodeActionParams) -> Any:
        if not server.client.action_literals:
            return None
        return server.when_analysed(
            params.text_document.uri,
            lambda engine, document: _Actions(server, engine, document).offered(params),
        )

    def resolve(params: Any) -> Any:
        if isinstance(params, dict) and "command" in params:
            return params  # there is no edit to add
        wanted = _wanted(params)
        if wanted.uri not in server.documents:
            raise JsonRpcContentModified()

        async def resolved(engine: Engine, document: Document) -> Json:
            return {**params, "edit": await _Actions(server, engine, document).edit(wanted)}

        return server.when_analysed(wanted.uri, resolved)

    # Undecoded, so that the action goes back as the client has it, with its edit.
    server.protocol.raw(types.CODE_ACTION_RESOLVE, resolve)


class _Wanted(NamedTuple):
    """An action that was listed for some version and is asked for now."""

    title: str
    kind: str
    uri: str
    version: int | None
    rule: str | None
    span: Span  # in code points of that version


class _Actions:
    """The actions of one document at one moment."""

    def __init__(self, server: Server, engine: Engine, document: Document) -> None:
        self._server, self._engine, self._document = server, engine, document
        self._text = engine.text(document.uri)
        self._client = server.client

    async def offered(self, params: types.CodeActionParams) -> list[Json]:
        """What is offered for a range."""
        uri, only, place = self._document.uri, params.context.only, params.range
        found: list[Json] = []
        if _asked(only, QUICK_FIX):
            span = Span(self._offset(place.start), self._offset(place.end))
            for action in await self._at(span):
                found.append(self._quick_fix(action, span, params.context.diagnostics))
            found += self._start_after(span)
            found += self._documentation(span)
        # Only to those who name it: it costs all fixes of the file, and lists are asked for at
        # every move of the cursor.
        if only and _asked(only, FIX_ALL) and (everything := self._engine.fix_all(uri)):
            found.append(self._json(FIX_ALL, everything, None, Span(0, 0)))
        return found

    async def edit(self, wanted: _Wanted) -> Json:
        """The edit of an action, on the text as it is now."""
        uri = self._document.uri
        if wanted.title.startswith(START_AFTER):
            return self._start_edit(self._server.configuration.start_after(uri))
        is_all = wanted.kind == FIX_ALL
        action = self._engine.fix_all(uri) if is_all else await self._same(wanted)
        if action is None:
            raise JsonRpcContentModified("Content Modified: the finding is gone or has changed")
        return self._workspace_edit(action)

    async def _same(self, wanted: _Wanted) -> Action | None:
        document, span = self._document, wanted.span
        if wanted.version is not None and wanted.version != document.version:
            moved = document.follow(span, wanted.version)
            if moved is None:
                return None
            span = moved
        sought = (wanted.title, wanted.rule, span)
        for action in await self._at(span):
            if (action.title, *_about(action, span)) == sought:
                return action
        return None

    async def _at(self, span: Span) -> list[Action]:
        """What can be done about the findings that touch a span: mend, then ignore them."""
        uri, engine = self._document.uri, self._engine
        for _ in range(_TRIES):
            state = self._state()
            steps = engine.finding_actions(uri, span, *others(self._server, engine, self._document))
            fixes = await self._server.in_steps(self._document, steps)
            if self._state() == state:
                break
        else:  # while a workspace is read in, say: in one go, nothing comes in between
            fixes = engine.actions(uri, span, *others(self._server, engine, self._document))
        fixes = [each for each in fixes if not any(map(_is_there, each.creates))]
        return fixes + engine.ignores(uri, span)

    def _state(self) -> object:
        """What the actions depend on: this document, the others, what is known around them."""
        versions = [(each.uri, each.version) for each in self._server.documents.values()]
        return versions, self._engine.state(self._document.uri)

    def _quick_fix(self, action: Action, span: Span, known: Sequence[types.Diagnostic]) -> Json:
        offered = self._json(QUICK_FIX, action, *_about(action, span))
        offered["diagnostics"] = [
            diagnostic
            for finding in action.resolves
            for diagnostic in self._diagnostics(finding, known)
        ]
        if action.preferred:
            offered["isPreferred"] = True
        return offered

    def _start_after(self, span: Span) -> Iterator[Json]:
        """Leave this revision and those before it alone; offered where something is found."""
        uri = self._document.uri
        if not any(_touch(finding.span, span) for finding in self._engine.findings(uri)):
            return
        start = self._server.configuration.start_after(uri)
        creates = self._client.creates_files and self._client.versioned_edits
        if start is None or (start.text is None and not creates):
            return
        offered: Json = {"title": f"{START_AFTER} ({start.revision})", "kind": QUICK_FIX}
        if self._client.resolves_edits:
            offered["data"] = self._data(None, span)
        else:
            offered["edit"] = self._start_edit(start)
        yield offered

    def _documentation(self, span: Span) -> Iterator[Json]:
        """The pages of what is found there."""
        if not self._client.shows_documents:
            return
        found = self._engine.findings(self._document.uri)
        for rule in dict.fromkeys(each.rule for each in found if _touch(each.span, span)):
            if page_uri(self._client, rule) is not None:
                title = f"Show documentation of {rule}"
                command = {"title": title, "command": SHOW, "arguments": [rule]}
                yield {"title": title, "kind": QUICK_FIX, "command": command}

    def _start_edit(self, start: Start | None) -> Json:
        if start is None:
            raise JsonRpcContentModified("Content Modified: nothing is left to write")
        configuration = self._server.configuration
        uri, old = configuration.uri(start.file), start.text or ""
        edit = difference(old, start.new) or Edit(0, 0, "")
        edits = [self._text_edit(Text(old), edit)]
        if not self._client.versioned_edits:
            return {"changes": {uri: edits}}
        document = {"uri": uri, "version": configuration.version(uri)}
        changes: list[Json] = [{"textDocument": document, "edits": edits}]
        if start.text is None:
            changes.insert(0, {"kind": "create", "uri": uri})
        return {"documentChanges": changes}

    def _json(self, kind: str, action: Action, rule: str | None, span: Span) -> Json:
        offered: Json = {"title": action.title, "kind": kind}
        if self._client.resolves_edits:
            offered["data"] = self._data(rule, span)
        else:
            offered["edit"] = self._workspace_edit(action)
        return offered

    def _data(self, rule: str | None, span: Span) -> Json:
        uri, version = self._document.uri, self._document.version
        return {"uri": uri, "version": version, "rule": rule, "span": list(span)}

    def _diagnostics(self, finding: Published, known: Sequence[types.Diagnostic]) -> list[Any]:
        """The client's own diagnostics of a finding; fumehood's where it sent none."""
        own = self._server.diagnostics.to_json(self._engine, self._text, finding)
        place = own["range"]
        theirs = [
            diagnostic
            for diagnostic in known
            if diagnostic.code == finding.rule and _plain(diagnostic.range) == place
        ]
        return theirs or [own]

    def _workspace_edit(self, action: Action) -> Json:
        changed = [(self._document.uri, self._text, action.edits)] if action.edits else []
        changed += [(each.path, Text(each.text), each.edits) for each in action.rewrites]
        edits = {uri: [self._text_edit(text, edit) for edit in some] for uri, text, some in changed}
        if not self._client.versioned_edits:
            return {"changes": edits}
        made = [change for created in action.creates for change in self._creation(created)]
        edit: Json = {"documentChanges": [*made, *starmap(self._versioned, edits.items())]}
        if made and self._client.annotates_changes:
            edit["changeAnnotations"] = {
                _NEW: {"label": "New revision", "description": action.title}
            }
        return edit

    def _versioned(self, uri: str, edits: Sequence[Json]) -> Json:
        """Edits of one file; None is the version of what is not open, and so as the disk has it."""
        document = self._server.documents.get(uri)
        version = None if document is None else document.version
        return {"textDocument": {"uri": uri, "version": version}, "edits": edits}

    def _creation(self, created: Created) -> Iterator[Json]:
        """What creates a file, and then fills it."""
        uri = self._server.configuration.uri(Path(created.path))
        options = {"overwrite": False, "ignoreIfExists": False}
        create: Json = {"kind": "create", "uri": uri, "options": options}
        fill: Json = self._text_edit(Text(""), Edit(0, 0, created.text))
        if self._client.annotates_changes:
            create["annotationId"] = fill["annotationId"] = _NEW
        yield create
        yield {"textDocument": {"uri": uri, "version": None}, "edits": [fill]}

    def _text_edit(self, text: Text, edit: Edit) -> Json:
        place = range_of(text, Span(edit.start, edit.end), self._client.encoding)
        return {"range": place, "newText": edit.text}

    def _offset(self, place: types.Position) -> int:
        return self._text.offset(place.line, place.character, self._client.encoding)


def _asked(only: Sequence[types.CodeActionKind | str] | None, kind: str) -> bool:
    """Whether a kind lies within those asked for: `source` holds `source.fixAll.fumehood`."""
    if not only:
        return True
    names = (str(getattr(asked, "value", asked)) for asked in only)
    return any(not name or f"{kind}.".startswith(f"{name}.") for name in names)


def _is_there(created: Created) -> bool:
    return os.path.lexists(created.path)


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end


def _about(action: Action, span: Span) -> tuple[str | None, Span]:
    """The rule and place of the finding that an action is offered for."""
    if not action.resolves:
        return None, span
    return action.resolves[0].rule, action.resolves[0].span


def _plain(place: types.Range) -> Json:
    return {
        "start": {"line": place.start.line, "character": place.start.character},
        "end": {"line": place.end.line, "character": place.end.character},
    }


def _wanted(params: Any) -> _Wanted:
    try:
        data = params["data"]
        # Some clients drop what is null: `rule` of an action for several findings.
        uri, version, rule = data["uri"], data["version"], data.get("rule")
        start, end = data["span"]
        return _Wanted(
            params["title"], params.get("kind", ""), uri, version, rule, Span(int(start), int(end))
        )
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise JsonRpcInvalidParams.of(f"data is not fumehood's: {error}") from error
