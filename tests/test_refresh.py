"""A workspace that follows the disk says what a fresh one says."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from fumehood.options import ConfigProblem
from fumehood.workspace.file_settings import Around
from fumehood.workspace.outlines import outlined
from fumehood.workspace.workspace import Workspace
from tests.old_project import old_project
from tests.share import share

FOLDERS = ("", "one", "one/migrations", "two")
CONFIGURATIONS = (
    None,
    "",
    'start-after = "a2"\n',
    'start-after = ["a1", "b1"]\n',
    'start-after = "gone"\n',
    'exclude = ["./one/", "b2_*.py"]\n',
    'ignore = ["split-foreign-key"]\ndialect = "mysql"\n',
    'tests = ["./versions/"]\n[per-file-ignores]\n"*" = ["split-check-constraint"]\n',
)
LINKS = {"a1": (None, "b1"), "a2": ("a1", "a3"), "a3": ("a2", "a1"), "b1": (None,), "b2": ("b1",)}
SERVICES = {"a": "one", "b": "two"}


def _change(source: random.Random, root: Path) -> tuple[Path, str | None]:
    """A file, and the text that it is to have; None where it is to be gone."""
    kind = source.random()
    folder = root / source.choice(FOLDERS)
    if kind < 0.4:
        return folder / "fumehood.toml", source.choice(CONFIGURATIONS)
    if kind < 0.55:
        table = source.choice(CONFIGURATIONS)
        own = table if table is None or "per-file" in table else f"[tool.fumehood]\n{table}"
        return folder / "pyproject.toml", own
    if kind < 0.7:
        url = source.choice(("", "sqlalchemy.url = mysql://h/d\n"))
        text = f"[alembic]\nscript_location = migrations\n{url}"
        return root / source.choice(("one", "two")) / "alembic.ini", source.choice((text, None))
    name, parents = source.choice(list(LINKS.items()))
    text = f"revision = {name!r}\ndown_revision = {source.choice(parents)!r}\n"
    return _path(root, name), source.choice((text, text, None))


def _path(root: Path, name: str) -> Path:
    return root / SERVICES[name[0]] / "migrations" / "versions" / f"{name}_x.py"


def _write(path: Path, text: str | None, times: Iterator[int]) -> None:
    if text is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, ns=(0, next(times)))


def _said(
    workspace: Workspace, root: Path
) -> tuple[list[Around], list[bool], dict[Path, list[ConfigProblem]]]:
    paths = [_path(root, name) for name in LINKS]
    around = [workspace.around(path) for path in paths]
    excluded = [workspace.excludes(path) for path in paths]
    for _ in workspace.search():
        pass
    return around, excluded, workspace.problems()


@pytest.mark.parametrize("seed", range(share(40)))
def test_what_follows_the_disk_is_as_what_begins_with_it(seed: int, tmp_path: Path) -> None:
    source, times, unsaved = random.Random(seed), count(10**9, 10**9), dict[Path, str]()
    for name in ("one", "two"):
        _write(tmp_path / name / "migrations" / "env.py", "def run_migrations(): ...", times)
    workspace = Workspace()
    for step in range(25):
        for _ in range(source.choice((1, 1, 2))):
            path, text = _change(source, tmp_path)
            if path.suffix == ".toml" and source.random() < 0.3:
                workspace.set_text(path, text)
                unsaved.pop(path, None)
                if text is not None:
                    unsaved[path] = text
            else:
                _write(path, text, times)
        workspace.refresh()
        fresh = Workspace()
        for path, text in unsaved.items():
            fresh.set_text(path, text)
        around, excluded, problems = _said(fresh, tmp_path)
        found = _said(workspace, tmp_path)
        assert found[:2] == (around, excluded), (seed, step)
        # Files that others have taken the place of were met before, and not by the fresh one.
        assert {path: found[2].get(path) for path in problems} == problems, (seed, step)


def test_the_migrations_of_an_environment_are_looked_at_when_something_has_changed(
    tmp_path: Path,
) -> None:
    project = old_project(tmp_path, 30)
    paths = [project.files[each] for each in project.revisions]
    workspace = Workspace()
    assert {*workspace.wanted(*paths)} == {*paths}
    for path in paths:
        assert workspace.before(path) is None
        workspace.learn(outlined(path))
    looked = workspace._outlines.looked
    assert [workspace.before(path) for path in paths].count(None) == 0
    assert workspace._outlines.looked == looked + 1
    tables = workspace.before(paths[-1])
    paths[0].write_text(paths[0].read_text().replace("create_table", "create_tables"))
    workspace.refresh()
    assert workspace.before(paths[-1]) is None
    assert workspace.wanted(*paths) == [paths[0]]
    workspace.learn(outlined(paths[0]))
    assert workspace.before(paths[-1]) != tables
    assert workspace._outlines.looked == looked + 3
