"""What a hover says of a model or column: its indexes, and the queries that they serve."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fumehood.lsp.diagnostics import text_of

if TYPE_CHECKING:
    from fumehood.engine import Engine
    from fumehood.schema import Place
    from fumehood.uses import IndexUse, Uses

_MOST = 8  # places in a row; a text of each file is needed for its lines


def said(engine: Engine, every: Sequence[Uses], root: Path, markdown: bool) -> str:
    """It as text; paths are shown from `root` on."""
    shown = _Shown(engine, root, markdown)
    parts = [_of_one(each, shown) for each in every]
    more = every[-1].more
    return "\n\n".join([*parts, *([f"{more} more models have it."] if more else ())])


def _of_one(uses: Uses, shown: _Shown) -> str:
    table = uses.model.called
    of = table if uses.column is None else f"{table}.{uses.column}"
    lines = [f"Indexes of {shown.code(of)}:" if uses.indexes else f"No index of {shown.code(of)}."]
    lines += [f"- {shown.index(each)}" for each in uses.indexes]
    if uses.bare:
        lines += ["", f"Without an index: {shown.places(uses.bare)}"]
    return "\n".join(lines)


class _Shown:
    """Writes for one client."""

    def __init__(self, engine: Engine, root: Path, markdown: bool) -> None:
        self._engine, self._root, self._markdown = engine, root, markdown

    def index(self, use: IndexUse) -> str:
        """An index with its columns, its places and its queries."""
        keys = ", ".join(str(key.column or key.expression) for key in use.index.keys)
        name = self.code(use.name) if use.name else "an index"
        written = f" in {self.places(use.places)}" if use.places else ""
        served = self.places(use.queries) if use.queries else "no query that is seen"
        kind = "".join(f", {each}" for each in _kinds(use))
        return f"{name} ({keys}){kind}{written}; serves {served}"

    def places(self, places: Sequence[Place]) -> str:
        """Some places, and how many more there are."""
        found = [self._place(each) for each in places[:_MOST]]
        more = len(places) - len(found)
        return ", ".join(found) + (f" and {more} more" if more else "")

    def code(self, name: str) -> str:
        return f"`{name}`" if self._markdown else name

    def _place(self, place: Place) -> str:
        uri, text = text_of(self._engine, place.path)
        line = text.position(min(place.start, len(text)), "utf-32").line + 1
        path = os.path.relpath(place.path, self._root).replace(os.sep, "/")
        path = place.path if path.startswith("../") else path
        return f"[{path}:{line}]({uri}#L{line})" if self._markdown else f"{path}:{line}"


def _kinds(use: IndexUse) -> Iterator[str]:
    index = use.index
    if index.primary:
        yield "the primary key"
    elif index.unique:
        yield "unique"
    if index.method != "btree":
        yield index.method
    if index.where is not None:
        yield f"where {index.where}"
