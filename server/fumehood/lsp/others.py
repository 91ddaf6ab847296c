"""Other files, as the editor has them, for fixes that change or create some."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from fumehood.beside import FindFile
from fumehood.head import FindHead, no_head

if TYPE_CHECKING:
    from fumehood.engine import Engine
    from fumehood.lsp.documents import Document
    from fumehood.lsp.server import Server


class Others(NamedTuple):
    """Who tells where a document's follow-ups go, and what other files of its project are now."""

    find_head: FindHead
    find_file: FindFile


def others(server: Server, engine: Engine, document: Document) -> Others:
    """Whom to ask now. Follow-ups go nowhere for a client that cannot create their files."""
    client, configuration = server.client, server.configuration
    texts = {each: engine.text(each).content for each in server.documents}
    creates = client.creates_files and client.versioned_edits
    head = partial(configuration.head, document.uri, texts) if creates else no_head
    return Others(head, partial(configuration.workspaces.other, texts=texts))
