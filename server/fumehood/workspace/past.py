"""Past: what start-after leaves out, and which of its revisions there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from fumehood.option_kinds import Fault, nearest
from fumehood.revisions import Revisions

from .environment import Environment
from .environments import Environments
from .settings import ConfigFile, Configuration


class Past:
    """Which migrations are at or before start-after, as the disk was at its last refresh."""

    def __init__(self, environments: Environments) -> None:
        self._environments = environments
        self._ancestors: dict[tuple[Path, Environment], frozenset[str]] = {}
        self._met: dict[Path, dict[Environment, None]] = {}  # by the configuration's folder
        self._searched: dict[Path, tuple[str, ...]] = {}  # by file: what was searched for

    def forget(self) -> None:
        """Something that was read has changed."""
        self._ancestors.clear()

    def holds(
        self, path: Path, configuration: Configuration, environment: Environment | None
    ) -> bool:
        """Whether a file is a revision at or before start-after."""
        if environment is None or not configuration.start_after:
            return False
        graph = environment.graph()
        key = configuration.root, environment
        if key not in self._ancestors:
            self._ancestors[key] = graph.ancestors(configuration.start_after)
            self._met.setdefault(configuration.root, {})[environment] = None
        return graph.paths.get(path) in self._ancestors[key]

    def search(self, files: Iterable[ConfigFile]) -> Iterator[None]:
        """Look for the revisions that some files name, in small steps.

        A file's folder is looked through when it names others than it did.
        """
        for file in files:
            folder = file.path.parent
            if not self._unknown(file) or self._searched.get(file.path) == file.start_after:
                continue
            for environment in self._environments.search(folder):
                if environment is not None:
                    environment.graph()
                    self._met.setdefault(folder, {})[environment] = None
                yield
            self._searched[file.path] = file.start_after

    def lost(self, file: ConfigFile) -> Iterator[Fault]:
        """The revisions that no environment below the file has; none before all were searched."""
        folder = file.path.parent
        if self._searched.get(file.path) != file.start_after:
            return
        ids = sorted({each for graph in self._graphs(folder) for each in graph.ids})
        for index in self._unknown(file):
            name = file.start_after[index]
            near = nearest(name, ids)
            hint = f"Did you mean {near!r}?" if near else "`alembic history` lists them."
            message = f"no migration below this folder is {name!r}, so none is skipped. {hint}"
            yield Fault(("start-after", index), message)

    def _unknown(self, file: ConfigFile) -> list[int]:
        """Which of the revisions that a file names were not met."""
        return [
            index
            for index, name in enumerate(file.start_after)
            if not any(graph.named(name) for graph in self._graphs(file.path.parent))
        ]

    def _graphs(self, folder: Path) -> Iterator[Revisions]:
        return (environment.graph() for environment in self._met.get(folder, ()))
