"""Session: what one command does to many files."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from fumehood.cli.analysis import Analysis, Checked, Failure, Fixed, Job
from fumehood.cli.problems import Problems, printable
from fumehood.cli.rewrites import Rewrites
from fumehood.cli.syntax import syntax_error
from fumehood.options import shown
from fumehood.workspace.contents import absolute
from fumehood.workspace.file_settings import Around
from fumehood.workspace.files import files
from fumehood.workspace.source import Found, Source, SourceError, read_source
from fumehood.workspace.workspace import Workspace

if TYPE_CHECKING:
    from fumehood.engine import Engine
    from fumehood.schema import Schema

T = TypeVar("T")
__all__ = ["Checked", "Fixed", "Session"]


@dataclass
class Session:
    """Files as their configuration has them, through one or several engines.

    `checked` counts those that were read, `old` those among them that start-after leaves out;
    `foreign` counts the migrations of each database that is not checked.
    `only` are the files that are looked at, without links in their paths; None for all.
    `texts` are what files have become by their fixes, by absolute paths.
    `force_exclude` leaves out what is excluded even where it is named. `keeps`: what is found is
    kept for the next run, and what the last one kept is found.
    """

    make_engine: Callable[[], Engine]
    workspace: Workspace
    problems: Problems
    processes: int | None = None
    only: frozenset[str] | None = None
    force_exclude: bool = False
    keeps: bool = False
    texts: dict[Path, str] = field(default_factory=dict)
    checked: int = 0
    old: int = 0
    foreign: Counter[str] = field(default_factory=Counter)
    _said: set[Path] = field(default_factory=set)
    _foreign_path: Path = Path()
    _given: list[Path] = field(default_factory=list)
    _piped: set[Path] = field(default_factory=set)

    def sources(self, paths: Iterable[Path]) -> Iterator[Source]:
        """The files under the paths that can be read."""
        paths = list(paths)
        self._given += paths
        for found in files(paths, self.problems.skip, self.workspace):
            if self.only is not None and os.path.realpath(found.path) not in self.only:
                continue
            if self.excludes(found.path) or not self.has_settings(found.path):
                continue
            try:
                source = read_source(found)
            except SourceError as error:
                self.problems.skip(error)
                continue
            yield self.admit(source, found)

    def admit_piped(self, source: Source) -> Source:
        """Count a file that is not read from the disk, but stands for what is there."""
        self._given.append(source.path)
        self._piped.add(source.path)
        return self.admit(source, Found(source.path, named=True))

    def excludes(self, path: Path) -> bool:
        """Whether a file that was named, or lies in a folder that was, is left out all the same."""
        return self.force_exclude and self.workspace.excludes(path)

    def admit(self, source: Source, found: Found) -> Source:
        """Count a file that is to be checked, and say so when it does not parse."""
        self.checked += 1
        flaw = syntax_error(source.text) if found.named or source.may_be_migration else None
        if flaw:
            self.problems.say(
                f"{printable(str(source.path))}: {flaw}; what stands around it is still checked, "
                "mend the syntax to have all of it checked"
            )
        return source

    def has_settings(self, path: Path) -> bool:
        """Whether a file's configuration is right; if not, it is unknown what to do with it."""
        errors = self.workspace.errors(path)
        if not errors:
            return True
        self.problems.skipped += 1
        if errors[0].path not in self._said:
            self._said.add(errors[0].path)
            self.problems.serious = True
            for error in errors:
                self.problems.say(printable(str(error)))
            name = printable(shown(errors[0].path))
            self.problems.say(f"{name}: the files that it configures are left as they are")
        return False

    def seen(self) -> str:
        """How many files were looked at, and why others were not: "3 files, 1 skipped"."""
        skipped, old = self.problems.skipped, self.old
        parts = [f"{self.checked:,} file" + "s" * (self.checked != 1)]
        parts += [f"{skipped:,} skipped"] * bool(skipped)
        parts += [f"{old:,} at or before start-after"] if old else []
        parts += [f"{count:,} for {name} left out" for name, count in self.foreign.items()]
        return ", ".join(parts)

    def check(self, sources: Iterable[Source]) -> Iterator[Checked]:
        """The files that have findings."""
        return self._through(sources, Analysis.check, "Checking", self.keeps)

    def fix(self, sources: Iterable[Source], unsafe: bool) -> Iterator[Fixed]:
        """The files that have findings, with their fixes applied; nothing is written."""
        return self._through(sources, partial(Analysis.fix, unsafe=unsafe), "Fixing")

    def follow(self, fixed: Fixed) -> Fixed:
        """The same with follow-up revisions for the findings whose first fix they are.

        One after the other, each behind the one before: what was kept counts as written.
        """
        path = fixed.source.path
        job = Job(fixed.source, self.workspace.around(path), self._before(fixed.source))
        texts = dict(self.texts)
        for _ in range(len(fixed.left.findings)):
            texts[path] = fixed.text
            found = self._analysis.follow(job, fixed, partial(self.workspace.head, path, texts))
            if isinstance(found, Failure):
                self.problems.crash(*found)
                return fixed
            new = [Path(each.path) for each in found.creates[len(fixed.creates) :]]
            if taken := next((each for each in new if os.path.lexists(each)), None):
                self.problems.say(f"{printable(str(taken))}: exists already; no file is put there")
            if taken or not new:
                break
            fixed = found
            texts |= {Path(each.path): each.text for each in fixed.creates}
        return fixed

    def keep(self, fixed: Fixed) -> None:
        """Let what comes later be about a file as it is then."""
        self.texts[absolute(fixed.source.path)] = fixed.text
        self.texts |= {absolute(Path(each.path)): each.text for each in fixed.creates}
        self.rewrites.forget(absolute(fixed.source.path))

    def again(self, source: Source) -> Job | None:
        """The job of a file with models or queries, as it has become."""
        text = self.texts.get(absolute(source.path), source.text)
        job = self._of_models(replace(source, text=text))
        if job is None or job.models is None:
            return None
        return job._replace(models=job.models._replace(known=False))

    @cached_property
    def rewrites(self) -> Rewrites:
        """What fixes make of files that their findings are not in."""
        return Rewrites(self.workspace, self.problems, self.texts, self.make_engine, self.again)

    @property
    def _analysis(self) -> Analysis:
        return self.rewrites.analysis

    def _through(
        self,
        sources: Iterable[Source],
        work: Callable[[Analysis, Job], T | Failure | None],
        label: str,
        keeps: bool = False,
    ) -> Iterator[T]:
        bar = self.problems.bar
        read = [source for source in bar.over(sources, "Reading") if self._may_matter(source)]
        migrations = {s.path: a for s in read if (a := self._to_analyse(s)) is not None}
        self._learn(list(migrations), any(not each.may_be_migration for each in read))
        jobs = [
            Job(source, migrations[source.path], self._before(source))
            for source in read
            if source.path in migrations
        ]
        others = [job for source in read if (job := self._of_models(source)) is not None]
        rest = (work(self._analysis, job) for job in others)
        found = chain(self._answers(jobs, work, keeps), rest)
        for answer in bar.over(found, label, [*jobs, *others]):
            if isinstance(answer, Failure):
                self.checked -= 1
                self.problems.crash(*answer)
            elif answer is not None:
                yield answer
        self._say_warnings()
        if self.foreign and not jobs:
            self._say_foreign()

    def _answers(
        self, jobs: Sequence[Job], work: Callable[[Analysis, Job], T | Failure | None], keeps: bool
    ) -> Iterator[Any]:
        """What comes of each job, in order; `keeps`: or came of an equal one in another run."""
        from fumehood.cli.kept import kept_answers
        from fumehood.cli.pool import answers

        def make(missing: Sequence[Job]) -> Iterator[Any]:
            return answers(missing, work, self.make_engine, self.processes)

        return kept_answers(jobs, make, self.problems) if keeps else make(jobs)

    def _may_matter(self, source: Source) -> bool:
        """Whether a file may be a migration, or have models or queries."""
        from fumehood.outline.gate import matters

        return source.may_be_migration or matters(source.text)

    def _of_models(self, source: Source) -> Job | None:
        """The job of a file that may have models or queries, once all models are known."""
        if source.may_be_migration:
            return None
        around, models = self.workspace.around(source.path), self.workspace.models(source.path)
        settings = around.settings
        if models is None or settings.is_test or not settings.is_postgresql:
            return None
        known = models.catalog.outline(models.path)
        if known is not None and not known.queries and not known.classes and not known.names:
            return None
        on_disk = known is not None and source.path not in self._piped
        return Job(source, around, {}, models._replace(known=on_disk))

    def _to_analyse(self, source: Source) -> Around | None:
        """What a migration is analysed in the light of; None where it is not, or is none."""
        if not source.may_be_migration:
            return None
        around = self.workspace.around(source.path)
        if not around.settings.checked:
            self.old += 1
            return None
        if not around.settings.is_postgresql:
            self.foreign[around.settings.dialect] += 1
            self._foreign_path = source.path
            return None
        return around

    def _say_foreign(self) -> None:
        """That nothing was checked at all, for want of migrations that run on PostgreSQL."""
        origins = self.workspace.origins(self._foreign_path)
        origin = next(each.origin for each in origins if each.key == "dialect")
        names = " and ".join(sorted(self.foreign))
        self.problems.say(
            f"no migration was checked: they are for {names} ({printable(origin)}), and the rules "
            "are PostgreSQL's; where they run on PostgreSQL, set the option dialect, or give "
            "--dialect postgresql"
        )

    def _learn(self, paths: Sequence[Path], models: bool) -> None:
        """Let the workspace know all migrations among which these are, or all of the project."""
        from fumehood.cli.pool import answers

        new = dict.fromkeys(self.workspace.wanted(*paths))
        if models:
            self.workspace.add_folders_of(self._given)
            deque(self.workspace.look_through(), maxlen=0)
            new.update(dict.fromkeys(self.workspace.wanted_code()))
        wanted = [path for path in new if not self._remembered(path)]
        found = answers(wanted, Analysis.outline, self.make_engine, self.processes)
        reading = "Reading the project" if models else "Replaying"
        for outlined in self.problems.bar.over(found, reading, wanted):
            if not isinstance(outlined, Failure | None):
                self.workspace.learn(outlined)

    def _remembered(self, path: Path) -> bool:
        """Whether the outline of a file was made before; the workspace knows it then."""
        from fumehood.workspace.outlines import remembered

        found = remembered(path)
        if found is not None:
            self.workspace.learn(found)
        return found is not None

    def _before(self, source: Source) -> Schema | None:
        """The tables that a migration finds, as far as it speaks of them: other processes ask."""
        from fumehood.schema import spoken_of

        tables = self.workspace.before(source.path)
        return None if tables is None else spoken_of(tables, source.text)

    def _say_warnings(self) -> None:
        for _ in self.workspace.search():
            pass
        for problems in self.workspace.problems().values():
            for problem in problems:
                if problem.severity == "warning":
                    self.problems.say(printable(str(problem)))
