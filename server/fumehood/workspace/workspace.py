"""Workspace: what is known of every file: its settings, and what the files around it say."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from fumehood.head import Head, NoHeadError
from fumehood.stepwise import finished

from .contents import absolute
from .environment import Environment
from .file_settings import FileSettings
from .heads import head_of, last_of
from .migrations import revision_in
from .settings import Configuration

log = logging.getLogger(__name__)
if TYPE_CHECKING:
    from fumehood.models.catalog import InProject
    from fumehood.revision_flaws import Flaw
    from fumehood.revisions import Revision
    from fumehood.schema import Schema
    from fumehood.steps import Json

    from .code import Code
    from .outlines import Outlined, Outlines

_NOTHING: Mapping[str, object] = MappingProxyType({})
_NO_TEXTS: Mapping[Path, str] = MappingProxyType({})


class Workspace(FileSettings):
    """What is asked about files; what was read is kept until `refresh` finds it changed."""

    def __init__(
        self,
        overrides: Mapping[str, object] = _NOTHING,
        origin: str = "command line",
        folders: Iterable[Path] = (),
        outer: Workspace | None = None,
    ) -> None:
        """`folders` are those whose models are known, once they were looked through.

        `outer` is the workspace of a folder around them: only settings are other ones then, and
        what is known of files is known to both. Raises ValueError for overrides that are wrong, a
        line for each.
        """
        self.outer = outer
        self._folders = list(map(absolute, folders))
        self._said: set[str] = set()
        super().__init__(overrides, origin, outer)

    def before(self, path: Path) -> Schema | None:
        """The tables as a migration finds them; None while they are not known.

        They are, once `learn` was given what is `wanted` for it.
        """
        path = absolute(path)
        environment = self._environments.of(path)
        if environment is None:
            return {}
        revision = environment.graph().paths.get(path)
        history = self._outlines.history(environment) if revision is not None else None
        return None if history is None or revision is None else history.before(revision)

    @cached_property
    def _outlines(self) -> Outlines:
        """Made when it is asked for, since it needs libcst, which takes time to import."""
        from .outlines import Outlines

        return Outlines(self._disk) if self.outer is None else self.outer._outlines

    @cached_property
    def code(self) -> Code:
        """The Python files of the folders, project by project."""
        from .code import Code

        return Code(self._folders, self._environments) if self.outer is None else self.outer.code

    def add_folders_of(self, paths: Iterable[Path]) -> None:
        """Let the models be known of the projects that some files or folders are in."""
        inside = (path if path.is_dir() else path.parent for path in map(absolute, paths))
        found = {self._configurations.root(each) for each in inside}
        outer = (each for each in found if found.isdisjoint(each.parents))
        self.code.folders += [each for each in sorted(outer) if each not in self.code.folders]

    def look_through(self) -> Iterator[None]:
        """Look in small steps for the files of the folders; what is not known of them is wanted."""
        if self.outer is None:
            yield from self.code.scan(self)
        self._around.clear()  # a project's databases may be of another dialect

    def models(self, path: Path) -> InProject | None:
        """The models of a file's project; None where it lies in none of the folders."""
        return self.code.around(absolute(path), self._outlines)

    def wanted(self, *paths: Path) -> list[Path]:
        """The files that have to be outlined before it is known what some migrations find."""
        found = dict.fromkeys(self._environments.of(absolute(path)) for path in paths)
        return [path for each in found if each is not None for path in self._outlines.wanted(each)]

    def wanted_code(self) -> list[Path]:
        """The files that have to be outlined before all models are known, migrations included."""
        return self.code.wanted(self._outlines)

    def revisions(self, path: Path) -> int:
        """How many revisions the environment of a file has; 0 where it is in none."""
        environment = self._environments.of(absolute(path))
        return 0 if environment is None else len(environment.graph().paths)

    def learn(self, found: Outlined) -> None:
        """Take the outline of a file."""
        finished(self.learning(found))

    def learning(self, found: Outlined) -> Generator[None, None, None]:
        """The same, in small steps."""
        from .outlines import parts_of

        outline, models = yield from parts_of(found)
        self._outlines.learn(found.path, outline)
        self.code.learn(found.path, models)

    def set_steps(self, path: Path, steps: Json | None) -> None:
        """Take what a migration does as an editor has it; None: as the disk has it again."""
        self._outlines.set_unsaved(absolute(path), steps)

    def declare(self, path: Path, found: Revision | None) -> None:
        """Take what a file says of its place among revisions, as an editor has it."""
        path = absolute(path)
        environment = self._environments.of(path)
        if environment is None or not environment.holds(path):
            return
        if self._disk.set_unsaved(path, revision_in, found):
            self._forget()

    def undeclare(self, path: Path) -> None:
        """Let a file's place among revisions be the one on the disk again."""
        if self._disk.forget_unsaved(absolute(path), revision_in):
            self._forget()

    def flaws(self, path: Path) -> tuple[Flaw, ...]:
        """What is wrong in the graph of revisions at a migration."""
        path = absolute(path)
        environment = self._environments.of(path)
        return () if environment is None else environment.flaws(path)

    def head(self, path: Path, unsaved: Mapping[Path, str] = _NO_TEXTS) -> Head:
        """The head of a migration's branch, or the only one that a file's project has.

        `unsaved` are texts that are newer than the disk's.

        Raises NoHeadError.
        """
        path = absolute(path)
        environment = self._environments.of(path)
        outer = self.code.environment(path) if environment is None else None
        texts = {absolute(each): unsaved[each] for each in unsaved}
        try:
            if outer is not None:
                return last_of(outer, texts)
            if environment is None:
                raise NoHeadError(f"{path}: no one Alembic environment is found for it")
            return head_of(environment, path, texts)
        except NoHeadError as error:
            if (
                error.amiss and str(error) not in self._said
            ):  # it is asked at every move of a cursor
                self._said.add(str(error))
                log.warning("%s; no follow-up revision is offered", error)
            raise

    def _dialect(
        self, path: Path, configuration: Configuration, environment: Environment | None
    ) -> str:
        found = None
        if environment is None and "code" in self.__dict__ and not configuration.get("dialect"):
            found = self.code.dialect(path)
        return found or super()._dialect(path, configuration, environment)
