"""The models of a project, joined when asked for, and again when what they read changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..join.values import Made
from ..outline.parts import Changed, Outline, QueryOutline
from ..outline.symbols import last_part
from .canonical import Canon
from .facts import ClassKey, Model, Query
from .mapping import model_of
from .modules import Defined, Key, Modules, Reads
from .queries import query_of
from .tables import table_model


class Models:
    """The models of a project's files. `joined` counts real work."""

    def __init__(self, outlines: Mapping[str, Outline]) -> None:
        self.modules = Modules(outlines)
        self.joined = 0
        self._models: dict[ClassKey, Model | None] = {}
        self._queries: dict[ClassKey, Query | None] = {}
        self._reads: dict[ClassKey, Reads] = {}
        self._readers: dict[Key, set[ClassKey]] = {}
        self._joining: list[ClassKey] = []
        self._dropped: tuple[set[ClassKey], set[ClassKey]] = (set(), set())

    def copy(self) -> Models:
        """The same models, to be changed apart from these."""
        new = Models({})
        new.modules = self.modules.copy()
        new._models, new._queries = dict(self._models), dict(self._queries)
        new._reads = {key: set(reads) for key, reads in self._reads.items()}
        new._readers = {key: set(readers) for key, readers in self._readers.items()}
        return new

    def model(self, key: ClassKey, reads: Reads | None = None) -> Model | None:
        """The model of a class or Table(); what was read for it is added to `reads`."""
        if key not in self._reads:
            if not self._may_be(key):
                if reads is not None:
                    reads.add((key[0], key[1].partition(".")[0]))
                return None
            if key in self._joining:
                return None  # a class that inherits from itself
            self._join(key)
        if reads is not None:
            reads |= self._reads[key]
        return self._models[key]

    def __iter__(self) -> Iterator[Model]:
        """All models, file by file."""
        for path in sorted(self.modules.paths()):
            yield from self.of_file(path)

    def of_file(self, path: str) -> Iterator[Model]:
        """The models that one file defines."""
        outline = self.modules.peek(path)
        names = [] if outline is None else [*outline.classes, *_tables(outline)]
        for name in names:
            if (found := self.model((path, name))) is not None:
                yield found

    def may_speak(self, path: str) -> bool:
        """Whether a file may hold models or queries."""
        outline = self.modules.peek(path)
        if outline is None:
            return False
        return bool(outline.queries or outline.classes or any(_tables(outline)))

    def replace(
        self, path: str, outline: Outline | None, changed: Changed | None = None
    ) -> set[Key]:
        """Take another outline of a file, None where it is gone: the keys that changed.

        Whoever read one of them through `model` has to ask again. `changed` is what may be another
        in the outline, where that is known.
        """
        before = self.modules.peek(path)
        keys = self.modules.replace(path, outline, changed and changed.names)
        if changed is None:
            self._drop_queries(path, _queries(before), _queries(outline))
        else:
            self._drop_queries(path, changed.gone, changed.came)
        for reader in {each for key in keys for each in self._readers.get(key, ())}:
            self._drop(reader)
        return keys

    def take_dropped(self) -> tuple[set[ClassKey], set[ClassKey]]:
        """The models, and the queries, that changes since the last call may have made others."""
        dropped, self._dropped = self._dropped, (set(), set())
        return dropped

    def queries(self, path: str) -> list[Query]:
        """The queries of a file's functions, as far as they are known."""
        return list(self.each_query(path))

    def each_query(self, path: str) -> Iterator[Query]:
        """The same, each joined when it is asked for."""
        outline = self.modules.peek(path)
        for each in _queries(outline):
            if (query := self.query(path, each)) is not None:
                yield query

    def query(self, path: str, outline: QueryOutline) -> Query | None:
        """A query of a file; None where it is not known."""
        key = path, outline.key
        if key not in self._reads:
            self.joined += 1
            reads: Reads = set()
            canon = Canon(self.modules, reads, path)
            self._queries[key] = query_of(outline, canon, lambda each: self.model(each, reads))
            self._remember(key, reads)
        return self._queries[key]

    def _drop_queries(
        self, path: str, before: Iterable[QueryOutline], now: Iterable[QueryOutline]
    ) -> None:
        """Forget the queries of a file that are other ones now."""
        new = {each.key: each.query for each in now}
        for each in before:
            if new.get(each.key) != each.query and (path, each.key) in self._reads:
                self._drop((path, each.key))

    def _drop(self, reader: ClassKey) -> None:
        models, queries = self._dropped
        (models if reader in self._models else queries).add(reader)
        self._models.pop(reader, None)
        self._queries.pop(reader, None)
        for key in self._reads.pop(reader):
            self._readers[key].discard(reader)

    def _remember(self, reader: ClassKey, reads: Reads) -> None:
        self._reads[reader] = reads
        for each in reads:
            self._readers.setdefault(each, set()).add(reader)

    def _may_be(self, key: ClassKey) -> bool:
        """Whether there is a class or a Table() of that name."""
        outline = self.modules.peek(key[0])
        return outline is not None and (
            key[1] in outline.classes or _is_table(outline.names.get(key[1]))
        )

    def _join(self, key: ClassKey) -> None:
        self.joined += 1
        reads: Reads = set()
        self._joining.append(key)
        try:
            self._models[key] = self._made(key, reads)
        finally:
            self._joining.pop()
        self._remember(key, reads)

    def _made(self, key: ClassKey, reads: Reads) -> Model | None:
        path, name = key
        reads.add((path, name.partition(".")[0]))
        outline = self.modules.peek(path)
        if outline is not None and name in outline.classes:
            return model_of(key, self.modules, reads, lambda other: self.model(other, reads))
        held = self.modules.value_of(Defined(path, name, (), is_class=False), reads)
        value = Canon(self.modules, reads, path).value(held)
        return table_model(key, value, self.modules, reads) if isinstance(value, Made) else None


def _queries(outline: Outline | None) -> Iterable[QueryOutline]:
    return () if outline is None else outline.queries


def _tables(outline: Outline) -> Iterator[str]:
    for name, value in outline.names.items():
        if _is_table(value):
            yield name


def _is_table(value: object) -> bool:
    return isinstance(value, Made) and last_part(value.callee) == "Table"
