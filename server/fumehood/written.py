"""The queries, and the indexes of models, that are written in one file."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from .cut import GONE, Piece
from .document import Document
from .facts import Fact, Site
from .models.catalog import InProject
from .models.facts import WrittenIndex, WrittenQuery
from .outline.gate import matters, may_query
from .outline.module import outline_of
from .outline.parts import Outline
from .read.cache import Lines
from .read.reading import Reading

_Found = tuple[Site, tuple[int, ...], type[Fact]]


class Written:
    """Follows one file, and has its project's catalog follow it. `outlined` counts real work."""

    def __init__(self, document: Document, around: InProject, lines: Lines) -> None:
        self.outlined = 0
        self._document = document
        self._around = around
        self._lines = lines
        self._outline = around.catalog.outline(around.path) if around.known else None
        self._waiting = None if self._outline is not None else self._unread()
        self._facts: dict[_Found, Fact] = {}

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts.values())

    def edited(self) -> None:
        """The text is another."""
        self._outline = None

    def read(self, seconds: float | None) -> bool:
        """Read the lines that matter, when there are many, for about so long; True when done."""
        end = None if seconds is None else perf_counter() + seconds
        for piece in self._waiting or ():
            if piece.reading is None and piece.label != GONE:
                self._lines.of(piece)
                if end is not None and perf_counter() > end:
                    return False
        self._waiting = None
        return True

    def _unread(self) -> Iterator[Piece]:
        """The lines that an outline is made of."""
        pieces, index = list(self._document.pieces), 0
        while matters(self._document.text.content) and index < len(pieces):
            piece, within = pieces[index], index + 1
            while within < len(pieces) and (
                pieces[within].blank or pieces[within].column > piece.column
            ):
                within += 1
            yield piece
            index += 1
            if piece.word in ("def", "async") and piece.opens:
                if "@" in piece.text or may_query(pieces[index:within]):
                    yield from pieces[index:within]
                index = within

    def update(self) -> tuple[list[Fact], list[Fact]]:
        """Follow the file and what is around it: the facts that went and came."""
        if self._outline is None:
            self.outlined += 1
            document = self._document
            self._outline = outline_of(document.text.content, document.pieces, self._read)
            self._around.catalog.replace(self._around.path, self._outline)
        before = self._facts
        found = {(each.site, each.order, type(each)): each for each in self._found(self._outline)}
        # What is as it was stays the same object, so that nothing runs again because of it.
        self._facts = {key: _kept(each, before.get(key)) for key, each in found.items()}
        gone = [each for key, each in before.items() if self._facts.get(key) is not each]
        return gone, [each for key, each in self._facts.items() if before.get(key) is not each]

    def _read(self, piece: Piece) -> Reading:
        if piece.reading is None:
            self._lines.of(piece)
        reading: Reading = piece.reading
        return reading

    def _found(self, outline: Outline) -> Iterator[Fact]:
        catalog, path = self._around.catalog, self._around.path
        places = {
            (each.function, each.number): place
            for each, place in zip(outline.queries, outline.places.queries, strict=True)
        }
        for query in catalog.queries(path):
            start, inner = places[query.function, query.number]
            yield WrittenQuery(
                site=Site(self._piece_at(start), inner), order=(query.number,), query=query
            )
        for number, model in enumerate(catalog.models_of(path)):
            for position, index in enumerate(model.indexes):
                offset = outline.places.names.get(index.origin.name)
                if index.origin.path == path and offset is not None:
                    yield WrittenIndex(
                        site=Site(self._piece_at(offset), ()),
                        order=(number, position),
                        model=model,
                        index=index,
                    )

    def _piece_at(self, offset: int) -> Piece:
        pieces = self._document.pieces
        return pieces[pieces.at(offset)]


def _kept(fact: Fact, old: Fact | None) -> Fact:
    return old if old is not None and old == fact else fact
