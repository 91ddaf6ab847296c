"""Names over the files of a project: what an import or an attribute leads to, and what was read.

A key is a file's path and a name in it: what the file says of that name. The name "" stands for the
file itself. A path of "" with a name stands for the folders in which that name can be imported,
with "#" before the name for the files that have a class or a table of that name, with "<" for the
classes that have it as a base, with "~" for the relationships that give it an attribute, and with
"!" for the indexes outside of classes that speak of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from posixpath import dirname, join
from typing import Any

from ..join.values import Reference
from ..outline.parts import ClassOutline, Outline, Stray
from .declared import Backref, Declared, Key
from .importable import Importable

Reads = set[Key]
# What one look-up has asked already: import circles end there.
_MOST_ASKED, _MOST_PARTS = 100, 20
Asked = set[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class External:
    """Something that no file of the project defines, by its dotted name."""

    dotted: str


@dataclass(frozen=True, slots=True)
class Defined:
    """A class (`is_class`) or another name of a file, and the attributes behind it."""

    path: str
    name: str
    rest: tuple[str, ...]
    is_class: bool


Found = External | Defined


class Modules:
    """The files of one project, by their paths from its folder, with "/" between the parts."""

    def __init__(self, outlines: Mapping[str, Outline]) -> None:
        self._outlines = dict(outlines)
        self._importable = Importable(self._outlines)
        self._declared = Declared(self._outlines)
        # What is known of classes and their bases, until any file says something else.
        self.lineages: dict[Key, Any] = {}

    def copy(self) -> Modules:
        """The same files, to be changed apart from these."""
        new = Modules({})
        new._outlines = {**self._outlines}
        new._importable = self._importable.copy()
        new._declared = self._declared.copy(new._outlines)
        return new

    def outline(self, path: str, reads: Reads) -> Outline | None:
        """The outline of a file; that it is read as a whole is written down."""
        reads.add((path, ""))
        return self._outlines.get(path)

    def paths(self) -> Iterator[str]:
        """The files."""
        return iter(self._outlines)

    def peek(self, path: str) -> Outline | None:
        """The outline of a file, to look at without reading."""
        return self._outlines.get(path)

    def replace(
        self, path: str, outline: Outline | None, names: Collection[str] | None = None
    ) -> set[Key]:
        """Another outline for a file, None where it is gone: the keys that changed.

        `names` are those that may be another, where that is known: no class came or went then.
        """
        before = self._outlines.get(path)
        changed: set[Key] = set()
        if (before is None) != (outline is None):
            changed |= self._change_files(path, outline)
        elif outline is not None:
            self._outlines[path] = outline
        changed |= self._declared.change(path, before, outline, names)
        names = {*_names(before), *_names(outline)} if names is None else {*names, "*"}
        changed |= {
            (path, name.partition(".")[0])
            for name in names
            if _said(before, name) != _said(outline, name)
        }
        if changed:
            self.lineages = {}
        return changed

    def _change_files(self, path: str, outline: Outline | None) -> set[Key]:
        if outline is None:
            del self._outlines[path]
            moved = self._importable.remove(path)
        else:
            self._outlines[path] = outline
            moved = self._importable.add(path)
        return {(path, ""), *(("", name) for name in moved)}

    def named(self, name: str, reads: Reads) -> list[Key]:
        """The classes of a name, wherever they are."""
        reads.add(("", f"#{name}"))
        return self._declared.named(name)

    def strays(self, name: str, reads: Reads) -> list[tuple[str, Stray]]:
        """Calls of Index() outside of classes in which a name occurs, with their files."""
        reads.add(("", f"!{name}"))
        return self._declared.strays(name)

    def under(self, name: str, reads: Reads) -> list[Key]:
        """The classes with a base of a name, wherever they are."""
        reads.add(("", f"<{name}"))
        return self._declared.under(name)

    def toward(self, name: str, reads: Reads) -> list[Backref]:
        """The relationships with a `backref` that may lead to a class of a name."""
        reads.add(("", f"~{name}"))
        return self._declared.toward(name)

    def locate(self, dotted: str, path: str, reads: Reads) -> Found:
        """What a Reference in the file at `path` leads to."""
        return self._locate(dotted, path, reads, set())

    def class_of(self, found: Found, reads: Reads) -> ClassOutline | None:
        """The class that was found."""
        if not isinstance(found, Defined) or not found.is_class:
            return None
        reads.add((found.path, found.name.partition(".")[0]))
        outline = self._outlines.get(found.path)
        return None if outline is None else outline.classes.get(found.name)

    def value_of(self, found: Defined, reads: Reads) -> Any:
        """What the name that was found stands for."""
        reads.add((found.path, found.name))
        outline = self._outlines.get(found.path)
        return None if outline is None else outline.names.get(found.name)

    def _locate(self, dotted: str, path: str, reads: Reads, asked: Asked) -> Found:
        if dotted.startswith(":"):
            parts = tuple(dotted[1:].split("."))
            found = self._in_module(path, parts, reads, asked)
            return found or External(f"builtins.{dotted[1:]}")
        if dotted.startswith("."):
            level = len(dotted) - len(dotted.lstrip("."))
            parts = tuple(filter(None, dotted[level:].split(".")))
            found = self._in_folder(_above(path, level), parts, reads, asked)
            return found or External(dotted)
        parts = tuple(dotted.split("."))
        for folder in self._roots(parts[0], path, reads):
            if found := self._in_folder(folder, parts, reads, asked):
                return found
        return External(dotted)

    def _roots(self, first: str, path: str, reads: Reads) -> list[str]:
        """The folders from which `path` may import `first`: those around it, else the only one."""
        reads.add(("", first))
        candidates = self._importable.folders(first)
        around = [folder for folder in _ancestors(path) if folder in candidates]
        around = [folder for folder in around if not self._is_package(folder)] or around[-1:]
        if around:
            return around
        return list(candidates) if len(candidates) == 1 else []

    def _is_package(self, folder: str) -> bool:
        return bool(folder) and join(folder, "__init__.py") in self._outlines

    def _in_folder(
        self, folder: str, parts: tuple[str, ...], reads: Reads, asked: Asked
    ) -> Found | None:
        """What `parts` lead to in a folder: names of its __init__.py, modules, folders."""
        init = join(folder, "__init__.py")
        if parts and self._has(init, reads):
            found = self._in_module(init, parts, reads, asked, modules=False)
            if found:
                return found
        if not parts:
            return None
        module = join(folder, f"{parts[0]}.py")
        if self._has(module, reads):
            return self._in_module(module, parts[1:], reads, asked) if parts[1:] else None
        inner = join(folder, parts[0])
        return self._in_folder(inner, parts[1:], reads, asked) if parts[1:] else None

    def _module(self, dotted: str, path: str, reads: Reads) -> str | None:
        """The file of a module that is named in the file at `path`."""
        level = len(dotted) - len(dotted.lstrip("."))
        parts = list(filter(None, dotted[level:].split(".")))
        folders = self._roots(parts[0], path, reads) if not level else [_above(path, level)]
        for folder in folders:
            base = join(folder, *parts)
            for module in (f"{base}.py" if parts else "", join(base, "__init__.py")):
                if module and self._has(module, reads):
                    return module
        return None

    def _has(self, path: str, reads: Reads) -> bool:
        reads.add((path, ""))
        return path in self._outlines

    def _in_module(
        self, path: str, parts: tuple[str, ...], reads: Reads, asked: Asked, modules: bool = True
    ) -> Found | None:
        """What `parts` lead to in a file."""
        head = parts[0]
        if (path, parts) in asked or len(asked) > _MOST_ASKED or len(parts) > _MOST_PARTS:
            return None
        asked.add((path, parts))
        reads.add((path, head))
        outline = self._outlines.get(path)
        if outline is None:
            return None
        if head in outline.classes:
            return _class_in(path, outline, parts)
        value = outline.names.get(head)
        if isinstance(value, Reference):
            dotted = ".".join((value.dotted, *parts[1:]))
            return self._locate(dotted, path, reads, asked)
        if value is not None:
            return Defined(path, head, parts[1:], is_class=False)
        reads.add((path, "*"))
        for star in outline.stars:
            module = self._module(star, path, reads)
            found = module and self._in_module(module, parts, reads, asked, modules=False)
            if found:
                return found
        if modules and path.endswith("/__init__.py"):
            return self._in_folder(dirname(path), parts, reads, asked)
        return None


def _above(path: str, level: int) -> str:
    """The folder that so many dots mean in a file."""
    for _ in range(level):
        path = dirname(path)
    return path


def _ancestors(path: str) -> Iterator[str]:
    """The folders around a file, nearest first."""
    while path:
        path = dirname(path)
        yield path


def _class_in(path: str, outline: Outline, parts: tuple[str, ...]) -> Defined:
    name, rest = parts[0], parts[1:]
    while rest and f"{name}.{rest[0]}" in outline.classes:
        name, rest = f"{name}.{rest[0]}", rest[1:]
    return Defined(path, name, rest, is_class=True)


def _names(outline: Outline | None) -> Iterable[str]:
    return () if outline is None else (*outline.names, *outline.classes, "*")


def _said(outline: Outline | None, name: str) -> Any:
    """What a file says of a name, or of a class within another."""
    if outline is None or name == "*":
        return outline and outline.stars
    return outline.names.get(name), outline.classes.get(name)
