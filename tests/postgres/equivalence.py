"""Whether a rewritten migration leaves what the original leaves, whatever way is taken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from psycopg import DatabaseError
from sqlalchemy.exc import DBAPIError

from fumehood import pages
from fumehood.engine import Action, Engine
from fumehood.text import Span
from fumehood.workspace.workspace import Workspace
from tests.page_cases import RULES, applied

from .catalog import Catalog, catalog, difference, undoing, unfinished
from .databases import Database
from .kept import kept
from .needs import Needs, mended
from .project import Files, Project
from .walk import needs_of

NAME = "b2_example.py"
_MOST_TRIES = 12  # of an original, until its tables are as it needs them

# CREATE INDEX CONCURRENTLY in a transaction: an error that a rewrite mends.
_MENDED_STATES = frozenset({"25001"})


@dataclass
class Course:
    """Upgrade, downgrade, upgrade: what the database held after each, and where it ended."""

    before: Catalog
    catalogs: list[Catalog] = field(default_factory=list)
    error: Exception | None = None
    undoing: list[str] | None = None

    @property
    def ran(self) -> bool:
        """Whether it could be upgraded."""
        return bool(self.catalogs)

    @property
    def is_mended(self) -> bool:
        """Whether it could not, for what a rewrite is to mend."""
        return not self.ran and self.state in _MENDED_STATES

    @property
    def state(self) -> str | None:
        """The SQLSTATE of the error, None where PostgreSQL did not raise it."""
        original = getattr(self.error, "orig", None)
        found = getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)
        return str(found) if found and isinstance(self.error, DBAPIError) else None

    @property
    def ended(self) -> str:
        """How far it came, and why not further."""
        steps = ("upgrade", "downgrade", "second upgrade")
        error = f"{type(self.error).__name__}: {self.error}".partition("\n(Background")[0]
        return "" if self.error is None else f"{steps[len(self.catalogs)]}: {error}"


@dataclass(frozen=True)
class Rewrite:
    """A migration after an action; `mends_all`: nothing is found in it any more.

    `equivalent`: the database is to be the same as after the original.
    """

    title: str
    files: Files
    mends_all: bool
    equivalent: bool = True

    def undoing(self, original: Course) -> list[str] | None:
        """SQL for its downgrade(), where it has none, to undo what the original did."""
        if original.undoing is None or (self.equivalent and len(self.files) == 1):
            return original.undoing
        # A part was not made, or is undone by the file that was created.
        drops = re.compile(r"\b(DROP (?:INDEX|CONSTRAINT))\b")
        return [drops.sub(r"\1 IF EXISTS", sql) for sql in original.undoing]


def rewrites(project: Project, text: str) -> list[Rewrite]:
    """The migration after each action that is offered, and after all of them."""
    path, workspace = project.versions / NAME, Workspace()
    project.write({NAME: text}, last=False)  # follow-ups go behind the head
    settings, around = workspace.around(path)
    assert around.naming is not None, "the naming convention in env.py is not read"

    def made() -> list[Rewrite]:
        engine = Engine(RULES)
        engine.open(str(path), text, settings, around)
        found: dict[str, Rewrite] = {}
        for action in _actions(engine, path, workspace):
            after = applied(text, action)
            files = {NAME: after} | {Path(each.path).name: each.text for each in action.creates}
            if (whole := "".join(files.values())) in found:
                continue
            engine.open(str(path), after, settings, around)
            assert engine.work(str(path))
            mends_all = not engine.findings(str(path))
            equivalent = all(is_equivalent(each.rule) for each in action.resolves)
            found[whole] = Rewrite(action.title, files, mends_all, equivalent)
        return list(found.values())

    return kept(made, "rewrites", text, settings, around)


def _actions(engine: Engine, path: Path, workspace: Workspace) -> list[Action]:
    whole = Span(0, len(engine.text(str(path)).content))
    actions = engine.actions(str(path), whole, lambda: workspace.head(path))
    every = (engine.fix_all(str(path), unsafe=unsafe) for unsafe in (False, True))
    return [*actions, *filter(None, every)]


@cache
def is_equivalent(rule: str) -> bool:
    """Whether a rule's fixes are to leave what the originals leave, as its page says."""
    return pages.front_matter(pages.page(rule)).get("equivalent", "true") == "true"


def original_course(
    project: Project, database: Database, text: str, types: str
) -> tuple[Needs, Course]:
    """The course of an example, and what it needs: tried until PostgreSQL misses nothing.

    `types` are those of columns that would be guessed wrong, as "name:text,age:integer". One that
    runs to its end leaves the same under any driver and in any number of transactions, unless it
    speaks of them.
    """

    def tried() -> tuple[Needs, Course]:
        return _tried(project, database, _needs(text, types), text)

    if _TRANSACTIONS.search(text):
        return tried()
    key = ("course", text, types, project.setup.convention, database.server.major)
    return kept(tried, *key, lasts=lambda found: found[1].error is None)


_TRANSACTIONS = re.compile("commit|begin|isolation|rollback|transaction", re.IGNORECASE)


def _tried(project: Project, database: Database, needed: Needs, text: str) -> tuple[Needs, Course]:
    for _ in range(_MOST_TRIES):
        try:
            taken = course(project, database, needed, {NAME: text})
        except DatabaseError as error:
            raise AssertionError(f"the tables cannot be made: {error}\n{needed.sql()}") from error
        message = str(getattr(taken.error, "orig", ""))
        if taken.ran or taken.state is None or not mended(needed, taken.state, message):
            break
    return needed, taken


def course(
    project: Project,
    database: Database,
    needed: Needs,
    files: Files,
    undo: Sequence[str] | None = None,
) -> Course:
    """Take the whole course; `undo` is for a downgrade() that the migration does not have."""
    database.reset(needed.sql())
    taken = Course(catalog(database.connection))
    project.write(files, undo)
    _go(project, database, taken, steps=1)
    if taken.error is None:
        if undo is None:
            taken.undoing = undoing(without_neighbours(taken.before), taken.catalogs[0])
            project.write(files, taken.undoing)
        _go(project, database, taken, steps=2)
    return taken


def disagreement(original: Course, rewritten: Course, rewrite: Rewrite) -> list[str]:
    """What the rewrite does otherwise; nothing where the original cannot run.

    Unless that is what it mends: then it runs, if it mends all that is found.
    """
    if not original.ran:
        if not original.is_mended or not rewrite.mends_all:
            return []
        if rewritten.error is not None:
            return [rewritten.ended]
        return [
            f"after the upgrade: {what} is unfinished" for what in unfinished(rewritten.catalogs[0])
        ]
    if not rewrite.equivalent:
        return _runs_both_ways(original, rewritten)
    shorter = len(rewritten.catalogs) < len(original.catalogs)
    return [rewritten.ended] * shorter + [
        f"after the {step}: {line}"
        for step, one, other in zip(
            ("upgrade", "downgrade", "second upgrade"),
            original.catalogs,
            rewritten.catalogs,
            strict=False,
        )
        for line in difference(one, other)
    ]


def _runs_both_ways(original: Course, rewritten: Course) -> list[str]:
    """What a rewrite that makes another schema on purpose cannot do: come back, and go again."""
    if len(rewritten.catalogs) < len(original.catalogs):
        return [rewritten.ended]
    wrong = unfinished(rewritten.catalogs[0])
    if len(original.catalogs) > 1:
        wrong += difference(original.catalogs[1], rewritten.catalogs[1])
    if len(original.catalogs) > 2:
        wrong += difference(rewritten.catalogs[0], rewritten.catalogs[2])
    return wrong


def _go(project: Project, database: Database, taken: Course, steps: int) -> None:
    ways = (project.upgrade, project.downgrade, project.upgrade)
    for way in ways[len(taken.catalogs) :][:steps]:
        try:
            way()
        except Exception as error:  # whatever it is, it is compared
            taken.error = error
            return
        taken.catalogs.append(without_neighbours(catalog(database.connection)))


def without_neighbours(found: Catalog) -> Catalog:
    """A catalog without what Alembic and the revisions around the example make."""
    return {
        what: like
        for what, like in found.items()
        if "alembic_version" not in what and "of_" not in what
    }


@cache
def _operations(text: str) -> tuple[object, ...]:
    engine = Engine(RULES)
    engine.open(NAME, text)
    return tuple(engine.operations(NAME))


def _needs(text: str, types: str) -> Needs:
    pairs = (pair.partition(":") for pair in types.split(",") if pair)
    return needs_of(_operations(text), {column: kind for column, _, kind in pairs})  # type: ignore[arg-type]
