"""Rewrites: what fixes make of files that their findings are not in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fumehood.cli.analysis import Analysis, Checked, Failure, Job
from fumehood.cli.problems import Problems
from fumehood.text import applied
from fumehood.workspace.other_files import other_file
from fumehood.workspace.source import Found, Source, SourceError, read_source
from fumehood.workspace.workspace import Workspace

if TYPE_CHECKING:
    from fumehood.beside import Other
    from fumehood.engine import Engine, Rewrite


class Rewrites:
    """Makes them one after the other, each of what the one before it left; writes nothing."""

    def __init__(
        self,
        workspace: Workspace,
        problems: Problems,
        texts: dict[Path, str],
        make_engine: Callable[[], Engine],
        job_of: Callable[[Source], Job | None],
    ) -> None:
        """`texts` are what files have become, by absolute paths; `job_of` is a file's job, where it
        may have models or queries.
        """
        self._workspace, self._problems, self._texts = workspace, problems, texts
        self._make_engine, self._job_of = make_engine, job_of
        self._sources: dict[Path, Source] = {}

    @cached_property
    def analysis(self) -> Analysis:
        """An engine that knows of other files."""
        return Analysis(self._make_engine, self._find_file)

    def made(self, left: Sequence[Checked]) -> dict[Path, str]:
        """What other files become so that findings which are left are gone."""
        found: dict[Path, str] = {}
        for checked in left:
            for _ in checked.findings:
                step = self._step(checked.source)
                if not step:
                    break
                found |= {Path(each.path): self._taken(each) for each in step}
        return found

    def state(self, checked: Checked) -> Checked | None:
        """What is found in a file by now; None where nothing is."""
        job = self._job_of(checked.source)
        found = None if job is None else self.analysis.check(job)
        return checked if job is None or isinstance(found, Failure) else found

    def source(self, path: Path) -> Source:
        """A file as it was when it was read to be changed. Raises SourceError."""
        if path not in self._sources:
            self._sources[path] = read_source(Found(path, named=False))
        return self._sources[path]

    def forget(self, path: Path) -> None:
        """A file was written meanwhile."""
        self._sources.pop(path, None)

    def _step(self, source: Source) -> tuple[Rewrite, ...]:
        job = self._job_of(source)
        step = () if job is None else self.analysis.step(job)
        if isinstance(step, Failure):
            self._problems.crash(*step)
            return ()
        return step

    def _taken(self, rewrite: Rewrite) -> str:
        """Let the new text of a file be what it is from now on."""
        text, path = applied(rewrite.text, rewrite.edits), Path(rewrite.path)
        self._texts[path] = text
        job = self._job_of(self.source(path))
        failure = None if job is None else self.analysis.take(job)
        if failure is not None:
            self._problems.crash(*failure)
        return text

    def _find_file(self, name: str) -> Other | None:
        path = Path(name)
        try:
            text = self._texts[path] if path in self._texts else self.source(path).text
        except SourceError:
            return None
        return other_file(self._workspace, path, (name, text))
