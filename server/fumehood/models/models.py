"""The models of a project, joined when asked for, and again when what they read changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..join.values import Made
from ..outline.parts import Changed, Outline, QueryOutline
from ..outline.symbols import last_part
from .canonical import Canon
from .declared import Key
from .facts import ClassKey, Model, Query, written_in
from .mapping import model_of
from .modules import Defined, Modules, Reads
from .queries import query_of
from .tables import table_model


class Dropped(NamedTuple):
    """Models, queries, and the classes whose heirs are to be looked for again."""

    models: set[ClassKey]
    queries: set[ClassKey]
    heirs: set[ClassKey]


class Models:
    """The models of a project's files. `joined` counts real work."""

    def __init__(self, outlines: Mapping[str, Outline]) -> None:
        self.modules = Modules(outlines)
        self.joined = 0
        self._models: dict[ClassKey, Model | None] = {}
        self._queries: dict[ClassKey, Query | None] = {}
        self._heirs: dict[ClassKey, tuple[Model, ...]] = {}
        self._reads: dict[ClassKey, Reads] = {}
        self._readers: dict[Key, set[ClassKey]] = {}
        self._joining: list[ClassKey] = []
        self._dropped = Dropped(set(), set(), set())

    def copy(self) -> Models:
        """The same models, to be changed apart from these."""
        new = Models({})
        new.modules = self.modules.copy()
        new._models, new._queries = dict(self._models), dict(self._queries)
        new._heirs = dict(self._heirs)
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

    def take_dropped(self) -> Dropped:
        """What changes since the last call may have made another."""
        dropped, self._dropped = self._dropped, Dropped(set(), set(), set())
        return dropped

    def heirs(self, key: ClassKey) -> tuple[Model, ...]:
        """The models that have columns or indexes of a class: a mixin's, an abstract base's."""
        path, name = key
        reader = path, f"{name}<"
        if reader not in self._reads:
            reads: Reads = {(path, name.partition(".")[0])}
            found = sorted(self._below(key, reads), key=lambda model: model.key)
            self._heirs[reader] = tuple(found)
            self._remember(reader, reads)
        return self._heirs[reader]

    def _below(self, key: ClassKey, reads: Reads) -> Iterator[Model]:
        names = [last_part(key[1])]
        met: set[ClassKey] = {key}
        for name in names:
            for each in self.modules.under(name, reads):
                if each not in met:
                    met.add(each)
                    names += [last_part(each[1])]
                    model = self.model(each, reads)
                    if model is not None and _has_of(model, key):
                        yield model

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
        held: tuple[dict[ClassKey, Any], ...] = (self._models, self._queries, self._heirs)
        for joined, dropped in zip(held, self._dropped, strict=True):
            if reader in joined:
                del joined[reader]
                dropped.add(reader)
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


def _has_of(model: Model, key: ClassKey) -> bool:
    """Whether a model has a column or an index that is written in a class."""
    origins = [each.origin for each in model.columns] + [each.origin for each in model.indexes]
    return any(written_in(each, key) for each in origins)


def _queries(outline: Outline | None) -> Iterable[QueryOutline]:
    return () if outline is None else outline.queries


def _tables(outline: Outline) -> Iterator[str]:
    for name, value in outline.names.items():
        if _is_table(value):
            yield name


def _is_table(value: object) -> bool:
    return isinstance(value, Made) and last_part(value.callee) == "Table"
