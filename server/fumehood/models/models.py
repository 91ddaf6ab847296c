"""The models of a project, joined when asked for, and again when what they read changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..join.values import Made
from ..outline.parts import Outline
from ..outline.symbols import last_part
from .canonical import Canon
from .facts import ClassKey, Model
from .mapping import model_of
from .modules import Defined, Key, Modules, Reads
from .tables import table_model


class Models:
    """The models of a project's files. `joined` counts real work."""

    def __init__(self, outlines: Mapping[str, Outline]) -> None:
        self.modules = Modules(outlines)
        self.joined = 0
        self._models: dict[ClassKey, Model | None] = {}
        self._reads: dict[ClassKey, Reads] = {}
        self._readers: dict[Key, set[ClassKey]] = {}
        self._joining: list[ClassKey] = []

    def model(self, key: ClassKey, reads: Reads | None = None) -> Model | None:
        """The model of a class or Table(); what was read for it is added to `reads`."""
        if key not in self._reads:
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

    def replace(self, path: str, outline: Outline | None) -> set[Key]:
        """Take another outline of a file, None where it is gone: the keys that changed.

        Whoever read one of them through `model` has to ask again.
        """
        changed = self.modules.replace(path, outline)
        for reader in {each for key in changed for each in self._readers.get(key, ())}:
            del self._models[reader]
            for key in self._reads.pop(reader):
                self._readers[key].discard(reader)
        return changed

    def _join(self, key: ClassKey) -> None:
        self.joined += 1
        reads: Reads = set()
        self._joining.append(key)
        try:
            self._models[key] = self._made(key, reads)
        finally:
            self._joining.pop()
        self._reads[key] = reads
        for each in reads:
            self._readers.setdefault(each, set()).add(key)

    def _made(self, key: ClassKey, reads: Reads) -> Model | None:
        path, name = key
        reads.add((path, name.partition(".")[0]))
        outline = self.modules.peek(path)
        if outline is None:
            reads.add((path, ""))
            return None
        if name in outline.classes:
            return model_of(key, self.modules, reads, lambda other: self.model(other, reads))
        held = self.modules.value_of(Defined(path, name, (), is_class=False), reads)
        if not isinstance(held, Made) or last_part(held.callee) != "Table":
            return None
        value = Canon(self.modules, reads, path).value(held)
        return table_model(key, value, self.modules, reads) if isinstance(value, Made) else None


def _tables(outline: Outline) -> Iterator[str]:
    for name, value in outline.names.items():
        if isinstance(value, Made) and last_part(value.callee) == "Table":
            yield name
