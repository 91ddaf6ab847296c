"""What the files of a project declare, by name: classes, their bases, indexes, backrefs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..join.values import Made, Reference
from ..outline.parts import Attribute, Outline, Stray
from ..outline.symbols import Operated, last_part, mentioned

Key = tuple[str, str]
# A class's attribute that gives another class one: the file, the class, the attribute.
Backref = tuple[str, str, str]


class Declared:
    """Classes, and indexes outside of them, in the outlines of files, which their owner changes."""

    def __init__(self, outlines: Mapping[str, Outline]) -> None:
        self._outlines = outlines
        self._named: dict[str, set[Key]] | None = None
        self._under: dict[str, set[Key]] | None = None
        self._toward: dict[str, set[Backref]] | None = None
        self._with_strays = {path for path, each in outlines.items() if each.indexes}

    def copy(self, outlines: Mapping[str, Outline]) -> Declared:
        """The same over a copy of the outlines."""
        new = Declared({})
        new._outlines, new._with_strays = outlines, {*self._with_strays}
        return new

    def change(
        self,
        path: str,
        before: Outline | None,
        outline: Outline | None,
        names: Collection[str] | None,
    ) -> set[Key]:
        """Another outline of a file: the keys that changed; `names` as in Modules.replace."""
        changed: set[Key] = set()
        both = (before, outline) if names is None else ()
        old, new = (set(each.classes) if each else set() for each in both or (None, None))
        if old != new:
            self._named = None
            changed |= {("", f"#{name.rpartition('.')[2]}") for name in old ^ new}
        if bases := _bases(before, names) ^ _bases(outline, names):
            self._under = None
            changed |= {("", f"<{base}") for base, _ in bases}
        if backrefs := _backrefs(before, names) ^ _backrefs(outline, names):
            self._toward = None
            changed |= {("", f"~{target}") for target, *_ in backrefs}
        indexes = [each.indexes if each else () for each in (before, outline)]
        if indexes[0] != indexes[1]:
            (self._with_strays.add if indexes[1] else self._with_strays.discard)(path)
            names = {name for found in indexes for each in found for name in mentioned(each.made)}
            changed |= {("", f"!{name}") for name in names}
        return changed

    def named(self, name: str) -> list[Key]:
        """The classes of a name, as file and name."""
        if self._named is None:
            self._named = {}
            for path, outline in self._outlines.items():
                for each in outline.classes:
                    self._named.setdefault(each.rpartition(".")[2], set()).add((path, each))
        return sorted(self._named.get(name, ()))

    def strays(self, name: str) -> list[tuple[str, Stray]]:
        """Calls of Index() outside of classes in which a name occurs, with their files."""
        return [
            (path, each)
            for path in sorted(self._with_strays)
            for each in self._outlines[path].indexes
            if name in mentioned(each.made)
        ]

    def under(self, name: str) -> list[Key]:
        """The classes with a base of a name, as file and name."""
        if self._under is None:
            self._under = {}
            for path, outline in self._outlines.items():
                for base, each in _bases(outline, None):
                    self._under.setdefault(base, set()).add((path, each))
        return sorted(self._under.get(name, ()))

    def toward(self, name: str) -> list[Backref]:
        """The relationships with a `backref` that may lead to a class of a name."""
        if self._toward is None:
            self._toward = {}
            for path, outline in self._outlines.items():
                for target, each, attribute in _backrefs(outline, None):
                    self._toward.setdefault(target, set()).add((path, each, attribute))
        return sorted(self._toward.get(name, ()))


def backref_of(value: object) -> str | None:
    """The name of the attribute that a relationship() gives to the class that it leads to."""
    given = value.keyword("backref") if isinstance(value, Made) else None
    if isinstance(given, Made):
        given = next(iter(given.arguments), None)
    return given if isinstance(given, str) else None


def _backrefs(outline: Outline | None, names: Collection[str] | None) -> set[tuple[str, str, str]]:
    """The targets of a file's relationships with a backref, each with class and attribute."""
    return {
        (target, name, attribute)
        for name, each in ({} if outline is None else outline.classes).items()
        if names is None or name in names
        for attribute, held in each.attributes.items()
        if backref_of(held.value) is not None
        for target in _targets(held)
    }


def _targets(held: Attribute) -> set[str]:
    """The names in a relationship's target, or in its annotation."""
    value = held.value
    first = next(iter(value.arguments), value.keyword("argument"))
    found: set[str] = set()
    waiting = [first if first is not None else held.annotation]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            found.add(each.strip("'\"").rpartition(".")[2])
        elif isinstance(each, Reference):
            found.add(last_part(each.dotted))
        elif isinstance(each, Operated):
            waiting += each.operands
        elif isinstance(each, tuple):
            waiting += each
    return found


def _bases(outline: Outline | None, names: Collection[str] | None) -> set[tuple[str, str]]:
    """The names in the bases of a file's classes, each with the class; all, or of some names."""
    classes = {} if outline is None else outline.classes
    if names is not None:
        classes = {name: classes[name] for name in names if name in classes}
    found = ((name, each.bases) for name, each in classes.items())
    return {(base, name) for name, bases in found for base in mentioned(bases)}
