"""In which folders of a project a name can be imported, followed as files come and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator


class Importable:
    """The names of modules and of folders with modules, each with the folders that it is in.

    Paths have "/" between their parts. A change costs what the path has folders.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._folders: dict[str, Counter[str]] = {}  # by name; how many files are behind it
        self._shared = False  # with a copy, until one of them changes
        for path in paths:
            self._count(path, 1)

    def copy(self) -> Importable:
        """The same names, to be changed apart from these."""
        new = Importable(())
        new._folders = self._folders
        new._shared = self._shared = True
        return new

    def folders(self, name: str) -> Collection[str]:
        """The folders in which a name is a module, or a folder with modules."""
        return self._folders.get(name, ())

    def add(self, path: str) -> set[str]:
        """Take a file in: the names that can be imported somewhere else now."""
        return self._change(path, 1)

    def remove(self, path: str) -> set[str]:
        """A file is gone: the same."""
        return self._change(path, -1)

    def _change(self, path: str, by: int) -> set[str]:
        if self._shared:
            self._folders = {name: Counter(each) for name, each in self._folders.items()}
            self._shared = False
        return self._count(path, by)

    def _count(self, path: str, by: int) -> set[str]:
        changed: set[str] = set()
        for name, folder in _ways(path):
            folders = self._folders.setdefault(name, Counter())
            before = folders[folder]
            folders[folder] += by
            if not folders[folder]:
                del folders[folder]
            if not before or not folders[folder]:
                changed.add(name)
        return changed


def _ways(path: str) -> Iterator[tuple[str, str]]:
    """The names by which a file is reached, each with its folder."""
    folder, _, name = path.removesuffix(".py").rpartition("/")
    yield name, folder
    while folder:
        folder, _, name = folder.rpartition("/")
        yield name, folder
