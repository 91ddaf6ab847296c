"""Every rewrite leaves what its original leaves, in whatever way it is run.

Each example is upgraded, downgraded and upgraded again by Alembic, on tables with rows, before and
after each action that fumehood offers for it. What the database holds has to be the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.page_cases import Case, all_cases, analysed

from .databases import Database
from .equivalence import NAME, course, disagreement, original_course, rewrites
from .in_schema import NoSchemaError, in_schema
from .kept import kept
from .matrix import EVERY, of_odd_case, of_page, pairwise
from .project import Project, Setup, one_connection

pytestmark = pytest.mark.slow

# The others are examples of what is no migration, or none of PostgreSQL's.
CASES = [case for case in all_cases() if re.search(r"^down_revision\b.*a1", case.text, re.M)]


def _first_fixes() -> list[int]:
    """The numbers of those of CASES that have a fix."""
    return [
        number
        for number, case in enumerate(CASES)
        if int(case.block.option("fixes") or 0) or analysed(case.text).first_fixes(NAME)
    ]


# Its page tells of most that they have a fix; the others may have one of another rule.
MENDED = [CASES[number] for number in kept(_first_fixes, "cases with a fix")]
ON_PAGES = [case for case in MENDED if case.block.kind == "bad"]
GOOD = [
    case
    for case in CASES
    if case.block.kind == "good" and "def upgrade" in case.text
    if case.block.option("norun") is None
]
ODD = [case for case in MENDED if case.block.kind == "cases"]
ROWS = pairwise()


def movable(case: Case) -> bool:
    """Whether the example can be put into a schema by its text."""
    try:
        return bool(in_schema(case.text, "crm"))
    except NoSchemaError:
        return False


def labelled(pairs: list[tuple[Case, Setup]]) -> list[object]:
    """Each example under each setup, without a schema where it cannot be put into one."""
    fitting = [
        (case, setup if setup.schema is None or movable(case) else replace(setup, schema=None))
        for case, setup in pairs
    ]
    return [
        pytest.param(case, setup, id=f"{case.rule}:{case.name}-{setup}")
        for case, setup in dict.fromkeys(fitting)
    ]


PAGES = labelled([(case, setup) for case in ON_PAGES for setup in of_page(case.text)])
SAMPLE = labelled([(case, setup) for case in ODD for setup in of_odd_case(case.text)])


@pytest.mark.parametrize(("case", "setup"), PAGES)
def test_pages(case: Case, setup: Setup, database: Database, tmp_path: Path) -> None:
    prove(case, setup, database, tmp_path)


@pytest.mark.parametrize(("case", "setup"), SAMPLE)
def test_odd_cases(case: Case, setup: Setup, database: Database, tmp_path: Path) -> None:
    prove(case, setup, database, tmp_path)


@pytest.mark.parametrize("case", GOOD, ids=lambda case: f"{case.rule}:{case.name}")
def test_good_examples_run(case: Case, database: Database, tmp_path: Path) -> None:
    skip_where_too_old(case, database)
    with migrating(tmp_path / "project", Setup(), database) as project:
        _, taken = original_course(project, database, case.text, types_of(case))
    assert taken.ran, taken.ended


def test_rows_hold_every_pair() -> None:
    def pairs(setups: list[Setup]) -> set[tuple[str, ...]]:
        named = [[f"{key}={value}" for key, value in vars(setup).items()] for setup in setups]
        return {(a, b) for values in named for a in values for b in values}

    assert pairs(ROWS) == pairs(EVERY)
    assert len(ROWS) < len(EVERY) / 2


def prove(case: Case, setup: Setup, database: Database, folder: Path) -> None:
    """Compare all ways through one example, or skip it where it does not run by itself."""
    skip_where_too_old(case, database)
    with migrating(folder / "project", setup, database) as project:
        prove_in(project, case, database, folder)


def prove_in(project: Project, case: Case, database: Database, folder: Path) -> None:
    """Compare them by this project's commands."""
    setup = project.setup
    text = case.text if setup.schema is None else in_schema(case.text, setup.schema)
    offered = rewrites(project, text)
    needed, original = original_course(project, database, text, types_of(case))
    cannot_run = case.block.option("norun") is not None and not original.ran
    if not original.ran and not cannot_run:
        check_that_it_runs(case, database, folder)
    for rewrite in offered:
        taken = course(project, database, needed, rewrite.files, rewrite.undoing(original))
        wrong = [] if cannot_run else disagreement(original, taken, rewrite)
        assert not wrong, f"{rewrite.title}: " + "\n".join([*wrong, *rewrite.files.values()])
    if not original.ran and not original.is_mended:
        pytest.skip(f"the example itself does not run: {original.ended}")


@contextmanager
def migrating(folder: Path, setup: Setup, database: Database) -> Iterator[Project]:
    """A project for many commands."""
    with one_connection(database.parameters, setup.driver) as engine:
        yield Project(folder, setup, database.parameters, engine)


def skip_where_too_old(case: Case, database: Database) -> None:
    """Skip on a server that is older than `since=15` in the info string says."""
    since = int(case.block.option("since") or 0)
    if database.server.major < since:
        pytest.skip(f"what it does came with PostgreSQL {since}")


def types_of(case: Case) -> str:
    """The types of columns that its block names."""
    return case.block.option("types") or ""


def check_that_it_runs(case: Case, database: Database, folder: Path) -> None:
    """An example must run under the plainest setup, unless its block says `norun`."""
    with migrating(folder / "plain", Setup(), database) as plain:
        _, taken = original_course(plain, database, case.text, types_of(case))
    if taken.state is None and case.block.kind == "cases":
        return  # its names mean nothing, which is what it is about
    assert taken.ran or taken.is_mended, (
        f"{taken.ended}\nMend the example. If its columns have other types than were guessed, say "
        "so in its info string: types=name:text,age:integer. If it cannot run on purpose: norun."
    )
