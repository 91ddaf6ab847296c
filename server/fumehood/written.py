"""The queries, and the indexes of models, that are written in one file."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from itertools import chain

from .cut import GONE, Change, Piece
from .document import Document
from .facts import Fact, Site
from .models.catalog import InProject, Key, model_key, query_key
from .models.facts import WrittenIndex, WrittenQuery
from .outline.assemble import Part
from .outline.gate import matters, may_query
from .outline.module import Module
from .outline.parts import Outline, QueryOutline
from .read.cache import Lines
from .read.reading import Reading
from .written_indexes import indexes_of, path_to

# What facts are about: a class or a Table(), or a query, by what it is called in its file.
_Owner = tuple[type[Fact], str]
# Facts that went, and facts that came.
Difference = tuple[list[Fact], list[Fact]]


class Written:
    """Follows one file, and has its project's catalog follow it. `outlined` counts real work."""

    def __init__(self, document: Document, around: InProject, lines: Lines) -> None:
        self._document = document
        self._around = around
        self._lines = lines
        self._module: Module | None = None
        self._outline = around.catalog.outline(around.path) if around.known else None
        self._current = self._outline is not None  # the catalog has the text as it is now
        self._waiting = None if self._current else self._unread()
        self._seen = -1  # the version of the catalog; -1: facts are to be found anew
        self._due: dict[_Owner, None] = {}  # what there may be other facts about
        self._queries: dict[str, tuple[QueryOutline, Site]] = {}
        self._facts: dict[_Owner, list[Fact]] = {}
        self._at: dict[Piece, set[_Owner]] = {}  # where facts of a model stand

    def __iter__(self) -> Iterator[Fact]:
        return chain.from_iterable(self._facts.values())

    @property
    def outlined(self) -> int:
        """How often a block of the file was outlined."""
        return 0 if self._module is None else self._module.outlined

    def edited(self, change: Change) -> None:
        """The text is another."""
        self._current = False
        if self._module is not None:
            self._module.change(change)
            if change.relabelled:
                self._seen = -1
        elif self._waiting is None:
            self._waiting = self._unread()

    @property
    def outline(self) -> Outline | None:
        """The outline of the text as it is; None where it is not known yet."""
        return self._outline if self._current else None

    def keys(self) -> frozenset[Key]:
        """Under what the project's catalog has the file's models and queries."""
        path, outline = self._around.path, self._outline
        if outline is None:
            return frozenset()
        models = (model_key((path, name)) for name in (*outline.classes, *outline.names))
        return frozenset([*models, *(query_key(path, each.key) for each in outline.queries)])

    @property
    def is_behind(self) -> bool:
        """Whether the catalog has changed since it was followed."""
        return self._seen != self._around.catalog.version

    def read(self) -> Iterator[None]:
        """Read the lines that matter, when there are many, in steps."""
        for piece in self._waiting or ():
            if piece.reading is None and piece.label != GONE:
                self._lines.of(piece)
                yield
        self._waiting = None

    def _unread(self) -> Iterator[Piece]:
        """The lines that an outline is made of."""
        pieces, index = list(self._document.pieces), 0
        if not matters(self._document.text.content):
            return
        while index < len(pieces):
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

    def update(self) -> Iterator[Difference | None]:
        """Follow the file and what is around it, in steps; to be begun anew after an edit."""
        catalog, path = self._around.catalog, self._around.path
        owners: Iterable[_Owner] | None = ()
        if not self._current:
            owners = yield from self._follow()
        if self._seen < 0 or owners is None:
            owners = self._all()
        else:
            self._due |= {
                (WrittenQuery if key[0] == "query" else WrittenIndex, key[2]): None
                for key in catalog.changed_since(self._seen)
                if key[0] in ("model", "query", "heirs") and key[1] == path
            }
        self._due |= dict.fromkeys(owners)
        self._seen = catalog.version
        while self._due:
            owner, _ = self._due.popitem()
            yield self._difference(owner)

    def _difference(self, owner: _Owner) -> Difference:
        before = self._facts.pop(owner, [])
        # What is as it was stays the same object, so that nothing runs again because of it.
        now = [_kept(each, before) for each in self._found(owner)]
        self._keep(owner, before, now)
        gone = [each for each in before if not any(each is other for other in now)]
        return gone, [each for each in now if not any(each is other for other in before)]

    def _follow(self) -> Generator[None, None, set[_Owner] | None]:
        """Have the catalog follow the file: what facts may be others now; None: all."""
        if self._module is None:
            self._module = Module(self._document.pieces, self._read)
        catalog, path = self._around.catalog, self._around.path
        update, last = (yield from self._module.update()), self._outline
        self._current, self._outline = True, update.outline
        whole = update.whole or catalog.outline(path) is not last
        catalog.replace(path, update.outline, None if whole else update.changed)
        if whole:
            return None
        for part in update.gone:
            for query in part.queries:
                self._queries.pop(query.key, None)
        for part in update.came:
            self._queries |= {query.key: (query, site) for query, site in _sites(part)}
        pieces = chain.from_iterable(part.block for part in update.gone)
        at = chain.from_iterable(self._at.get(each, ()) for each in pieces)
        return {*at, *_owners((*update.gone, *update.came))}

    def _all(self) -> set[_Owner]:
        """Find all queries again: what there may be facts about, and what there were."""
        outline = self._outline
        assert outline is not None
        if self._module is not None:
            found = list(chain.from_iterable(map(_sites, self._module.parts())))
        else:
            places = zip(outline.queries, outline.places.queries, strict=True)
            found = [(each, Site(self._piece_at(start), path)) for each, (start, path) in places]
        self._queries = {query.key: (query, site) for query, site in found}
        models = ((WrittenIndex, name) for name in (*outline.classes, *outline.names))
        return {*self._facts, *models, *((WrittenQuery, name) for name in self._queries)}

    def _found(self, owner: _Owner) -> Iterator[Fact]:
        kind, name = owner
        if kind is WrittenQuery:
            return self._found_query(name)
        return self._found_indexes(name)

    def _found_query(self, name: str) -> Iterator[Fact]:
        outline, site = self._queries.get(name, (None, None))
        if outline is not None and site is not None:
            query = self._around.catalog.query(self._around.path, outline)
            if query is not None:
                yield WrittenQuery(site=site, order=(query.number,), query=query)

    def _found_indexes(self, name: str) -> Iterator[Fact]:
        head = self._place(name)
        if head is None:
            return
        found = indexes_of(self._around.catalog, (self._around.path, name))
        for position, ((model, index), *others) in enumerate(found):
            place = self._place(index.origin.name)
            if place is not None:
                # One line may give several models an index: in the order of those.
                order = (head.label, position)
                site = Site(place, path_to(index, self._read(place)))
                yield WrittenIndex(
                    site=site, order=order, model=model, index=index, others=tuple(others)
                )

    def _place(self, name: str) -> Piece | None:
        """The line in which a name stands."""
        offset = None if self._outline is None else self._outline.places.names.get(name)
        return None if offset is None else self._piece_at(offset)

    def _keep(self, owner: _Owner, before: list[Fact], now: list[Fact]) -> None:
        for fact in before:
            self._at.get(fact.site.piece, set()).discard(owner)
        for fact in now:
            self._at.setdefault(fact.site.piece, set()).add(owner)
        if now:
            self._facts[owner] = now

    def _read(self, piece: Piece) -> Reading:
        if piece.reading is None:
            self._lines.of(piece)
        reading: Reading = piece.reading
        return reading

    def _piece_at(self, offset: int) -> Piece:
        pieces = self._document.pieces
        return pieces[pieces.at(offset)]


def _sites(part: Part) -> Iterator[tuple[QueryOutline, Site]]:
    """The queries of a part, and where they stand."""
    for each in part.queries:
        spot = each.query.spot
        yield each, Site(part.block[spot.piece], spot.path)


def _owners(parts: Iterable[Part]) -> Iterator[_Owner]:
    """What there may be facts about in some parts."""
    for part in parts:
        for name in (*part.said.bound, *part.said.classes):
            yield WrittenIndex, name
        for query in part.queries:
            yield WrittenQuery, query.key


def _kept(fact: Fact, before: Iterable[Fact]) -> Fact:
    return next((old for old in before if old == fact), fact)
