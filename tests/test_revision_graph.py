"""A graph of revisions that edits break and mend is known as one that is read anew."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from fumehood.outlining import outline
from fumehood.read.cache import Lines
from fumehood.revisions import revision_of
from fumehood.workspace.outlines import outlined
from fumehood.workspace.workspace import Workspace
from tests.share import share
from tests.test_environments import ENV, HERE, write

LINES = Lines()
NAMES = [f"{name}.py" for name in "uvwxyz"]
IDS = "abcdef"
STEPS = (
    'op.create_table("t", sa.Column("id", sa.Integer()), sa.Column("{}", sa.Text()))',
    'op.add_column("t", sa.Column("{}", sa.Text(), index=True))',
    'op.drop_column("t", "{}")',
    'op.rename_table("t", "{}")',
)

KINDS = ("is the revision of", "in a circle", "no migration is the revision")


class Edits:
    """A workspace that follows files and documents, and what it has to know of them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.choose = random.Random(seed)
        self.versions = folder / "migrations" / "versions"
        self.workspace = Workspace()
        self._times: Iterator[int] = count(10**9, 10**9)
        self._open: dict[Path, str] = {}
        for number, name in enumerate(NAMES[:4]):
            self._write(name, self._text(IDS[number], IDS[number - 1] if number else None))

    def edit(self) -> None:
        """Change a file, or a document, in one of the ways of editors."""
        choose, name = self.choose, self.choose.choice(NAMES)
        path = self.versions / name
        kind = choose.choice(["write", "write", "delete", "rename", "type", "type", "close"])
        if kind == "write":
            self._write(name, self._any())
        elif kind == "delete":
            path.unlink(missing_ok=True)
        elif kind == "rename" and path.exists():
            path.rename(self.versions / choose.choice(NAMES))
        elif kind == "type":
            self._open[path] = self._any()
            _type(self.workspace, path, self._open[path])
        elif self._open.pop(path, None) is not None:
            self.workspace.undeclare(path)
            self.workspace.set_steps(path, None)

    def fresh(self) -> Workspace:
        """One that was told the same all at once."""
        made = Workspace()
        for path, text in self._open.items():
            _type(made, path, text)
        return made

    def _any(self) -> str:
        parents = [None, *IDS, "gone", ("a", "b"), ("c", "gone")]
        return self._text(self.choose.choice(IDS), self.choose.choice(parents))

    def _text(self, revision: str, down: object) -> str:
        step = self.choose.choice(STEPS).format(self.choose.choice("tkl"))
        return (
            f"import sqlalchemy as sa\nfrom alembic import op\nrevision = {revision!r}\n"
            f"down_revision = {down!r}\n\n\ndef upgrade():\n    {step}\n"
        )

    def _write(self, name: str, text: str) -> None:
        (self.versions / name).write_text(text)
        os.utime(self.versions / name, ns=(0, next(self._times)))


def _type(workspace: Workspace, path: Path, text: str) -> None:
    steps = json.loads(json.dumps(outline(str(path), text, LINES)))["steps"]
    workspace.declare(path, revision_of(text))
    workspace.set_steps(path, steps)


def _known(workspace: Workspace, paths: list[Path]) -> list[object]:
    """What is known of each file: the tables that it finds, and what is wrong with its place."""
    for path in paths:
        for wanted in workspace.wanted(path):
            workspace.learn(outlined(wanted))
    return [(path.name, workspace.before(path), workspace.flaws(path)) for path in paths]


@pytest.mark.parametrize("seed", range(share(60)))
def test_edits_are_followed(seed: int, tmp_path: Path) -> None:
    write(tmp_path, {"alembic.ini": HERE, "migrations/env.py": ENV, "migrations/versions/_": ""})
    edits = Edits(tmp_path, seed)
    paths = [edits.versions / name for name in NAMES]
    seen = set()
    for step in range(30):
        for _ in range(edits.choose.choice((1, 1, 2))):
            edits.edit()
        edits.workspace.refresh()
        found = _known(edits.workspace, paths)
        assert found == _known(edits.fresh(), paths), (seed, step)
        flaws = [flaw for path in paths for flaw in edits.workspace.flaws(path)]
        seen.update(kind for kind in KINDS for flaw in flaws if kind in flaw.message)
    assert len(seen) > 1, "the graph is broken in several ways, and mended"
