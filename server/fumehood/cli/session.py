"""Session: files through one engine, one after the other, each failure kept to its file."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fumehood.cli.options import Choice
from fumehood.cli.parts import Parts
from fumehood.cli.problems import Problems, printable
from fumehood.config import Settings
from fumehood.text import Text
from fumehood.workspace.files import files
from fumehood.workspace.formatter import settings_for
from fumehood.workspace.projects import project_for
from fumehood.workspace.source import Source, SourceError, read_source

if TYPE_CHECKING:
    from fumehood.engine import Action, Engine, Published


@dataclass(frozen=True, slots=True)
class Checked:
    """One file's findings, by position, and the first fix of each that has one."""

    source: Source
    text: Text
    findings: tuple[Published, ...]
    fixes: dict[Published, Action]


@dataclass(frozen=True, slots=True)
class Fixed:
    """One file after its fixes: the new text, how many findings are gone, and what is left."""

    source: Source
    text: str
    gone: int
    left: Checked


@dataclass
class Session:
    """What one command does to many files. `checked` counts those that were read."""

    parts: Parts
    choice: Choice
    problems: Problems
    checked: int = 0

    @cached_property
    def _engine(self) -> Engine:
        return self.parts.make_engine()

    def sources(self, paths: Iterable[Path]) -> Iterator[Source]:
        """The files under the paths that can be read."""
        for found in files(paths, self.problems.skip):
            try:
                source = read_source(found)
            except SourceError as error:
                self.problems.skip(error)
                continue
            yield self.admit(source, found.named)

    def admit(self, source: Source, named: bool) -> Source:
        """Count a file that is to be checked, and say so when it does not parse."""
        self.checked += 1
        flaw = syntax_error(source.text) if named or source.may_be_migration else None
        if flaw:
            self.problems.say(
                f"{printable(str(source.path))}: {flaw}; what stands around it is still checked, "
                "mend the syntax to have all of it checked"
            )
        return source

    def check(self, sources: Iterable[Source]) -> Iterator[Checked]:
        """The files that have findings."""
        for source in sources:
            try:
                checked = self._check(source)
            except Exception as error:  # one file's failure is not the next one's
                self._recover(source.path, error)
                continue
            if checked.findings:
                yield checked

    def fix(self, sources: Iterable[Source], unsafe: bool) -> Iterator[Fixed]:
        """The files that have findings, with their fixes applied; nothing is written."""
        for source in sources:
            try:
                fixed = self._fix(source, unsafe)
            except Exception as error:  # one file's failure is not the next one's
                self._recover(source.path, error)
                continue
            if fixed.gone or fixed.left.findings:
                yield fixed

    def _check(self, source: Source) -> Checked:
        if not source.may_be_migration:
            return Checked(source, Text(""), (), {})
        self._open(source)
        checked = self._state(source)
        self._engine.close(str(source.path))
        return checked

    def _fix(self, source: Source, unsafe: bool) -> Fixed:
        if not source.may_be_migration:
            return Fixed(source, source.text, 0, Checked(source, Text(""), (), {}))
        engine, path = self._engine, str(source.path)
        self._open(source)
        before = len(engine.findings(path))
        # A fix may make room for another; ten rounds are more than any file has needed.
        for _ in range(10):
            action = engine.fix_all(path, unsafe)
            if action is None or not action.edits:
                break
            engine.change(path, list(reversed(action.edits)))
            engine.work(path)
        left = self._state(source)
        engine.close(path)
        return Fixed(source, left.text.content, before - len(left.findings), left)

    def _open(self, source: Source) -> None:
        path = str(source.path)
        project = project_for(source.path)
        self._engine.open(path, source.text, self._settings(source.path), project)
        self._engine.work(path)

    def _settings(self, path: Path) -> Settings:
        choice = self.choice
        return replace(
            settings_for(path), dialect=choice.dialect, select=choice.select, ignore=choice.ignore
        )

    def _state(self, source: Source) -> Checked:
        engine, path = self._engine, str(source.path)
        findings = tuple(engine.findings(path))
        fixes: dict[Published, Action] = {}
        for finding in findings:
            actions = engine.actions(path, finding.span)
            first = next((action for action in actions if finding in action.resolves), None)
            if first is not None:
                fixes[finding] = first
        return Checked(source, Text(engine.text(path).content), findings, fixes)

    def _recover(self, path: Path, error: Exception) -> None:
        # What the failure left in the engine is unknown; a new one is cheap.
        self.__dict__.pop("_engine", None)
        self.checked -= 1
        self.problems.crash(path, error)


def syntax_error(text: str) -> str | None:
    """What keeps a text from being Python, as this interpreter sees it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return f"syntax error in line {error.lineno or 1}: {printable(error.msg)}"
    except (RecursionError, MemoryError, ValueError) as error:
        return f"too deeply nested for Python itself ({type(error).__name__})"
    return None
