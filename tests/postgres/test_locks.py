"""No rewrite makes writers wait while it works through a table; originals lock what is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from fumehood.engine import Engine
from tests.page_cases import PATH, Case, analysed

from .databases import Database
from .equivalence import NAME, original_course, rewrites
from .locks import STRENGTH, Step, Watch, modes_in
from .matrix import LEVEL, TURN, sampled
from .needs import Needs
from .project import Files, Project, Setup
from .test_equivalence import ODD, ON_PAGES, skip_where_too_old, types_of

pytestmark = pytest.mark.slow

SETUPS = (Setup(), Setup("psycopg2", per_migration=False))
EACH = {"sample": 16, "full": 4, "every": 1}[LEVEL]  # of so many odd cases one
SOME = [*sampled(ON_PAGES, 2), *ODD[::EACH]]
PAIRS = [
    pytest.param(case, setup, id=f"{case.rule}:{case.name}-{setup}")
    for number, case in enumerate(SOME)
    for setup in (SETUPS if LEVEL == "every" else [SETUPS[(number + TURN) % 2]])
]


def watched(
    project: Project, database: Database, needed: Needs, files: Files, back: bool
) -> list[Step]:
    """The steps of an upgrade, and if it goes `back`, of the downgrade."""
    database.reset(needed.sql())
    project.write(files)
    watch = Watch(database, needed)
    with watch.closing():
        project.upgrade(watch=watch)
        if back:
            project.downgrade(watch=watch)
    return watch.steps


@pytest.mark.parametrize(("case", "setup"), PAIRS)
def test_locks(case: Case, setup: Setup, database: Database, tmp_path: Path) -> None:
    skip_where_too_old(case, database)
    project = Project(tmp_path, setup, database.parameters)
    offered = [each for each in rewrites(project, case.text) if each.mends_all]
    needed, original = original_course(project, database, case.text, types_of(case))
    back = "def downgrade" in case.text and len(original.catalogs) != 1
    if original.ran:
        steps = watched(project, database, needed, {NAME: case.text}, back)
        says_what_it_locks(analysed(case.text), steps, ran_until(case.text, back))
    elif not original.is_mended or case.block.option("norun") is not None:
        pytest.skip(original.ended)
    for rewrite in offered:
        steps = watched(project, database, needed, rewrite.files, back)
        # Of NOT NULL no rule speaks, so it stays as it was.
        ours = [step for step in steps if "SET NOT NULL" not in step.sql]
        assert [fault for step in ours for fault in step.faults()] == [], rewrite.title
        assert steps


def ran_until(text: str, back: bool) -> int:
    """Where the text begins that did not run: at downgrade(), unless it went back."""
    found = text.find("def downgrade")
    return len(text) if back or found < 0 else found


def says_what_it_locks(engine: Engine, steps: list[Step], end: int) -> None:
    """Each lock that a finding's effect names is held by some statement, or a stronger one."""
    held = {mode for step in steps for modes in step.held.values() for mode in modes}
    seen = STRENGTH[: max((STRENGTH.index(mode) + 1 for mode in held), default=0)]
    for finding in engine.findings(PATH):
        if finding.span.start >= end:
            continue
        for mode in modes_in(finding.effect):
            assert mode in seen, f"{finding.message}\nseen: {seen}"
