"""What the client can do, read from `initialize`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from fumehood.text import Encoding

_ENCODINGS = get_args(Encoding)
_DIAGNOSTIC_TAGS = {"unnecessary": 1, "deprecated": 2}


@dataclass(frozen=True, slots=True)
class Client:
    """The capabilities that change what fumehood sends. The defaults are the oldest client's."""

    encoding: Encoding = "utf-16"
    versioned_edits: bool = False
    action_literals: bool = False
    resolves_edits: bool = False
    markdown: bool = False
    diagnostic_data: bool = False
    related: bool = False
    creates_files: bool = False
    annotates_changes: bool = False
    configuration: bool = False
    code_descriptions: bool = False
    asks_content: bool = False
    shows_documents: bool = False
    name: str = ""
    progress: bool = False
    diagnostics_in_hover: bool = False  # experimental: what findings say is shown with any hover
    registers: frozenset[str] = frozenset()  # methods of the workspace
    tags: frozenset[int] = frozenset()

    @classmethod
    def of(cls, capabilities: object, info: object = None) -> Client:
        """Read the client's capabilities; what is absent or of another shape counts as absent.

        Decoded by hand because clients invent values here, and a refused `initialize` would leave
        their users with nothing.
        """
        diagnostics = _at(capabilities, "textDocument", "publishDiagnostics")
        action = _at(capabilities, "textDocument", "codeAction")
        resolved = _list(_at(action, "resolveSupport", "properties"))
        shown = _list(_at(capabilities, "textDocument", "hover", "contentFormat"))
        workspace = _at(capabilities, "workspace")
        edits = _at(workspace, "workspaceEdit")
        return cls(
            encoding=_encoding(_at(capabilities, "general", "positionEncodings")),
            versioned_edits=_at(edits, "documentChanges") is True,
            action_literals=_at(action, "codeActionLiteralSupport") is not None,
            resolves_edits="edit" in resolved and _at(action, "dataSupport") is True,
            markdown="markdown" in shown,
            diagnostic_data=_at(diagnostics, "dataSupport") is True,
            creates_files="create" in _list(_at(edits, "resourceOperations")),
            annotates_changes=_at(edits, "changeAnnotationSupport") is not None,
            configuration=_at(workspace, "configuration") is True,
            code_descriptions=_at(diagnostics, "codeDescriptionSupport") is True,
            asks_content=isinstance(_at(workspace, "textDocumentContent"), Mapping),
            shows_documents=_at(capabilities, "window", "showDocument", "support") is True,
            name=" ".join(filter(None, (_string(info, "name"), _string(info, "version")))),
            registers=frozenset(
                f"workspace/{name}"
                for name in ("didChangeConfiguration", "didChangeWatchedFiles")
                if _at(workspace, name, "dynamicRegistration") is True
            ),
            progress=_at(capabilities, "window", "workDoneProgress") is True,
            diagnostics_in_hover=_at(capabilities, "experimental", "diagnosticsInHover") is True,
            related=_at(diagnostics, "relatedInformation") is True,
            tags=frozenset(
                tag for tag in _list(_at(diagnostics, "tagSupport", "valueSet")) if tag in (1, 2)
            ),
        )

    def diagnostic_tags(self, tags: tuple[str, ...]) -> list[int]:
        """Those of a finding's tags that the protocol knows and this client shows."""
        numbers = (_DIAGNOSTIC_TAGS.get(tag) for tag in tags)
        return [number for number in numbers if number in self.tags]


def _at(value: object, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _string(value: object, key: str) -> str:
    found = _at(value, key)
    return found if isinstance(found, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _encoding(offered: object) -> Encoding:
    """The first one that the client offers and fumehood knows; utf-16 is every client's duty."""
    for encoding in _list(offered):
        if encoding in _ENCODINGS:
            return encoding  # type: ignore[no-any-return]
    return "utf-16"
