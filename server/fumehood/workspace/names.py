"""What names stand for, followed over the modules of a workspace."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fumehood.scope import Bound, Imported, Scope, module_of, scope_of

from .contents import listing, text_of
from .disk import Disk

_MOST_STEPS = 200


class LostError(Exception):
    """The text does not tell what a name stands for."""


class Outside(NamedTuple):
    """Something of a module that the workspace does not have, by its dotted name."""

    name: str

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]

    @property
    def last(self) -> str:
        return self.name.rpartition(".")[2]


class Meaning(NamedTuple):
    """An expression or a class, and the file it is in; or a module of the workspace, or outside."""

    value: ast.expr | ast.ClassDef | Path | Outside
    file: Path


class Module(NamedTuple):
    text: str
    syntax: ast.Module
    scope: Scope


def module_in(path: Path) -> Module | None:
    """A Python file as its text tells; None where it cannot be parsed."""
    text = text_of(path)
    syntax = module_of(text)
    return None if syntax is None else Module(text, syntax, scope_of(syntax.body))


class Names:
    """Follows names from the modules of a folder. `visited` are the files that were looked into.

    Modules are looked for in that folder and those above it, up to the repository's, and in their
    folders `src`. All methods raise LostError.
    """

    def __init__(self, disk: Disk, folder: Path) -> None:
        self.visited: dict[Path, Module] = {}
        self._disk = disk
        self._roots = self._above(folder)
        self._steps = 0

    def module(self, file: Path) -> Module:
        found = self._disk.get(file, module_in)
        if found is None:
            raise LostError
        self.visited[file] = found
        return found

    def meaning(self, node: ast.expr, file: Path) -> Meaning:
        """What a name, or a dotted one, stands for; any other expression stands for itself.

        An attribute of a class or of a call's result that is not in the text stands for itself too.
        """
        self._step()
        if isinstance(node, ast.Name):
            return self._named(node.id, file)
        if not isinstance(node, ast.Attribute):
            return Meaning(node, file)
        owner, where = self.meaning(node.value, file)
        if isinstance(owner, Path):
            return self._imported(Imported("", name=node.attr), owner, owner)
        if isinstance(owner, Outside):
            return self._import(Imported(owner.name, name=node.attr), file)
        if isinstance(owner, ast.ClassDef):
            bound = scope_of(owner.body).bound.get(node.attr)
            if bound is not None:
                return self.bound(bound, where)
        return Meaning(node, file)

    def bound(self, values: Sequence[Bound | None], file: Path) -> Meaning:
        """What a name stands for that is bound to these."""
        self._step()
        value = values[0] if len(values) == 1 else None
        if value is None:
            raise LostError
        if isinstance(value, Imported):
            return self._import(value, file)
        return (
            Meaning(value, file) if isinstance(value, ast.ClassDef) else self.meaning(value, file)
        )

    def _step(self) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise LostError

    def _named(self, name: str, file: Path) -> Meaning:
        scope = self.module(file).scope
        if name in scope.bound:
            return self.bound(scope.bound[name], file)
        for star in reversed(scope.stars):
            where = self._file(star, file)
            if where is not None and self._binds(where, name):
                return self._named(name, where)
        raise LostError

    def _binds(self, file: Path, name: str) -> bool:
        """Whether a module has a name, perhaps through another's `*`."""
        self._step()
        scope = self.module(file).scope
        stars = (self._file(star, file) for star in scope.stars)
        return name in scope.bound or any(each and self._binds(each, name) for each in stars)

    def _import(self, imported: Imported, file: Path) -> Meaning:
        return self._imported(imported, file, self._file(imported, file))

    def _imported(self, imported: Imported, file: Path, module: Path | None) -> Meaning:
        """What is imported from a module, None: one that the workspace does not have."""
        name = imported.name
        if module is not None and (name is None or self._binds(module, name)):
            return Meaning(module, file) if name is None else self._named(name, module)
        dotted = ".".join(part for part in (imported.module, name) if part)
        if module is not None and name is not None:
            submodule = self._beside(module, name)
        else:
            submodule = self._file(Imported(dotted, imported.level), file)
        if submodule is not None:
            return Meaning(submodule, file)
        if module is not None or imported.level:
            raise LostError
        return Meaning(Outside(dotted), file)

    def _file(self, imported: Imported, file: Path) -> Path | None:
        """The file of a module, without what is imported from it."""
        parts = [part for part in imported.module.split(".") if part]
        above = list(file.parents)[imported.level - 1 : imported.level]
        roots = above if imported.level else self._roots
        return next((found for root in roots if (found := self._in(root.joinpath(*parts)))), None)

    def _beside(self, module: Path, name: str) -> Path | None:
        """A package's submodule."""
        return self._in(module.parent / name) if module.name == "__init__.py" else None

    def _in(self, path: Path) -> Path | None:
        if "__init__.py" in self._disk.get(path, listing).files:
            return path / "__init__.py"
        file = path.with_name(f"{path.name}.py")
        return file if file.name in self._disk.get(path.parent, listing).files else None

    def _above(self, folder: Path) -> list[Path]:
        found = []
        for each in (folder, *folder.parents):
            found += [each, each / "src"]
            files, folders = self._disk.get(each, listing)
            if ".git" in (*folders, *files):
                break
        return found
